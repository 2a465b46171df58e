"""Names that people give: to themselves and to their API keys."""

import unicodedata

from chassis.errors import InvalidInput

MAX_LENGTH = 100


def read_name(field: str, text: str, *, optional: bool = False) -> str:
    """Return the name without surrounding space, or raise `InvalidInput` naming the field."""
    name = text.strip()
    if len(name) > MAX_LENGTH or not (name or optional):
        raise InvalidInput("INVALID_NAME", f"The field '{field}' has 1 to {MAX_LENGTH} characters.", field=field)
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise InvalidInput("INVALID_NAME", f"The field '{field}' is one line, without control characters.", field=field)
    return name
