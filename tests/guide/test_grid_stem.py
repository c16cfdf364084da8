"""The stem sees what is around a cell: the same wherever that is, in grids of all sizes, and nothing else."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from dsl.library import Library
from dsl.parser import parse
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import INT, FunctionType, Type, TypeConstructor, list_of, tuple_of
from synth.guide.arrays import inputs_of
from synth.guide.batches import reading_of
from synth.guide.checkpoint import load
from synth.guide.corpus import TrainingTask
from synth.guide.features import scalar_features, scalar_of, tokens_of
from synth.guide.grid_stem import GridStem
from synth.guide.grids import cells_of, colors_of
from synth.guide.model import GuideNet, Sizes, threads
from synth.guide.train import Settings
from synth.guide.training_run import Work, train_guide
from tasks.task import Example, Spec

GRID, COLOR = TypeConstructor("grid"), TypeConstructor("color")
CHANNELS = 12
Grid = tuple[tuple[int, ...], ...]


def drawn(rows: int, columns: int, rng: random.Random) -> Grid:
    return tuple(tuple(rng.randrange(10) for _ in range(columns)) for _ in range(rows))


@pytest.fixture(scope="module")
def stem() -> GridStem:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return GridStem(CHANNELS).eval()


@pytest.fixture(scope="module")
def scalars() -> Tensor:
    """Embedded scalars, a row each."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        return torch.randn(len(scalar_features()), CHANNELS)


def around(stem: GridStem, scalars: Tensor, *rows: list[tuple[int, ...]]) -> Tensor:
    """(E, N, C) what the stem says of examples, each given by its tokens."""
    longest = max(map(len, rows))
    tokens = torch.tensor([[*row, *[(0,) * 7] * (longest - len(row))] for row in rows])
    with threads(), torch.inference_mode():
        found: Tensor = stem(scalars[tokens[..., 0]], tokens)
    return found


def of_grid(stem: GridStem, scalars: Tensor, grid: Grid) -> Tensor:
    """(R, S, C) what it says of the cells of a grid that is small."""
    found = around(stem, scalars, tokens_of(grid, GRID, 0))[0]
    assert not found[:3].any()  # the mark, and the sides
    return found[3:].reshape(len(grid), len(grid[0]), CHANNELS)


def slowly(stem: GridStem, scalars: Tensor, grid: Grid) -> Tensor:
    """The same by the definition: sums over the cells beside a cell, and beside those."""
    rows, columns = len(grid), len(grid[0])

    def convolved(layer: nn.Conv2d, cells: dict[tuple[int, int], Tensor]) -> dict[tuple[int, int], Tensor]:
        made = {}
        for r in range(rows):
            for c in range(columns):
                total = layer.bias.clone() if layer.bias is not None else torch.zeros(())
                for a in range(3):
                    for b in range(3):
                        if (beside := cells.get((r + a - 1, c + b - 1))) is not None:
                            total = total + layer.weight[:, :, a, b] @ beside
                made[r, c] = total
        return made

    here = torch.ones(1)
    seen = {
        (r, c): torch.cat([scalars[scalar_of(grid[r][c], COLOR)], here]) for r in range(rows) for c in range(columns)
    }
    near = {place: nn.functional.gelu(value) for place, value in convolved(stem.near, seen).items()}
    wider = convolved(stem.wider, near)
    return torch.stack([torch.stack([wider[r, c] for c in range(columns)]) for r in range(rows)])


@settings(max_examples=25)
@given(st.integers(1, 8), st.integers(1, 8), st.randoms(use_true_random=False))
def test_it_is_what_two_convolutions_are(
    stem: GridStem, scalars: Tensor, rows: int, columns: int, rng: random.Random
) -> None:
    grid = drawn(rows, columns, rng)
    with torch.inference_mode():
        assert torch.allclose(of_grid(stem, scalars, grid), slowly(stem, scalars, grid), atol=1e-5)


BLANK = ((0,) * 8,) * 8
INNER = range(2, 6)
"""Rows and columns of a grid of 8 by 8 from which the edge is not seen."""


@settings(max_examples=25)
@given(st.integers(-1, 1), st.integers(-1, 1), st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_a_figure_that_is_shifted_looks_the_same(
    stem: GridStem, scalars: Tensor, down: int, right: int, colors: list[int]
) -> None:
    """What is said of it, and around it, moves along; what is far from it hears nothing of it."""
    figure = dict(zip([(3, 3), (3, 4), (4, 3), (4, 4)], colors, strict=True))

    def placed(rows: int, columns: int) -> Grid:
        return tuple(tuple(figure.get((r - rows, c - columns), 0) for c in range(8)) for r in range(8))

    before, after, blank = (of_grid(stem, scalars, grid) for grid in (placed(0, 0), placed(down, right), BLANK))
    both = [(r, c) for r in INNER for c in INNER if r + down in INNER and c + right in INNER]
    assert len(both) >= 9
    for r, c in both:
        assert torch.allclose(before[r, c], after[r + down, c + right], atol=1e-5)
        assert not torch.allclose(before[r, c], blank[r, c], atol=1e-3)
    for r, c in ((r, c) for r in range(8) for c in range(8)):
        far = min(max(abs(r - a), abs(c - b)) for a, b in figure) > 2
        assert not far or torch.allclose(before[r, c], blank[r, c], atol=1e-5)


def test_the_edge_of_a_grid_is_seen_and_is_no_color(stem: GridStem, scalars: Tensor) -> None:
    blank = of_grid(stem, scalars, BLANK)
    assert torch.allclose(blank[2, 2], blank[5, 4], atol=1e-5)
    kinds = [blank[0, 0], blank[0, 3], blank[3, 0], blank[7, 3], blank[3, 3]]
    assert all(not torch.allclose(a, b, atol=1e-3) for a, b in itertools.combinations(kinds, 2))
    framed = [of_grid(stem, scalars, ((c,) * 3, (c, 0, c), (c,) * 3))[1, 1] for c in range(10)]
    alone = of_grid(stem, scalars, ((0,),))[0, 0]
    assert all(not torch.allclose(alone, one, atol=1e-3) for one in framed)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 30), (30, 1), (7, 9), (8, 8), (13, 20), (30, 30)])
def test_grids_of_all_sizes_are_seen_in_blocks(stem: GridStem, scalars: Tensor, rows: int, columns: int) -> None:
    grid = drawn(rows, columns, random.Random(rows))
    found = around(stem, scalars, tokens_of(grid, GRID, 0))[0, 3:]
    assert len(found) == min(rows, 8) * min(columns, 8)
    assert bool(found.isfinite().all())
    assert bool(found.any(dim=-1).all())
    changed = tuple((*line[:-1], (line[-1] + 5) % 10) if r == rows - 1 else line for r, line in enumerate(grid))
    if cells_of(colors_of(grid), 8) != cells_of(colors_of(changed), 8):
        other = around(stem, scalars, tokens_of(changed, GRID, 0))[0, 3:]
        assert not torch.allclose(found[-1], other[-1], atol=1e-3)


def test_there_is_nothing_to_see_of_an_empty_grid(stem: GridStem, scalars: Tensor) -> None:
    assert not around(stem, scalars, tokens_of((), GRID, 0), tokens_of(((), ()), GRID, 1)).any()


HOLDERS: dict[str, tuple[Type, object]] = {
    "a list of ints": (list_of(INT), (1, 2, 3)),
    "a color": (COLOR, 4),
    "a list of colors": (list_of(COLOR), (4, 0, 9)),
}


@pytest.mark.parametrize("held", HOLDERS)
def test_what_is_no_grid_is_left_alone(stem: GridStem, scalars: Tensor, held: str) -> None:
    t, value = HOLDERS[held]
    tokens = tokens_of(value, t, 0)
    assert not around(stem, scalars, tokens).any()
    grid = drawn(4, 4, random.Random(1))
    beside = tokens_of((value, grid), tuple_of(t, GRID), 0)
    found = around(stem, scalars, beside)[0]
    assert torch.allclose(found[-16:].reshape(4, 4, -1), of_grid(stem, scalars, grid), atol=1e-5)
    assert not found[:-16].any()


def test_grids_do_not_see_one_another(stem: GridStem, scalars: Tensor) -> None:
    """Neither those of a list, nor those of an example, nor those of other examples."""
    rng = random.Random(5)
    one, two, three = drawn(4, 3, rng), drawn(2, 4, rng), drawn(3, 3, rng)
    example = [*tokens_of((one, two), list_of(GRID), 0), *tokens_of(three, GRID, 1)]
    found = around(stem, scalars, tokens_of(three, GRID, 0), example)
    at = 1 + 3
    for grid in (one, two, three):
        size = len(grid) * len(grid[0])
        seen = found[1, at : at + size].reshape(len(grid), len(grid[0]), -1)
        assert torch.allclose(seen, of_grid(stem, scalars, grid), atol=1e-5)
        at += size + 3
    assert torch.allclose(found[0, 3:12].reshape(3, 3, -1), of_grid(stem, scalars, three), atol=1e-5)
    assert not found[0, 12:].any()


# ---- in the network --------------------------------------------------------------------------------------------------

SMALL = Sizes(32, 32, 1, 2)
WITH_GRIDS = replace(SMALL, grids=True)


def net_of(sizes: Sizes) -> GuideNet:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        return GuideNet(sizes).eval()


def test_a_network_without_grids_is_what_it_was() -> None:
    plain, more = net_of(SMALL).state_dict(), net_of(WITH_GRIDS).state_dict()
    assert {name for name in more if name not in plain} == {
        f"stem.{layer}.{part}" for layer in ("near", "wider") for part in ("weight", "bias")
    }
    assert all(torch.equal(plain[name], more[name]) for name in plain)
    assert sum(p.numel() for p in GuideNet(Sizes(grids=True)).parameters()) <= 2_400_000


def test_a_task_without_grids_is_read_the_same() -> None:
    spec = Spec(("xs",), FunctionType((list_of(INT),), INT), CORE, (Example(((3, 1),), 2), Example(((),), 0)))
    r = reading_of([inputs_of(spec)])
    with threads(), torch.inference_mode():
        made = [
            net.read(r.tokens, r.lengths, r.owner, r.properties, r.request) for net in map(net_of, (SMALL, WITH_GRIDS))
        ]
    assert torch.equal(*made)


def turned(grid: Grid) -> Grid:
    return tuple(zip(*grid[::-1], strict=True))


def word(name: str, function: object) -> Primitive:
    return replace(CORE["list.sum"], name=name, type=FunctionType((GRID,), GRID), function=function)  # type: ignore[arg-type,type-var]


def test_a_training_on_grids_makes_a_network_with_a_stem(tmp_path: Path) -> None:
    library = Library.of(word("grid.turn", turned), word("grid.mirror", lambda grid: grid[::-1]))
    rng = random.Random(0)
    tasks = []
    for number in range(40):
        text, function = (("turn(g)", turned), ("mirror(g)", lambda grid: grid[::-1]))[number % 2]
        grids = [drawn(rng.randint(2, 12), rng.randint(2, 12), rng) for _ in range(3)]
        spec = Spec(("g",), FunctionType((GRID,), GRID), library, tuple(Example((g,), function(g)) for g in grids))
        tasks.append(TrainingTask(spec, Lambda(("g",), parse(text, library, variables={"g": GRID})), 2.0, "replay"))
    work = Work(library, tasks[4:], tmp_path / "grids.safetensors", "", "grids", tasks[:4])
    assert work.grids
    losses: list[float] = []
    settings = Settings(12, 16, rate=5e-3, warm=2, sizes=replace(SMALL, grids=work.grids))
    train_guide(work, settings, told=lambda row: losses.append(row["choices"]))
    assert losses[-1] < losses[0]
    guide = load(work.out)
    assert guide.net.stem is not None
    assert len(guide.predict(tasks[0].spec).sketches) > 1


def test_a_training_on_lists_makes_none(tmp_path: Path) -> None:
    body = parse("xs + xs", CORE, variables={"xs": list_of(INT)})
    spec = Spec(("xs",), FunctionType((list_of(INT),), list_of(INT)), CORE, (Example(((1,),), (1, 1)),))
    task = TrainingTask(spec, Lambda(("xs",), body), 2.0, "replay")
    assert not Work(CORE, [task] * 3, tmp_path / "lists.safetensors", "").grids
