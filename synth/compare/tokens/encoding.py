"""The one encoding of inputs and outputs that all learners share (rule F14).

An input is a list of small ints, one token each. An output is written into slots: one where the output is an int, as
many as the input has items where it is a list (or a fixed number of times as many), and slots that are not needed hold
a blank. So the number of slots tells nothing that the input does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.errors import InterfaceError
from dsl.type_system import INT, list_of
from synth.compare.scoring import Arguments, Marking
from tasks.task import Task

__all__ = ["TOKENS", "Encoding", "agreement", "as_items", "encoding_of"]


@dataclass(frozen=True, slots=True)
class Encoding:
    """Tokens for ints from `low` on, `symbols` of them, and a blank for outputs; `single` for outputs that are ints.

    `results` is how many different ints outputs are made of, as many as inputs where it is 0; `widening` how many slots
    a list gets for each item of the input.
    """

    low: int
    symbols: int
    single: bool
    results: int = 0
    widening: int = 1

    @property
    def blank(self) -> int:
        """The output token that stands for nothing."""
        return self.results or self.symbols

    @property
    def outputs(self) -> int:
        """How many output tokens there are, the blank included."""
        return self.blank + 1

    def slots(self, length: int) -> int:
        """How many slots an input of that length gets."""
        return 1 if self.single else self.widening * length

    def encode_input(self, items: Sequence[int]) -> list[int]:
        """Tokens of an input."""
        return [item - self.low for item in items]

    def encode_output(self, value: object, length: int) -> list[int] | None:
        """The slots of an output for an input of that length; None for a value that the slots cannot hold.

        >>> Encoding(low=0, symbols=8, single=False).encode_output((5, 2), 3)
        [5, 2, 8]
        """
        items = value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple) == self.single or len(items) > self.slots(length):
            return None
        tokens = [item - self.low for item in items if type(item) is int]
        if len(tokens) != len(items) or any(not 0 <= token < self.blank for token in tokens):
            return None
        return tokens + [self.blank] * (self.slots(length) - len(tokens))

    def decode(self, slots: Sequence[int]) -> tuple[int | None, ...]:
        """The items that slots spell, without the blanks at the end; None for a blank before an item.

        >>> Encoding(low=0, symbols=8, single=False).decode([8, 5, 8])
        (None, 5)
        """
        items: list[int | None] = [None if token == self.blank else token + self.low for token in slots]
        while items and items[-1] is None:
            items.pop()
        return tuple(items)


def encoding_of(task: Task, *, results: int = 0, widening: int = 1) -> Encoding:
    """The encoding of a generator task from a list of ints within limits to an int or such a list.

    `results` and `widening` are those of `Encoding`. Raises InterfaceError for any other task.
    """
    limits = dict(task.inputs).get(task.parameters[0]) if len(task.parameters) == 1 else None
    values = limits.items.values if limits is not None and limits.items is not None else None
    if task.type_request.parameters != (list_of(INT),) or task.result_type not in (INT, list_of(INT)) or not values:
        raise InterfaceError(
            f"expected a task from one list of ints to an int or such a list, found {task.signature}",
            hint="say which items its lists have: `input xs: list[int] of length 1..10, items 0..7`",
        )
    return Encoding(values.low, values.high - values.low + 1, task.result_type == INT, results, widening)


def agreement(truth: Sequence[object], answer: Sequence[object]) -> float:
    """Token accuracy: the share of places, counted over the longer of the two, that hold the same item.

    >>> agreement((1, 2, 3, 4), (1, 2, 9)), agreement((), ())
    (0.5, 1.0)
    """
    places = max(len(truth), len(answer))
    return sum(a == b for a, b in zip(truth, answer, strict=False)) / places if places else 1.0


def as_items(value: object) -> tuple[object, ...]:
    """The items of an output: those of a list, or the one int."""
    return value if isinstance(value, tuple) else (value,)


def _same(truth: object, answer: object) -> bool:
    return as_items(truth) == as_items(answer)


def _close(truth: object, answer: object) -> float:
    return agreement(as_items(truth), as_items(answer))


def _parts(value: object) -> tuple[str, ...]:
    """Items as text; a blank that a net left between them is a dot."""
    return tuple("·" if item is None else str(item) for item in as_items(value))


def _show(arguments: Arguments) -> str:
    return " ".join(_parts(arguments[0]))


TOKENS = Marking(right=_same, close=_close, parts=_parts, show=_show)
"""How answers that are tokens are marked: right where all are, close by the share of places."""
