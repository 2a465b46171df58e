"""The real Envoy with the product's own bootstrap, in front of small stand-ins."""
