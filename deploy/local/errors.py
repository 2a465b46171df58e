"""What can go wrong with the stack and is for a person to mend."""

__all__ = ["StackError"]


class StackError(Exception):
    """The stack cannot run; the message is for the person who started it."""
