"""Whether a program has the form of a sketch: whether filling the sketch's holes can give it.

Up to what only changes how a program is written: the names of bound variables, `let x = a in b` for b with a in it,
`(lambda x: b)(a)` likewise, `lambda x: f(x)` for f, and `cons(1, [2])` for `[1, 2]`. Both trees are walked together,
with environments instead of substitution (Landin, "The mechanical evaluation of expressions", 1964), so that no text of
a few lines gets huge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from dsl.operators import CONS
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable, call, children, rebuild

__all__ = ["has_form"]

_STEP_LIMIT = 100_000
"""Most pairs of nodes that are compared; beyond, the answer is no."""


def has_form(program: Program, sketch: Program) -> bool:
    """Whether a program is a sketch with its holes filled, holes of one name by one program.

    A hole that is applied, as in `?f(x)`, is filled by any function, so that it stands for any program.

    >>> from dsl.program import call
    >>> xs, is_even = Variable("xs"), Name("int.is_even")
    >>> form = call("list.map", Hole("f", is_even), call("list.filter", Hole("p", is_even), xs))  # types do not matter
    >>> has_form(call("list.map", Name("int.negate"), call("list.filter", is_even, xs)), form)
    True
    >>> has_form(call("list.filter", is_even, xs), form)
    False
    """
    return _Matcher().matches(_Closure(_with_holes_apart(sketch), {}), _Closure(program, {}))


@dataclass(frozen=True, slots=True, eq=False)
class _Bound:
    """A variable that both sides bind at the same place; `name` is the sketch's. Each is equal to itself only."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class _Closure:
    """A part of a program, and what the variables around it stand for; those not listed are free."""

    part: Program
    scope: _Scope


_Scope: TypeAlias = Mapping[str, "_Bound | _Closure"]


@dataclass(slots=True)
class _Matcher:
    """One comparison. `filled` are the fillings of named holes, by name, and of unnamed ones, by node.

    An unnamed hole has several places to fill where it is the value of a let that is used twice.
    """

    filled: dict[str | int, _Closure] = field(default_factory=dict)
    same: bool = False
    """Whether two fillings are compared: then variables bound around both are the same if they have one name."""
    steps: int = 0

    def matches(self, sketch: _Closure, program: _Closure) -> bool:
        self.steps += 1
        if self.steps > _STEP_LIMIT:
            return False
        wanted, found = _head(sketch), _head(program)
        s, p = wanted.part, found.part
        if isinstance(s, Hole):
            return self._fill(s, found)
        if isinstance(s, Application) and isinstance(_head(_Closure(s.function, wanted.scope)).part, Hole):
            return True
        match s, p:
            case (Lambda(), _) | (_, Lambda()):
                return self._functions(wanted, found)
            case Application(Name("list.cons")), Literal((_, *_)):
                return self.matches(wanted, _Closure(_as_cons(p), {}))
            case Literal((_, *_)), Application(Name("list.cons")):
                return self.matches(_Closure(_as_cons(s), {}), found)
            case Application(f, xs), Application(g, ys):
                pairs = zip((f, *xs), (g, *ys), strict=False)
                return len(xs) == len(ys) and all(
                    self.matches(_Closure(a, wanted.scope), _Closure(b, found.scope)) for a, b in pairs
                )
            case Variable(x), Variable(y):
                return self._variables(wanted.scope.get(x, x), found.scope.get(y, y))
            case (Name(), Name()) | (Literal(), Literal()):
                return s == p
            case _:
                return False

    def _fill(self, hole: Hole, found: _Closure) -> bool:
        earlier = self.filled.setdefault(hole.name or id(hole), found)
        if earlier is found:
            return True
        inner = _Matcher(same=True, steps=self.steps)
        equal = inner.matches(earlier, found)
        self.steps = inner.steps
        return equal

    def _functions(self, wanted: _Closure, found: _Closure) -> bool:
        """Two functions, at least one a lambda: their bodies; where the other is none, it is applied."""
        lambdas = [c.part.parameters for c in (wanted, found) if isinstance(c.part, Lambda)]
        if len({len(parameters) for parameters in lambdas}) > 1:
            return False
        bound = tuple(map(_Bound, lambdas[0]))
        return self.matches(_applied(wanted, bound), _applied(found, bound))

    def _variables(self, x: _Bound | _Closure | str, y: _Bound | _Closure | str) -> bool:
        if self.same and isinstance(x, _Bound) and isinstance(y, _Bound):
            return x.name == y.name
        return x == y


def _with_holes_apart(sketch: Program) -> Program:
    """The sketch with a node of its own for each hole, so that a hole is known by its node."""
    if isinstance(sketch, Hole):
        return Hole(sketch.name, sketch.type)
    return rebuild(sketch, tuple(map(_with_holes_apart, children(sketch))))


def _as_cons(constant: Literal) -> Program:
    """A list of constants as its first item before the others."""
    assert isinstance(constant.value, tuple), "only lists are asked for"
    first, *rest = constant.value
    return call(CONS, Literal(first), Literal(tuple(rest)))


def _head(closure: _Closure) -> _Closure:
    """The closure with what stands at its top put in: a variable's value, a let's body, a lambda's that is applied."""
    part, scope = closure.part, closure.scope
    while True:
        match part:
            case Variable(name) if isinstance(value := scope.get(name), _Closure):
                part, scope = value.part, value.scope
            case Let(name, value, body):
                part, scope = body, {**scope, name: _Closure(value, scope)}
            case Application(function, arguments):
                head = _head(_Closure(function, scope))
                if not isinstance(head.part, Lambda) or len(head.part.parameters) != len(arguments):
                    return _Closure(part, scope)
                given = (_Closure(argument, scope) for argument in arguments)
                part, scope = head.part.body, {**head.scope, **dict(zip(head.part.parameters, given, strict=True))}
            case _:
                return _Closure(part, scope)


def _applied(closure: _Closure, arguments: tuple[_Bound, ...]) -> _Closure:
    """A function applied to variables that stand for nothing else."""
    match closure.part:
        case Lambda(parameters, body):
            return _Closure(body, {**closure.scope, **dict(zip(parameters, arguments, strict=True))})
        case part:
            names = tuple(f"?{position}" for position in range(len(arguments)))  # no variable has such a name
            scope = {**closure.scope, **dict(zip(names, arguments, strict=True))}
            return _Closure(Application(part, tuple(map(Variable, names))), scope)
