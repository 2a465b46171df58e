"""Music information retrieval: what can be heard in a track, and how sure that is."""
