"""Ways to call the library that are not Python: the command line. They hold no logic that a Python caller would miss."""
