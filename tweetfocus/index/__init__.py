"""The index: a dataset with its vectors, facets, words, graph and signals, aligned by row, built once and saved.

Knows every account equally well; does not know who asks.
"""
