"""Data of a comparison: streams apart, tests apart from what is shown, one encoding for all."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_protocol import DATA, SMALL, source_of

from dsl.errors import InterfaceError
from dsl.primitives import CORE
from synth.compare.programs import hash_examples
from synth.compare.scoring import hash_tests
from synth.compare.tokens.encoding import Encoding, encoding_of
from synth.compare.tokens.source import ListSource
from tasks.task_file import read_tasks


@pytest.mark.parametrize("task", ["last_bit", "backwards"])
def test_what_is_shown_is_not_tested(task: str) -> None:
    source = source_of(task)
    shown = {example.arguments[0] for example in source.shown(3)}
    for probe in source.tests(3, 30):
        inputs = [arguments[0] for arguments, _ in probe.pairs]
        assert not shown & set(inputs)
        assert len(set(inputs)) == len(inputs) == min(30, probe.possible - probe.removed)
        assert all(isinstance(items, tuple) and len(items) == probe.point for items in inputs)


def test_few_inputs_are_all_tested_but_the_shown_ones() -> None:
    source = source_of("last_bit")
    first = source.tests(0, 30)[0]
    assert (len(first.pairs) + first.removed, first.possible) == (2, 2)


def test_shown_inputs_differ_and_are_short() -> None:
    shown = source_of("backwards").shown(0)
    inputs = [example.arguments[0] for example in shown]
    assert len(set(inputs)) == 5
    assert all(isinstance(items, tuple) and 1 <= len(items) <= 3 for items in inputs)


def test_a_seed_changes_everything_and_changes_nothing_twice() -> None:
    source = source_of("backwards")
    hashes = [(hash_examples(source.shown(s)), hash_tests(source.tests(s, 30))) for s in (0, 1, 0)]
    assert hashes[0] == hashes[2]
    assert hashes[0][0] != hashes[1][0]
    assert hashes[0][1] != hashes[1][1]


def test_batches_are_the_same_for_all_who_ask() -> None:
    source, effort = source_of("backwards"), SMALL.efforts["quick"]
    first, second = (list(islice(source.batches(0, effort), 5)) for _ in range(2))
    for groups, again in zip(first, second, strict=True):
        assert len(groups) == DATA.groups
        for batch, other in zip(groups, again, strict=True):
            assert np.array_equal(batch.inputs, other.inputs)
            assert np.array_equal(batch.outputs, batch.inputs[:, ::-1])


@given(st.lists(st.integers(3, 7), max_size=6), st.integers(6, 9))
def test_decoding_inverts_encoding(items: list[int], length: int) -> None:
    encoding = Encoding(low=3, symbols=5, single=False)
    slots = encoding.encode_output(tuple(items), length)
    assert slots is not None
    assert len(slots) == length
    assert encoding.decode(slots) == tuple(items)


@pytest.mark.parametrize("value", [(1, 2, 3), (9,), (True,), 4, ((1,),)])
def test_values_that_the_slots_cannot_hold(value: object) -> None:
    assert Encoding(low=0, symbols=4, single=False).encode_output(value, 2) is None


@pytest.mark.parametrize(
    "lines",
    [
        "task t(xs: list[int]) -> bool\n    input xs: list[int] of length 1..3, items 0..1\n    solution is_empty(xs)",
        "task t(xs: list[int]) -> int\n    input xs: list[int] of length 1..3\n    solution head(xs)",
        "task t(xs: list[int]) -> int\n    example [1] -> 1",
    ],
)
def test_other_tasks_are_refused(lines: str) -> None:
    task = read_tasks(lines, CORE, name="t", path=None)["t"]
    with pytest.raises(InterfaceError, match="expected"):
        ListSource.of(DATA, task, pairs=5)


def test_outputs_beyond_the_alphabet_are_refused() -> None:
    text = "task t(xs: list[int]) -> int\n    input xs: list[int] of length 1..3, items 0..1\n    solution sum(xs) + 5"
    source = ListSource.of(DATA, read_tasks(text, CORE, name="t", path=None)["t"], pairs=5)
    assert encoding_of(source.task).single
    with pytest.raises(InterfaceError, match="which the slots cannot hold"):
        next(source.batches(0, SMALL.efforts["quick"]))


def test_more_pairs_than_there_are_inputs_are_refused() -> None:
    source = source_of("last_bit", pairs=99)
    with pytest.raises(InterfaceError, match="at most 14 pairs of length 1 to 3, found 99"):
        source.shown(0)


def test_inputs_without_an_output_are_refused() -> None:
    text = "task t(xs: list[int]) -> int\n    input xs: list[int] of length 1..3, items 0..1\n    solution xs[7]"
    source = ListSource.of(DATA, read_tasks(text, CORE, name="t", path=None)["t"], pairs=5)
    with pytest.raises(InterfaceError, match="gives no value for"):
        source.truth((1, 1))


def test_more_pairs_are_the_fewer_ones_and_others_and_none_is_tested() -> None:
    source = ListSource.of(DATA, source_of("backwards").task, pairs=3, most=20)
    few, many = source.shown(1, 3), source.shown(1, 20)
    assert many[:3] == few == source.shown(1)
    tested = {arguments[0] for probe in source.tests(1, 30) for arguments, _ in probe.pairs}
    assert not tested & {example.arguments[0] for example in many}
