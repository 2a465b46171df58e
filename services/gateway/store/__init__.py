"""The read model in gateway's schema: folded by `model`, read by `jobs`, `cards` and `usage`."""
