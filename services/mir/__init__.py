"""Music information retrieval: what a track's tempo and key are, and how sure that is."""
