"""The meaning of the language: a program is run by walking its tree, within fuel and size limits.

A run always ends, in a value or in a `Failure`. What counts:

* fuel: one step per application, and one more per call of a function value;
* nesting: the levels of all program bodies that are running at once, and of the words that run them;
* size: `fault_of` looks at the result of every word.

A failure anywhere ends the whole run, also from within a function that a primitive calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from dsl.deep_stack import deep_stack
from dsl.library import Definition, Entry, Library
from dsl.primitive import Primitive
from dsl.program import (
    DEPTH_LIMIT,
    Application,
    Hole,
    Lambda,
    Let,
    Literal,
    Name,
    Program,
    Variable,
    children,
    rebuild,
)
from dsl.type_system import FunctionType, Type, TypeConstructor
from dsl.values import Cause, Failure, Outcome, TooLarge, Undefined, fault_of, holds_function

__all__ = [
    "DEFAULT_FUEL",
    "FEW_LEVELS",
    "NESTING_LIMIT",
    "TRACED_VALUES",
    "WORD_LEVELS",
    "Occurrence",
    "Stop",
    "Trace",
    "calls_functions",
    "failure_of",
    "frames_for",
    "levels_of",
    "result_type",
    "run",
    "trace",
]

DEFAULT_FUEL = 100_000
"""Steps that one run may take, where nothing else is said."""

NESTING_LIMIT = 50 * DEPTH_LIMIT
"""Most levels of program bodies that may be running at once; `levels_of` says how many a body counts."""

FEW_LEVELS = 5 * DEPTH_LIMIT
"""Levels for which Python's stack is made large at first."""

WORD_LEVELS = 30
"""Levels that a word counts that is given functions: it may call them by way of C, whose stack is small."""

Scope: TypeAlias = Mapping[str, object]
Function: TypeAlias = Callable[..., object]
Observe: TypeAlias = Callable[[Program, Outcome], bool]
"""Is shown a node and its value, or the failure that began there; answers whether the node is one it knows."""


class Stop(BaseException):
    """Ends a run from wherever it is; no Exception, so that a primitive's own `except Exception` lets it pass."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.observed = False


def run(program: Program, arguments: Sequence[object], library: Library, *, fuel: int = DEFAULT_FUEL) -> Outcome:
    """The value of a resolved program for these arguments, or why it has none.

    Never raises for a program that fails, nor for one that is ill-typed: that is a `Failure` too. `fuel` is the
    number of steps it may take.

    >>> from dsl.program import Lambda, Variable
    >>> run(Lambda(("x",), Variable("x")), (3,), Library())
    3
    """
    evaluation = _Evaluation(library, fuel)
    outcome = evaluation.outcome(program, arguments)
    return _deeper(lambda: _Evaluation(library, fuel), program, arguments) if evaluation.stack_ran_out else outcome


def _deeper(begin: Callable[[], _Evaluation], program: Program, arguments: Sequence[object]) -> Outcome:
    """Run a program with as much of Python's stack as its levels may take: some at first, all where that is not enough.

    What runs out at first with few levels is a word that calls itself without end. It would only take longer with more.
    """
    for levels in (FEW_LEVELS, NESTING_LIMIT):
        evaluation = begin()
        with deep_stack(frames_for(levels)):
            outcome = evaluation.outcome(program, arguments)
        if not evaluation.stack_ran_out or evaluation.nesting <= levels:
            break
    return outcome


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A subexpression at its place, and what it was worth.

    `path` leads from the root: which of `children` to take at each level. `values` are the first few in order of
    evaluation, several under a lambda; the last may be a `Failure` that began here. Functions are left out.
    `times` is how often it was evaluated.
    """

    program: Program
    path: tuple[int, ...]
    values: tuple[Outcome, ...]
    times: int


@dataclass(frozen=True, slots=True)
class Trace:
    """A run in detail: its outcome, and every subexpression that was evaluated, a whole before its parts."""

    outcome: Outcome
    occurrences: tuple[Occurrence, ...]


TRACED_VALUES = 20
"""Most values that a trace keeps for one subexpression."""


def trace(
    program: Program,
    arguments: Sequence[object],
    library: Library,
    *,
    fuel: int = DEFAULT_FUEL,
    keep: int = TRACED_VALUES,
) -> Trace:
    """Run a program and note what every subexpression was worth; at most `keep` values for each.

    Words of the library are not looked into.

    >>> from dsl.program import Lambda, Variable
    >>> [(o.path, o.values) for o in trace(Lambda(("x",), Variable("x")), (3,), Library()).occurrences]
    [((0,), (3,))]
    """
    # One node object may stand at several places: in a copy each place has an object, and so an id, of its own.
    copy = _copied(program)
    places = list(zip(_places(program), _places(copy), strict=True))
    notes: dict[int, _Note] = {}

    def begin() -> _Evaluation:
        notes.update((id(node), _Note(*place)) for place, (_, node) in places)
        return _Evaluation(library, fuel, observe)

    def observe(node: Program, outcome: Outcome) -> bool:
        note = notes.get(id(node))
        if note is None:
            return False
        note.times += 1
        if len(note.values) < keep and not holds_function(outcome):
            note.values.append(outcome)
        elif isinstance(outcome, Failure):
            note.values[-1:] = [outcome]
        return True

    outcome = _deeper(begin, copy, arguments)
    seen = (note for note in notes.values() if note.times)
    return Trace(outcome, tuple(Occurrence(n.program, n.path, tuple(n.values), n.times) for n in seen))


@dataclass(slots=True)
class _Note:
    path: tuple[int, ...]
    program: Program
    values: list[Outcome] = field(default_factory=list)
    times: int = 0


def _copied(p: Program) -> Program:
    parts = children(p)
    return rebuild(p, tuple(map(_copied, parts))) if parts else replace(p)


def _places(p: Program, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Program]]:
    yield path, p
    for position, part in enumerate(children(p)):
        yield from _places(part, (*path, position))


def frames_for(levels: int) -> int:
    """Python frames that suffice for some levels: none takes a dozen, those of a reasonable primitive included."""
    return 12 * levels


def levels_of(body: Program) -> int:
    """How deep a body is, apart from the bodies of the lambdas in it, which count when they run."""
    parts = () if isinstance(body, Lambda) else children(body)
    return 1 + max(map(levels_of, parts), default=0)


def result_type(primitive: Primitive) -> Type:
    """The type of what a primitive gives, once it has its arguments."""
    return primitive.type.result if isinstance(primitive.type, FunctionType) else primitive.type


def calls_functions(primitive: Primitive) -> bool:
    """Whether a primitive may be given functions, to call while it runs."""
    parameters = primitive.type.parameters if isinstance(primitive.type, FunctionType) else ()
    return any(map(_mentions_functions, parameters))


def _mentions_functions(t: Type) -> bool:
    match t:
        case FunctionType():
            return True
        case TypeConstructor(_, arguments):
            return any(map(_mentions_functions, arguments))
        case _:
            return False


def failure_of(error: Exception, primitive: Primitive) -> Failure:
    """What it means that a primitive raised an exception."""
    match error:
        case TooLarge() | MemoryError():
            return Failure(Cause.TOO_LARGE, primitive.name, _text(error))
        case RecursionError():
            return Failure(Cause.TOO_LARGE, primitive.name, "it called itself too deeply")
        case Undefined():
            return Failure(Cause.UNDEFINED, primitive.name, _text(error))
        case _ if isinstance(error, primitive.raises):
            return Failure(Cause.UNDEFINED, primitive.name, _text(error))
        case OverflowError():
            return Failure(Cause.OVERFLOW, primitive.name, _text(error))
        case _:
            return Failure(Cause.FAULT, primitive.name, f"it raised {type(error).__name__}: {_text(error)}")


def _text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # the exception is the user's, and so is its text
        return "(an exception whose text cannot be shown)"


@dataclass(slots=True)
class _Evaluation:
    """One run under way."""

    library: Library
    fuel: int
    observe: Observe | None = None
    nesting: int = 0
    levels: dict[int, int] = field(default_factory=dict)
    """`levels_of` each body that was run, by id."""
    stopped: Stop | None = None
    stack_ran_out: bool = False

    def outcome(self, program: Program, arguments: Sequence[object]) -> Outcome:
        try:
            value = self._start(program, arguments)
            if holds_function(value):
                raise self._stop(Cause.FAULT, detail="expected a value, found a function, which only programs can use")
        except Stop as stop:
            return stop.failure
        except RecursionError:
            return self._out_of_stack().failure
        return value

    def _start(self, program: Program, arguments: Sequence[object]) -> object:
        if isinstance(program, Lambda):
            return self._body(program, arguments, {})
        value = self._nested(program, {})
        return self._call(value, arguments) if arguments else value

    # ---- What ends a run --------------------------------------------------------------------------------------------

    def _stop(self, cause: Cause, where: str = "", detail: str = "") -> Stop:
        return self._stop_by(Failure(cause, where, detail))

    def _stop_by(self, failure: Failure) -> Stop:
        # Kept, so that a primitive that swallows it (`except:`) ends the run all the same, once it returns.
        self.stopped = self.stopped or Stop(failure)
        return self.stopped

    def _out_of_stack(self) -> Stop:
        self.stack_ran_out = True
        return self._stop(Cause.TOO_LARGE, detail="it is nested too deeply for Python's stack")

    def _step(self) -> None:
        if self.fuel <= 0:
            raise self._stop(Cause.OUT_OF_FUEL)
        self.fuel -= 1

    # ---- Nodes ------------------------------------------------------------------------------------------------------

    def evaluate(self, p: Program, scope: Scope) -> object:
        try:
            value = self._value(p, scope)
        except Stop as stop:
            if self.observe is not None and not stop.observed:
                stop.observed = self.observe(p, stop.failure)
            raise
        if self.observe is not None:
            self.observe(p, value)
        return value

    def _value(self, p: Program, scope: Scope) -> object:
        match p:
            case Literal(value):
                return value
            case Variable(name):
                if name not in scope:
                    raise self._stop(Cause.FAULT, name, "nothing binds this variable")
                return scope[name]
            case Name(name):
                return self._word(self._entry(name))
            case Lambda(parameters):
                return self._function(lambda *arguments: self._body(p, arguments, scope), len(parameters))
            case Application():
                return self._application(p, scope)
            case Let(name, value, body):
                return self.evaluate(body, {**scope, name: self.evaluate(value, scope)})
            case Hole(name):
                raise self._stop(Cause.UNDEFINED, f"?{name}", "a hole has no value until it is filled")
        assert_never(p)

    def _application(self, p: Application, scope: Scope) -> object:
        self._step()
        entry = self._entry(p.function.name) if isinstance(p.function, Name) else None
        match entry:
            case Primitive(lazy=lazy) if lazy is not None and _is_function(entry):
                return self._checked(entry, lambda: lazy(self._force(p.arguments, scope)))
            case Primitive() if _is_function(entry):
                arguments = [self.evaluate(argument, scope) for argument in p.arguments]
                return self._applied(entry, arguments)
            case Definition(program=Lambda() as definition):
                return self._body(definition, [self.evaluate(argument, scope) for argument in p.arguments], {})
            case _:
                function = self.evaluate(p.function, scope)
                return self._call(function, [self.evaluate(argument, scope) for argument in p.arguments])

    def _body(self, function: Lambda, arguments: Sequence[object], scope: Scope) -> object:
        parameters = function.parameters
        if len(arguments) != len(parameters):
            raise self._stop(Cause.FAULT, detail=f"expected {len(parameters)} arguments, found {len(arguments)}")
        return self._nested(function.body, {**scope, **dict(zip(parameters, arguments, strict=True))})

    def _nested(self, body: Program, scope: Scope) -> object:
        levels = self.levels.get(id(body))
        if levels is None:
            levels = self.levels[id(body)] = levels_of(body)
        self._enter(levels)
        value = self.evaluate(body, scope)
        self.nesting -= levels
        return value

    def _enter(self, levels: int) -> None:
        self.nesting += levels
        if self.nesting > NESTING_LIMIT:
            raise self._stop(Cause.TOO_LARGE, detail=f"calls are nested more than {NESTING_LIMIT} levels deep")

    # ---- Words ------------------------------------------------------------------------------------------------------

    def _entry(self, name: str) -> Entry:
        if name not in self.library:
            raise self._stop(Cause.FAULT, name, "the library has no word of this qualified name")
        return self.library[name]

    def _word(self, entry: Entry) -> object:
        """A word that stands as a value: a constant's value, or a function."""
        match entry:
            case Definition(program=Lambda() as definition):
                return self.evaluate(definition, {})
            case Definition(program=program):
                return self._nested(program, {})
            case Primitive() if _is_function(entry):
                return self._function(lambda *arguments: self._applied(entry, arguments))
            case Primitive():
                return self._checked(entry, entry.function)
        assert_never(entry)

    def _applied(self, primitive: Primitive, arguments: Sequence[object]) -> object:
        levels = WORD_LEVELS if calls_functions(primitive) else 0
        self._enter(levels)
        value = self._checked(primitive, lambda: primitive.function(*arguments))
        self.nesting -= levels
        return value

    def _checked(self, primitive: Primitive, compute: Callable[[], object]) -> object:
        """What a primitive computes, if it keeps its word."""
        try:
            value = compute()
        except Exception as error:
            if self.stopped is not None:
                raise self.stopped from None
            self.stack_ran_out = isinstance(error, RecursionError)
            raise self._stop_by(failure_of(error, primitive)) from None
        if self.stopped is not None:
            raise self.stopped
        result = result_type(primitive)
        if (fault := fault_of(value, result)) is not None:
            raise self._stop_by(replace(fault, where=primitive.name))
        return self._given(primitive, value, result) if isinstance(result, FunctionType) else value

    def _given(self, primitive: Primitive, value: object, t: FunctionType) -> Function:
        """A Python function that a primitive gave, held to that primitive's word."""
        assert callable(value), "fault_of has looked"
        made = replace(primitive, type=t, function=value, lazy=None)

        def call(*arguments: object) -> object:
            self._enter(WORD_LEVELS)
            result = self._checked(made, lambda: value(*arguments))
            self.nesting -= WORD_LEVELS
            return result

        return self._function(call)

    def _force(self, arguments: Sequence[Program], scope: Scope) -> Callable[[int], object]:
        def force(position: int) -> object:
            try:
                return self.evaluate(arguments[position], scope)
            except RecursionError:
                raise self._out_of_stack() from None

        return force

    # ---- Function values --------------------------------------------------------------------------------------------

    def _function(self, compute: Function, arity: int | None = None) -> Function:
        """A function value: a Python callable, whose calls cost fuel."""

        def call(*arguments: object) -> object:
            if arity is not None and len(arguments) != arity:
                raise TypeError(f"expected {arity} arguments, found {len(arguments)}")  # by the primitive that calls
            self._step()
            try:
                return compute(*arguments)
            except RecursionError:
                raise self._out_of_stack() from None

        return call

    def _call(self, function: object, arguments: Sequence[object]) -> object:
        if not callable(function):
            found = f"a value of Python's {type(function).__name__}"
            raise self._stop(Cause.FAULT, detail=f"expected a function to apply, found {found}")
        try:
            return function(*arguments)
        except RecursionError:
            raise self._out_of_stack() from None
        except Undefined as error:
            raise self._stop(Cause.UNDEFINED, detail=_text(error)) from None
        except Exception as error:  # a wrong number of arguments: the program is ill-typed
            raise self._stop(Cause.FAULT, detail=_text(error)) from None


def _is_function(primitive: Primitive) -> bool:
    return isinstance(primitive.type, FunctionType)
