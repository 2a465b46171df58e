"""Ingest: takes songs in. The only service that ever opens a user's bytes."""
