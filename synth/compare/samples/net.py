"""A net as a learner of the protocol `samples`: trained on so many examples, tested in every region."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synth.compare.axis import Point
from synth.compare.programs import hash_examples
from synth.compare.protocol import TRAINED_ENOUGH, Effort
from synth.compare.records import Answered, Cell, DataUsed, Outcome, Run, Score
from synth.compare.samples.source import SampleSource, answers_by_length, as_rows
from synth.compare.scoring import Probe, Said, hash_tests, score_answers
from synth.compare.tokens.encoding import Encoding
from synth.compare.tokens.net import MakeNet

if TYPE_CHECKING:
    from torch.nn import Module

__all__ = ["CODE", "SampleNet"]

CODE = ("synth.compare.training:train", "synth.compare.samples.training:fit")
"""The recipe that all these nets share, for the prior ledger."""


@dataclass(frozen=True)
class SampleNet:
    """A deep net: how to make one, its peak learning rate and weight decay.

    It is tested in the state that does best on a tenth of its examples; what the state that does best at `headline`
    would have scored is told beside it (rule F5). `patience` is after which share of its steps without getting better
    training ends.
    """

    make: MakeNet
    learning_rate: float
    weight_decay: float
    headline: Point
    patience: float = 0.3

    def __call__(self, source: SampleSource, effort: Effort, cell: Cell) -> Run:
        """Train on the examples, choose a state, test."""
        from synth.compare.samples.training import fit  # imports torch

        assert cell.size is not None, "how many examples is what is asked here"
        encoding, steps = source.encoding, effort.steps_of(cell.task, cell.learner)
        examples = source.shown(cell.seed, cell.size)
        found = fit(
            lambda: self.make(encoding.symbols, encoding.outputs),
            as_rows(examples),
            encoding,
            steps=steps,
            batch=effort.batch,
            patience=round(self.patience * steps),
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            rng=source.stream(f"{cell.learner} {cell.size}", cell.seed),
            device=effort.device,
        )
        started = time.process_time()
        probes = source.tests(cell.seed, effort.tests)
        headline = [probe for probe in probes if probe.point == self.headline]

        def at_headline(net: Module) -> float:
            scores, _ = score_answers(headline, _Says(net, encoding), source.marking, cell.key)
            return scores[0].count.share

        def test(net: Module) -> tuple[tuple[Score, ...], tuple[Answered, ...]]:
            return score_answers(probes, _Says(net, encoding), source.marking, cell.key)

        peeked = max(found.states, key=lambda state: at_headline(found.at(state)))
        peeked_scores, _ = test(found.at(peeked))
        scores, answers = test(found.at(found.chosen))
        outcome: Outcome = "trained" if found.own.share >= TRAINED_ENOUGH else "under-trained"
        return Run.of(
            cell,
            outcome,
            scores=scores,
            answers=answers,
            peeked=peeked_scores,
            data=DataUsed(hash_examples(examples), len(examples), hash_tests(probes), encoding=source.encoding_name),
            fit=found.own,
            cpu_seconds=round(found.trained.cpu_seconds, 3),
            test_cpu_seconds=round(time.process_time() - started, 3),
            parameters=found.trained.parameters,
            steps=found.trained.steps,
            stop="held-out examples got no better" if found.trained.steps < steps else None,
            details={"state": found.chosen.step, "peeked state": peeked.step},
        )


@dataclass(frozen=True)
class _Says:
    """What a net answers, in the state that it is in when asked."""

    net: Module
    encoding: Encoding

    def __call__(self, probe: Probe) -> list[Said]:
        return answers_by_length(probe, self.same_length)

    def same_length(self, inputs: Sequence[tuple[int, ...]]) -> list[Said]:
        """Answers to inputs of one length."""
        from synth.compare.tokens.training import predict  # imports torch

        rows = np.array([self.encoding.encode_input(items) for items in inputs], dtype=np.int64)
        predicted = predict(self.net, rows, self.encoding.slots(rows.shape[1]))
        return [
            Said(self.encoding.decode(slots), round(float(sure), 4))
            for slots, sure in zip(predicted.slots.tolist(), predicted.confidence, strict=True)
        ]
