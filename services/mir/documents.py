"""Findings, corrections and stems as the JSON documents that rows hold."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cattrs import Converter

from services.mir.analysis.corrections import Corrections
from services.mir.analysis.findings import Analysis

Document = Mapping[str, Any]


class StemFile(NamedTuple):
    """Where a stem is. Its samples times 2 to the power of `scale_bits` are the stem."""

    object_key: str
    scale_bits: int = 0


# A kind of finding that a document does not know yet has its default; one that the code knows no more is passed over.
_CONVERTER = Converter(detailed_validation=False)


def to_json(content: Analysis | Corrections) -> str:
    """Return the document as Postgres takes it; raises ValueError for a number that is none."""
    return json.dumps(_CONVERTER.unstructure(content), allow_nan=False)


def to_findings(document: Document) -> Analysis:
    """Read findings back."""
    return _CONVERTER.structure(document, Analysis)


def to_corrections(document: Document) -> Corrections:
    """Read corrections back."""
    return _CONVERTER.structure(document, Corrections)


def stems_to_json(stems: Mapping[str, StemFile]) -> str:
    """Return stems, by name, as Postgres takes them."""
    return json.dumps(dict(stems))


def to_stems(document: Document) -> dict[str, StemFile]:
    """Read stems back."""
    return {name: StemFile(*stem) for name, stem in document.items()}
