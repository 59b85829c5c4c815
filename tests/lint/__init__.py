"""The house style of SQL files: `python -m tests.lint.sql_style`."""
