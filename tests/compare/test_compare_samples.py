"""Protocol `samples`: one row of examples for all, regions that are what they say, references as they should be."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.compiler import compile_program
from dsl.primitives import CORE
from synth.compare.analysis import Analysis, analyse
from synth.compare.cells import run_cell
from synth.compare.curves import area_of, area_under
from synth.compare.fairness import forbidden_words
from synth.compare.programs import is_direct_hit, reference_program
from synth.compare.protocol import Effort
from synth.compare.protocols.samples import DATA_VARIABLE, PROTOCOL, make_protocol
from synth.compare.records import Cell, Run
from synth.compare.samples.block import BLOCK, BlockSource
from synth.compare.samples.figure import cost_curves, needed_dots, sample_curves
from synth.compare.samples.findings import sample_findings
from synth.compare.samples.references import distances
from synth.compare.samples.source import CHAINED, INSIDE, LONGER, WITHHELD, SampleSource, answers_by_length, as_rows
from synth.compare.scoring import Probe, Said
from tasks.domains.lists import LISTS
from tasks.task import Example, Task

OWN = make_protocol(None)
TASKS = [task.name for task in OWN.tasks]


def source_of(task: str, most: int = 500) -> SampleSource:
    """A source whose tests stay away from fewer examples, so that it is quick."""
    source = OWN.source(task)
    assert isinstance(source, SampleSource)
    return replace(source, most=most)


@pytest.mark.parametrize("name", TASKS)
def test_every_output_fits_and_every_region_is_what_it_says(name: str) -> None:
    source = source_of(name)
    lengths = {INSIDE: {*range(1, 6), *range(7, 11)}, WITHHELD: {6}, LONGER: set(range(11, 41))}
    for probe in source.tests(1, 40):
        inputs = [arguments[0] for arguments, _ in probe.pairs]
        assert len(set(inputs)) == 40
        for (items,), output in probe.pairs:
            assert isinstance(items, tuple)
            assert source.encoding.encode_output(output, len(items)) is not None
            assert probe.point == CHAINED or len(items) in lengths[str(probe.point)]


def test_what_is_chained_is_another_tasks_answer() -> None:
    chained = {p.point: p for p in source_of("reverse").tests(0, 30)}[CHAINED]
    assert all(list(items) == sorted(items) for (items,), _ in chained.pairs)  # type: ignore[call-overload]


@given(st.integers(0, 10**6), st.integers(1, 200), st.integers(1, 200))
def test_more_examples_are_the_fewer_ones_and_others(seed: int, one: int, other: int) -> None:
    source = source_of("reverse")
    few, many = sorted((one, other))
    assert source.shown(seed, many)[:few] == source.shown(seed, few)
    assert len({example.arguments for example in source.shown(seed, many)}) == many


@given(st.integers(0, 1000))
def test_no_test_input_is_anybodys_example(seed: int) -> None:
    source = source_of("sort")
    shown = set(source.inputs(seed, 500))
    assert not any(arguments[0] in shown for probe in source.tests(seed, 20) for arguments, _ in probe.pairs)


@pytest.mark.parametrize("name", TASKS)
def test_a_solver_has_no_word_that_is_the_answer(name: str) -> None:
    """Rule F10: no word alone, applied to the list, computes the task."""
    source = source_of(name)
    task = source.spec_task(0, LISTS.tier("T1"), 10)
    assert (task.solution, task.queries, task.holdout, len(task.examples)) == (None, (), (), 10)
    pairs = as_rows(source.shown(0, 60))
    assert not any(_computes(word, task, pairs) for word in _words_of_one_list(task))
    assert source.task.solution is not None


def _words_of_one_list(task: Task) -> list[str]:
    shape = str(task.type_request)
    return [w.name for w in task.library.vocabulary if str(w.type) == shape or w.name.split(".")[1] in _KNOWN]


_KNOWN = frozenset({"reverse", "sort", "unique", "tail", "init"})


def _computes(word: str, task: Task, pairs: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> bool:
    program = reference_program(f"{word.split('.')[1]}(xs)", task)
    assert is_direct_hit(program)
    run = compile_program(program, task.library)
    return all(run((items,)) == output for items, output in pairs)


@pytest.mark.parametrize("name", [name for name in TASKS if OWN.source(name).reference is not None])
def test_references_in_plain_words_are_right(name: str) -> None:
    source = source_of(name)
    task = source.spec_task(0, LISTS.tier("T0"), 3)
    assert source.reference is not None
    run = compile_program(reference_program(source.reference, task), task.library)
    assert all(run((items,)) == output for items, output in as_rows(source.shown(3, 100)))


def test_answers_come_back_in_the_order_of_the_inputs() -> None:
    inputs = [(1, 2), (3,), (4, 5), (), (6,)]
    probe = Probe(INSIDE, tuple(((items,), items) for items in inputs))
    said = answers_by_length(probe, lambda same: [Said(items) for items in same])
    assert [one.value for one in said] == inputs


def slow_distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Edit distance by its definition."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        slow_distance(one[1:], other) + 1,
        slow_distance(one, other[1:]) + 1,
        slow_distance(one[1:], other[1:]) + (one[0] != other[0]),
    )


short = st.lists(st.integers(0, 3), min_size=1, max_size=5).map(tuple)


@given(short, st.lists(short, min_size=1, max_size=4))
def test_distances_are_edit_distances(items: tuple[int, ...], known: list[tuple[int, ...]]) -> None:
    padded = np.array([[*one, *[-1] * (5 - len(one))] for one in known])
    found = distances(items, padded, np.array(list(map(len, known))))
    assert found.tolist() == [slow_distance(items, one) for one in known]


# ---- nets and runs ------------------------------------------------------------------------------------------------

SMALL = replace(
    OWN.efforts["quick"],
    tests=40,
    batch=24,
    steps=MappingProxyType({"gru": 100, "transformer": 50}),
    evaluations=3_000,
    seconds=5.0,
)


@cache
def small_run(learner: str, seed: int, size: int | None, task: str = "reverse") -> Run:
    run = run_cell(OWN, SMALL, Cell(task, learner, seed, size), manifest="test")
    assert run is not None
    assert run.outcome != "crash", run.message
    return run


def test_at_equal_numbers_all_sides_have_the_same_examples_and_tests() -> None:
    runs = [small_run(name, 0, 10) for name in ("program", "program_plain", "gru", "nearest", "trees")]
    assert len({run.data.learned_from for run in runs if run.data is not None}) == 1
    assert len({run.data.tested_on for run in runs if run.data is not None}) == 1
    assert [score.total for score in runs[0].scores] == [40] * 4


def test_a_net_says_whether_it_fitted_and_why_it_stopped() -> None:
    run = small_run("gru", 0, 10)
    assert run.fit is not None
    assert run.fit.total == 9, "a tenth of ten is held out"
    assert (run.outcome == "trained") == (run.fit.share >= 0.95)
    assert run.steps is not None
    assert (run.stop is None) == (run.steps == 100)
    assert len(run.peeked) == len(run.scores)


def test_references_are_between_chance_and_the_oracle() -> None:
    oracle, guessed = small_run("oracle", 0, None), small_run("chance", 0, None)
    assert all(score.right == score.total for score in oracle.scores)
    assert sum(score.right for score in guessed.scores) < 20
    trees = small_run("trees", 0, 100)
    longer = trees.score(LONGER)
    assert longer is not None
    assert longer.right == 0, "trees take lists of ten items at most"


def small_analysis() -> Analysis:
    effort = replace(SMALL, tasks=("reverse",))
    keys = [("program", 3), ("program", 10), ("gru", 10), ("gru", 100), ("nearest", 10), ("oracle", None)]
    return analyse(OWN, effort, (0, 1), [small_run(name, seed, size) for name, size in keys for seed in (0, 1)])


def test_figures_and_findings_are_made_of_what_was_run() -> None:
    analysis = small_analysis()
    drawn = [figure for draw in (sample_curves, needed_dots, cost_curves) for figure in draw(analysis)]
    assert [figure.name for figure in drawn] == ["samples", "samples-longer", "needed", "cost"]
    assert all("GRU on reverse" in figure.alt and "<svg" in figure.svg() for figure in drawn)
    (finding,) = sample_findings(analysis)
    assert finding.task == "reverse"
    assert "N90" in finding.sentences[0]
    area = area_of(analysis, "reverse", "gru")
    assert area is not None
    assert 0 <= area.low <= area.value <= area.high <= 1


@given(st.dictionaries(st.sampled_from([10, 30, 100, 1000]), st.floats(0, 1), min_size=2))
def test_an_area_lies_within_its_curve(curve: dict[int, float]) -> None:
    assert min(curve.values()) - 1e-9 <= area_under(curve) <= max(curve.values()) + 1e-9


def test_one_number_of_examples_has_no_area() -> None:
    with pytest.raises(ValueError, match="at least two"):
        area_under({10: 1.0})


# ---- the block ----------------------------------------------------------------------------------------------------


def task_of(name: str, shift: int) -> Task:
    task = source_of("reverse").task
    rows = [(n, n + 1, n + 2) for n in range(11)]
    examples = tuple(Example((row,), tuple(item + shift for item in row)) for row in rows)
    return replace(task, name=name, library=CORE, examples=examples[:8], holdout=examples[8:], solution=None)


TINY_BLOCK = BlockSource(tuple(task_of(f"f{n}", n) for n in range(6)))


def test_seeds_have_parts_of_the_block_of_their_own() -> None:
    names = [{one.task.name for one in TINY_BLOCK.functions(seed, 2)} for seed in range(3)]
    assert set.union(*names) == {f"f{n}" for n in range(6)}
    for one in TINY_BLOCK.functions(0, 2):
        assert one.asked not in one.examples
        assert one.shown(3) == one.shown(10)[:3]
        assert len(one.shown(10)) == 10


def test_the_block_is_run_function_by_function() -> None:
    effort = replace(SMALL, settings=MappingProxyType({"functions": 2, "function_seconds": 5.0}))
    for name in ("program", "nearest_each"):
        run = OWN.learner(name).run(TINY_BLOCK, effort, Cell(BLOCK, name, 0, 10))
        (score,) = run.scores
        assert (score.point, score.total) == (INSIDE, 2)
        assert run.data is not None
        assert run.data.examples == 10


def test_without_the_data_the_protocol_runs_and_says_so() -> None:
    assert BLOCK not in TASKS
    assert all(BLOCK not in effort.tasks for effort in OWN.efforts.values())
    assert any(DATA_VARIABLE in threat for threat in OWN.threats)
    OWN.check()


def test_with_the_data_the_block_is_a_task() -> None:
    folder = os.environ.get(DATA_VARIABLE)
    if not folder:
        pytest.skip(f"set {DATA_VARIABLE} to the folder with the outside data sets")
    protocol = make_protocol(Path(folder))
    protocol.check()
    assert protocol.task(BLOCK).author != "ours"
    block = protocol.source(BLOCK)
    assert isinstance(block, BlockSource)
    assert all(len((*t.examples, *t.holdout)) == 11 for t in block.tasks)
    assert not any(DATA_VARIABLE in threat for threat in protocol.threats)


# ---- what was written down ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("effort", OWN.efforts.values(), ids=lambda effort: effort.name)
def test_efforts_and_expectations_are_about_what_is_run(effort: Effort) -> None:
    assert effort.batch % 3 == 0
    assert {"functions", "function_seconds"} <= set(effort.settings)
    for prediction in OWN.predictions:
        sizes = OWN.efforts["standard"].sizes_of(prediction.learner)
        assert prediction.size in sizes, prediction


def test_what_is_written_beforehand_claims_nothing() -> None:
    texts = (OWN.claim, OWN.tuning.text, *OWN.threats, *PROTOCOL.threats, *(p.why for p in OWN.predictions))
    assert all(forbidden_words(text) == [] for text in texts)
    assert any(p.does_well and OWN.learner(p.learner).side == "net" for p in OWN.predictions)
