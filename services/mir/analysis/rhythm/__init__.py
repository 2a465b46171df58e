"""Tempo, beats, bars."""
