"""Any arrangement that can be performed, for hypothesis."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import strategies as st

from services.fusion.mixing.arrangement import (
    Arrangement,
    Band,
    Compressor,
    Delay,
    Effects,
    Grid,
    Mastering,
    Piece,
    Reverb,
    Voice,
)

SOURCES = ("drums of a", "Stimme", "夜")


def between(low: float, high: float) -> st.SearchStrategy[float]:
    """Any float of a range."""
    return st.floats(low, high, allow_subnormal=False)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[Piece, ...]:
    """Up to three pieces, one after another, each with up to four anchors."""
    sizes = draw(st.lists(st.integers(2, 4), max_size=3))
    gaps = draw(st.lists(st.integers(1, 10**6), min_size=sum(sizes), max_size=sum(sizes)))
    frames = iter(accumulate(gaps))
    found = []
    for size in sizes:
        seconds = sorted(draw(st.lists(between(-10, 600), min_size=size, max_size=size, unique=True)))
        found.append(Piece(tuple((next(frames), second) for second in seconds)))
    return tuple(found)


bands = st.builds(
    Band, st.sampled_from(["peak", "low_shelf", "high_shelf"]), between(30, 15_000), between(-20, 20), between(0.2, 8)
)
effects = st.builds(
    Effects,
    st.none() | between(30, 300),
    st.none() | between(3_000, 15_000),
    st.lists(bands, max_size=2).map(tuple),
    st.none()
    | st.builds(Compressor, between(-50, -1), between(1, 20), between(1, 100), between(10, 900), between(0, 20)),
    st.none() | st.builds(Delay, between(0.05, 1.9), between(0, 0.95), between(0, 1)),
    st.none() | st.builds(Reverb, between(0.2, 5), between(0, 1), between(0, 100)),
)


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    """One to four voices of SOURCES."""
    names = draw(st.lists(st.text(), min_size=1, max_size=4, unique=True))
    frames = draw(st.lists(st.integers(0, 10**9), max_size=3, unique=True))
    curve = tuple((frame, draw(between(-60, 0))) for frame in sorted(frames))
    voices = tuple(
        Voice(
            name,
            draw(st.sampled_from(SOURCES)),
            draw(pieces()),
            draw(between(-2400, 2400)),
            draw(st.booleans()),
            draw(between(-60, 12)),
            draw(between(-1, 1)),
            draw(st.booleans()),
            draw(st.integers(0, 10**7)),
            draw(st.integers(0, 10**7)),
            draw(effects),
            curve,
        )
        for name in names
    )
    mastering = draw(st.builds(Mastering, st.none() | between(-40, -6), between(-9, 0)))
    grid = draw(st.none() | st.builds(Grid, between(20, 300), st.integers(-(10**6), 10**6), st.integers(1, 12)))
    return Arrangement(draw(st.sampled_from([44_100, 48_000])), draw(st.integers(1, 10**9)), voices, mastering, grid)
