"""The prior ledger: what every learner was given beforehand, and what it learned, in bits and by one counter.

Chollet, "On the Measure of Intelligence", 2019: unlimited priors or unlimited data buy any skill. So each row has
prices: *prior* bits (the code of the words a search may use, or of a net's design and recipe), *solution* bits (the
program found, under the search's own prior), *residual* bits (what examples still cost, told by the program), and for
nets *prequential* bits (Blier and Ollivier, "The Description Length of Deep Learning Models", 2018: each example is
told by a net that was trained on those before it). It is a proxy: no count of tokens settles what knowledge costs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dsl.library import Definition, Library
from dsl.primitive import Primitive
from dsl.printer import show
from dsl.type_system import show_type
from synth.compare.analysis import Analysis, Row
from synth.compare.figures import kind_of
from synth.compare.metrics import Count
from synth.compare.protocol import Learner
from synth.compare.records import Run
from synth.compare.source_code import Code, code_of

__all__ = ["Ledger", "Price", "example_bits", "ledger_of", "prequential_bits", "prior_code", "token_bits"]


@dataclass(frozen=True, slots=True)
class Price:
    """What one learner cost on one task. Bits are None where they were not measured.

    `examples` is how many it learned from, counted with repetition where they were fresh without end; `prepared_on`
    how many more before the task. `outside` are the names that its prior uses from elsewhere, one token each.
    """

    task: str
    learner: str
    title: str
    kind: str
    prior: float | None
    solution: float | None
    residual: float | None
    prequential: float | None
    examples: int | None
    prepared_on: int
    cpu_seconds: float
    prepared_cpu_seconds: float
    outside: tuple[str, ...]

    @property
    def learned(self) -> float | None:
        """What was learned, in bits: a program and what it leaves open, else the prequential code."""
        if self.solution is not None:
            return self.solution + (self.residual or 0.0)
        return self.prequential

    @property
    def total(self) -> float | None:
        """Prior and learned together; None where one is not known."""
        return None if self.prior is None or self.learned is None else self.prior + self.learned


@dataclass(frozen=True, slots=True)
class Ledger:
    """All prices of a comparison; a token costs `log2(vocabulary)` bits for everyone."""

    vocabulary: int
    prices: tuple[Price, ...]

    @property
    def token_cost(self) -> float:
        """What one token costs, in bits."""
        return math.log2(max(2, self.vocabulary))


def _text_tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\s\w]", text)


def prior_code(learner: Learner) -> Code | None:
    """All that a learner was given: its words, each helper of them once, and its own code; None for reference rows."""
    if learner.words is None and not learner.code:
        return None
    library = learner.words() if learner.words is not None else Library()
    functions = [word.function for word in library if isinstance(word, Primitive)]
    shared = code_of(*functions, *learner.code)
    told: list[str] = []
    for word in library:
        told += [word.name, *_text_tokens(show_type(word.type))]
        if isinstance(word, Definition):
            told += _text_tokens(show(word.program, library))
    return Code((*shared.tokens, *told), shared.outside)


def token_bits(codes: Sequence[Code]) -> tuple[int, float]:
    """How many different tokens there are in all, and what one of them costs in bits.

    >>> token_bits([Code(("a", "b")), Code(("b", "c", "d"))])
    (4, 2.0)
    """
    vocabulary = len({token for code in codes for token in code.tokens})
    return vocabulary, math.log2(max(2, vocabulary))


def example_bits(count: Count, uniform: float) -> float:
    """What one example costs, told by someone who is right so often: whether it is right, and if not, the example.

    The share is Laplace's estimate, so nobody is ever sure.

    >>> round(example_bits(Count(98, 98), 10.0), 3), example_bits(Count(0, 0), 10.0)
    (0.181, 6.0)
    """
    right = (count.right + 1) / (count.total + 2)
    return -right * math.log2(right) - (1 - right) * math.log2(1 - right) + (1 - right) * uniform


def prequential_bits(by_size: Mapping[int, float], uniform: float, total: int) -> float:
    """The code length of `total` examples, told one after the other.

    `by_size` is what an example costs, told by the model of so many examples. Those before the first model are told
    without one; a model tells those up to the next, and the last all that are left.

    >>> prequential_bits({10: 1.0, 100: 0.5}, uniform=3.0, total=1000)
    570.0
    """
    sizes = sorted(size for size in by_size if size < total)
    bits = uniform * (sizes[0] if sizes else total)
    for size, after in pairwise([*sizes, total]):
        # a model that does worse than none is not asked
        bits += min(by_size[size], uniform) * (after - size)
    return bits


def ledger_of(analysis: Analysis) -> Ledger:
    """The prices of all learners on all tasks."""
    running = analysis.protocol.running(analysis.effort)
    codes = {one.name: code for one in running if (code := prior_code(one)) is not None}
    vocabulary, bits = token_bits(list(codes.values()))
    rows = [row for task in analysis.tasks for row in analysis.largest(task) if row.side != "reference"]
    return Ledger(vocabulary, tuple(_price(analysis, row, codes.get(row.learner), bits) for row in rows))


def _price(analysis: Analysis, row: Row, code: Code | None, bits: float) -> Price:
    uniform = analysis.protocol.example_bits.get(row.task)
    solutions = [run.bits for run in row.runs if run.program is not None and run.bits is not None]
    inside = analysis.protocol.axis.inside
    total = max((other.size for other in analysis.of_task(row.task) if other.size is not None), default=None)
    residual = None
    if uniform is not None and total is not None and solutions:
        residual = total * _mean([_one_example(run, inside, uniform) for run in row.runs])
    prepared = max((run.data.prepared_on for run in row.runs if run.data is not None), default=0)
    return Price(
        row.task,
        row.learner,
        row.title,
        kind_of(row),
        None if code is None else bits * len(code.tokens),
        _mean(solutions) if solutions else None,
        residual,
        _prequential(analysis, row, uniform, total),
        _examples(analysis, row),
        prepared,
        row.cpu_seconds,
        _mean([run.prepared_cpu_seconds for run in row.runs]),
        () if code is None else code.outside,
    )


def _prequential(analysis: Analysis, row: Row, uniform: float | None, total: int | None) -> float | None:
    """The prequential code length of as many examples as anybody had; None where sizes do not count."""
    if uniform is None or total is None:
        return None
    inside = analysis.protocol.axis.inside
    curve = {
        size: _mean([_one_example(run, inside, uniform) for run in at_size.runs])
        for size, at_size in analysis.by_size(row.task, row.learner).items()
    }
    return prequential_bits(curve, uniform, total)


def _one_example(run: Run, inside: Sequence[int | float | str], uniform: float) -> float:
    """What a fresh example of the training range costs, told by what a run learned."""
    return run.code_bits if run.code_bits is not None else example_bits(run.over(inside), uniform)


def _examples(analysis: Analysis, row: Row) -> int | None:
    """How many examples a learner learned from; of fresh batches without end, all that it saw."""
    known = [run.data.examples for run in row.runs if run.data is not None]
    if not known:
        return None
    if known[0] is not None:
        return known[0]
    return analysis.effort.batch * analysis.effort.steps_of(row.task, row.learner)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
