"""From what is wished and what was heard to an arrangement."""
