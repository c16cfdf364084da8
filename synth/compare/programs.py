"""The program side of any protocol whose tasks are pairs of inputs and outputs: search, verify, test, price."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from dsl.compiler import compile_program
from dsl.errors import UnknownNameError
from dsl.library import Library
from dsl.parser import parse
from dsl.program import Application, Lambda, Name, Program, Variable, names
from dsl.values import Failure, agree
from synth.budget import Budget, StopReason
from synth.compare.axis import Point
from synth.compare.metrics import Count
from synth.compare.protocol import Effort
from synth.compare.records import Cell, DataUsed, Run
from synth.compare.scoring import NOTHING, Marking, Probe, Said, hash_tests, nothing_said, score_answers
from synth.compare.streams import digest
from synth.pcfg import program_bits
from synth.solver import Preparing, Solver
from synth.verify import Verdict, verify
from tasks.task import Example, Task

__all__ = [
    "Oracle",
    "PairSource",
    "ProgramSearch",
    "answers_of",
    "hash_examples",
    "is_direct_hit",
    "reference_program",
]


class PairSource(Protocol):
    """What the program side asks of a task's data."""

    @property
    def task(self) -> Task:
        """The task, with its solution."""

    @property
    def reference(self) -> str | None:
        """A program over the words of the program side that is known to be right; no solver is shown it."""

    @property
    def encoding_name(self) -> str:
        """The form in which everyone is given inputs and outputs."""

    @property
    def marking(self) -> Marking:
        """How answers are marked."""

    def spec_task(self, seed: int, library: Library, size: int | None) -> Task:
        """The task as a solver gets it: the shown pairs, the words it may use, no solution."""

    def tests(self, seed: int, count: int) -> Sequence[Probe]:
        """The test pairs of every point, without what any learner is shown."""


@dataclass(frozen=True)
class ProgramSearch:
    """Runs a solver on the shown pairs and tests the program that it gives. `shown` are points whose answers are kept.

    `words` is what the program may be made of.
    """

    words: Callable[[], Library]
    make_solver: Callable[[], Solver]
    shown: tuple[Point, ...] = ()

    def __call__(self, source: PairSource, effort: Effort, cell: Cell) -> Run:
        """Search over the shown pairs, verify from text, test. Compiling beforehand is not counted."""
        probes = source.tests(cell.seed, effort.tests)
        task = source.spec_task(cell.seed, self.words(), cell.size)
        solver = self.make_solver()
        if isinstance(solver, Preparing):  # compiling is done once on a machine; no search pays for it
            solver.prepare(task.library)
        started = time.process_time()
        answer = solver.solve(
            task.spec, Budget(effort.evaluations, effort.seconds), rng=random.Random(f"{cell.seed}:{cell.task}")
        )
        learned = time.process_time() - started
        if answer.stop is StopReason.INTERRUPTED:
            raise KeyboardInterrupt
        verdict = verify(task, answer)
        data = DataUsed(
            hash_examples(task.examples), len(task.examples), hash_tests(probes), encoding=source.encoding_name
        )
        found = Run.of(
            cell,
            "no program in time",
            scores=nothing_said(probes, source.marking),
            data=data,
            fit=_fit(task, verdict),
            cpu_seconds=round(learned, 3),
            evaluations=answer.evaluations,
            stop=answer.stop.value,
            bits=answer.bits,
            reference_bits=_reference_bits(source, task),
            message=answer.message,
        )
        if verdict.program is None or not verdict.fits:
            return found
        return self._judge(found, source, task, verdict, probes)

    def _judge(self, found: Run, source: PairSource, task: Task, verdict: Verdict, probes: Sequence[Probe]) -> Run:
        """The run of a program that fits the shown pairs: what it is, and whether it is right elsewhere."""
        assert verdict.program is not None
        started = time.process_time()
        say = answers_of(verdict.program, task.library)
        scores, answers = score_answers(probes, say, source.marking, found.key, shown=self.shown)
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


@dataclass(frozen=True)
class Oracle:
    """The reference row that knows: it runs the task's own solution."""

    shown: tuple[Point, ...] = ()

    def __call__(self, source: PairSource, effort: Effort, cell: Cell) -> Run:
        """Test the task's own solution."""
        probes = source.tests(cell.seed, effort.tests)
        assert source.task.solution is not None, "an oracle needs a task with a solution"
        say = answers_of(source.task.solution, source.task.library)
        scores, answers = score_answers(probes, say, source.marking, cell.key, shown=self.shown)
        data = DataUsed("", 0, hash_tests(probes), encoding=source.encoding_name)
        return Run.of(cell, "reference", scores=scores, answers=answers, data=data, program="the task's own solution")


def answers_of(program: Program, library: Library) -> Callable[[Probe], list[Said]]:
    """What a program says to the inputs of a probe."""
    run = compile_program(program, library)

    def say(probe: Probe) -> list[Said]:
        outcomes = [run(arguments) for arguments, _ in probe.pairs]
        return [Said(NOTHING if isinstance(outcome, Failure) else outcome) for outcome in outcomes]

    return say


def hash_examples(examples: Sequence[Example]) -> str:
    """The content hash of shown pairs."""
    return digest([[example.arguments, example.output] for example in examples])


def _fit(task: Task, verdict: Verdict) -> Count:
    """On how many of the shown pairs a program is right; none, where there is no program."""
    judged = zip(verdict.outcomes, task.examples, strict=False)
    right = sum(not isinstance(outcome, Failure) and agree(outcome, example.output) for outcome, example in judged)
    return Count(right, len(task.examples))


def _reference_bits(source: PairSource, task: Task) -> float | None:
    """Description length of the cheapest program known to be right, as the search would price it; None without one.

    That is the protocol's reference, and the task's own solution; each where the solver has all its words, which an
    ablation may have left out.
    """
    known: list[Program] = []
    if source.reference is not None:
        with suppress(UnknownNameError):
            known.append(reference_program(source.reference, task))
    own = source.task.solution
    if isinstance(own, Lambda) and set(names(own)) <= set(task.library.entries):
        known.append(own)
    priced = (program_bits(program, task.spec) for program in known)
    return min((bits for bits in priced if bits is not None), default=None)


def reference_program(text: str, task: Task) -> Lambda:
    """A program for a task from its text, over the words of the task's library."""
    variables = dict(zip(task.parameters, task.type_request.parameters, strict=True))
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
