"""Fusion: stems of any number of tracks become one song."""
