"""The dataset: records, tables, and the follow graph over its rows.

Reads and writes tables, orders and merges records. Does not fetch from platforms, does not embed, does not rank.
"""
