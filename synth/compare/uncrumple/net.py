"""Nets that read points, as learners: trained on what is shown, tested in each region, and looked into."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from synth.compare.metrics import Count
from synth.compare.protocol import TRAINED_ENOUGH, Effort
from synth.compare.records import Answered, Cell, DataUsed, Outcome, Run, Score
from synth.compare.scoring import Arguments, Probe, Said, hash_tests, score_answers
from synth.compare.streams import random_stream
from synth.compare.uncrumple.shapes import REGIONS
from synth.compare.uncrumple.source import PROTOCOL_NAME, PointSource, as_array

if TYPE_CHECKING:
    from torch.nn import Module

__all__ = ["CODE", "MakePointNet", "PointNet"]

MakePointNet: TypeAlias = "Callable[[int], Module]"
"""From the number of coordinates to a fresh net with one output, above zero for the second colour."""

CODE = ("synth.compare.training:train", "synth.compare.uncrumple.training:train_on_points")
"""The recipe that all these nets share, for the prior ledger."""

_VALIDATION = 1_000
"""Fresh points by which a checkpoint is chosen."""
_FIT_SEEN = 2_000
"""Most examples on which it is seen whether a net fits what it was shown."""


@dataclass(frozen=True)
class PointNet:
    """A deep net: how to make one, and its peak learning rate.

    Of its `checkpoints` the one counts that does best on fresh points inside; the one that does best at `headline` is
    told beside it (rule F5). A net is *trained* where it fits the examples it was shown (rule F6). With `raw` it gets
    coordinates as they are, else centred and scaled to a spread of 1. On shapes of the
    families `drawn` the first seed keeps how grid lines move through it.
    """

    make: MakePointNet
    learning_rate: float
    headline: str
    raw: bool = False
    drawn: tuple[str, ...] = ()
    checkpoints: int = 3

    def __call__(self, source: PointSource, effort: Effort, cell: Cell) -> Run:
        """Train, choose a checkpoint, see whether it fits, test, look into it."""
        from synth.compare.uncrumple.looking import look_into  # these import torch
        from synth.compare.uncrumple.training import says, train_on_points

        shown = source.shown(cell.seed, cell.size)
        stream = random_stream(PROTOCOL_NAME, cell.task, cell.learner, cell.size, "init", cell.seed)
        trained = train_on_points(
            self.make,
            shown,
            steps=effort.steps_of(cell.task, cell.learner),
            batch=effort.batch,
            learning_rate=self.learning_rate,
            seed=int(stream.integers(2**31)),
            raw=self.raw,
            checkpoints=self.checkpoints,
            device=effort.device,
        )
        started = time.process_time()
        probes = source.tests(cell.seed, effort.tests)
        met = {arguments for arguments, _ in shown.pairs()}

        def say(probe: Probe) -> list[Said]:
            return [Said(share >= 0.5, round(max(share, 1 - share), 4)) for share in says(trained.net, as_array(probe))]

        def test() -> tuple[tuple[Score, ...], tuple[Answered, ...]]:
            return score_answers(probes, say, source.marking, cell.key, shown=REGIONS, met=met.__contains__)

        def right(pairs: tuple[tuple[Arguments, object], ...]) -> Count:
            answers = say(Probe("inside", pairs))
            return Count(sum(s.value is colour for s, (_, colour) in zip(answers, pairs, strict=True)), len(pairs))

        headline = next(probe.pairs for probe in probes if probe.point == self.headline)
        validation = source.points("validation", cell.seed, _VALIDATION).pairs()
        trained.best(lambda net: right(headline).share)
        peeked, _ = test()
        chosen, _ = trained.best(lambda net: right(validation).share)
        scores, answers = test()
        fit = right(shown.first(_FIT_SEEN).pairs())
        outcome: Outcome = "trained" if fit.share >= TRAINED_ENOUGH else "under-trained"
        largest = cell.size in (None, max((size for size in effort.sizes_of(cell.learner) if size), default=None))
        looked = look_into(trained.net, source, cell.seed, frames=self._is_drawn(cell)) if largest else {}
        return Run.of(
            cell,
            outcome,
            scores=scores,
            answers=answers,
            peeked=peeked,
            data=DataUsed(
                source.digest_of(shown), len(shown.colours), hash_tests(probes), encoding=source.encoding_name
            ),
            fit=fit,
            cpu_seconds=round(trained.cpu_seconds, 3),
            test_cpu_seconds=round(time.process_time() - started, 3),
            parameters=trained.parameters,
            steps=trained.steps,
            details={"checkpoint": chosen.step, **looked},
        )

    def _is_drawn(self, cell: Cell) -> bool:
        return cell.seed == 0 and cell.task.rpartition("_")[0] in self.drawn
