import pytest

from cli.client import NotFound, Refused
from cli.lookup import Named, find

SONGS = [Named("aaaa1111", "One"), Named("aaaa2222", "Two"), Named("bbbb3333", "Two"), Named("cccc4444", "aaaa1")]


@pytest.mark.parametrize(
    ("name", "found"), [("One", "aaaa1111"), ("aaaa11", "aaaa1111"), ("BBBB", "bbbb3333"), ("aaaa1", "cccc4444")]
)
def test_a_title_or_the_beginning_of_an_id_will_do(name: str, found: str) -> None:
    assert find(name, SONGS, "track") == found


@pytest.mark.parametrize("name", ["Three", "aaa", "one", "1111", ""])
def test_what_is_not_there_is_not_found(name: str) -> None:
    with pytest.raises(NotFound) as error:
        find(name, SONGS, "track")
    assert error.value.reason == "TRACK_NOT_FOUND"


@pytest.mark.parametrize("name", ["Two", "aaaa"])
def test_what_may_be_several_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="aaaa2222"):
        find(name, SONGS, "track")
