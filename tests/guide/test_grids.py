"""Grids are read cell by cell, large ones in blocks, inside whatever holds them; and so are texts of every kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.library import Library
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.type_system import INT, TEXT, FunctionType, Type, TypeConstructor, list_of, option_of, tuple_of
from dsl.values import Some
from synth.guide.arrays import inputs_of
from synth.guide.batches import reading_of
from synth.guide.features import (
    COLUMNS,
    MARKS,
    OUTPUT_SLOT,
    SCALARS,
    TYPE_WIDTH,
    has_grid,
    scalar_features,
    scalar_of,
    tokens_of,
    type_features,
)
from synth.guide.grids import COLORS, Cell, cells_of, colors_of
from synth.guide.guide import CannotGuide
from synth.guide.model import GuideNet, Sizes, threads
from synth.guide.words import word_features
from tasks.task import Example, Spec

GRID, COLOR = TypeConstructor("grid"), TypeConstructor("color")
Grid = tuple[tuple[int, ...], ...]


@st.composite
def grids(draw: st.DrawFn, most: int = 30) -> Grid:
    rows, columns = draw(st.integers(1, most)), draw(st.integers(1, most))
    rng = random.Random(draw(st.integers(0, 2**20)))
    shown = rng.randrange(1, 1 + COLORS)
    return tuple(tuple(rng.randrange(shown) for _ in range(columns)) for _ in range(rows))


def slow_cells(grid: Grid, most: int) -> list[Cell]:
    """What `cells_of` says, by counting."""
    height, width = len(grid), len(grid[0])
    rows, columns = min(height, most), min(width, most)
    everything = [color for line in grid for color in line]
    background = max(range(COLORS), key=lambda c: (everything.count(c), -c))
    found = []
    for r in range(rows):
        for c in range(columns):
            lines = grid[r * height // rows : (r + 1) * height // rows]
            held = [color for line in lines for color in line[c * width // columns : (c + 1) * width // columns]]
            drawn = [color for color in held if color != background]
            color = max(sorted(set(drawn)), key=drawn.count) if drawn else background
            found.append(Cell(r, rows - 1 - r, c, columns - 1 - c, color, len(set(held)) > 1))
    return found


@given(grids(), st.integers(1, 9))
def test_cells_are_those_that_counting_finds(grid: Grid, most: int) -> None:
    assert cells_of(colors_of(grid), most) == slow_cells(grid, most)


@given(grids(8), grids(8))
def test_small_grids_that_differ_have_tokens_that_differ(one: Grid, other: Grid) -> None:
    assert (tokens_of(one, GRID, 0) == tokens_of(other, GRID, 0)) == (one == other)


@pytest.mark.parametrize("side", [1, 3, 8, 30])
def test_grids_of_all_sizes_have_few_tokens(side: int) -> None:
    tokens = tokens_of(((7,) * side,) * side, GRID, 0)
    assert len(tokens) == 3 + min(side, 8) ** 2
    assert [token[0] for token in tokens[1:3]] == [scalar_of(side, INT)] * 2
    assert {token[0] for token in tokens[3:]} == {scalar_of(7, COLOR)}


def test_a_thin_line_is_not_lost_in_a_large_grid() -> None:
    blank = [[0] * 30 for _ in range(30)]
    for at in range(30):
        blank[at][at] = 5
    cells = cells_of(colors_of(tuple(map(tuple, blank))), 8)
    assert [(cell.row, cell.column) for cell in cells if cell.color == 5 and cell.mixed] == [(n, n) for n in range(8)]


def test_an_empty_grid_is_one_too() -> None:
    assert len(tokens_of((), GRID, 0)) == len(tokens_of(((), ()), GRID, 0)) == 3
    assert tokens_of((), GRID, 0) != tokens_of(((), ()), GRID, 0)


@pytest.mark.parametrize("grid", [((1, 2), (3,)), ((10,),), ((-1,),), ((True,),), (1, 2), "grid", None])
def test_what_is_no_grid_is_refused(grid: object) -> None:
    with pytest.raises(CannotGuide, match="no encoder for a grid"):
        tokens_of(grid, GRID, 0)


def test_a_color_is_neither_a_number_nor_a_character_nor_a_mark() -> None:
    features = scalar_features()
    rows = [scalar_of(color, COLOR) for color in range(COLORS)]
    assert len({features[row].tobytes() for row in range(SCALARS) if row in rows or row + COLORS in rows}) >= COLORS
    others = {features[row].tobytes() for row in range(SCALARS) if not rows[0] <= row < rows[0] + 2 * COLORS}
    assert not others & {features[row].tobytes() for row in range(rows[0], rows[0] + 2 * COLORS)}
    assert max(rows) + COLORS < MARKS
    with pytest.raises(CannotGuide):
        scalar_of(COLORS, COLOR)


def test_types_with_grids_are_told_apart() -> None:
    types: list[Type] = [GRID, COLOR, INT, list_of(INT), list_of(GRID), list_of(COLOR), tuple_of(GRID, COLOR)]
    assert len({type_features(t).tobytes() for t in types}) == len(types)
    assert [has_grid(t) for t in types] == [True, False, False, False, True, False, True]


# ---- whole specs -----------------------------------------------------------------------------------------------------

NESTED: dict[str, tuple[Type, st.SearchStrategy[object]]] = {
    "grid": (GRID, grids()),
    "color": (COLOR, st.integers(0, 9)),
    "list[grid]": (list_of(GRID), st.lists(grids(12), max_size=9).map(tuple)),
    "tuple[grid, color]": (tuple_of(GRID, COLOR), st.tuples(grids(), st.integers(0, 9))),
    "option[list[color]]": (
        option_of(list_of(COLOR)),
        st.one_of(st.none(), st.lists(st.integers(0, 9), max_size=20).map(tuple).map(Some)),
    ),
    "text": (TEXT, st.text(max_size=200)),
    "list[text]": (list_of(TEXT), st.lists(st.text(max_size=30), max_size=20).map(tuple)),
}


@pytest.mark.parametrize("given_type", NESTED)
@given(st.data())
def test_every_type_with_grids_and_texts_has_tokens(given_type: str, data: st.DataObject) -> None:
    t, values = NESTED[given_type]
    for token in tokens_of(data.draw(values), t, 1):
        assert len(token) == len(COLUMNS)
        assert all(0 <= part < count for part, (_, count) in zip(token, COLUMNS, strict=True))


def turned(grid: Grid) -> Grid:
    return tuple(zip(*grid[::-1], strict=True))


def spec_of(examples: list[tuple[Grid, Grid]]) -> Spec:
    whole = tuple(Example((a,), b) for a, b in examples)
    return Spec(("g",), FunctionType((GRID,), GRID), CORE, whole)


@given(st.lists(grids(), min_size=1, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_the_order_of_examples_of_grids_does_not_count(inputs: list[Grid], rng: random.Random) -> None:
    pairs = [(grid, turned(grid)) for grid in inputs]
    shuffled = rng.sample(pairs, len(pairs))
    one, other = inputs_of(spec_of(pairs)), inputs_of(spec_of(shuffled))
    assert (one.tokens == other.tokens).all()
    assert (one.properties == other.properties).all()


def test_a_large_output_leaves_room_for_two_large_inputs() -> None:
    grid: Grid = tuple(tuple((r * c) % 10 for c in range(30)) for r in range(30))
    spec = Spec(("g", "h"), FunctionType((GRID, GRID), GRID), CORE, (Example((grid, turned(grid)), grid),))
    found = inputs_of(spec)
    counts = np.bincount(found.tokens[0, :, 4], minlength=OUTPUT_SLOT + 1)
    assert [counts[0], counts[1], counts[OUTPUT_SLOT]] == [67, 67, 67]


@pytest.mark.parametrize("side", [1, 30])
def test_the_network_reads_grids(side: int) -> None:
    net = GuideNet(Sizes(32, 32, 1, 2)).eval()
    pair = (((3,) * side,) * side, ((4,) * side,) * side)
    inputs = [inputs_of(spec_of([pair])), inputs_of(spec_of([pair[::-1], pair]))]
    with threads():
        reading = reading_of(inputs)
        made = net.read(reading.tokens, reading.lengths, reading.owner, reading.properties, reading.request)
    assert made.shape == (2, 32)
    assert bool(made.isfinite().all())
    assert not made[0].equal(made[1])


def word_of(name: str, t: Type, function: object) -> Primitive:
    return replace(CORE["list.sum"], name=name, type=t, function=function)  # type: ignore[arg-type,type-var]


def test_words_over_grids_are_known_by_what_they_do() -> None:
    same = FunctionType((GRID,), GRID)
    library = Library.of(
        word_of("grid.turn", same, turned),
        word_of("grid.turn_again", same, turned),
        word_of("grid.mirror", same, lambda g: g[::-1]),
        word_of("grid.recolor", FunctionType((GRID, COLOR), GRID), lambda g, c: tuple((c,) * len(r) for r in g)),
        word_of("grid.first", FunctionType((list_of(GRID),), GRID), lambda gs: gs[0]),
        word_of("grid.map", FunctionType((FunctionType((COLOR,), COLOR), GRID), GRID), paint),
    )
    turn, again, mirror, *others = word_features(library)
    assert (turn == again).all()
    assert (turn != mirror).any()
    behaviours = [row[5 * TYPE_WIDTH :] for row in (turn, mirror, *others)]
    assert len({row.tobytes() for row in behaviours}) == 5
    assert all((row.reshape(-1, 14)[:, 0] == 0).sum() > 6 for row in behaviours), "most probes yield something"


def paint(f: Callable[[int], int], grid: Grid) -> Grid:
    return tuple(tuple(map(f, row)) for row in grid)


# ---- texts -----------------------------------------------------------------------------------------------------------


def test_characters_of_all_languages_are_told_apart() -> None:
    texts = ["", "a", "A", " ", "é", "ж", "з", "語", "\U0001f600", "\ud800", "e\u0301", "\0"]
    rows = {tuple(tokens_of(text, TEXT, 0)) for text in texts}
    assert len(rows) == len(texts)


def test_long_texts_show_both_ends() -> None:
    def rows(text: str) -> list[int]:
        return [token[0] for token in tokens_of(text, TEXT, OUTPUT_SLOT)[1:]]

    assert rows("start" + "." * 100_000 + "end") == rows("start.....")[:9] + rows("..end")


def test_the_first_and_the_last_of_the_examples_may_be_empty_texts() -> None:
    spec = Spec(("s",), FunctionType((TEXT,), TEXT), CORE, (Example(("",), ""), Example(("ab",), "b")))
    found = inputs_of(spec)
    assert found.tokens.shape[0] == 2
    only = inputs_of(replace(spec, examples=spec.examples[:1]))
    assert only.lengths.tolist() == [2]
