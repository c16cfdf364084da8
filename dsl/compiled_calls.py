"""The closures that compiled programs are made of: one kind for each shape of call, so that each stays short.

A closure takes the environment: the meter of the run, then the constants of the body, then what is bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from dsl.interpreter import NESTING_LIMIT, WORD_LEVELS, Stop, calls_functions, failure_of, result_type
from dsl.primitive import Primitive
from dsl.result_checks import Measure, measure_bool, measure_int, measure_of
from dsl.type_system import Type
from dsl.values import INT_MAX, INT_MIN, SIZE_LIMIT, Cause, Failure, Undefined, fault_of

__all__ = [
    "Block",
    "Code",
    "Environment",
    "Meter",
    "Word",
    "call_block",
    "call_lazy",
    "call_primitive",
    "call_value",
    "doubt",
    "function_of_block",
    "function_of_primitive",
    "let",
    "make_closure",
    "word_of",
]

Environment: TypeAlias = tuple[Any, ...]
Code: TypeAlias = Callable[[Environment], Any]

_IN_DOUBT = Failure(Cause.OUT_OF_FUEL)


@dataclass(slots=True)
class Meter:
    """What one run has left, and why it ended."""

    fuel: int
    nesting: int = 0
    stopped: Stop | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether the interpreter has to judge the run."""
        return self.stopped is not None and self.stopped.failure is _IN_DOUBT

    def stop(self, failure: Failure) -> Stop:
        """The end of a run; kept, so that a primitive that swallows it ends the run all the same once it returns."""
        self.stopped = self.stopped or Stop(failure)
        return self.stopped

    def doubt(self) -> Stop:
        """The end of a run that the interpreter has to judge."""
        return self.stop(_IN_DOUBT)

    def raised(self, error: Exception, primitive: Primitive) -> Stop:
        """The end of a run in which a primitive raised an exception."""
        # A RecursionError may be for Python's stack, a TypeError for a call of one of our closures.
        in_doubt = isinstance(error, RecursionError | TypeError)
        return self.doubt() if in_doubt else self.stop(failure_of(error, primitive))

    def wrong(self, value: object, primitive: Primitive) -> Stop:
        """The end of a run in which the measure of a result found something wrong with it."""
        fault = fault_of(value, result_type(primitive))
        return self.doubt() if fault is None else self.stop(replace(fault, where=primitive.name))


@dataclass(frozen=True, slots=True)
class Block:
    """A compiled body: its code, the constants it reads, what it costs to run, and its levels."""

    arity: int
    code: Code
    constants: tuple[object, ...]
    steps: int
    levels: int


def doubt(environment: Environment) -> Any:
    """Code for what only the interpreter can judge."""
    raise environment[0].doubt()


# ---- Primitives -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """A primitive, with what is worked out once for all its calls.

    `measure` is of its results, None where any will do; `calls_functions` says whether it may be given functions, to
    call while it runs.
    """

    primitive: Primitive
    function: Callable[..., Any]
    result: Type
    measure: Measure | None
    calls_functions: bool


def word_of(primitive: Primitive) -> Word:
    """What the calls of a primitive have in common."""
    result = result_type(primitive)
    return Word(primitive, primitive.function, result, measure_of(result), calls_functions(primitive))


def call_primitive(word: Word, arguments: tuple[Code, ...]) -> Code:
    """Code that applies a primitive to arguments, and checks what it gives."""
    if word.calls_functions or not 1 <= len(arguments) <= 2:
        return _call_many(word, arguments)
    return _call_one(word, *arguments) if len(arguments) == 1 else _call_two(word, *arguments)


def _call_one(word: Word, first: Code) -> Code:
    primitive, function, measure = word.primitive, word.function, word.measure

    def code_int(environment: Environment) -> Any:
        try:
            value = function(first(environment))
        except Exception as error:
            raise environment[0].raised(error, primitive) from None
        if type(value) is int and INT_MIN <= value <= INT_MAX:
            return value
        raise environment[0].wrong(value, primitive)

    def code_bool(environment: Environment) -> Any:
        try:
            value = function(first(environment))
        except Exception as error:
            raise environment[0].raised(error, primitive) from None
        if value is True or value is False:
            return value
        raise environment[0].wrong(value, primitive)

    def code_any(environment: Environment) -> Any:
        try:
            return function(first(environment))
        except Exception as error:
            raise environment[0].raised(error, primitive) from None

    if measure is None:
        return code_any

    def code_measured(environment: Environment) -> Any:
        try:
            value = function(first(environment))
        except Exception as error:
            raise environment[0].raised(error, primitive) from None
        if measure(value) <= SIZE_LIMIT:
            return value
        raise environment[0].wrong(value, primitive)

    return code_int if measure is measure_int else code_bool if measure is measure_bool else code_measured


def _call_two(word: Word, first: Code, second: Code) -> Code:
    primitive, function, measure = word.primitive, word.function, word.measure

    def code_int(environment: Environment) -> Any:
        try:
            value = function(first(environment), second(environment))
        except Exception as error:
            raise environment[0].raised(error, primitive) from None
        if type(value) is int and INT_MIN <= value <= INT_MAX:
            return value
        raise environment[0].wrong(value, primitive)

    def code_bool(environment: Environment) -> Any:
        try:
            value = function(first(environment), second(environment))
        except Exception as error:
            raise environment[0].raised(error, primitive) from None
        if value is True or value is False:
            return value
        raise environment[0].wrong(value, primitive)

    def code_any(environment: Environment) -> Any:
        try:
            return function(first(environment), second(environment))
        except Exception as error:
            raise environment[0].raised(error, primitive) from None

    if measure is None:
        return code_any

    def code_measured(environment: Environment) -> Any:
        try:
            value = function(first(environment), second(environment))
        except Exception as error:
            raise environment[0].raised(error, primitive) from None
        if measure(value) <= SIZE_LIMIT:
            return value
        raise environment[0].wrong(value, primitive)

    return code_int if measure is measure_int else code_bool if measure is measure_bool else code_measured


def _no_measure(value: object) -> int:
    return 0


def _call_many(word: Word, arguments: tuple[Code, ...]) -> Code:
    primitive, function, measure = word.primitive, word.function, word.measure or _no_measure
    levels = WORD_LEVELS if word.calls_functions else 0

    def code(environment: Environment) -> Any:
        meter = environment[0]
        try:
            values = [argument(environment) for argument in arguments]
            meter.nesting += levels
            if meter.nesting > NESTING_LIMIT:
                raise meter.doubt()
            value = function(*values)
            meter.nesting -= levels
        except Exception as error:
            raise meter.raised(error, primitive) from None
        if meter.stopped is not None:
            raise meter.stopped
        if measure(value) <= SIZE_LIMIT:
            return value
        raise meter.wrong(value, primitive)

    return code


def call_lazy(word: Word, arguments: tuple[Code, ...], steps: tuple[int, ...]) -> Code:
    """Code that applies a lazy primitive; each of its arguments is a block with its own steps."""
    primitive, measure = word.primitive, word.measure or _no_measure
    lazy = primitive.lazy
    assert lazy is not None, "the word is lazy"

    def code(environment: Environment) -> Any:
        meter = environment[0]

        def force(position: int) -> Any:
            argument = arguments[position]
            meter.fuel -= steps[position]
            if meter.fuel < 0:
                raise meter.doubt()
            try:
                return argument(environment)
            except RecursionError:
                raise meter.doubt() from None

        try:
            value = lazy(force)
        except Exception as error:
            raise meter.raised(error, primitive) from None
        if meter.stopped is not None:
            raise meter.stopped
        if measure(value) <= SIZE_LIMIT:
            return value
        raise meter.wrong(value, primitive)

    return code


# ---- Functions as values --------------------------------------------------------------------------------------------


def function_of_primitive(word: Word) -> Code:
    """Code that gives a primitive as a function value."""
    primitive, function, measure = word.primitive, word.function, word.measure or _no_measure
    levels = WORD_LEVELS if word.calls_functions else 0

    def make(environment: Environment) -> Callable[..., object]:
        meter = environment[0]

        def call(*arguments: object) -> Any:
            meter.fuel -= 1
            meter.nesting += levels
            if meter.fuel < 0 or meter.nesting > NESTING_LIMIT:
                raise meter.doubt()
            try:
                value = function(*arguments)
            except Exception as error:
                raise meter.raised(error, primitive) from None
            if meter.stopped is not None:
                raise meter.stopped
            meter.nesting -= levels
            if measure(value) <= SIZE_LIMIT:
                return value
            raise meter.wrong(value, primitive)

        return call

    return make


def make_closure(body: Code, arity: int, steps: int, levels: int) -> Code:
    """Code that gives a lambda as a function value."""

    def make_one(environment: Environment) -> Callable[..., object]:
        meter = environment[0]

        def call(argument: object) -> Any:
            meter.fuel -= steps
            meter.nesting += levels
            if meter.fuel < 0 or meter.nesting > NESTING_LIMIT:
                raise meter.doubt()
            try:
                value = body((*environment, argument))
            except RecursionError:
                raise meter.doubt() from None
            meter.nesting -= levels
            return value

        return call

    def make_two(environment: Environment) -> Callable[..., object]:
        meter = environment[0]

        def call(first: object, second: object) -> Any:
            meter.fuel -= steps
            meter.nesting += levels
            if meter.fuel < 0 or meter.nesting > NESTING_LIMIT:
                raise meter.doubt()
            try:
                value = body((*environment, first, second))
            except RecursionError:
                raise meter.doubt() from None
            meter.nesting -= levels
            return value

        return call

    def make_many(environment: Environment) -> Callable[..., object]:
        meter = environment[0]

        def call(*arguments: object) -> Any:
            meter.fuel -= steps
            meter.nesting += levels
            if meter.fuel < 0 or meter.nesting > NESTING_LIMIT or len(arguments) != arity:
                raise meter.doubt()
            try:
                value = body(environment + arguments)
            except RecursionError:
                raise meter.doubt() from None
            meter.nesting -= levels
            return value

        return call

    return make_one if arity == 1 else make_two if arity == 2 else make_many


def call_value(function: Code, arguments: tuple[Code, ...]) -> Code:
    """Code that applies a function value; the calls of an ill-typed program are left to the interpreter."""
    first, second = (*arguments, doubt, doubt)[:2]

    def code_one(environment: Environment) -> Any:
        called, value = function(environment), first(environment)
        try:
            return called(value)
        except Exception as error:
            raise _wrong_call(environment[0], error) from None

    def code_two(environment: Environment) -> Any:
        called, one, two = function(environment), first(environment), second(environment)
        try:
            return called(one, two)
        except Exception as error:
            raise _wrong_call(environment[0], error) from None

    def code_many(environment: Environment) -> Any:
        called = function(environment)
        values = [argument(environment) for argument in arguments]
        try:
            return called(*values)
        except Exception as error:
            raise _wrong_call(environment[0], error) from None

    return code_one if len(arguments) == 1 else code_two if len(arguments) == 2 else code_many


def _wrong_call(meter: Meter, error: Exception) -> Stop:
    """The end of a run in which a function value raised an exception, as one does that is given from outside."""
    if isinstance(error, Undefined):
        return meter.stop(Failure(Cause.UNDEFINED, detail=str(error)))
    return meter.doubt()


def let(value: Code, body: Code) -> Code:
    """Code that binds a value for a body."""
    return lambda environment: body((*environment, value(environment)))


# ---- Definitions ----------------------------------------------------------------------------------------------------


def call_block(block: Block, arguments: tuple[Code, ...]) -> Code:
    """Code that runs the body of a definition; of one without parameters, its value."""
    if len(arguments) != block.arity:
        return doubt
    code, constants, steps, levels = block.code, block.constants, block.steps, block.levels

    def call(environment: Environment) -> Any:
        meter = environment[0]
        values = [argument(environment) for argument in arguments]
        meter.fuel -= steps
        meter.nesting += levels
        if meter.fuel < 0 or meter.nesting > NESTING_LIMIT:
            raise meter.doubt()
        value = code((meter, *constants, *values))
        meter.nesting -= levels
        return value

    return call


def function_of_block(block: Block) -> Code:
    """Code that gives a definition as a function value."""
    make = make_closure(block.code, block.arity, 1 + block.steps, block.levels)
    constants = block.constants
    return lambda environment: make((environment[0], *constants))
