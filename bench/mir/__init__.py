"""How well mir hears, against exact truth and beside librosa's defaults: `python -m bench.mir`."""
