"""Benchmarks: one file per question. `python -m benchmarks` lists them, `python -m benchmarks NAME` runs one.

Each prints a table and writes its figures, with the versions and the machine, to benchmarks/results/NAME.json.
"""
