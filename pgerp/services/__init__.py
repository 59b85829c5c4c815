"""Modules spread over several databases: a topology, what runs between them, and its workers."""
