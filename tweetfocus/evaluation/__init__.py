"""Evaluation: splits of a dataset, a harness that measures rankings on them, and weights learned from hidden follows.

Nothing here is tuned on a test part: what is chosen is chosen on follows of the training part.
"""
