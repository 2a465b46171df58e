"""What a song is made of: features in one pass, sections, and the passages that are hardest to play.

`hear_features` once per track; `hear_form` when its beats are known.
"""

from services.mir.analysis.form.features import FRAMES_PER_SECOND, Features, hear_features
from services.mir.analysis.form.hearing import Form, hear_form
from services.mir.analysis.form.onsets import onset_times

__all__ = ["FRAMES_PER_SECOND", "Features", "Form", "hear_features", "hear_form", "onset_times"]
