"""How right an analysis is about a song of which everything is known."""

from tests.songs.scoring.answers import Answer, Labelled, Span, of_analysis
from tests.songs.scoring.scores import Scores, events_f, key_name, score
from tests.songs.scoring.sections import begins_right, score_sections

__all__ = [
    "Answer",
    "Labelled",
    "Scores",
    "Span",
    "begins_right",
    "events_f",
    "key_name",
    "of_analysis",
    "score",
    "score_sections",
]
