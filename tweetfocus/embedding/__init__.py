"""From texts to unit vectors: cleaning, encoders, and the cache that keeps a text from being encoded twice.

Does not know the graph, nor who asks.
"""
