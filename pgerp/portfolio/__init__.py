"""Importing a portfolio of loans that another system kept: `pgerp import-loans`."""
