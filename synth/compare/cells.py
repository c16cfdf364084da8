"""One cell of a comparison: one learner, one task, one seed, from the data to a finished `Run`."""

from __future__ import annotations

import random
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from dsl.compiler import compile_program
from dsl.library import Library
from dsl.parser import parse
from dsl.program import Application, Lambda, Name, Program, Variable, names
from dsl.values import Failure, agree
from synth.budget import Budget, StopReason
from synth.compare.data import Probe, Source, hash_examples, hash_tests, random_stream
from synth.compare.encoding import agreement
from synth.compare.metrics import Count, Estimate, bootstrap_mean
from synth.compare.protocol import CHANCE, ORACLE, TRAINED_ENOUGH, Effort, NetLearner, Protocol
from synth.compare.records import Answered, DataUsed, LengthScore, Outcome, Run, pack_bits
from synth.pcfg import program_bits
from synth.verify import Verdict, verify
from tasks.task import Task

__all__ = ["Cell", "is_direct_hit", "run_cell"]

_TRAINING_CHECK = 100
"""Fresh inputs of each trained length on which it is seen whether a net has learned."""
_SHOWN_ANSWERS = 2
"""Test inputs of each length whose answers are kept for people to look at."""
_SHOWN_LENGTH = 20
"""Longest inputs whose answers are kept."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What is to be run: a learner on a task with a seed."""

    task: str
    learner: str
    seed: int


@dataclass(frozen=True, slots=True)
class _Said:
    """What a learner says to one test input: its items (None: nothing), whether that is right, and how sure it is."""

    items: tuple[int | None, ...] | None
    right: bool
    confidence: float | None = None


def run_cell(protocol: Protocol, effort: Effort, cell: Cell, *, manifest: str) -> Run | None:
    """Run one cell; None where Ctrl-C came before there was a result.

    A bug in one learner is that run's outcome, `crash`, and no reason to lose the others.
    """
    started = time.monotonic()
    blank = Run(cell.task, cell.learner, protocol.side(cell.learner), cell.seed, manifest, "crash")
    try:
        source = Source.of(protocol, protocol.load()[cell.task])
        with _listening():
            run = _run(source, effort, cell, blank)
    except KeyboardInterrupt:
        return None
    except Exception as error:  # the boundary: the run says what went wrong
        run = replace(blank, message=f"{type(error).__name__}: {error}", details={"trace": traceback.format_exc()})
    return None if run is None else replace(run, wall_seconds=round(time.monotonic() - started, 3))


@contextmanager
def _listening() -> Iterator[None]:
    """Let Ctrl-C interrupt, also in a worker process, which is deaf to it between cells."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _run(source: Source, effort: Effort, cell: Cell, blank: Run) -> Run | None:
    tests = source.tests(cell.seed, effort.tests)
    match blank.side:
        case "program":
            return _run_program(source, effort, cell, blank, tests)
        case "net":
            net = source.protocol.net(cell.learner)
            return _run_net(source, effort, cell, blank, tests, net)
        case "reference":
            return _run_reference(source, cell, blank, tests)


# ---- Programs -------------------------------------------------------------------------------------------------------


def _run_program(source: Source, effort: Effort, cell: Cell, blank: Run, tests: Sequence[Probe]) -> Run | None:
    """Search over the shown pairs, verify from text, test."""
    learner = source.protocol.program
    library = learner.words()
    task = source.spec_task(cell.seed, library)
    started = time.process_time()
    answer = learner.make_solver().solve(
        task.spec, Budget(effort.evaluations, effort.seconds), rng=random.Random(f"{cell.seed}:{cell.task}")
    )
    learned = time.process_time() - started
    if answer.stop is StopReason.INTERRUPTED:
        return None
    verdict = verify(task, answer)
    found = replace(
        blank,
        outcome="no program in time",
        scores=_nothing_said(tests),
        data=DataUsed(hash_examples(task.examples), len(task.examples), hash_tests(tests)),
        fit=_fit(task, verdict),
        cpu_seconds=round(learned, 3),
        evaluations=answer.evaluations,
        stop=answer.stop.value,
        bits=answer.bits,
        reference_bits=_reference_bits(source, task),
        message=answer.message,
    )
    return found if verdict.program is None or not verdict.fits else _judge(found, source, task, verdict, tests)


def _judge(found: Run, source: Source, task: Task, verdict: Verdict, tests: Sequence[Probe]) -> Run:
    """The run of a program that fits the shown pairs: what it is, and whether it is right elsewhere."""
    assert verdict.program is not None
    started = time.process_time()
    scores, answers = _scores(tests, _answers_of(verdict.program, task.library), found.key)
    correct = all(score.right == score.total for score in scores)
    bits = program_bits(verdict.program, task.spec)  # priced as the reference is; the search rounds to its levels
    cheap = bits is not None and found.reference_bits is not None and bits <= found.reference_bits
    return replace(
        found,
        outcome="correct" if correct else "fits examples but wrong",
        scores=scores,
        answers=answers,
        test_cpu_seconds=round(time.process_time() - started, 3),
        program=verdict.text,
        words=tuple(sorted(names(verdict.program))),
        bits=bits,
        identifiable=correct or not cheap,
        direct_hit=is_direct_hit(verdict.program),
    )


def _fit(task: Task, verdict: Verdict) -> Count:
    """On how many of the shown pairs a program is right; none, where there is no program."""
    judged = zip(verdict.outcomes, task.examples, strict=False)
    return Count(sum(_agrees(outcome, example.output) for outcome, example in judged), len(task.examples))


def _reference_bits(source: Source, task: Task) -> float | None:
    """Description length of the protocol's known right program, as the search would price it."""
    return program_bits(reference_program(source.protocol, task), task.spec)


def reference_program(protocol: Protocol, task: Task) -> Lambda:
    """The protocol's known right program for a task, over the words of the program side."""
    variables = dict(zip(task.parameters, task.type_request.parameters, strict=True))
    text = protocol.task(task.name).reference
    return Lambda(task.parameters, parse(text, task.library, expected=task.result_type, variables=variables))


def is_direct_hit(program: Lambda) -> bool:
    """Whether a program is one word applied to the task's inputs, so that nothing was put together (rule F10).

    >>> from dsl.program import Application, Lambda, Name, Variable
    >>> is_direct_hit(Lambda(("xs",), Application(Name("list.reverse"), (Variable("xs"),))))
    True
    """
    match program.body:
        case Application(Name(), arguments):
            return all(isinstance(argument, Variable) for argument in arguments)
        case Name() | Variable():
            return True
        case _:
            return False


def _agrees(outcome: object, wanted: object) -> bool:
    return not isinstance(outcome, Failure) and agree(outcome, wanted)


def _answers_of(program: Program, library: Library) -> Callable[[Probe], list[_Said]]:
    run = compile_program(program, library)

    def say(test: Probe) -> list[_Said]:
        outcomes = [run((items,)) for items, _ in test.pairs]
        return [
            _Said(None if isinstance(o, Failure) else _as_items(o), _agrees(o, truth))
            for o, (_, truth) in zip(outcomes, test.pairs, strict=True)
        ]

    return say


# ---- Nets -----------------------------------------------------------------------------------------------------------


def _run_net(
    source: Source,
    effort: Effort,
    cell: Cell,
    blank: Run,
    tests: Sequence[Probe],
    learner: NetLearner,
) -> Run:
    """Train on fresh batches, see whether it fits them, test."""
    from synth.compare.training import exact_matches, one_thread, predict, train  # imports torch

    one_thread()
    encoding = source.encoding
    trained = train(
        lambda: learner.make(encoding.symbols, encoding.outputs),
        source.batches(cell.seed, effort),
        steps=effort.steps[cell.task],
        learning_rate=learner.learning_rate,
        seed=int(random_stream(source.protocol.name, cell.task, learner.name, "init", cell.seed).integers(2**31)),
    )
    fit = exact_matches(trained.net, source.training_sample(cell.seed, _TRAINING_CHECK))
    started = time.process_time()

    def say(test: Probe) -> list[_Said]:
        inputs = np.array([encoding.encode_input(items) for items, _ in test.pairs], dtype=np.int64)
        predicted = predict(trained.net, inputs, encoding.slots(test.length))
        wanted = [source.slots_of(items) for items, _ in test.pairs]
        return [
            _Said(encoding.decode(slots), slots == want, round(float(sure), 4))
            for slots, want, sure in zip(predicted.slots.tolist(), wanted, predicted.confidence, strict=True)
        ]

    scores, answers = _scores(tests, say, blank.key, seen=trained.seen, encode=encoding.encode_input)
    outcome: Outcome = "trained" if fit.share >= TRAINED_ENOUGH else "under-trained"
    return replace(
        blank,
        outcome=outcome,
        scores=scores,
        answers=answers,
        data=DataUsed(trained.trained_on, None, hash_tests(tests)),
        fit=fit,
        cpu_seconds=round(trained.cpu_seconds, 3),
        test_cpu_seconds=round(time.process_time() - started, 3),
        parameters=trained.parameters,
        steps=trained.steps,
    )


# ---- Reference rows -------------------------------------------------------------------------------------------------


def _run_reference(source: Source, cell: Cell, blank: Run, tests: Sequence[Probe]) -> Run:
    """The oracle runs the task's own solution; chance fills every slot with a token drawn evenly."""
    if cell.learner == ORACLE:
        assert source.task.solution is not None
        say = _answers_of(source.task.solution, source.task.library)
        text: str | None = "the task's own solution"
    else:
        assert cell.learner == CHANCE
        say, text = _guesses(source, cell), None
    scores, answers = _scores(tests, say, blank.key)
    data = DataUsed("", 0, hash_tests(tests))
    return replace(blank, outcome="reference", scores=scores, answers=answers, data=data, program=text)


def _guesses(source: Source, cell: Cell) -> Callable[[Probe], list[_Said]]:
    encoding = source.encoding
    rng = random_stream(source.protocol.name, cell.task, "chance", cell.seed)
    tokens = encoding.symbols if encoding.single else encoding.outputs  # an int output has no blanks to guess

    def say(test: Probe) -> list[_Said]:
        drawn = rng.integers(tokens, size=(len(test.pairs), encoding.slots(test.length))).tolist()
        wanted = [source.slots_of(items) for items, _ in test.pairs]
        return [_Said(encoding.decode(slots), slots == want) for slots, want in zip(drawn, wanted, strict=True)]

    return say


# ---- Scores ---------------------------------------------------------------------------------------------------------


def _scores(
    tests: Sequence[Probe],
    say: Callable[[Probe], list[_Said]],
    key: tuple[str, str, int],
    *,
    seen: Iterable[bytes] = (),
    encode: Callable[[Sequence[int]], list[int]] | None = None,
) -> tuple[tuple[LengthScore, ...], tuple[Answered, ...]]:
    """Results at each length, and a few answers for people to look at (of the same inputs for every learner)."""
    rng = random_stream("token accuracy", *key)
    met = frozenset(seen)
    scores: list[LengthScore] = []
    answers: list[Answered] = []
    for test in tests:
        said = say(test) if test.pairs else []
        truths = [_as_items(truth) for _, truth in test.pairs]
        close = [agreement(t, s.items) if s.items is not None else 0.0 for t, s in zip(truths, said, strict=True)]
        tokens = bootstrap_mean(close, rng) if close else None
        rights = [s.right for s in said]
        tokenised = [encode(items) for items, _ in test.pairs] if encode is not None else []
        scores.append(
            LengthScore(
                length=test.length,
                right=sum(rights),
                total=len(rights),
                bits=pack_bits(rights),
                tokens=None if tokens is None else _rounded(tokens),
                removed=test.removed,
                possible=test.possible,
                overlap=sum(np.array(row, dtype=np.int64).tobytes() in met for row in tokenised),
            )
        )
        if test.length <= _SHOWN_LENGTH:
            shown = list(zip(test.pairs, truths, said, strict=True))[:_SHOWN_ANSWERS]
            answers += [
                Answered(test.length, items, truth, s.items, s.right, s.confidence) for (items, _), truth, s in shown
            ]
    return tuple(scores), tuple(answers)


def _rounded(estimate: Estimate) -> tuple[float, float, float]:
    return round(estimate.value, 4), round(estimate.low, 4), round(estimate.high, 4)


def _nothing_said(tests: Sequence[Probe]) -> tuple[LengthScore, ...]:
    """The results of a learner without a program: wrong on every input (rule F11)."""
    return tuple(
        LengthScore(t.length, 0, len(t.pairs), "0", (0.0, 0.0, 0.0) if t.pairs else None, t.removed, t.possible)
        for t in tests
    )


def _as_items(value: object) -> tuple[int | None, ...]:
    """The items of an output: those of a list, or the one int."""
    return value if isinstance(value, tuple) else (value,)
