"""Numerical kernels: similarity search, random walks, neighbours, facets.

Functions from arrays to arrays. They do not know what an account or a post is, hold no state and read no files.
"""
