"""Separation: takes a track apart into its stems."""
