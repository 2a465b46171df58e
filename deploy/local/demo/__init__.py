"""`make demo`: two songs in, one song out, through every part of PureMusic, as a client of its public API."""
