import pytest

from cli.stem_expressions import Choice, ExpressionError, parse


@pytest.mark.parametrize(
    ("expression", "choices"),
    [
        ("a:vocals", [Choice("a", "vocals")]),
        ("a:vocals@-3dB", [Choice("a", "vocals", gain_db=-3.0)]),
        ("a:vocals@+1.5db@L20", [Choice("a", "vocals", gain_db=1.5, pan=-0.2)]),
        ("a:drums@R100,bass@C", [Choice("a", "drums", pan=1.0), Choice("a", "bass")]),
        ("a:guitar,piano", [Choice("a", "guitar"), Choice("a", "piano")]),
        ("a:other@mute", [Choice("a", "other", mute=True)]),
        ("Live: part 2:bass", [Choice("Live: part 2", "bass")]),
        ("me@home:bass", [Choice("me@home", "bass")]),
        ("a:drums, bass", [Choice("a", "drums"), Choice("a", "bass")]),
        ("a:all@-6dB", [Choice("a", "all", gain_db=-6.0)]),
        ("a:instrumental,acappella@solo", [Choice("a", "instrumental"), Choice("a", "acappella", solo=True)]),
        ("a:vocals@+2st@x1.05", [Choice("a", "vocals", semitones=2.0, speed=1.05)]),
        ("a:vocals@-0.5st@at-1.5s", [Choice("a", "vocals", semitones=-0.5, start_offset_seconds=-1.5)]),
        ("a:drums@10s-40.5s@loop4", [Choice("a", "drums", trim=(10.0, 40.5), loops=4)]),
        (
            "a:drums@loop@in2s@out4s",
            [Choice("a", "drums", loop_to_end=True, fade_in_seconds=2.0, fade_out_seconds=4.0)],
        ),
        ("a:bass@above40Hz@below9000hz", [Choice("a", "bass", low_cut_hz=40.0, high_cut_hz=9000.0)]),
        ("a:vocals@fx=hall", [Choice("a", "vocals", preset="hall")]),
    ],
)
def test_an_expression_names_stems_and_how_they_sound(expression: str, choices: list[Choice]) -> None:
    assert parse([expression]) == choices


def test_several_expressions_are_one_list_in_their_order() -> None:
    assert parse(["b:bass", "a:vocals"]) == [Choice("b", "bass"), Choice("a", "vocals")]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("vocals", "TRACK:STEM"),
        (":vocals", "TRACK:STEM"),
        ("a:", "TRACK:STEM"),
        ("a:flute", "flute"),
        ("a:residual", "residual"),
        ("a:vocals,", "''"),
        ("a:vocals@3", "'3'"),
        ("a:vocals@-3dB@", "''"),
        ("a:vocals@L101", "100"),
        ("a:vocals@infdB", "infdB"),
        ("a:vocals@loop-1", "loop-1"),
        ("a:vocals@fx=", "fx="),
        ("a:vocals@st", "'st'"),
    ],
)
def test_what_makes_no_sense_is_named(expression: str, told: str) -> None:
    with pytest.raises(ExpressionError, match=told):
        parse([expression])
