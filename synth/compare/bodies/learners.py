"""The bodies as learners: weights compiled, trained from examples, trained on traces, compiled and trained on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from synth.compare.axis import Point
from synth.compare.bodies.lessons import Lessons
from synth.compare.bodies.machine import Machine, NotFiniteError
from synth.compare.bodies.source import BodySource
from synth.compare.metrics import Count
from synth.compare.programs import ProgramSearch, hash_examples, reference_program
from synth.compare.protocol import TRAINED_ENOUGH, Effort
from synth.compare.records import Cell, DataUsed, Outcome, Run
from synth.compare.scoring import Arguments, hash_tests, nothing_said, score_answers
from synth.compare.streams import random_stream
from synth.compare.tokens.net import answers_of_net
from synth.compare.tokens.source import Batch

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    from synth.compare.training import Trained

__all__ = ["CODE", "Body", "CompiledBody", "TrainedBody"]

CODE = ("synth.compare.training:train", "synth.compare.tokens.training:slot_loss", "synth.nets.elman:Elman")
"""What all bodies share, for the prior ledger."""

Body: TypeAlias = Literal["fresh", "traced", "compiled"]
"""What training starts from: random weights; random ones, with the program's states as targets; compiled ones."""

_CHECK = 100
"""Fresh inputs of each trained length on which it is seen whether a net has learned."""
_LONG = 10
"""Inputs of the greatest length on which every state of a compiled net is looked at."""


@dataclass(frozen=True)
class CompiledBody:
    """Compiles a program into weights: the one that the search finds, where it is the right machine.

    Where nothing is found, or something that is wrong or no finite machine, it compiles the program that is known to be
    right: what is asked here is whether there are such weights, and the program side's own row says what was found.
    """

    search: ProgramSearch
    shown: tuple[Point, ...] = ()

    def __call__(self, source: BodySource, effort: Effort, cell: Cell) -> Run:
        """Search, compile, look at every state, test."""
        started = time.process_time()
        machine, of = self._machine(source, effort, cell)
        probes = source.tests(cell.seed, effort.tests)
        shown = source.lists.shown(cell.seed, cell.size)
        data = DataUsed(hash_examples(shown), len(shown), hash_tests(probes), encoding=source.encoding_name)
        if isinstance(machine, str):
            return Run.of(
                cell,
                "no program in time",
                scores=nothing_said(probes, source.marking),
                data=data,
                cpu_seconds=round(time.process_time() - started, 3),
                message=f"not compiled: {machine}",
            )
        from synth.compare.bodies.nets import compiled_net, is_exact  # imports torch
        from synth.compare.training import one_thread

        one_thread()
        net = compiled_net(source, machine).eval()
        learned = time.process_time() - started
        longest = probes[-1]
        rows = np.array([arguments[0] for arguments, _ in longest.pairs[:_LONG]], dtype=np.int64)
        low = source.lists.encoding.low
        exact = is_exact(net, machine, rows - low, low)
        scores, answers = score_answers(
            probes, answers_of_net(source.lists.encoding, net), source.marking, cell.key, shown=self.shown
        )
        return Run.of(
            cell,
            "correct" if all(score.right == score.total for score in scores) else "fits examples but wrong",
            scores=scores,
            answers=answers,
            data=data,
            fit=_fit(source, net, cell),
            cpu_seconds=round(learned, 3) + 0.001,
            test_cpu_seconds=round(time.process_time() - started - learned, 3),
            parameters=sum(p.numel() for p in net.parameters()),
            message=f"weights of {of}; every state {'' if exact else 'not '}exact to length {longest.point}",
            details={
                "states": len(machine.outputs),
                "units": 1 + len(machine.transitions),
                "weights of": of,
                "exact": exact,
            },
        )

    def _machine(self, source: BodySource, effort: Effort, cell: Cell) -> tuple[Machine | str, str]:
        """The machine to compile, or why there is none, and which program it is of."""
        known = source.known
        found = self.search(source, effort, cell)
        if found.program is None or isinstance(known, str):
            return known, "the known program, as none was found"
        task = source.spec_task(cell.seed, self.search.words(), cell.size)
        try:
            learned = source.machine_of(reference_program(found.program, task))
        except NotFiniteError as error:
            return known, f"the known program, as the one found is no such machine ({error})"
        if learned == known:
            return learned, "the learned program"
        return known, "the known program, as the one found does something else on some input"


@dataclass(frozen=True)
class TrainedBody:
    """Trains a body, from `cell.size` examples or, where that is not counted, from fresh ones without end.

    Of its checkpoints the one counts that does best on fresh inputs of the training lengths; what the one would have
    scored that does best at `headline` is told beside it (rule F5).
    """

    body: Body
    learning_rate: float
    headline: Point
    shown: tuple[Point, ...] = ()
    checkpoints: int = 3

    def __call__(self, source: BodySource, effort: Effort, cell: Cell) -> Run:
        """Train, choose a checkpoint, see whether it fits, test."""
        known = source.known
        probes = source.tests(cell.seed, effort.tests)
        if isinstance(known, str) and self.body != "fresh":
            data = DataUsed(f"nothing, seed {cell.seed}", 0, hash_tests(probes), encoding=source.encoding_name)
            scores = nothing_said(probes, source.marking)
            return Run.of(
                cell,
                "under-trained",
                scores=scores,
                peeked=scores,
                data=data,
                fit=Count(0, _CHECK),
                cpu_seconds=0.001,
                steps=0,
                stop="no machine",
                message=f"not run, as there is nothing to start from: {known}",
            )
        lessons = Lessons(source.lists, cell.seed, cell.size) if cell.size is not None else None
        noted = _Noted(lessons.batches(cell.seed, effort) if lessons else source.lists.batches(cell.seed, effort))
        trained = self._train(source, known, effort, cell, noted)
        started = time.process_time()
        say = answers_of_net(source.lists.encoding, trained.net)
        headline = next(probe for probe in probes if probe.point == self.headline)
        met = noted.has(source.lists.encoding.low)

        def tested() -> Run:
            scores, answers = score_answers(probes, say, source.marking, cell.key, shown=self.shown, met=met)
            return Run.of(cell, "trained", scores=scores, answers=answers)

        peeked_at, _ = trained.best(
            lambda net: score_answers([headline], say, source.marking, cell.key)[0][0].count.share
        )
        peeked = tested()
        chosen, _ = trained.best(lambda net: _fit(source, net, cell, "validation").share)
        run = peeked if chosen is peeked_at else tested()
        fit = _fit(source, trained.net, cell)
        outcome: Outcome = "trained" if fit.share >= TRAINED_ENOUGH else "under-trained"
        learned_from = lessons.fingerprint if lessons else noted.fingerprint
        return replace(
            run,
            outcome=outcome,
            peeked=peeked.scores,
            data=DataUsed(learned_from, cell.size, hash_tests(probes), encoding=source.encoding_name),
            fit=fit,
            cpu_seconds=round(trained.cpu_seconds, 3),
            test_cpu_seconds=round(time.process_time() - started, 3),
            parameters=trained.parameters,
            steps=trained.steps,
            details={"checkpoint": chosen.step, "peeked checkpoint": peeked_at.step},
        )

    def _train(self, source: BodySource, known: Machine | str, effort: Effort, cell: Cell, batches: _Noted) -> Trained:
        from synth.compare.tokens.training import slot_loss  # imports torch
        from synth.compare.training import one_thread, train

        make, loss = _body(self.body, source, known)
        one_thread()
        stream = random_stream(source.lists.data.protocol, cell.task, cell.learner, "init", cell.seed)
        return train(
            make,
            batches.noting(),
            loss or slot_loss,
            steps=effort.steps_of(cell.task, cell.learner),
            learning_rate=self.learning_rate,
            seed=int(stream.integers(2**31)),
            checkpoints=self.checkpoints,
            device=effort.device,
        )


def _body(
    body: Body, source: BodySource, known: Machine | str
) -> tuple[Callable[[], Module], Callable[[Module, Batch], Tensor] | None]:
    """How a body is made, and its loss where it is not that of the outputs alone."""
    from synth.compare.bodies.nets import Traced, compiled_net, fresh_net, trace_loss  # imports torch

    if body == "fresh":
        return lambda: fresh_net(source), None
    assert isinstance(known, Machine), "the other bodies have a machine to start from"
    if body == "compiled":
        return lambda: compiled_net(source, known), None
    loss = trace_loss(known, source.lists.encoding.low)
    return lambda: Traced(fresh_net(source), len(known.outputs)), loss


class _Noted:
    """Batches, and what was in those that were taken."""

    def __init__(self, batches: Iterator[tuple[Batch, ...]]) -> None:
        self._batches = batches
        self._hash = hashlib.sha256()
        self._seen: set[bytes] = set()

    def noting(self) -> Iterator[Sequence[Batch]]:
        """The batches; each is noted as it is taken."""
        for groups in self._batches:
            for batch in groups:
                self._hash.update(batch.inputs.tobytes())
                self._seen.update(row.tobytes() for row in batch.inputs)
            yield groups

    @property
    def fingerprint(self) -> str:
        """A content hash of all inputs that were taken."""
        return self._hash.hexdigest()[:16]

    def has(self, low: int) -> Callable[[Arguments], bool]:
        """Whether an input was among them, as a function."""
        return lambda arguments: (np.array(arguments[0], dtype=np.int64) - low).tobytes() in self._seen


def _fit(source: BodySource, net: Module, cell: Cell, purpose: str = "train-check") -> Count:
    """Exact match on fresh inputs of the training lengths."""
    from synth.compare.tokens.training import exact_matches  # imports torch

    return exact_matches(net, source.lists.training_sample(cell.seed, _CHECK, purpose))
