"""Ways to the library for people who write no Python: the command line, and a page to look at. No logic that a caller would miss."""
