"""The gateway: the mesh's one door (Envoy), and what a client wants to see in one call."""
