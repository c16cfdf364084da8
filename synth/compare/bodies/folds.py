"""From a program of the language to a finite machine that does the same on every input, where it is one.

A program is read as an expression over *observations* of its input: folds over it, its first and its last item. Each is
a value that can be kept up to date item by item. The states of the machine are what these values are together, found by
running the program's own functions with the compiler of the language; its outputs are the expression's values.

A remainder of a sum over a fold (`fold(lambda s, x: s + x, 0, xs) % 2`) is a finite machine although the fold's own
values are not: where a fold's function is made of sums, differences and products, remainders may be taken at each step
(they are a ring homomorphism), and are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dsl.compiler import Compiled, compile_program
from dsl.library import Library
from dsl.program import Application, Lambda, Literal, Name, Program, Variable, children, free_variables, rebuild
from dsl.values import Failure, key
from synth.compare.bodies.machine import ANY_LIST, Form, Machine, NotFiniteError, explore, minimise

__all__ = ["machine_of"]

_FIRST, _LAST = "first item", "last item"
"""Names that no program has, as they are not identifiers."""
_RING = frozenset({"int.add", "int.subtract", "int.multiply", "int.negate"})


@dataclass(frozen=True)
class _Fold:
    """A fold over the input: the variable that stands for its value, its function, its start, remainders to take."""

    name: str
    step: Program
    start: Program
    modulus: int | None


@dataclass(frozen=True)
class _Known:
    """A value of the language, equal to another only where the language calls them the same."""

    value: object = field(compare=False)
    identity: object

    @classmethod
    def of(cls, value: object) -> _Known:
        """A value with its identity."""
        return cls(value, key(value))


_State = tuple[_Known, ...] | None
"""First item, last item, folds; None before the first item."""


def machine_of(
    program: Lambda, library: Library, alphabet: Sequence[int], *, form: Form = ANY_LIST, limit: int
) -> Machine:
    """The smallest machine that gives what the program gives, on all inputs of a form over an alphabet.

    Raises NotFiniteError where the program is not made of observations of one list, where it reaches more than `limit`
    states, or where it has no value or no int for some input.
    """
    if len(program.parameters) != 1:
        raise NotFiniteError("it takes more than one list")
    reader = _Reader(program.parameters[0])
    output = _function((_FIRST, _LAST, *reader.folds_of(program)), reader.body, library)
    folds = [_Running.of(fold, library) for fold in reader.folds]

    def step(state: object, item: int) -> _State:
        known = state if isinstance(state, tuple) else None
        first = known[0].value if known is not None else item
        values = [
            fold.advance(first, item, None if known is None else known[place].value)
            for place, fold in enumerate(folds, 2)
        ]
        # an observation that is not used must not make states differ
        return tuple(map(_Known.of, (first if reader.uses(_FIRST) else 0, item if reader.uses(_LAST) else 0, *values)))

    odd: list[object] = []

    def said(state: object) -> int:
        assert isinstance(state, tuple), "there is at least one item"
        value = output([known.value for known in state])
        if type(value) is int:
            return value
        odd.append(value)
        return 0

    found = explore(None, step, said, alphabet, form=form, limit=limit)
    if odd:  # said last, as too many states is the better reason where both are true
        raise NotFiniteError(f"its value for some input is {odd[0]}, which is no int")
    return minimise(found)


@dataclass(frozen=True)
class _Running:
    """A fold, ready to go on by an item."""

    fold: _Fold
    start: Compiled
    step: Compiled

    @classmethod
    def of(cls, fold: _Fold, library: Library) -> _Running:
        """The fold's two functions, compiled; both may ask for the first item."""
        match fold.step:
            case Lambda((state, item), body):
                step = _function((_FIRST, state, item), body, library)
            case _:
                applied = Application(fold.step, (Variable("state"), Variable("item")))
                step = _function((_FIRST, "state", "item"), applied, library)
        return cls(fold, _function((_FIRST,), fold.start, library), step)

    def advance(self, first: object, item: int, before: object) -> object:
        """The fold's value after one more item; `before` is None at the first one."""
        value = self._reduced(self.start([first])) if before is None else before
        return self._reduced(self.step([first, value, item]))

    def _reduced(self, value: object) -> object:
        if isinstance(value, Failure):
            raise NotFiniteError(f"a fold has no value for some input: {value}")
        return value if self.fold.modulus is None or not isinstance(value, int) else value % self.fold.modulus


def _function(parameters: Sequence[str], body: Program, library: Library) -> Compiled:
    return compile_program(Lambda(tuple(parameters), body), library)


class _Reader:
    """Takes a program apart into observations and an expression over them."""

    def __init__(self, parameter: str) -> None:
        self.parameter = parameter
        self.folds: list[_Fold] = []
        self.body: Program = Variable(parameter)

    def folds_of(self, program: Lambda) -> tuple[str, ...]:
        """The names that stand for the program's folds; `body` is then the expression over them."""
        self.body = self._read(program.body, None)
        if self.parameter in free_variables(self.body):
            raise NotFiniteError("it uses its input in other ways than by folds, its first and its last item")
        return tuple(fold.name for fold in self.folds)

    def uses(self, name: str) -> bool:
        """Whether an observation is used, in the expression or in a fold."""
        parts = (self.body, *(part for fold in self.folds for part in (fold.step, fold.start)))
        return any(name in free_variables(part) for part in parts)

    def _read(self, p: Program, modulus: int | None) -> Program:
        """A part of a program with variables for observations; `modulus` where only its remainder counts."""
        match p:
            case Application(Name("list.fold"), (step, start, Variable(name))) if name == self.parameter:
                return self._read_fold(step, start, modulus)
            case Application(Name("list.get"), (Variable(name), Literal(-1))) if name == self.parameter:
                return Variable(_LAST)
            case Application(Name("int.modulo"), (inner, Literal(int(m)))) if m > 0:
                return rebuild(p, (Name("int.modulo"), self._read(inner, m), Literal(m)))
            case Application(Name(word), arguments) if word in _RING:
                return rebuild(p, (Name(word), *(self._read(part, modulus) for part in arguments)))
            case _ if (first := self._first(p)) is not None:
                return first
            case _:
                return rebuild(p, tuple(self._read(part, None) for part in children(p)))

    def _first(self, p: Program) -> Program | None:
        match p:
            case Application(Name("list.head"), (Variable(name),)) if name == self.parameter:
                return Variable(_FIRST)
            case Application(Name("list.get"), (Variable(name), Literal(0))) if name == self.parameter:
                return Variable(_FIRST)
        return None

    def _read_fold(self, step: Program, start: Program, modulus: int | None) -> Program:
        taken = modulus if modulus is not None and _is_polynomial(step) else None
        step, start = self._with_first(step), self._with_first(start)
        if (free_variables(step) | free_variables(start)) - {_FIRST}:
            raise NotFiniteError("a fold uses more of the input than the item at hand and the first one")
        fold = _Fold(f"fold {len(self.folds)}", step, start, taken)
        self.folds.append(fold)
        return Variable(fold.name)

    def _with_first(self, p: Program) -> Program:
        if (first := self._first(p)) is not None:
            return first
        parts = children(p)
        return rebuild(p, tuple(map(self._with_first, parts))) if parts else p


def _is_polynomial(step: Program) -> bool:
    """Whether a fold's function takes equal remainders to equal remainders: sums and products, or a choice of such."""
    match step:
        case Name(word):
            return word in _RING
        case Lambda((state, _), body):
            return _in_ring(body, state)
        case _:
            return False


def _in_ring(p: Program, state: str) -> bool:
    if state not in free_variables(p):
        return True
    match p:
        case Variable():
            return True
        case Application(Name("control.if"), (condition, *branches)):
            return state not in free_variables(condition) and all(_in_ring(branch, state) for branch in branches)
        case Application(Name(word), arguments):
            return word in _RING and all(_in_ring(part, state) for part in arguments)
        case _:
            return False
