"""What one learner did on one task with one seed: a run, as one JSON line that can be read back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, TypeAlias

from synth.compare.axis import Point
from synth.compare.metrics import Count, Estimate

__all__ = [
    "FAILED",
    "FORMAT",
    "Answered",
    "Cell",
    "DataUsed",
    "DivergenceError",
    "Outcome",
    "Run",
    "RunKey",
    "Score",
    "Side",
    "pack_bits",
    "unpack_bits",
]

FORMAT = 2
"""Version of the lines of `runs.jsonl`."""

Side: TypeAlias = Literal["program", "net", "same-prior net", "hybrid", "reference"]
"""Learned programs; pure nets; nets that are given what the program side knows; both together; fixed points to read by.
"""

Outcome: TypeAlias = Literal[
    "correct",
    "fits examples but wrong",
    "no program in time",
    "trained",
    "under-trained",
    "reference",
    "diverged",
    "out of memory",
    "crash",
]
"""How a run ended. Of a program only `correct` counts as right everywhere; an `under-trained` net supports no claim.

A net that `diverged` or ran out of memory is a failure of that learner; a `crash` is a bug.
"""

FAILED: frozenset[Outcome] = frozenset({"diverged", "out of memory", "crash"})
"""Outcomes without results; they count as wrong everywhere (rule F11)."""

RunKey: TypeAlias = tuple[str, str, int, int | None]
"""Task, learner, seed, and from how many examples."""


class DivergenceError(Exception):
    """A learner's numbers have become infinite or none at all; the run says so, and counts as wrong."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What is to be run: a learner on a task with a seed, from `size` examples where that is counted."""

    task: str
    learner: str
    seed: int
    size: int | None = None

    @property
    def key(self) -> RunKey:
        """What tells its run from the others of a comparison."""
        return (self.task, self.learner, self.seed, self.size)


@dataclass(frozen=True, slots=True)
class Score:
    """Results at one test point: exact matches, which inputs they were (`bits`, hex), and how close answers were.

    `close` is a mean between 0 and 1 with its interval. `errors` are real-valued, one a test input, `inf` where there
    was no answer. `removed` test inputs were dropped because some learner is shown them; `possible` is how many inputs
    there are, where they can be counted; `overlap` counts test inputs that a net met in training.
    """

    point: Point
    right: int
    total: int
    bits: str
    close: tuple[float, float, float] | None = None
    errors: tuple[float, ...] | None = None
    removed: int = 0
    possible: int | None = None
    overlap: int = 0

    @property
    def count(self) -> Count:
        """Exact matches of test inputs."""
        return Count(self.right, self.total)

    @property
    def closeness(self) -> Estimate | None:
        """How close answers were, with an interval; None where nothing was tested."""
        return None if self.close is None else Estimate(*self.close, self.total, "bootstrap")

    @property
    def rights(self) -> list[bool]:
        """Which test inputs were right, in their order."""
        return unpack_bits(self.bits, self.total)


@dataclass(frozen=True, slots=True)
class DataUsed:
    """What a learner saw, by content hash. `examples` is how many, None for fresh batches without end.

    `queries` is how many unlabelled test inputs it was given beforehand; `encoding` the form in which it was given all
    of it. `prepared_on` is how many examples of other tasks it was prepared with (a meta-trained net).
    """

    learned_from: str
    examples: int | None
    tested_on: str
    queries: int = 0
    encoding: str = ""
    prepared_on: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """One test input with the truth and what the learner said, in parts; `confidence` (0 to 1) is a net's own."""

    point: Point
    input: str
    truth: tuple[str, ...]
    answer: tuple[str, ...] | None
    right: bool
    confidence: float | None = None


@dataclass(frozen=True)
class Run:
    """One artefact, trained or found or a reference row, and how it did.

    Costs: `cpu_seconds` of learning, `test_cpu_seconds` of testing, `prepared_cpu_seconds` of what was prepared once
    and is used by many runs, `process_cpu_seconds` of everything, as the system counts it, child processes too;
    `parameters` and `steps` of a net, `evaluations` of a search. `fit` is exact match on the training distribution: of
    a net, on fresh inputs, or on its own examples where their number is what is asked; of a program, on the pairs
    shown. `peeked` are the scores of the checkpoint that did best at the headline point, which nobody could have
    chosen: an upper bound (rule F5). `code_bits` is what one fresh example costs, told by what was learned.
    `identifiable` is False where no learner could have told the program found from the right one: it fits the pairs and
    is no longer than a right program.
    """

    task: str
    learner: str
    seed: int
    outcome: Outcome
    size: int | None = None
    side: Side = "net"
    manifest: str = ""
    scores: tuple[Score, ...] = ()
    data: DataUsed | None = None
    fit: Count | None = None
    cpu_seconds: float = 0.0
    test_cpu_seconds: float = 0.0
    prepared_cpu_seconds: float = 0.0
    process_cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    parameters: int | None = None
    steps: int | None = None
    evaluations: int | None = None
    stop: str | None = None
    peeked: tuple[Score, ...] = ()
    code_bits: float | None = None
    program: str | None = None
    words: tuple[str, ...] = ()
    bits: float | None = None
    reference_bits: float | None = None
    identifiable: bool | None = None
    direct_hit: bool = False
    threads: int = 1
    answers: tuple[Answered, ...] = ()
    message: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, cell: Cell, outcome: Outcome, **parts: Any) -> Run:
        """The run of a cell; the harness adds the side, the manifest and the clock."""
        return cls(cell.task, cell.learner, cell.seed, outcome, cell.size, **parts)

    @property
    def key(self) -> RunKey:
        """What tells this run from the others of a comparison."""
        return (self.task, self.learner, self.seed, self.size)

    @property
    def failed(self) -> bool:
        """Whether it ended without results."""
        return self.outcome in FAILED

    def score(self, point: Point) -> Score | None:
        """The results at a point; None where it was not tested."""
        return next((score for score in self.scores if score.point == point), None)

    def counts(self) -> dict[Point, Count]:
        """Exact matches by point."""
        return {score.point: score.count for score in self.scores}

    def over(self, points: Sequence[Point]) -> Count:
        """Exact matches over several points together."""
        return total_count(self.scores, points)

    def to_json(self) -> dict[str, object]:
        """The run as plain data; numbers are rounded to what their digits can mean."""
        values = asdict(self)
        for name in ("scores", "peeked"):
            values[name] = [_score_json(score) for score in getattr(self, name)]
        return {"format": FORMAT, **values}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Run:
        """A run read back. Raises KeyError, TypeError or ValueError for data that `to_json` did not make."""
        if not isinstance(line, dict):
            raise TypeError(f"expected an object, found {line!r}")
        values = {name: value for name, value in line.items() if name != "format"}
        if line["format"] != FORMAT:
            raise ValueError(f"expected a line of format {FORMAT}, found {line['format']!r}")
        values["scores"] = tuple(_score(score) for score in values["scores"])
        values["peeked"] = tuple(_score(score) for score in values["peeked"])
        values["answers"] = tuple(_answered(answered) for answered in values["answers"])
        values["words"] = tuple(values["words"])
        values["data"] = None if values["data"] is None else DataUsed(**values["data"])
        values["fit"] = None if values["fit"] is None else Count(**values["fit"])
        return cls(**values)


def total_count(scores: Iterable[Score], points: Sequence[Point]) -> Count:
    """Exact matches of some scores over several points together."""
    return sum((score.count for score in scores if score.point in points), Count(0, 0))


def _score_json(score: Score) -> dict[str, object]:
    """A score as plain data, without what is as it always is; JSON has no infinity, so that is null."""
    told = {f.name: getattr(score, f.name) for f in fields(score)}
    if score.errors is not None:
        told["errors"] = [error if math.isfinite(error) else None for error in score.errors]
    return {name: value for name, value in told.items() if name in _ALWAYS or value not in (None, 0)}


_ALWAYS = frozenset({"point", "right", "total", "bits"})


def _score(line: Mapping[str, Any]) -> Score:
    close, errors = line.get("close"), line.get("errors")
    read = {
        "close": None if close is None else tuple(close),
        "errors": None if errors is None else tuple(math.inf if error is None else error for error in errors),
    }
    return Score(**{**line, **read})


def _answered(line: Mapping[str, Any]) -> Answered:
    answer = line["answer"]
    read = {"truth": tuple(line["truth"]), "answer": None if answer is None else tuple(answer)}
    return Answered(**{**line, **read})


def pack_bits(rights: Sequence[bool]) -> str:
    """Truth values as hex digits, first one highest.

    >>> pack_bits([True, False, True]), unpack_bits("5", 3)
    ('5', [True, False, True])
    """
    return f"{int(''.join('01'[r] for r in rights) or '0', 2):x}"


def unpack_bits(text: str, count: int) -> list[bool]:
    """The truth values that `pack_bits` packed."""
    return [digit == "1" for digit in f"{int(text, 16):0{count}b}"] if count else []
