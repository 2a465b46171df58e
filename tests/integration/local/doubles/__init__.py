"""Services that answer and do nothing else, and one that dies at its start: enough for the mesh to be tried with."""
