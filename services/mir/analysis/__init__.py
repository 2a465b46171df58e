"""What can be heard in a track: pure functions on arrays, without any idea of where the audio comes from.

Imports nothing: a server reads `findings` and applies `corrections` without paying for librosa and its kind.
"""
