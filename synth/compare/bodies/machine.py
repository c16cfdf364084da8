"""Finite machines: states that a list drives one through, item by item, with an output at each (Moore 1956)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

__all__ = ["ANY_LIST", "Form", "Machine", "NotFiniteError", "explore", "minimise"]

State = Hashable


class NotFiniteError(Exception):
    """A program is no finite machine, or none that was found within the limit; the message says why."""


def _any(before: int | None, item: int) -> bool:
    return True


def _always(last: int) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Form:
    """Which lists are inputs: which item may follow which (None at the start), and which may be the last."""

    follows: Callable[[int | None, int], bool] = _any
    ends: Callable[[int], bool] = _always


ANY_LIST = Form()


@dataclass(frozen=True, slots=True)
class Machine:
    """States 0, 1, 2, ... of which 0 is the start; `following[state][place of the item]` is the next one.

    It is None where no input goes on so; `outputs[state]` is None where no input ends.
    """

    alphabet: tuple[int, ...]
    following: tuple[tuple[int | None, ...], ...]
    outputs: tuple[int | None, ...]

    @property
    def transitions(self) -> tuple[tuple[int, int, int], ...]:
        """All of them: from which state, by which item's place, to which state."""
        return tuple(
            (state, place, after)
            for state, row in enumerate(self.following)
            for place, after in enumerate(row)
            if after is not None
        )

    def trace(self, items: Iterable[int]) -> tuple[int, ...]:
        """The states after each item of an input; KeyError or ValueError for a list that is none.

        >>> Machine((0, 1), ((0, 1), (1, 0)), (0, 1)).trace((1, 0, 1, 1))
        (1, 1, 0, 1)
        """
        places = {item: place for place, item in enumerate(self.alphabet)}
        states = [0]
        for item in items:
            after = self.following[states[-1]][places[item]]
            if after is None:
                raise ValueError(f"expected an input of the machine, found {item} where none goes on so")
            states.append(after)
        return tuple(states[1:])

    def output(self, items: Sequence[int]) -> int | None:
        """What the machine says after an input; of the empty one, what it says at the start."""
        return self.outputs[self.trace(items)[-1] if items else 0]


def explore(
    start: State,
    step: Callable[[State, int], State],
    output: Callable[[State], int],
    alphabet: Sequence[int],
    *,
    form: Form = ANY_LIST,
    limit: int,
) -> Machine:
    """The machine of all states that inputs reach, numbered in the order in which shorter inputs reach them.

    Raises NotFiniteError where there are more than `limit`.
    """
    numbers: dict[tuple[State, int | None], int] = {(start, None): 0}
    waiting: list[tuple[State, int | None]] = [(start, None)]
    following: list[tuple[int | None, ...]] = []
    outputs: list[int | None] = []
    for state, before in waiting:  # grows as it is gone through
        outputs.append(output(state) if before is not None and form.ends(before) else None)
        row: list[int | None] = []
        for item in alphabet:
            if not form.follows(before, item):
                row.append(None)
                continue
            reached = (step(state, item), item if form is not ANY_LIST else alphabet[0])
            if reached not in numbers:
                if len(numbers) == limit:
                    raise NotFiniteError(f"more than {limit} states are reached")
                numbers[reached] = len(numbers)
                waiting.append(reached)
            row.append(numbers[reached])
        following.append(tuple(row))
    return Machine(tuple(alphabet), tuple(following), tuple(outputs))


def minimise(machine: Machine) -> Machine:
    """The smallest machine with the same outputs, its states numbered as `explore` does (Moore 1956).

    Two machines with the same outputs on all inputs of a form are the same after this, so `==` compares what they do.
    The start has no output, as no input is empty, and so is a state of its own unless no input ends in another either.

    >>> minimise(Machine((0, 1), ((2, 1), (1, 2), (2, 1)), (None, 1, 0))).outputs
    (None, 0, 1)
    """
    classes: list[Hashable] = list(machine.outputs)
    count = len(set(classes))
    while True:
        told = [
            (classes[state], tuple(None if after is None else (classes[after],) for after in row))
            for state, row in enumerate(machine.following)
        ]
        found = {signature: number for number, signature in enumerate(dict.fromkeys(told))}
        classes = [found[signature] for signature in told]
        if len(found) == count:
            break
        count = len(found)
    representative = {name: state for state, name in reversed(list(enumerate(classes)))}

    return _renumbered(machine, classes, representative)


def _renumbered(machine: Machine, classes: Sequence[Hashable], representative: dict[Hashable, int]) -> Machine:
    """One state a class, in the order in which they are reached."""
    order = [classes[0]]
    for name in order:
        for after in machine.following[representative[name]]:
            if after is not None and classes[after] not in order:
                order.append(classes[after])
    numbers = {name: number for number, name in enumerate(order)}
    following = tuple(
        tuple(None if after is None else numbers[classes[after]] for after in machine.following[representative[name]])
        for name in order
    )
    return Machine(machine.alphabet, following, tuple(machine.outputs[representative[name]] for name in order))
