"""Patterns: programs with numbered gaps, where they occur in others, and programs rewritten with a name for one.

All trees here are nameless (see `synth.learn.forms`); a gap is a `Hole` called `#0`, `#1`, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import assert_never

from dsl.inference import UNTYPED
from dsl.library import Library
from dsl.primitive import Primitive
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable, children, holes, rebuild
from dsl.type_system import FunctionType
from synth.learn.forms import LAZY, abstracted, called, index_of, inner_parts, outside, own, replaced, shifted

__all__ = [
    "WORD_COST",
    "Pattern",
    "Rewriter",
    "body_cost",
    "cost",
    "filled",
    "gap",
    "gaps",
    "is_harmless",
    "matched",
    "opened_pattern",
    "surely_run",
    "with_gap_apart",
]

WORD_COST = 100
"""What a word, a variable, a constant or a gap costs, where an application and a parameter cost 1.

These are stitch's own figures (Bowers et al., "Top-down synthesis for library learning", 2023, section 6).
"""


def gap(number: int) -> Hole:
    """The gap of a number."""
    return Hole(f"#{number}", UNTYPED)


def gaps(p: Program) -> tuple[str, ...]:
    """Names of the gaps of a pattern, each once, left to right."""
    return tuple(dict.fromkeys(hole.name for hole in holes(p)))


def cost(p: Program) -> int:
    """Size of a program or pattern as stitch counts it: its leaves a hundred each, the rest one."""
    match p:
        case Name() | Literal() | Variable() | Hole():
            return WORD_COST
        case Lambda(parameters, body):
            return len(parameters) + cost(body)
        case Application(function, arguments):
            return cost(function) + len(arguments) + sum(map(cost, arguments))
        case Let(_, value, body):
            return WORD_COST + 3 + cost(value) + cost(body)
    assert_never(p)


def body_cost(pattern: Program) -> int:
    """What a pattern costs as the body of a definition: its gaps are free there."""
    return cost(pattern) - WORD_COST * sum(1 for _ in holes(pattern))


def filled(p: Program, values: dict[str, Program]) -> Program:
    """A pattern with programs for its gaps."""

    def put(node: Program, depth: int) -> Program | None:
        return shifted(values[node.name], depth) if isinstance(node, Hole) and node.name in values else None

    return replaced(p, put)


def opened_pattern(body: Program, arity: int) -> tuple[Program, int]:
    """A pattern that is no lambda: one for functions becomes one for their bodies, their parameters further gaps.

    Also how many parameters there were.
    """
    if not isinstance(body, Lambda):
        return body, 0
    count = len(body.parameters)

    def put(node: Program, depth: int) -> Program | None:
        if not isinstance(node, Variable) or not node.name.startswith("$"):
            return None
        place = int(node.name[1:]) - depth
        return gap(arity + count - 1 - place) if 0 <= place < count else None

    inner, more = opened_pattern(replaced(body.body, put), arity + count)
    return inner, count + more


def with_gap_apart(body: Program, name: str, first: int) -> Program:
    """A pattern with a gap of its own for each further occurrence of a gap, numbered from `first` on."""
    fresh = count(first)
    met = False

    def put(node: Program, _: int) -> Program | None:
        nonlocal met
        if not isinstance(node, Hole) or node.name != name:
            return None
        again, met = met, True
        return gap(next(fresh)) if again else node

    return replaced(body, put)


# ---- matching -----------------------------------------------------------------------------------------------------


def matched(pattern: Program, subject: Program) -> dict[str, Program] | None:
    """What stands in the gaps where a subject is an instance of a pattern; None where it is not.

    Gaps take nothing that the pattern binds itself; one that occurs twice stands for equal programs. A gap that is
    applied to variables which the pattern binds stands for the function of these that the subject's part is: there is
    one at most (Miller, "A logic programming language with lambda-abstraction, function variables, and simple
    unification", 1991, section 3).
    """
    found: dict[str, Program] = {}
    return found if _matches(pattern, subject, 0, found) else None


def _matches(pattern: Program, subject: Program, depth: int, found: dict[str, Program]) -> bool:
    if isinstance(pattern, Hole):
        if any(index < depth for index in outside(subject)):
            return False
        value = shifted(subject, -depth)
        return found.setdefault(pattern.name, value) == value
    if isinstance(pattern, Application) and isinstance(pattern.function, Hole):
        function = _function_of(subject, [index_of(a) for a in pattern.arguments], depth)
        return function is not None and found.setdefault(pattern.function.name, function) == function
    parts, others = children(pattern), children(subject)
    if type(pattern) is not type(subject) or len(parts) != len(others):
        return False
    if not parts:
        return pattern == subject
    if isinstance(pattern, Lambda) and isinstance(subject, Lambda) and pattern.parameters != subject.parameters:
        return False
    inside = zip(inner_parts(pattern), others, strict=True)
    return all(_matches(part, other, depth + binds, found) for (part, binds), other in inside)


def _function_of(subject: Program, taken: Sequence[int | None], depth: int) -> Program | None:
    """The function that gives a subject for the variables of these indices; None where it needs others of the pattern.

    `depth` binders of the pattern are around the subject; the function is seen from outside of them.
    """
    known = [index for index in taken if index is not None]
    if len(set(known)) < len(taken) or any(index < depth and index not in known for index in outside(subject)):
        return None
    body, parameters = shifted(abstracted(subject, known), -depth, len(known)), ("_",) * len(known)
    match body:
        case Application(Name(word) as function, arguments) if word not in LAZY and arguments == own(parameters):
            return function
        case _:
            return Lambda(parameters, body)


# ---- what is run --------------------------------------------------------------------------------------------------


def surely_run(p: Program, library: Library) -> frozenset[str]:
    """Gaps whose programs are run whenever the pattern is, whatever the values: not in branches or lambdas only."""
    match p:
        case Hole(name):
            return frozenset({name})
        case Lambda():
            return frozenset()
        case Application(Name("control.if"), (test, then, otherwise)):
            both = surely_run(then, library) & surely_run(otherwise, library)
            return surely_run(test, library) | both
        case Application(Name(word), arguments):
            entry = library.entries.get(word)
            lazy = isinstance(entry, Primitive) and entry.lazy is not None
            run = arguments[: LAZY.get(word, 0)] if lazy else arguments
            return frozenset().union(*(surely_run(argument, library) for argument in run))
        case _:
            return frozenset().union(*(surely_run(part, library) for part in children(p)))


def is_harmless(p: Program, library: Library) -> bool:
    """Whether running a program cannot fail: it is a value as it stands."""
    match p:
        case Variable() | Literal() | Lambda():
            return True
        case Name(name):
            return name in library and isinstance(library[name].type, FunctionType)
        case _:
            return False


# ---- rewriting ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pattern:
    """A named pattern: `name` applied to what stands in the gaps, in the order of `order`, means `body`."""

    name: str
    body: Program
    order: tuple[str, ...]

    def call(self, values: dict[str, Program]) -> Program:
        """The name applied to what stands in the gaps."""
        return called(self.name, [values[name] for name in self.order])


@dataclass(slots=True)
class Rewriter:
    """Rewrites programs with one pattern so that they cost least; remembers what it has seen.

    Arguments of a call are always run. So where a pattern may leave a gap unrun, only programs that cannot fail are
    taken out of it: else a call could fail where the program had a value.
    """

    pattern: Pattern
    library: Library
    _run: frozenset[str] = field(init=False)
    _known: dict[Program, tuple[Program, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._run = surely_run(self.pattern.body, self.library)

    def program(self, p: Program) -> Program:
        """A whole program rewritten; its outermost lambda stays."""
        if isinstance(p, Lambda):
            return Lambda(p.parameters, self.best(p.body)[0])
        return self.best(p)[0]

    def best(self, p: Program) -> tuple[Program, int]:
        """The cheapest rewriting of a program and its cost; the one with fewer calls where two cost the same."""
        known = self._known.get(p)
        if known is None:
            known = self._known[p] = self._best(p)
        return known

    def _best(self, p: Program) -> tuple[Program, int]:
        made = self._with_parts(p)
        kept = (made, cost(made))
        values = self._values(p)
        if values is None:
            return kept
        call = self.pattern.call({name: self.best(value)[0] for name, value in values.items()})
        return min(kept, (call, cost(call)), key=lambda found: found[1])

    def _with_parts(self, p: Program) -> Program:
        """A program with its parts rewritten; a lambda that only passes its parameters to the name is the name."""
        parts = tuple(self.best(part)[0] for part in children(p))
        made = p if all(a is b for a, b in zip(parts, children(p), strict=True)) else rebuild(p, parts)
        match made:
            case Lambda(parameters, Application(Name(name) as function, arguments)) if name == self.pattern.name:
                return function if arguments == own(parameters) else made
            case _:
                return made

    def _values(self, p: Program) -> dict[str, Program] | None:
        """What stands in the gaps where the pattern may be used; None where it may not."""
        found = matched(self.pattern.body, p)
        if found is None:
            return None
        unsafe = (name for name, v in found.items() if name not in self._run and not is_harmless(v, self.library))
        return found if next(unsafe, None) is None else None
