"""What one learner did on one task with one seed: a run, as one JSON line that can be read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from synth.compare.metrics import Count, Estimate
from synth.compare.protocol import Side

__all__ = ["FORMAT", "Answered", "DataUsed", "LengthScore", "Outcome", "Run", "RunKey", "pack_bits", "unpack_bits"]

FORMAT = 1
"""Version of the lines of `runs.jsonl`."""

Outcome: TypeAlias = Literal[
    "correct",
    "fits examples but wrong",
    "no program in time",
    "trained",
    "under-trained",
    "reference",
    "crash",
]
"""How a run ended. Of a program only `correct` counts as right everywhere; an `under-trained` net supports no claim."""

RunKey: TypeAlias = tuple[str, str, int]
"""Task, learner and seed."""


@dataclass(frozen=True, slots=True)
class LengthScore:
    """Results at one test length: exact matches, which inputs they were (`bits`, hex), and mean token accuracy.

    `removed` test inputs were dropped because a program is shown them; `possible` is how many inputs there are;
    `overlap` counts test inputs that a net met in training (at short lengths there are no others).
    """

    length: int
    right: int
    total: int
    bits: str
    tokens: tuple[float, float, float] | None
    removed: int
    possible: int
    overlap: int = 0

    @property
    def count(self) -> Count:
        """Exact matches of test inputs."""
        return Count(self.right, self.total)

    @property
    def token_accuracy(self) -> Estimate | None:
        """Mean token accuracy with its interval; None where nothing was tested."""
        return None if self.tokens is None else Estimate(*self.tokens, self.total, "bootstrap")

    @property
    def rights(self) -> list[bool]:
        """Which test inputs were right, in their order."""
        return unpack_bits(self.bits, self.total)


@dataclass(frozen=True, slots=True)
class DataUsed:
    """What a learner saw, by content hash. `examples` is how many pairs, None for fresh batches without end.

    `queries` is how many unlabelled test inputs it was given beforehand.
    """

    learned_from: str
    examples: int | None
    tested_on: str
    queries: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """One test input with the truth and what the learner said; `confidence` (0 to 1) is a net's own."""

    length: int
    input: tuple[int, ...]
    truth: tuple[int | None, ...]
    answer: tuple[int | None, ...] | None
    right: bool
    confidence: float | None = None


@dataclass(frozen=True)
class Run:
    """One artefact, trained or found or a reference row, and how it did.

    Costs: `cpu_seconds` of learning, `test_cpu_seconds` of testing, `parameters` and `steps` of a net, `evaluations` of
    a search. `fit` is exact match on the training distribution: of a net, on fresh inputs; of a program, on the pairs
    shown. `identifiable` is False where no learner could have told the program found from the right one: it fits the
    pairs and is no longer than a right program.
    """

    task: str
    learner: str
    side: Side
    seed: int
    manifest: str
    outcome: Outcome
    scores: tuple[LengthScore, ...] = ()
    data: DataUsed | None = None
    fit: Count | None = None
    cpu_seconds: float = 0.0
    test_cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    parameters: int | None = None
    steps: int | None = None
    evaluations: int | None = None
    stop: str | None = None
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

    @property
    def key(self) -> RunKey:
        """What tells this run from the others of a comparison."""
        return (self.task, self.learner, self.seed)

    def score(self, length: int) -> LengthScore | None:
        """The results at a length; None where it was not tested."""
        return next((score for score in self.scores if score.length == length), None)

    def counts(self) -> dict[int, Count]:
        """Exact matches by length."""
        return {score.length: score.count for score in self.scores}

    def over(self, lengths: Sequence[int]) -> Count:
        """Exact matches over several lengths together."""
        return sum((score.count for score in self.scores if score.length in lengths), Count(0, 0))

    def to_json(self) -> dict[str, object]:
        """The run as plain data; numbers are rounded to what their digits can mean."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Run:
        """A run read back. Raises KeyError, TypeError or ValueError for data that `to_json` did not make."""
        if not isinstance(line, dict):
            raise TypeError(f"expected an object, found {line!r}")
        values = {name: value for name, value in line.items() if name != "format"}
        if line["format"] != FORMAT:
            raise ValueError(f"expected a line of format {FORMAT}, found {line['format']!r}")
        values["scores"] = tuple(_score(score) for score in values["scores"])
        values["answers"] = tuple(_answered(answered) for answered in values["answers"])
        values["words"] = tuple(values["words"])
        values["data"] = None if values["data"] is None else DataUsed(**values["data"])
        values["fit"] = None if values["fit"] is None else Count(**values["fit"])
        return cls(**values)


def _score(line: Mapping[str, Any]) -> LengthScore:
    tokens = line["tokens"]
    return LengthScore(**{**line, "tokens": None if tokens is None else tuple(tokens)})


def _answered(line: Mapping[str, Any]) -> Answered:
    answer = line["answer"]
    parts = {"input": tuple(line["input"]), "truth": tuple(line["truth"])}
    return Answered(**{**line, **parts, "answer": None if answer is None else tuple(answer)})


def pack_bits(rights: Sequence[bool]) -> str:
    """Truth values as hex digits, first one highest.

    >>> pack_bits([True, False, True]), unpack_bits("5", 3)
    ('5', [True, False, True])
    """
    return f"{int(''.join('01'[r] for r in rights) or '0', 2):x}"


def unpack_bits(text: str, count: int) -> list[bool]:
    """The truth values that `pack_bits` packed."""
    return [digit == "1" for digit in f"{int(text, 16):0{count}b}"] if count else []
