"""A stem in other time and at another pitch: followed along a map of anchors, exact to the sample."""

from services.fusion.mixing.stretching.library import MissingLibrary
from services.fusion.mixing.stretching.performance import perform_piece

__all__ = ["MissingLibrary", "perform_piece"]
