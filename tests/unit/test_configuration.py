"""The configuration page says what the code reads."""

from pathlib import Path

from deploy.configuration import PROCESSES, document

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run `make configuration` and commit the page"


def test_secrets_are_marked_and_shown_nowhere() -> None:
    rows = [line for line in document().splitlines() if "(secret)" in line]
    assert {row.split("`")[1].rsplit("_", 1)[1] for row in rows} <= {"PASSWORD", "KEY", "SECRETS"}
    assert all("| required |" in row or "| empty |" in row for row in rows)


def test_every_process_is_listed() -> None:
    assert len(PROCESSES) == 10
