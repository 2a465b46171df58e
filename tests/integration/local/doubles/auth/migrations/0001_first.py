"""Never run: the mesh only looks whether it has changed."""
