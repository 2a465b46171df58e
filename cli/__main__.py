"""`puremusic`, or `python -m cli`."""

from cli.app import app

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    app(prog_name="puremusic")


if __name__ == "__main__":
    main()
