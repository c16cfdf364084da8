"""What may stand at a place of a program, as rows of a table: the productions of words, variables, and constants.

A *head* is what a network embeds: a word by what it does (`words.py`), a leaf by `leaf_features`: an input by its type
and position, a variable of a lambda by its type and how many lambdas out it is bound, a constant by its value. A
production is a head with the types of its parameters and its result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Grammar, Production
from dsl.library import Library
from dsl.program import Literal, Name, Variable
from dsl.type_system import FunctionType, Type
from dsl.values import key
from synth.guide.features import SCALAR_WIDTH, TYPE_WIDTH, scalar_features, scalar_of, type_features
from synth.pcfg import Pcfg

__all__ = ["LEAF_WIDTH", "SHAPE_WIDTH", "Choices", "Options", "Scoped"]

_PLACES, _LEVELS = 5, 4
LEAF_WIDTH = 3 + _PLACES + _LEVELS + TYPE_WIDTH + SCALAR_WIDTH + 2
SHAPE_WIDTH = 4 * TYPE_WIDTH
_SEEN_PARAMETERS = 3
_OPTIONS_KEPT = 4096
"""Places of all specs whose options are kept: most specs have the same constants, and so the same options."""


@dataclass(frozen=True, slots=True)
class Scoped:
    """A variable in scope: its production, and its row's identity: input or bound, which, how many lambdas out."""

    production: Production
    bound: bool
    place: int
    level: int

    def deeper(self) -> Scoped:
        """The same variable seen from inside one more lambda."""
        return Scoped(self.production, self.bound, self.place, self.level + 1 if self.bound else self.level)


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand at a place: productions, their rows (n,), and the bits that the grammar gives each (n,)."""

    productions: tuple[Production, ...]
    rows: NDArray[np.int32]
    bits: NDArray[np.float32]

    def place_of(self, production: Production) -> int | None:
        """Where a production is in it."""
        for place, p in enumerate(self.productions):
            if p.head == production.head and p.parameters == production.parameters:
                return place
        return None


@dataclass
class Choices:
    """The table of one library: it grows as grammars and specs are met. Row 0 of the leaves is nothing at all.

    `heads` (P,) says for each production which head it has: words first, then leaves.
    """

    library: Library
    rows: dict[tuple[object, ...], int] = field(default_factory=dict)
    heads: list[int] = field(default_factory=list)
    shapes: list[NDArray[np.float32]] = field(default_factory=list)
    leaves: list[NDArray[np.float32]] = field(default_factory=list)
    _leaf_rows: dict[tuple[object, ...], int] = field(default_factory=dict)
    _words: dict[str, int] = field(default_factory=dict)
    _grammars: dict[FunctionType, frozenset[int]] = field(default_factory=dict)
    _word_rows: dict[tuple[int, Type], tuple[Grammar, list[int]]] = field(default_factory=dict)
    _options_kept: dict[tuple[object, ...], tuple[Grammar, Options]] = field(default_factory=dict)
    _shape_rows: dict[tuple[Type, ...], NDArray[np.float32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._words = {name: place for place, name in enumerate(self.library.entries)}

    def options(
        self, pcfg: Pcfg, t: Type, leaves: tuple[Production, ...], scope: Sequence[Scoped], given: Sequence[object]
    ) -> Options:
        """What may fill a hole of a type. `leaves` are the productions of the scope, `scope` its variables.

        `given` are the constants that the spec's outputs all are, which are a class of their own.
        """
        if given or pcfg.guidance.bits:
            return self._options(pcfg, t, leaves, scope, given)
        asked = (id(pcfg.grammar), t, leaves, tuple(scope))
        known = self._options_kept.get(asked)
        if known is None or known[0] is not pcfg.grammar:
            if len(self._options_kept) >= _OPTIONS_KEPT:
                self._options_kept.clear()
            known = self._options_kept[asked] = (pcfg.grammar, self._options(pcfg, t, leaves, scope, given))
        return known[1]

    def _options(
        self, pcfg: Pcfg, t: Type, leaves: tuple[Production, ...], scope: Sequence[Scoped], given: Sequence[object]
    ) -> Options:
        found = pcfg.productions(t, leaves)
        where = {s.production.key: s for s in scope}
        words = self._rows_of_words(pcfg.grammar, t)
        rows = [self.row(p, where, given) for p, _ in found[len(words) :]]
        return Options(
            tuple(p for p, _ in found), np.array([*words, *rows], np.int32), np.array([b for _, b in found], np.float32)
        )

    def _rows_of_words(self, grammar: Grammar, t: Type) -> list[int]:
        """The rows of the words that a grammar has for a type, kept with the grammar, so that its id stays its own."""
        known = self._word_rows.get((id(grammar), t))
        if known is None or known[0] is not grammar:
            known = self._word_rows[id(grammar), t] = (grammar, [self.row(p, {}, ()) for p in grammar[t]])
        return known[1]

    def words_in(self, request: FunctionType, grammar: Grammar) -> frozenset[int]:
        """The heads of the words that the grammar for a type request has."""
        found = self._grammars.get(request)
        if found is None:
            found = self._grammars[request] = frozenset(self._words[p.key] for p in grammar)
        return found

    def row(self, production: Production, where: dict[str, Scoped], given: Sequence[object]) -> int:
        """The row of a production, made when it is first met."""
        head = self._head(production, where, given)
        identity = (head, production.parameters, production.result)
        found = self.rows.get(identity)
        if found is None:
            found = self.rows[identity] = len(self.heads)
            self.heads.append(head)
            self.shapes.append(self._shape(production))
        return found

    def _head(self, production: Production, where: dict[str, Scoped], given: Sequence[object]) -> int:
        match production.head:
            case Name(word):
                return self._words[word]
            case Variable():
                at = where[production.key]
                identity: tuple[object, ...] = (at.bound, min(at.place, _PLACES - 1), min(at.level, _LEVELS - 1))
                return self._leaf((*identity, production.result), None, production.result)
            case Literal(value):
                is_given = any(key(value) == key(g) for g in given)
                return self._leaf(("literal", key(value), is_given, production.result), value, production.result)

    def _leaf(self, identity: tuple[object, ...], value: object, t: Type) -> int:
        found = self._leaf_rows.get(identity)
        if found is None:
            found = self._leaf_rows[identity] = len(self._words) + len(self.leaves)
            self.leaves.append(_leaf_features(identity, value, t))
        return found

    def _shape(self, production: Production) -> NDArray[np.float32]:
        types = (*production.parameters, production.result)
        found = self._shape_rows.get(types)
        if found is None:
            inside = [type_features(p) for p in production.parameters[:_SEEN_PARAMETERS]]
            inside += [np.zeros(TYPE_WIDTH, np.float32)] * (_SEEN_PARAMETERS - len(inside))
            found = self._shape_rows[types] = np.concatenate([*inside, type_features(production.result)])
        return found


def _leaf_features(identity: tuple[object, ...], value: object, t: Type) -> NDArray[np.float32]:
    row = np.zeros(LEAF_WIDTH, dtype=np.float32)
    if identity[0] == "literal":
        row[2] = 1
        row[-2] = float(bool(identity[2]))
        row[-1] = len(value) / 5 if isinstance(value, tuple | str) else 0
        begin = 3 + _PLACES + _LEVELS + TYPE_WIDTH
        row[begin : begin + SCALAR_WIDTH] = scalar_features()[scalar_of(value, t)]
    else:
        bound, place, level = identity[:3]
        assert isinstance(place, int), "as made above"
        assert isinstance(level, int), "as made above"
        row[int(bool(bound))] = 1
        row[3 + place] = 1
        row[3 + _PLACES + level] = 1
    begin = 3 + _PLACES + _LEVELS
    row[begin : begin + TYPE_WIDTH] = type_features(t)
    return row
