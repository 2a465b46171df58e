"""Receipts: what a song was made of and how, as JSON that a person may read, keep, change and have rendered again."""

from services.fusion.mixing.receipts.reading import InvalidReceipt, from_json, to_json
from services.fusion.mixing.receipts.receipt import AnalysisRecord, FileRecord, Receipt, ResultRecord, SourceRecord
from services.fusion.mixing.receipts.versions import versions

__all__ = [
    "AnalysisRecord",
    "FileRecord",
    "InvalidReceipt",
    "Receipt",
    "ResultRecord",
    "SourceRecord",
    "from_json",
    "to_json",
    "versions",
]
