"""Functions as compiled code calls them: by their tables, and where those end by running their bodies.

A function is the body of a lambda, seen on the rows of a lambda's scope: inner row u has the arguments
`arguments[u]` and belongs to row `owner[u]` of the scope around it. What a body yields there is its row of the table.
Arguments that no inner row has are never guessed: the body itself is run on them, node by node.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth.search.kernels.compiled import inlined, uncounted
from synth.search.kernels.convention import DEFINED, OUTSIDE, UNDEFINED, Ints, Lists, Status
from synth.search.kernels.interning import mix
from synth.search.kernels.operations import AND, CAPTURED, CONSTANT, IF, OR, PARAMETER, apply

__all__ = ["FRAME", "Table", "call1", "call2", "empty_table", "evaluate", "fill_slots"]

FRAME = 4
"""Cells of a table's `stack` that one level of a running body takes."""


class Table(NamedTuple):
    """All functions over one lambda scope; every array is C-contiguous, and has at least one entry."""

    cells: Ints
    """(functions, inner rows): results."""
    status: Status
    """(functions, inner rows): which results there are."""
    slots: NDArray[np.int32]
    """Inner rows by outer row and arguments: open addressing, a power of two larger than their number; -1 is empty."""
    owner: Ints
    """(inner rows): the outer row of each."""
    arguments: Ints
    """(inner rows, arity)."""
    node: NDArray[np.int32]
    """(functions): the node of each body, or -1 where it is not known."""
    operation: NDArray[np.int32]
    """(nodes): what each node does."""
    parts: NDArray[np.int32]
    """(nodes, 3): the nodes of a word's arguments, then -1."""
    constant: Ints
    """(nodes): a constant's cell, which parameter, or which captured value."""
    captured: Ints
    """(captured values, outer rows)."""
    captured_status: Status
    """(captured values, outer rows)."""
    stack: Ints
    """Scratch for running a body: FRAME cells for each level of the deepest; deeper ones are not run."""


def empty_table() -> Table:
    """A table of no functions, of the types that compiled code expects."""
    ints, numbers, status = np.zeros((1, 1), np.int64), np.zeros(1, np.int32), np.zeros((1, 1), np.uint8)
    row = np.zeros(1, np.int64)
    return Table(ints, status, numbers, row, ints, numbers, numbers, np.zeros((1, 3), np.int32), row, ints, status, row)


@uncounted
def fill_slots(owner: Ints, arguments: Ints, count: int, slots: NDArray[np.int32]) -> None:
    """Enter the first `count` inner rows into empty slots (all -1); of rows with the same key the first is kept."""
    mask = len(slots) - 1
    for u in range(count):
        slot = np.int64(_key(owner[u], arguments[u]) & np.uint64(mask))
        while slots[slot] >= 0 and not _same(owner, arguments, slots[slot], u):
            slot = (slot + 1) & mask
        if slots[slot] < 0:
            slots[slot] = u


@uncounted
def _key(row: int, arguments: Ints) -> np.uint64:
    key = np.uint64(row)
    for argument in arguments:
        key = _joined(key, argument)
    return key


@uncounted
def _joined(key: np.uint64, argument: int) -> np.uint64:
    return mix(np.uint64(argument) + key * np.uint64(0x9E3779B97F4A7C15))


@uncounted
def _same(owner: Ints, arguments: Ints, u: int, v: int) -> bool:
    if owner[u] != owner[v]:
        return False
    k, arity = 0, arguments.shape[1]
    while k < arity and arguments[u, k] == arguments[v, k]:
        k += 1
    return bool(k == arity)


@inlined
def call1(table: Table, function: int, row: int, a: int, lists: Lists) -> tuple[int, int]:
    """The result's cell, and what is known of it, of a function of one argument on an outer row."""
    mask = len(table.slots) - 1
    slot = np.int64(_joined(np.uint64(row), a) & np.uint64(mask))
    u = table.slots[slot]
    while u >= 0:
        if table.owner[u] == row and table.arguments[u, 0] == a:
            return int(table.cells[function, u]), int(table.status[function, u])
        slot = (slot + 1) & mask
        u = table.slots[slot]
    return evaluate(table, int(table.node[function]), row, a, a, lists)


@inlined
def call2(table: Table, function: int, row: int, a: int, b: int, lists: Lists) -> tuple[int, int]:
    """The result's cell, and what is known of it, of a function of two arguments on an outer row."""
    mask = len(table.slots) - 1
    slot = np.int64(_joined(_joined(np.uint64(row), a), b) & np.uint64(mask))
    u = table.slots[slot]
    while u >= 0:
        if table.owner[u] == row and table.arguments[u, 0] == a and table.arguments[u, 1] == b:
            return int(table.cells[function, u]), int(table.status[function, u])
        slot = (slot + 1) & mask
        u = table.slots[slot]
    return evaluate(table, int(table.node[function]), row, a, b, lists)


@uncounted
def evaluate(table: Table, node: int, row: int, a: int, b: int, lists: Lists) -> tuple[int, int]:
    """Run a body on arguments that may be any: arguments of words from the left, and only those that are needed.

    The words that wait for an argument are on the stack, a frame each: the node, how many arguments it has, and the
    first two of them. A level deeper than the stack counts as not understood.
    """
    stack, depth = table.stack, 0
    while True:
        value, status = _leaf(table, node, row, a, b)
        if status == _WORD:
            if depth + FRAME > len(stack):
                return 0, OUTSIDE
            stack[depth], stack[depth + 1] = node, 0
            depth += FRAME
            node = int(table.parts[node, 0])
            continue
        if status != DEFINED:
            return 0, status
        node = -1
        while node < 0:  # the value goes to the word that waits for it, that word's to the next, and so on
            if depth == 0:
                return value, DEFINED
            depth -= FRAME
            waiting = stack[depth]
            operation = table.operation[waiting]
            if operation <= OR:
                node = _chosen(table, waiting, value)
                continue
            given = stack[depth + 1]
            following = int(table.parts[waiting, given + 1]) if given < 2 else -1
            if following >= 0:
                stack[depth + 1] = given + 1
                stack[depth + 2 + given] = value
                depth += FRAME
                node = following
                continue
            x = stack[depth + 2] if given > 0 else value
            y = stack[depth + 3] if given > 1 else value
            value, defined = apply(operation, x, y, value, lists)
            if not defined:
                return 0, UNDEFINED


_WORD = 3
"""What `_leaf` says of a node that is a word: no verdict yet."""


@uncounted
def _leaf(table: Table, node: int, row: int, a: int, b: int) -> tuple[int, int]:
    """The value of a node that has no parts."""
    if node < 0:
        return 0, OUTSIDE
    operation = table.operation[node]
    if operation > CAPTURED:
        return 0, _WORD
    which = table.constant[node]
    if operation == PARAMETER:
        return (a if which == 0 else b), DEFINED
    if operation == CONSTANT:
        return which, DEFINED
    if operation == CAPTURED:
        return int(table.captured[which, row]), int(table.captured_status[which, row])
    return 0, OUTSIDE


@uncounted
def _chosen(table: Table, node: int, condition: int) -> int:
    """The part of a word with unrun parts whose value is the word's own; -1 if that is the condition itself."""
    operation = table.operation[node]
    if operation == IF:
        return int(table.parts[node, 1 if condition else 2])
    if operation == AND:
        return int(table.parts[node, 1]) if condition else -1
    return -1 if condition else int(table.parts[node, 1])
