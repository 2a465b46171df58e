"""Which addresses are believable, and which are the same."""

import pytest

from chassis.errors import InvalidInput
from services.auth.emails import email_hash, email_key, read_email


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org",
        "ada.lovelace+music@mail.example.co.uk",
        "o'hara_1@ex-ample.org",
        "jürgen@müller.example",
        "用户@例子.广告",
        "a@b.c1",
    ],
)
def test_believable(address: str) -> None:
    assert read_email(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@localhost",
        "ada@10.0.0.1",
        "ada@@example.org",
        "ada love@example.org",
        "ada@example..org",
        ".ada@example.org",
        "ada.@example.org",
        "a..b@example.org",
        "ada@-example.org",
        "ada@example-.org",
        "ada@exam_ple.org",
        "ada\n@example.org",
        "ada\u200b @example.org",
        "<ada@example.org>",
        "x" * 65 + "@example.org",
        "ada@" + "x" * 64 + ".org",
        "ada@" + "x." * 130 + "org",
    ],
)
def test_unbelievable(address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_email(address)
    assert refused.value.reason == "INVALID_EMAIL"


def test_space_around_an_address_is_no_part_of_it() -> None:
    assert read_email(" ada@example.org\n") == "ada@example.org"


def test_case_and_composition_make_no_difference() -> None:
    assert email_key("Ada@Example.ORG") == email_key(" ada@example.org")
    assert email_key("JÜRGEN@example.org") == email_key("jürgen@example.org")
    assert email_hash(email_key("Ada@example.org")) == email_hash(email_key("ada@EXAMPLE.org"))


def test_a_long_nonsense_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput):
        read_email("a." * 9000 + "@" + "b-" * 900)
