"""The operator's terms, as everybody is shown them."""

from dataclasses import fields
from pathlib import Path

import grpc
import pytest

from chassis.config import ConfigError
from services.auth.config import Config as AuthConfig
from services.gateway.config import RightsConfig
from tests.unit.gateway.service.conftest import Browser, client_of


async def test_ones_own_machine_has_terms(browser: Browser) -> None:
    answer = await browser.send("GET", "/rights.json")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    shown = answer.json()
    assert shown.pop("termsVersion") == "1"
    assert set(shown) == {"terms", "copyright", "contact"}
    assert all(len(text) > 100 for text in shown.values())


async def test_an_operator_says_it_in_their_own_words(channel: grpc.aio.Channel, tmp_path: Path) -> None:
    (tmp_path / "terms.md").write_text("# Ours\n\nBe kind.\n", encoding="utf-8")
    (tmp_path / "contact.md").write_text("Écrivez à droits@music.example", encoding="utf-8")
    async with client_of(channel, terms_version="2027-01", directory=str(tmp_path)) as client:
        shown = (await client.get("/rights.json")).json()
    assert (shown["termsVersion"], shown["terms"]) == ("2027-01", "# Ours\n\nBe kind.")
    assert shown["contact"] == "Écrivez à droits@music.example"
    assert "copyright" in shown, "what is not there is said as on one's own machine"


def test_texts_that_can_t_be_read_are_told_at_the_start(channel: grpc.aio.Channel, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere is not a folder"):
        client_of(channel, directory=str(tmp_path / "nowhere"))
    (tmp_path / "terms.md").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError, match=r"terms\.md can't be read"):
        client_of(channel, directory=str(tmp_path))


def test_what_is_published_is_what_is_accepted() -> None:
    def variable(config: type) -> tuple[str, object]:
        (field,) = (field for field in fields(config) if field.name == "terms_version")
        return field.metadata["variable"], field.default

    assert variable(RightsConfig) == variable(AuthConfig)
