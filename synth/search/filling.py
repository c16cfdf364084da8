"""Filling a skeleton: blocks of fillings, evaluated bottom-up as columns.

Each part of a skeleton is run once for each different filling of the gaps inside it, so a part that few gaps touch
costs little however many fillings there are. Functions that are written out are run on the universe of their lambda's
scope, as all bodies are, and become nodes for whatever is asked outside it; these nodes are forgotten after each block.
Banks and scopes are only read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Production
from dsl.program import Lambda, Name, Program
from dsl.type_system import FunctionType
from dsl.values import Undefined
from synth.search.apply import FunctionColumn, Operand
from synth.search.bank import Arguments
from synth.search.body_functions import BodyFunctions, Moved
from synth.search.column import Block, Column, interned, some_rows
from synth.search.engine import Engine
from synth.search.functions import Callables
from synth.search.kernels.application import APPLY
from synth.search.kernels.convention import DEFINED, OUTSIDE, UNDEFINED, Ints
from synth.search.kernels.operations import CAPTURED, UNKNOWN, operation_of
from synth.search.rebuilding import program_of, spelled_out
from synth.search.scope import TOP, Scope, ScopeKey
from synth.search.skeleton import Body, Call, Called, Gap, Leaf, Part, Skeleton, type_of

__all__ = ["Fillings"]

Positions: TypeAlias = NDArray[np.intp]
"""Which fillings of a block are meant, by position."""
_ALL = slice(None)
_NONE = np.zeros((1, 0), dtype=np.int32)


@dataclass(slots=True)
class Fillings:
    """A block of fillings of one skeleton over an engine's banks: (fillings, gaps) class numbers.

    `fixed` keeps what parts without gaps yield, for further blocks; `meanings` are what abbreviations stand for.
    """

    engine: Engine
    skeleton: Skeleton
    numbers: Arguments
    fixed: dict[tuple[Part, ScopeKey, int], Block] = field(default_factory=dict)
    meanings: Mapping[str, Program] = field(default_factory=dict)
    _groups: dict[tuple[int, ...], tuple[Positions, Positions]] = field(default_factory=dict)
    _functions: dict[Body, tuple[Callables, Positions]] = field(default_factory=dict)
    _nodes: dict[tuple[Part, ScopeKey], NDArray[np.int32]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    @contextmanager
    def drafted(self) -> Iterator[None]:
        """The nodes that columns need are made inside, and forgotten at the end."""
        with ExitStack() as stack:
            for key in self.skeleton.keys:
                nodes = self.scope(key).nodes
                assert nodes is not None, "a lambda's scope has nodes"
                stack.enter_context(nodes.draft())
            yield

    def groups(self, gaps: tuple[int, ...]) -> tuple[Positions, Positions]:
        """The different fillings of some gaps: a position for each, and which of them each filling of the block has."""
        found = self._groups.get(gaps)
        if found is None:
            found = self._groups[gaps] = _groups(self.numbers, gaps)
        return found

    def scope(self, key: ScopeKey) -> Scope:
        """The scope of a key."""
        return self.engine.lambdas.scope(key)

    # ---- columns -------------------------------------------------------------------------------------------------

    def outputs(self, positions: Positions, rows: slice) -> Column:
        """What whole programs yield on some rows of the top scope; to be used before the next call."""
        root = self.skeleton.root
        if isinstance(root, Call | Called) and root.gaps:
            return self._run(root, self.engine.top, positions, rows)
        return self.column(root, self.engine.top, positions, rows)

    def column(self, part: Part, scope: Scope, positions: Positions, rows: slice = _ALL) -> Block:
        """What a part yields, for some fillings, on some rows of a scope."""
        match part:
            case Gap():
                return self._filled(part, scope, positions, rows)
            case Leaf(production):
                leaf = interned(self.engine.apply(scope, production, _NONE, rows), self.engine.store)
                return _taken(leaf, np.zeros(len(positions), dtype=np.intp))
        if not part.gaps:
            return _taken(some_rows(self._fixed(part, scope), rows), np.zeros(len(positions), dtype=np.intp))
        which = self.groups(part.gaps)[1][positions]
        _, firsts, inverse = np.unique(which, return_index=True, return_inverse=True)
        return _taken(interned(self._run(part, scope, positions[firsts], rows), self.engine.store), inverse)

    def _filled(self, gap: Gap, scope: Scope, positions: Positions, rows: slice) -> Block:
        space, numbers = self.skeleton.spaces[gap.number], self.numbers[positions, gap.number]
        bank = self.scope(space.key).bank(space.type)
        if space.key == scope.key:
            return bank.block(numbers, rows)
        return _on_rows(bank.block(numbers), _rows_up(scope, space.key)[rows])

    def _fixed(self, part: Part, scope: Scope) -> Block:
        key = (part, scope.key, scope.generation)
        found = self.fixed.get(key)
        if found is None:
            column = self._run(part, scope, np.zeros(1, dtype=np.intp), _ALL)
            found = self.fixed[key] = interned(column, self.engine.store)
        return found

    def _run(self, part: Part, scope: Scope, positions: Positions, rows: slice) -> Column:
        match part:
            case Call(production, arguments):
                return self._call(production, arguments, scope, positions, rows)
            case Called():
                return self._called(part, scope, positions, rows)
        raise AssertionError("gaps and leaves are not run, functions only by those who call them")

    def _call(
        self, production: Production, arguments: tuple[Part, ...], scope: Scope, positions: Positions, rows: slice
    ) -> Column:
        outer_rows = np.arange(scope.rows, dtype=np.int64)[rows]
        several = sum(isinstance(p, FunctionType) for p in production.parameters) > 1
        operands: list[Operand] = []
        for argument in arguments:
            if not isinstance(argument, Gap | Body) or not isinstance(argument.type, FunctionType):
                operands.append(self.column(argument, scope, positions, rows))
                continue
            functions, numbers, key = self._functions_of(argument, positions)
            up = _rows_up(scope, key)
            if several:
                functions = Moved(functions, up)
            else:
                outer_rows = up[rows]
            operands.append(FunctionColumn(functions, numbers))
        return self.engine.applier.apply(production, operands, outer_rows)

    def _functions_of(self, part: Gap | Body, positions: Positions) -> tuple[Callables, NDArray[np.int32], ScopeKey]:
        """Functions, the number of that of each filling, and the scope whose rows they know as outer rows."""
        if isinstance(part, Gap):
            assert isinstance(part.type, FunctionType), "only functions are asked for"
            key = self.skeleton.spaces[part.number].key
            return self.engine.lambdas.functions(self.scope(key), part.type), self.numbers[positions, part.number], key
        functions, inverse = self._written_out(part)
        return functions, inverse[positions].astype(np.int32), part.key.outer or TOP

    def _written_out(self, body: Body) -> tuple[Callables, Positions]:
        found = self._functions.get(body)
        if found is None:
            scope, (firsts, inverse) = self.scope(body.key), self.groups(body.gaps)
            block, nodes = self.column(body.part, scope, firsts), self._nodes_of(body.part, scope, firsts)
            program = partial(self._body_program, body, scope, firsts)
            functions = BodyFunctions(body.type, scope, block, nodes, program, self.engine.applier)
            found = self._functions[body] = functions, inverse
        return found

    def _body_program(self, body: Body, scope: Scope, firsts: Positions, number: int) -> Program:
        return self._spelled(body.part, scope, int(firsts[number]))

    def _spelled(self, part: Part, scope: Scope, position: int) -> Program:
        filling = self.numbers[position].tolist()
        return spelled_out(program_of(self.skeleton, self.engine.lambdas, part, scope, filling), self.meanings)

    def program(self, position: int) -> Lambda:
        """The whole program of a filling."""
        return Lambda(self.engine.spec.parameters, self._spelled(self.skeleton.root, self.engine.top, position))

    def _called(self, part: Called, scope: Scope, positions: Positions, rows: slice) -> Block:
        """Functions applied to columns, each to its own."""
        functions, numbers, key = self._functions_of(part.function, positions)
        blocks = [self.column(a, scope, positions, rows) for a in part.arguments]
        outer_rows = _rows_up(scope, key)[rows]
        status = np.full(blocks[0].status.shape, DEFINED, dtype=np.uint8)
        for block in blocks:
            status &= block.status
        cells, applier, kernel = np.zeros(status.shape, dtype=np.int64), self.engine.applier, APPLY.get(len(blocks))
        if kernel is None or not applier.kernels.enabled:
            status[status == DEFINED] = OUTSIDE
        else:
            given = [np.ascontiguousarray(block.cells).reshape(-1) for block in blocks]
            repeated, own = np.repeat(numbers.astype(np.int64), len(outer_rows)), np.tile(outer_rows, len(numbers))
            table, lists = functions.table(), self.engine.store.lists
            out, flat = cells.reshape(-1), status.reshape(-1)
            applier.kernels.call(kernel, (repeated, *given, table, own, lists, flat, out))
        result = Block(cells, status)
        self._call_exactly(part, functions, numbers, blocks, outer_rows, result)
        return result

    def _call_exactly(
        self,
        part: Called,
        functions: Callables,
        numbers: NDArray[np.int32],
        blocks: list[Block],
        outer_rows: Ints,
        result: Block,
    ) -> None:
        """The entries filled in that compiled code could not."""
        store, (programs, columns) = self.engine.store, np.nonzero(result.status == OUTSIDE)
        result.status[programs, columns] = UNDEFINED
        types = map(type_of, part.arguments)
        given = [
            store.decode_all(block.cells[programs, columns].tolist(), t) for block, t in zip(blocks, types, strict=True)
        ]
        for i, j, values in zip(programs.tolist(), columns.tolist(), zip(*given, strict=True), strict=True):
            try:
                value = functions.exact(int(numbers[i]), int(outer_rows[j]))(*values)
            except Undefined:
                continue
            result.cells[i, j], result.status[i, j] = store.encode(value, part.type), DEFINED

    # ---- nodes ---------------------------------------------------------------------------------------------------

    def _nodes_of(self, part: Part, scope: Scope, positions: Positions) -> NDArray[np.int32]:
        """The node of a part of a body for each of some fillings."""
        firsts, inverse = self.groups(part.gaps)
        found = self._nodes.get((part, scope.key))
        if found is None:
            found = self._nodes[part, scope.key] = self._make_nodes(part, scope, firsts)
        nodes: NDArray[np.int32] = found[inverse[positions]]
        return nodes

    def _make_nodes(self, part: Part, scope: Scope, positions: Positions) -> NDArray[np.int32]:
        nodes, count = scope.nodes, len(positions)
        assert nodes is not None, "a lambda's scope has nodes"
        match part:
            case Gap(number, t) if self.skeleton.spaces[number].key == scope.key:
                mine: NDArray[np.int32] = nodes.of(t)[self.numbers[positions, number]]
                return mine
            case Gap():
                assert scope.outer is not None, "what is not the scope's own is from around it"
                block = self._filled(part, scope.outer, positions, _ALL)
                return nodes.append(CAPTURED, nodes.capture(block.cells, block.status), _no_parts(count), count)
            case Leaf(production):
                return nodes.append(*self.engine.lambdas.operation(scope, nodes, production), _no_parts(count), count)
            case Call(production, arguments):
                operation = _operation(production)
                if operation != UNKNOWN:
                    parts = np.stack([self._nodes_of(a, scope, positions) for a in arguments], axis=1)
                    return nodes.append(operation, 0, parts, count)
        return nodes.append(UNKNOWN, 0, _no_parts(count), count)


def _operation(production: Production) -> int:
    assert isinstance(production.head, Name), "leaves are not called"
    if len(production.parameters) > 3 or any(isinstance(p, FunctionType) for p in production.parameters):
        return UNKNOWN
    return operation_of(production.head.name, production.parameters, production.result)


def _no_parts(count: int) -> NDArray[np.int32]:
    return np.zeros((count, 0), dtype=np.int32)


def _groups(numbers: Arguments, gaps: tuple[int, ...]) -> tuple[Positions, Positions]:
    if len(gaps) == numbers.shape[1]:  # fillings of a block differ
        everything = np.arange(len(numbers))
        return everything, everything
    key = np.zeros(len(numbers), dtype=np.int64)
    for gap in gaps:
        key = np.unique(key, return_inverse=True)[1] * (1 + int(numbers[:, gap].max())) + numbers[:, gap]
    _, firsts, inverse = np.unique(key, return_index=True, return_inverse=True)
    return firsts, inverse


def _rows_up(scope: Scope, key: ScopeKey) -> Ints:
    """For each row of a scope the row that it belongs to in a scope around it (or itself)."""
    rows = np.arange(scope.rows, dtype=np.int64)
    while scope.key != key:
        rows = scope.owner[rows]
        assert scope.outer is not None, "what is used in a scope is its own or from around it"
        scope = scope.outer
    return rows


def _taken(block: Block, positions: Positions) -> Block:
    return Block(block.cells[positions], block.status[positions])


def _on_rows(block: Block, rows: Ints) -> Block:
    return Block(block.cells[:, rows], block.status[:, rows])
