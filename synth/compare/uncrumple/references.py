"""Rows to read the others by: the rule itself, a guess, the nearest example, and a support vector machine."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synth.compare.protocol import Effort
from synth.compare.records import Cell, DataUsed, Run
from synth.compare.scoring import Probe, Said, hash_tests, score_answers
from synth.compare.uncrumple.shapes import REGIONS
from synth.compare.uncrumple.source import Points, PointSource, as_array

if TYPE_CHECKING:
    from sklearn.base import ClassifierMixin

__all__ = ["Fitted", "guess", "know", "nearest_example", "support_vectors"]


def know(source: PointSource, effort: Effort, cell: Cell) -> Run:
    """The oracle: it undoes the folds and reads the rule off the flat sheet."""
    shape = source.shape(cell.seed)

    def say(probe: Probe) -> list[Said]:
        return [Said(colour) for colour in shape.colour(shape.flat(as_array(probe))).tolist()]

    return _tested(source, effort, cell, say, DataUsed("", 0, "", encoding=source.encoding_name), 0.0)


def guess(source: PointSource, effort: Effort, cell: Cell) -> Run:
    """Chance: either colour, evenly."""
    rng = source.stream("chance", cell.seed)

    def say(probe: Probe) -> list[Said]:
        return [Said(bool(drawn)) for drawn in rng.integers(2, size=len(probe.pairs))]

    return _tested(source, effort, cell, say, DataUsed("", 0, "", encoding=source.encoding_name), 0.0)


@dataclass(frozen=True)
class Fitted:
    """A classical method, fitted to the shown points; `choose` gives it, unfitted, for these points."""

    choose: Callable[[Points], ClassifierMixin]

    def __call__(self, source: PointSource, effort: Effort, cell: Cell) -> Run:
        """Fit and test; where only one colour was shown, that is the answer."""
        shown = source.shown(cell.seed, cell.size)
        started = time.process_time()
        only = shown.colours.all() or not shown.colours.any()
        model = None if only else self.choose(shown).fit(shown.points, shown.colours)
        spent = time.process_time() - started

        def say(probe: Probe) -> list[Said]:
            if model is None:
                return [Said(bool(shown.colours[0]))] * len(probe.pairs)
            return [Said(bool(colour)) for colour in model.predict(as_array(probe))]

        data = DataUsed(source.digest_of(shown), len(shown.colours), "", encoding=source.encoding_name)
        return _tested(source, effort, cell, say, data, spent)


def nearest_example(shown: Points) -> ClassifierMixin:
    """The colour of the nearest example."""
    from sklearn.neighbors import KNeighborsClassifier  # sklearn takes a second

    return KNeighborsClassifier(1)


_WIDTHS = (0.3, 3.0, 30.0, 300.0, 3_000.0)
_SOFTNESS = 100.0
_FOLDS = 3
_MOST = 2_000
"""Most examples by which the width is chosen."""


def support_vectors(shown: Points) -> ClassifierMixin:
    """A support vector machine with radial kernels, their width chosen by cross-validation on the shown points."""
    from sklearn.model_selection import cross_val_score  # sklearn takes a second
    from sklearn.svm import SVC

    known = shown.first(_MOST)
    fewest = min(int(known.colours.sum()), int((~known.colours).sum()))
    if fewest < _FOLDS:
        return SVC(C=_SOFTNESS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fold of few examples may be lopsided
        scores = [
            float(np.mean(cross_val_score(SVC(C=_SOFTNESS, gamma=gamma), known.points, known.colours, cv=_FOLDS)))
            for gamma in _WIDTHS
        ]
    return SVC(C=_SOFTNESS, gamma=_WIDTHS[int(np.argmax(scores))])


def _tested(
    source: PointSource,
    effort: Effort,
    cell: Cell,
    say: Callable[[Probe], list[Said]],
    data: DataUsed,
    spent: float,
) -> Run:
    probes = source.tests(cell.seed, effort.tests)
    scores, answers = score_answers(probes, say, source.marking, cell.key, shown=REGIONS)
    used = DataUsed(data.learned_from, data.examples, hash_tests(probes), encoding=data.encoding)
    return Run.of(cell, "reference", scores=scores, answers=answers, data=used, cpu_seconds=round(spent, 3))
