"""Reference rows of the protocol `samples`: the nearest example, and boosted trees on lists of fixed size."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synth.compare.programs import hash_examples
from synth.compare.protocol import Effort
from synth.compare.records import Cell, DataUsed, Run
from synth.compare.samples.source import SampleSource, answers_by_length, as_rows, items_of
from synth.compare.scoring import NOTHING, Probe, Said, hash_tests, score_answers
from synth.compare.tokens.encoding import Encoding
from synth.compare.tokens.source import Items

__all__ = ["BoostedTrees", "Nearest", "distances", "guess"]

_WIDTH = 10
"""Lists are padded to this length for learners that want a fixed number of inputs."""


def _tested(
    source: SampleSource, effort: Effort, cell: Cell, say: Callable[[Probe], Sequence[Said]], started: float
) -> Run:
    """The run of a reference row, tested like everyone."""
    assert cell.size is not None
    learned = time.process_time() - started
    probes, examples = source.tests(cell.seed, effort.tests), source.shown(cell.seed, cell.size)
    started = time.process_time()
    scores, answers = score_answers(probes, say, source.marking, cell.key)
    data = DataUsed(hash_examples(examples), len(examples), hash_tests(probes), encoding=source.encoding_name)
    return Run.of(
        cell,
        "reference",
        scores=scores,
        answers=answers,
        data=data,
        cpu_seconds=round(learned, 3),
        test_cpu_seconds=round(time.process_time() - started, 3),
    )


@dataclass(frozen=True)
class Nearest:
    """One nearest neighbour by edit distance (Levenshtein 1966): the answer of the example that is most like it.

    Of equals, the one that came first.
    """

    def __call__(self, source: SampleSource, effort: Effort, cell: Cell) -> Run:
        """Learn nothing, test."""
        assert cell.size is not None
        rows = as_rows(source.shown(cell.seed, cell.size))
        known = _padded([items for items, _ in rows])
        lengths = np.array([len(items) for items, _ in rows])

        def say(probe: Probe) -> list[Said]:
            asked = [items_of(arguments[0]) for arguments, _ in probe.pairs]
            return [Said(rows[int(np.argmin(distances(items, known, lengths)))][1]) for items in asked]

        return _tested(source, effort, cell, say, time.process_time())


def distances(items: Items, known: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Edit distances of one list from many, (K, W) padded lists of the given lengths: (K,).

    >>> distances((1, 2, 3), np.array([[1, 3, -1], [1, 2, 3], [4, 4, 4]]), np.array([2, 3, 3])).tolist()
    [1, 0, 3]
    """
    columns = np.ascontiguousarray(known.T)  # one item of all lists at a time
    row = np.repeat(np.arange(len(columns) + 1, dtype=np.int16)[:, None], len(known), axis=1)
    for above, item in enumerate(items, 1):
        fresh = np.empty_like(row)
        fresh[0] = above
        fresh[1:] = np.minimum(row[1:] + 1, row[:-1] + (columns != item))
        for place in range(1, len(fresh)):
            np.minimum(fresh[place], fresh[place - 1] + 1, out=fresh[place])
        row = fresh
    found: np.ndarray = row[lengths, np.arange(len(known))]
    return found


def _padded(lists: Sequence[Items], width: int | None = None) -> np.ndarray:
    """Lists of one width; what is not there is -1."""
    widest = max(map(len, lists)) if width is None else width
    return np.array([[*items, *[-1] * (widest - len(items))] for items in lists], dtype=np.int16)


@dataclass(frozen=True)
class BoostedTrees:
    """Gradient-boosted trees (Friedman 2001; scikit-learn's histogram version), one classifier a slot.

    They want a fixed number of inputs, so a list is its length and ten items or blanks, and on a longer list they have
    no answer. A slot that was the same in all examples is always filled like that.
    """

    iterations: int = 40

    def __call__(self, source: SampleSource, effort: Effort, cell: Cell) -> Run:
        """Fit a classifier a slot, test."""
        assert cell.size is not None
        started = time.process_time()
        encoding, rows = source.encoding, as_rows(source.shown(cell.seed, cell.size))
        slots = [encoding.encode_output(output, _WIDTH) for _, output in rows]
        wanted = np.array([one for one in slots if one is not None])
        features = _features([items for items, _ in rows])
        models = [self._fit(features, wanted[:, slot], cell.seed) for slot in range(_WIDTH)]

        def say(probe: Probe) -> list[Said]:
            return answers_by_length(probe, lambda inputs: _filled(models, inputs, encoding))

        return _tested(source, effort, cell, say, started)

    def _fit(self, features: np.ndarray, wanted: np.ndarray, seed: int) -> Any:
        from sklearn.dummy import DummyClassifier  # takes a second to load
        from sklearn.ensemble import HistGradientBoostingClassifier  # as above

        if len(set(wanted.tolist())) == 1:
            return DummyClassifier(strategy="most_frequent").fit(features, wanted)
        few = min(20, max(1, len(features) // 5))
        return HistGradientBoostingClassifier(
            max_iter=self.iterations, min_samples_leaf=few, early_stopping=False, random_state=seed
        ).fit(features, wanted)


def _features(lists: Sequence[Items]) -> np.ndarray:
    """(K, 1 + W): the length, the items, and -1 where there is none."""
    lengths = np.array([[len(items)] for items in lists])
    return np.hstack([lengths, _padded(lists, _WIDTH)])


def _filled(models: Sequence[Any], inputs: Sequence[Items], encoding: Encoding) -> list[Said]:
    """What the classifiers put into the slots of lists of one length; nothing for lists that are too long."""
    length = len(inputs[0])
    if length > _WIDTH:
        return [Said(NOTHING) for _ in inputs]
    features = _features(inputs)
    slots = np.stack([model.predict(features) for model in models[:length]], axis=1).tolist()
    return [Said(encoding.decode(row)) for row in slots]


def guess(source: SampleSource, effort: Effort, cell: Cell) -> Run:
    """Chance: every slot of every input filled with a token drawn evenly."""
    probes, encoding = source.tests(cell.seed, effort.tests), source.encoding
    rng = source.stream("chance", cell.seed)

    def say(probe: Probe) -> list[Said]:
        lengths = [len(items_of(arguments[0])) for arguments, _ in probe.pairs]
        return [Said(encoding.decode(rng.integers(encoding.outputs, size=n).tolist())) for n in lengths]

    scores, answers = score_answers(probes, say, source.marking, cell.key)
    return Run.of(
        cell,
        "reference",
        scores=scores,
        answers=answers,
        data=DataUsed("", 0, hash_tests(probes), encoding=source.encoding_name),
    )
