"""Nets that read tokens, as learners: trained on fresh batches, chosen by fresh inputs, tested at every length."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from synth.compare.axis import Point
from synth.compare.protocol import TRAINED_ENOUGH, Effort
from synth.compare.records import Answered, Cell, DataUsed, Outcome, Run, Score
from synth.compare.scoring import Arguments, Probe, Said, hash_tests, score_answers
from synth.compare.streams import random_stream
from synth.compare.tokens.encoding import Encoding
from synth.compare.tokens.source import Items, ListSource

if TYPE_CHECKING:
    from torch.nn import Module

    from synth.compare.tokens.training import TrainedNet

__all__ = ["CODE", "Guessing", "MakeNet", "TokenNet", "answers_of_net"]

MakeNet: TypeAlias = "Callable[[int, int], Module]"
"""From the numbers of input and of output tokens to a fresh net; called as `net(tokens, slots)`."""

CODE = ("synth.compare.training:train", "synth.compare.tokens.training:train_on_tokens")
"""The recipe that all these nets share, for the prior ledger."""

_TRAINING_CHECK = 100
"""Fresh inputs of each trained length on which it is seen whether a net has learned."""


@dataclass(frozen=True)
class TokenNet:
    """A deep net: how to make one, and its peak learning rate.

    Of its `checkpoints` the one counts that does best on fresh inputs of the training lengths; what the one would have
    scored that does best at `headline` is told beside it (rule F5). Answers are kept at `shown`. With `lengths` it is
    trained, chosen and judged on these lengths only, not on all of the data's.
    """

    make: MakeNet
    learning_rate: float
    headline: Point
    shown: tuple[Point, ...] = ()
    checkpoints: int = 3
    lengths: tuple[int, ...] = ()

    def __call__(self, source: ListSource, effort: Effort, cell: Cell) -> Run:
        """Train, choose a checkpoint, see whether it fits, test."""
        from synth.compare.tokens.training import exact_matches, train_on_tokens  # imports torch

        stream = random_stream(source.data.protocol, cell.task, cell.learner, "init", cell.seed)
        encoding = source.encoding
        found = train_on_tokens(
            lambda: self.make(encoding.symbols, encoding.outputs),
            source.batches(cell.seed, effort, self.lengths),
            steps=effort.steps_of(cell.task, cell.learner),
            learning_rate=self.learning_rate,
            seed=int(stream.integers(2**31)),
            checkpoints=self.checkpoints,
            device=effort.device,
        )
        started = time.process_time()
        probes = source.tests(cell.seed, effort.tests)
        headline = next(probe for probe in probes if probe.point == self.headline)
        say = answers_of_net(encoding, found.net)

        def at_headline(net: object) -> float:
            return score_answers([headline], say, source.marking, cell.key)[0][0].count.share

        peeked_at, _ = found.trained.best(at_headline)
        peeked, _ = self._test(source, found, cell, probes, say)
        validation = source.training_sample(cell.seed, _TRAINING_CHECK, "validation", self.lengths)
        chosen, _ = found.trained.best(lambda net: exact_matches(net, validation).share)
        scores, answers = self._test(source, found, cell, probes, say)
        fit = exact_matches(found.net, source.training_sample(cell.seed, _TRAINING_CHECK, lengths=self.lengths))
        outcome: Outcome = "trained" if fit.share >= TRAINED_ENOUGH else "under-trained"
        return Run.of(
            cell,
            outcome,
            scores=scores,
            answers=answers,
            peeked=scores if chosen is peeked_at else peeked,
            data=DataUsed(found.trained_on, None, hash_tests(probes), encoding=source.encoding_name),
            fit=fit,
            cpu_seconds=round(found.trained.cpu_seconds, 3),
            test_cpu_seconds=round(time.process_time() - started, 3),
            parameters=found.trained.parameters,
            steps=found.trained.steps,
            details={"checkpoint": chosen.step, "peeked checkpoint": peeked_at.step},
        )

    def _test(
        self,
        source: ListSource,
        found: TrainedNet,
        cell: Cell,
        probes: Sequence[Probe],
        say: Callable[[Probe], list[Said]],
    ) -> tuple[tuple[Score, ...], tuple[Answered, ...]]:
        def met(arguments: Arguments) -> bool:
            return np.array(source.encoding.encode_input(_items(arguments)), dtype=np.int64).tobytes() in found.seen

        return score_answers(probes, say, source.marking, cell.key, shown=self.shown, met=met)


def answers_of_net(encoding: Encoding, net: Module) -> Callable[[Probe], list[Said]]:
    """What a net says, in the state that it is in when asked."""
    from synth.compare.tokens.training import predict  # imports torch

    def say(probe: Probe) -> list[Said]:
        rows = [encoding.encode_input(_items(arguments)) for arguments, _ in probe.pairs]
        predicted = predict(net, np.array(rows, dtype=np.int64), encoding.slots(len(rows[0])))
        return [
            Said(encoding.decode(slots), round(float(sure), 4))
            for slots, sure in zip(predicted.slots.tolist(), predicted.confidence, strict=True)
        ]

    return say


def _items(arguments: Arguments) -> Items:
    (items,) = arguments
    assert isinstance(items, tuple)
    return items


@dataclass(frozen=True)
class Guessing:
    """The reference row that knows nothing: it fills every slot with a token drawn evenly."""

    shown: tuple[Point, ...] = ()

    def __call__(self, source: ListSource, effort: Effort, cell: Cell) -> Run:
        """Test guesses."""
        probes = source.tests(cell.seed, effort.tests)
        encoding = source.encoding
        rng = source.stream("chance", cell.seed)
        tokens = encoding.symbols if encoding.single else encoding.outputs  # an int output has no blanks to guess

        def say(probe: Probe) -> list[Said]:
            slots = encoding.slots(len(_items(probe.pairs[0][0])))
            drawn = rng.integers(tokens, size=(len(probe.pairs), slots)).tolist()
            return [Said(encoding.decode(row)) for row in drawn]

        scores, answers = score_answers(probes, say, source.marking, cell.key, shown=self.shown)
        data = DataUsed("", 0, hash_tests(probes), encoding=source.encoding_name)
        return Run.of(cell, "reference", scores=scores, answers=answers, data=data)
