"""How right an analysis is about a song of which everything is known."""

from tests.songs.scoring.answers import Answer, Labelled, of_analysis
from tests.songs.scoring.scores import Scores, events_f, key_name, score

__all__ = ["Answer", "Labelled", "Scores", "events_f", "key_name", "of_analysis", "score"]
