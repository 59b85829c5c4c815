"""Benchmarks, never part of the tests: `make bench`, or `python -m bench [NAME …] [OPTION …]`.

A benchmark is a module or package here with `main(arguments: list[str]) -> None`.
"""
