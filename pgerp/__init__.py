"""pgerp: an ERP's books as a PostgreSQL schema, and the runner that migrates it."""

__version__ = "0.1.0"
