"""Universes that grow: a lambda's scope gets further rows, and its classes are told apart by these, too.

Bodies that agree on a universe are one class only as far as it goes. When further arguments count, every class is run
on them by its first derivation, and a class whose other derivations disagree is split (cf. lifted interpretation in
Arborist, Li and others, 2023: programs are merged only for the contexts in which they were seen to agree).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from dsl.grammar import Production
from dsl.type_system import Type
from synth.search.bank import Arguments, Bank
from synth.search.column import Block, Column, interned, repeated, some_rows
from synth.search.kernels.convention import Ints
from synth.search.lambdas import Lambdas
from synth.search.scope import Captured, Scope

__all__ = ["grow"]

Apply = Callable[[Scope, Production, Arguments, slice], Column]
"""Gives the columns of a production on argument tuples, on some rows of a scope."""


def grow(lambdas: Lambdas, scope: Scope, owner: Ints, arguments: Ints, apply: Apply) -> None:
    """Give a lambda's scope further rows: their outer rows, and the cells of the parameters there."""
    old, more = scope.rows, len(owner)
    scope.owner, scope.arguments = np.concatenate([scope.owner, owner]), np.concatenate([scope.arguments, arguments])
    scope.rows = old + more
    scope.generation += 1
    lambdas.fill_columns(scope)
    for bank in scope.banks.values():
        bank.widen(more)
    fresh = slice(old, scope.rows)
    inner = lambdas.within(scope)
    for deeper in inner:
        _capture_anew(deeper)
    for level in range(1, max((bank.opened for bank in scope.banks.values()), default=0) + 1):
        for t, bank in scope.banks.items():
            _fill_level(scope, t, bank, level, fresh, apply)
        for deeper in inner:  # bodies inside see the classes of this level
            _capture_anew(deeper)
    for bank in scope.banks.values():
        bank.settle()
    for t, bank in list(scope.banks.items()):
        _split(scope, t, bank, fresh, apply)


def _fill_level(scope: Scope, t: Type, bank: Bank, level: int, fresh: slice, apply: Apply) -> None:
    classes = bank.at(level)
    if not classes:
        return
    numbers = np.arange(classes.start, classes.stop)
    heads, parts = bank.first_derivations(numbers)
    for head in np.unique(heads):
        where = heads == head
        block = _run(scope, int(head), parts[where], fresh, apply)
        bank.fill(numbers[where], fresh, block)


def _run(scope: Scope, head: int, parts: Arguments, rows: slice, apply: Apply) -> Block:
    """What derivations with one production yield on some rows."""
    made = scope.heads[head]
    if isinstance(made, Captured):
        assert scope.outer is not None
        block = scope.outer.bank(made.type).block(slice(made.number, made.number + 1))
        return some_rows(repeated(block, scope.owner), rows)
    assert isinstance(made, Production), "the scopes of the engine are built from productions"
    column = apply(scope, made, np.ascontiguousarray(parts[:, : len(made.parameters)]), rows)
    return interned(column, scope.store)


def _split(scope: Scope, t: Type, bank: Bank, fresh: slice, apply: Apply) -> None:
    """Derivations that disagree with their class on the new rows open classes of their own, at the level at hand."""
    by_head: dict[int, list[tuple[int, int, Sequence[int]]]] = defaultdict(list)
    for number, at, head, parts in bank.others():
        by_head[head].append((number, at, parts.tolist()))
    for head, found in by_head.items():
        numbers = np.array([number for number, _, _ in found])
        parts = np.array([p for _, _, p in found], dtype=np.int32).reshape(len(found), -1)
        block = _run(scope, head, parts, fresh, apply)
        cells, status = np.broadcast_to(block.cells, (len(found), fresh.stop - fresh.start)), block.status
        same_status = bank.status[numbers, fresh] == status
        unlike = ~(same_status & ((bank.cells[numbers, fresh] == cells) | (status == 0))).all(axis=1)
        if not unlike.any():
            continue
        for position in np.nonzero(unlike)[0]:
            bank.take_out(found[int(position)][1])
        whole = bank.block(numbers[unlike].astype(np.int32))
        whole.cells[:, fresh], whole.status[:, fresh] = cells[unlike], np.broadcast_to(status, cells.shape)[unlike]
        mass = bank.mass[numbers[unlike]] / 2  # what share of the class's mass it had is not kept
        scope.add(t, whole, head, np.ascontiguousarray(parts[unlike]), mass, bank.opened)


def _capture_anew(scope: Scope) -> None:
    """What the nodes of a scope inside have captured, on all rows that its outer scope has now."""
    nodes, outer = scope.nodes, scope.outer
    assert nodes is not None
    assert outer is not None
    nodes.widen(outer.rows)
    for what, slot in nodes.slots():
        if isinstance(what, Captured):
            bank = outer.bank(what.type)
            nodes.recapture(slot, bank.cells[what.number], bank.status[what.number])
        else:
            assert isinstance(what, Production)
            column = outer.columns[what.head.name]  # type: ignore[union-attr]
            nodes.recapture(slot, column.cells[0], column.status[0])
