"""What explains an answer: the nearest example that was shown, and the program's own steps."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from small_protocol import EFFORT, PROGRAM, answering, made_run, source_of

from synth.compare.explained import edits, explain_pairs, nearest_pair

items = st.lists(st.integers(0, 2), max_size=6).map(tuple)


@given(items, items)
def test_edits_are_a_distance(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    apart = edits(one, other)
    assert apart == edits(other, one)
    assert (apart == 0) == (one == other)
    assert abs(len(one) - len(other)) <= apart <= max(len(one), len(other))


@given(items, items, items)
def test_a_way_round_is_no_shorter(one: tuple[int, ...], between: tuple[int, ...], other: tuple[int, ...]) -> None:
    assert edits(one, other) <= edits(one, between) + edits(between, other)


@given(st.lists(items, min_size=1, max_size=5), items)
def test_nobody_is_nearer_than_the_nearest(shown: list[tuple[int, ...]], asked: tuple[int, ...]) -> None:
    near, apart = nearest_pair([((one,), None) for one in shown], (asked,))
    assert apart == min(edits(one, asked) for one in shown) == edits(near[0][0], asked)  # type: ignore[arg-type]


def test_a_run_is_explained_by_its_own_seed_and_size() -> None:
    run = answering(made_run("backwards", "program", 1))
    source = source_of("backwards")
    explained = explain_pairs(source, EFFORT, PROGRAM, run, run.answers[0])
    assert explained is not None
    shown = [source.marking.show(example.arguments) for example in source.shown(1)]
    assert explained.nearest.partition(" → ")[0] in shown
    assert explained.distance.endswith("of the 5 pairs that the program was shown")


def test_without_a_program_the_nearest_example_remains() -> None:
    run = answering(made_run("backwards", "program", 0))
    explained = explain_pairs(source_of("backwards"), EFFORT, PROGRAM, run, run.answers[0])
    silent = explain_pairs(source_of("backwards"), EFFORT, PROGRAM, replace(run, program=None), run.answers[0])
    assert explained is not None
    assert silent is not None
    assert explained.trace
    assert silent.trace == ()
    assert silent.nearest == explained.nearest
