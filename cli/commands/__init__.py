"""What a person types: each module is a few commands."""
