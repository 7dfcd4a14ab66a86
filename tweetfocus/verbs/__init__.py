"""The verbs: (index, who, *, options) -> a frozen result. Each wires the stages below and reads in a minute.

They do not print, fetch or write.
"""
