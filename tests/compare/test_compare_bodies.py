"""Protocol `bodies`: programs as machines, machines as weights, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.compiler import compile_program
from dsl.program import Lambda
from synth.compare.analysis import Analysis, analyse
from synth.compare.bodies.compile import compile_machine, units_needed
from synth.compare.bodies.figure import body_strips
from synth.compare.bodies.folds import machine_of
from synth.compare.bodies.learners import TrainedBody
from synth.compare.bodies.lessons import Lessons
from synth.compare.bodies.machine import ANY_LIST, Form, Machine, NotFiniteError, explore, minimise
from synth.compare.bodies.source import BodySource
from synth.compare.bodies.verdicts import Kind, body_findings, judge_bodies
from synth.compare.fairness import forbidden_words
from synth.compare.metrics import Count
from synth.compare.programs import reference_program
from synth.compare.protocol import Effort
from synth.compare.protocols.bodies import PROTOCOL as BODIES
from synth.compare.records import Cell, Run, Score, pack_bits
from synth.compare.training import one_thread


@pytest.fixture(autouse=True)
def _single() -> Iterator[None]:
    before = torch.get_num_threads()
    one_thread()
    yield
    torch.set_num_threads(before)


REGULAR = ("parity", "even_pairs", "cycle_navigation", "modular_arithmetic")


def source_of(task: str) -> BodySource:
    source = BODIES.source(task)
    assert isinstance(source, BodySource)
    return source


def program(text: str) -> tuple[Lambda, BodySource]:
    source = source_of("parity")
    return reference_program(text, source.spec_task(0, source.library)), source


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("fold(lambda seen, x: 0 if seen == x else 1, 0, xs)", 3),
        ("fold(int.add, 0, xs) % 2", 3),
        ("(fold(lambda s, x: s + x * x, 3, xs) * 2) % 5", 6),
        ("0 if head(xs) == xs[-1] else 1", 5),
        ("fold(lambda s, x: s + (1 if x == head(xs) else 0), xs[0], xs) % 3", 7),
        ("fold(lambda s, x: s + 1 if s < 2 else 7, 0, xs) % 2", 4),
        ("7", 2),
    ],
)
def test_a_machine_says_what_its_program_says(text: str, states: int) -> None:
    found, source = program(text)
    machine = machine_of(found, source.library, (0, 1), limit=50)
    run = compile_program(found, source.library)
    assert len(machine.outputs) == states
    for length in range(1, 8):
        for items in product((0, 1), repeat=length):
            assert machine.output(items) == run((items,)), items


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("fold(lambda s, x: s + x, 0, xs)", "more than 50 states"),
        ("fold(lambda s, x: s + x, 0, xs) % 2 + fold(lambda s, x: s + x, 0, xs)", "more than 50 states"),
        ("fold(lambda s, x: s + (1 if s < 3 else 2), 0, xs) % 2", "more than 50 states"),
        ("fold(lambda s, x: s, 0, tail(xs))", "in other ways"),
        ("fold(lambda s, x: xs[-1], 0, xs)", "more of the input"),
        ("fold(lambda s, x: fold(lambda t, y: y, s, xs), 0, xs)", "more of the input"),
        ("fold(lambda s, x: range(0, x)[s], 0, xs)", "a fold has no value"),
        ("range(0, head(xs))[0]", "which is no int"),
    ],
)
def test_what_is_no_machine_is_refused_with_a_reason(text: str, reason: str) -> None:
    found, source = program(text)
    with pytest.raises(NotFiniteError, match=reason):
        machine_of(found, source.library, (0, 1), limit=50)


tables = st.integers(1, 6).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=n, max_size=n),
        st.lists(st.integers(0, 2), min_size=n, max_size=n),
    )
)


def drawn_machine(table: tuple[list[tuple[int, int]], list[int]]) -> Machine:
    rows, outputs = table
    return explore(
        "start",
        lambda state, item: rows[state if isinstance(state, int) else 0][item],
        lambda state: outputs[state if isinstance(state, int) else 0],
        (0, 1),
        limit=10,
    )


@given(tables)
def test_the_smallest_machine_says_the_same_and_has_no_two_states_alike(
    table: tuple[list[tuple[int, int]], list[int]],
) -> None:
    whole = drawn_machine(table)
    least = minimise(whole)
    assert minimise(least) == least
    assert len(least.outputs) <= len(whole.outputs)
    words = [items for length in range(1, 6) for items in product((0, 1), repeat=length)]
    assert [least.output(items) for items in words] == [whole.output(items) for items in words]
    told = {
        state: tuple(least.outputs[_walk(least, state, items)] for items in [(), *words])
        for state in range(len(least.outputs))
    }
    assert len(set(told.values())) == len(told)


def _walk(machine: Machine, state: int, items: Sequence[int]) -> int:
    for item in items:
        after = machine.following[state][item]
        assert after is not None
        state = after
    return state


@settings(max_examples=25, deadline=None)
@given(tables, st.lists(st.lists(st.integers(0, 1), min_size=30, max_size=30), min_size=1, max_size=4))
def test_compiled_weights_are_the_machine(
    table: tuple[list[tuple[int, int]], list[int]], rows: list[list[int]]
) -> None:
    """By plain arithmetic, without torch: one unit is 1 after each item, and the readout says the output."""
    machine = minimise(drawn_machine(table))
    weights = compile_machine(machine, hidden=units_needed(machine) + 2, low=0, inputs=3, outputs=3)
    for row in rows:
        state = weights.start
        for place, item in enumerate(row):
            state = np.maximum(weights.inputs[:, item] + weights.states @ state + weights.bias, 0)
            assert sorted(set(state.tolist())) == [0.0, 1.0]
            assert state.sum() == 1
            assert int((weights.outputs @ state + weights.output_bias).argmax()) == machine.output(row[: place + 1])


def test_too_few_units_are_refused() -> None:
    machine = source_of("parity").known
    assert isinstance(machine, Machine)
    with pytest.raises(NotFiniteError, match="it takes 7 units, and the net has 6"):
        compile_machine(machine, hidden=6, low=0, inputs=3, outputs=3)


@pytest.mark.parametrize("task", REGULAR)
def test_compiled_nets_are_exact_in_float32_to_length_1000(task: str) -> None:
    from synth.compare.bodies.nets import compiled_net, is_exact
    from synth.compare.tokens.training import predict

    source = source_of(task)
    machine = source.known
    assert isinstance(machine, Machine)
    net = compiled_net(source, machine).eval()
    encoding = source.lists.encoding
    for probe in (probe for probe in source.tests(0, 8) if probe.pairs):  # some lengths are shown to programs whole
        rows = np.array([arguments[0] for arguments, _ in probe.pairs], dtype=np.int64)
        assert is_exact(net, machine, rows - encoding.low, encoding.low)
        said = predict(net, rows - encoding.low, 1).slots[:, 0] + encoding.low
        assert said.tolist() == [truth for _, truth in probe.pairs]


def test_a_net_that_is_not_exact_is_seen() -> None:
    from synth.compare.bodies.nets import compiled_net, is_exact

    source = source_of("parity")
    machine = source.known
    assert isinstance(machine, Machine)
    net = compiled_net(source, machine)
    inputs = np.ones((2, 40), dtype=np.int64)
    assert is_exact(net, machine, inputs, 0)
    with torch.no_grad():
        net.cell.get_parameter("weight_hh_l0").mul_(1.0001)
    assert not is_exact(net, machine, inputs, 0)


@pytest.mark.parametrize("task", ["majority", "reverse"])
def test_where_no_machine_is_it_is_said_why(task: str) -> None:
    assert source_of(task).known == "more than 1000 states are reached"


def test_a_form_leaves_out_what_is_no_input() -> None:
    turns = Form(lambda before, item: item != before, lambda last: last == 1)
    machine = minimise(
        explore(0, lambda s, x: (int(str(s)) + x) % 3, lambda s: int(str(s)), (0, 1), form=turns, limit=20)
    )
    assert machine.output((0, 1, 0, 1)) == 2
    assert machine.output((1, 0)) is None
    with pytest.raises(ValueError, match="where none goes on so"):
        machine.trace((0, 0))
    assert ANY_LIST.follows(0, 0)


def test_more_lessons_are_the_fewer_ones_and_others() -> None:
    source = source_of("parity")
    few, many = (Lessons(source.lists, 3, size) for size in (20, 60))
    assert many.inputs[:20] == few.inputs
    effort = Effort("t", tasks=("parity",), seeds=1, batch=30)
    seen = {
        tuple(row)
        for _, groups in zip(range(20), few.batches(3, effort), strict=False)
        for g in groups
        for row in g.inputs.tolist()
    }
    assert seen <= set(few.inputs)


@pytest.mark.parametrize(("body", "steps"), [("fresh", 4), ("traced", 4), ("compiled", 1)])
def test_bodies_train_and_tell_what_they_did(body: str, steps: int) -> None:
    source = replace(source_of("parity"), hidden=16)
    small = replace(source, lists=replace(source.lists, data=replace(source.lists.data, tested=(3, 20))))
    effort = Effort("t", tasks=("parity",), seeds=1, batch=12, tests=4, steps={body: steps})
    learner = TrainedBody(body, 1e-3, 20)  # type: ignore[arg-type]
    run = learner(small, effort, Cell("parity", body, 0, 30))
    again = learner(small, effort, Cell("parity", body, 0, 30))
    assert (run.steps, run.size, run.scores, run.fit) == (steps, 30, again.scores, again.fit)
    assert run.data is not None
    lessons = Lessons(small.lists, 0, 30)
    assert run.data.learned_from == lessons.fingerprint
    short = small.tests(0, 4)[0]
    assert run.scores[0].overlap <= sum(arguments[0] in lessons.seen for arguments, _ in short.pairs)


def test_there_is_nothing_to_start_from_without_a_machine() -> None:
    source = source_of("majority")
    run = TrainedBody("compiled", 1e-3, 1000)(
        source, Effort("t", ("majority",), 1, tests=2), Cell("majority", "x", 0, 9)
    )
    assert (run.steps, run.stop) == (0, "no machine")
    assert not any(score.right for score in run.scores)


def made_run(learner: str, size: int | None, seed: int, share: float, outcome: str = "trained") -> Run:
    rights = [place < share * 100 for place in range(100)]
    scores = tuple(Score(point, sum(rights), 100, pack_bits(rights)) for point in BODIES.axis.points)
    fit = Count(100, 100)
    return Run.of(Cell("parity", learner, seed, size), outcome, scores=scores, fit=fit)  # type: ignore[arg-type]


def made(compiled: float | None, few: float, many: float, traces: float) -> Analysis:
    effort = replace(BODIES.effort("standard"), tasks=("parity",), seeds=3)
    runs: list[Run] = []
    for seed in range(3):
        outcome = "no program in time" if compiled is None else "correct"
        runs.append(made_run("compiled", None, seed, compiled or 0.0, outcome))
        for learner, size, share in (("scratch", 1_000, few), ("scratch", 100_000, many), ("traces", 1_000, traces)):
            runs.append(replace(made_run(learner, size, seed, share), side=BODIES.learner(learner).side))
    return analyse(BODIES, effort, (0, 1, 2), runs)


@pytest.mark.parametrize(
    ("shares", "kind", "badge"),
    [
        ((1.0, 1.0, 1.0, 1.0), "learnable", "not supported"),
        ((1.0, 0.5, 1.0, 0.5), "a matter of data", "supported"),
        ((1.0, 0.5, 0.5, 1.0), "a matter of data", "supported"),
        ((1.0, 0.5, 0.5, 0.5), "representable, not learned here", "supported"),
        ((None, 0.5, 0.5, 0.0), "not representable here", "inconclusive"),
        ((0.5, 0.5, 0.5, 0.5), "inconclusive", "inconclusive"),
        ((1.0, 0.9, 0.9, 0.9), "inconclusive", "inconclusive"),
    ],
)
def test_verdicts_come_from_intervals(shares: tuple[float | None, float, float, float], kind: Kind, badge: str) -> None:
    compiled, few, many, traces = shares
    analysis = made(compiled, few, many, traces)
    judged = judge_bodies(analysis, "parity")
    assert judged is not None
    assert (judged.kind, judged.badge) == (kind, badge)
    (finding,) = body_findings(analysis)
    assert finding.sentences[0].startswith(f"parity is {kind}")
    assert not any(forbidden_words(sentence) for sentence in finding.sentences)


def test_the_figure_says_in_words_what_it_shows() -> None:
    (drawn,) = body_strips(made(1.0, 0.5, 1.0, 0.5))
    assert "parity is a matter of data" in drawn.alt
    assert "from scratch, 1,000 examples: 50 per cent at length 10" in drawn.alt
    assert drawn.svg().startswith("<?xml")


def test_what_is_written_beforehand_claims_nothing() -> None:
    for text in (BODIES.claim, BODIES.tuning.text, *BODIES.threats, *(p.why for p in BODIES.predictions)):
        assert forbidden_words(text) == []
