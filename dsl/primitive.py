"""Primitives: a Python function with type hints becomes a word of the language."""

from __future__ import annotations

import builtins
import inspect
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

from dsl.errors import PrimitiveError
from dsl.inverses import Inverse
from dsl.laws import Law
from dsl.type_system import FunctionType, Range, Type, show_type, type_from_hint

__all__ = ["Force", "Primitive", "PrimitiveFunction", "is_primitive", "primitive", "primitive_of"]

P = ParamSpec("P")
R = TypeVar("R", covariant=True)
F = TypeVar("F", bound=Callable[..., object])
Force = Callable[[int], Any]
"""Evaluates the argument at a position, when a lazy primitive asks for it."""


@dataclass(frozen=True, slots=True)
class Primitive:
    """A named function given in Python.

    `name` is qualified (`int.add`) once it is in a library. `type` is a FunctionType, or a plain type for a word
    without parameters. `raises` lists exceptions that mean "undefined here". `lazy`, where given, computes the result
    by asking for arguments by position, so that the untaken branch of `if` is never run. `weight` is how often the
    word is expected relative to its neighbours (1 is usual); it becomes a cost in bits.
    """

    name: str
    type: Type
    function: Callable[..., Any] = field(repr=False)
    documentation: str = field(default="", repr=False)
    parameters: tuple[str, ...] = ()
    raises: tuple[builtins.type[Exception], ...] = ()
    laws: tuple[Law, ...] = ()
    inverses: tuple[Inverse, ...] = field(default=(), repr=False)
    ranges: tuple[tuple[str, Range], ...] = ()
    lazy: Callable[[Force], Any] | None = field(default=None, repr=False)
    weight: float = 1.0

    @property
    def short(self) -> str:
        """The name without its qualifier."""
        return self.name.rpartition(".")[2]

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.documentation.strip().partition("\n")[0]

    @property
    def arity(self) -> int:
        """How many arguments it takes."""
        return len(self.parameters)


class PrimitiveFunction(Protocol[P, R]):
    """The decorated function: itself, with a way to declare inverses."""

    __name__: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function, as if it were not decorated."""
        ...

    def inverse(self, parameter: str, *, given: Iterable[str] | None = None) -> Callable[[F], F]:
        """Declare a witness function: that argument from the output and the other arguments, in order.

        It is handed only the arguments of the `given` parameters, if it can do with fewer (see `dsl.inverses`).
        """
        ...


@dataclass(frozen=True, slots=True)
class _Declaration(Generic[P]):
    """What the decorator hangs on the function."""

    primitive: Primitive
    inverses: dict[tuple[str, tuple[str, ...]], Inverse]


_ATTRIBUTE = "__dsl_primitive__"


@overload
def primitive(function: Callable[P, R], /) -> PrimitiveFunction[P, R]: ...
@overload
def primitive(
    *,
    name: str | None = None,
    raises: Iterable[type[Exception]] = (),
    laws: Iterable[Law] = (),
    lazy: Callable[[Force], Any] | None = None,
    weight: float = 1.0,
) -> Callable[[Callable[P, R]], PrimitiveFunction[P, R]]: ...
def primitive(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    raises: Iterable[type[Exception]] = (),
    laws: Iterable[Law] = (),
    lazy: Callable[[Force], Any] | None = None,
    weight: float = 1.0,
) -> Any:
    """Make a Python function a word of the language: its hints are the type, its docstring the documentation.

    Returns the function itself, so doctests, type checkers and plain calls keep working. `name` is for words that
    Python reserves (`if`). Raises PrimitiveError, naming file and line, for missing or refused hints.

    >>> @primitive
    ... def double(x: int) -> int:
    ...     "Twice the number."
    ...     return x + x
    >>> primitive_of(double).type == FunctionType((type_from_hint(int),), type_from_hint(int))
    True
    """

    def declare(f: Callable[..., Any]) -> Callable[..., Any]:
        made = _describe(f, name, tuple(raises), tuple(laws), lazy, weight)
        declaration: _Declaration[...] = _Declaration(made, {})
        setattr(f, _ATTRIBUTE, declaration)
        f.inverse = _inverse_decorator(declaration)  # type: ignore[attr-defined]
        return f

    return declare if function is None else declare(function)


def _inverse_decorator(declaration: _Declaration[...]) -> Callable[..., Callable[[F], F]]:
    def inverse(parameter: str, *, given: Iterable[str] | None = None) -> Callable[[F], F]:
        made = declaration.primitive
        others = tuple(name for name in made.parameters if name != parameter)
        asked = others if given is None else tuple(given)
        if len(others) == len(made.parameters):
            raise _refused_inverse(made, "one of its parameters", list(made.parameters), "to invert", parameter)
        if unknown := next((name for name in asked if name not in others), None):
            raise _refused_inverse(made, "given parameters among", list(others), "beside the inverted one", unknown)
        needed = tuple(name for name in others if name in asked)

        def keep(f: F) -> F:
            declaration.inverses[parameter, needed] = Inverse(parameter, needed, f)
            return f

        return keep

    return inverse


def _refused_inverse(made: Primitive, what: str, among: list[str], role: str, found: str) -> PrimitiveError:
    code = made.function.__code__
    where = f"{code.co_filename}:{code.co_firstlineno}"
    return PrimitiveError(f"{where}: primitive {made.name!r}: expected {what} {among} {role}, found {found!r}")


def _describe(
    function: Callable[..., Any],
    name: str | None,
    raises: tuple[type[Exception], ...],
    laws: tuple[Law, ...],
    lazy: Callable[[Force], Any] | None,
    weight: float,
) -> Primitive:
    signature = inspect.signature(function)
    try:
        hints = typing.get_type_hints(function, include_extras=True)
        parameters = tuple(signature.parameters)
        missing = [p for p in (*parameters, "return") if p not in hints]
        if missing:
            raise PrimitiveError(f"expected type hints for every parameter and the result, found none for {missing}")
        types = tuple(type_from_hint(hints[p]) for p in parameters)
        result = type_from_hint(hints["return"])
        if not weight > 0:
            raise PrimitiveError(f"expected a positive weight, found {weight!r}")
        if not types and isinstance(result, FunctionType):
            raise PrimitiveError(f"expected a constant or a function, found a constant of type {show_type(result)}")
        if wrong := [error for error in raises if not (isinstance(error, type) and issubclass(error, Exception))]:
            raise PrimitiveError(f"expected exception classes in `raises`, found {wrong}")
    except (PrimitiveError, NameError) as error:
        hint = error.hint if isinstance(error, PrimitiveError) else None
        code = function.__code__
        where = f"{code.co_filename}:{code.co_firstlineno}"
        raise PrimitiveError(f"{where}: primitive {function.__name__!r}: {error.args[0]}", hint=hint) from None
    return Primitive(
        name=name or function.__name__,
        type=FunctionType(types, result) if types else result,
        function=function,
        documentation=inspect.getdoc(function) or "",
        parameters=parameters,
        raises=raises,
        laws=laws,
        ranges=tuple((p, r) for p in parameters if (r := _range(hints[p])) is not None),
        lazy=lazy,
        weight=weight,
    )


def _range(hint: object) -> Range | None:
    if typing.get_origin(hint) is not typing.Annotated:
        return None
    return next((extra for extra in typing.get_args(hint)[1:] if isinstance(extra, Range)), None)


def is_primitive(value: object) -> bool:
    """Whether a value is a function decorated with `@primitive`."""
    return isinstance(getattr(value, _ATTRIBUTE, None), _Declaration)


def primitive_of(function: object) -> Primitive:
    """The primitive that a decorated function declares, inverses included."""
    declaration = getattr(function, _ATTRIBUTE, None)
    if not isinstance(declaration, _Declaration):
        raise PrimitiveError(f"expected a function decorated with @primitive, found {function!r}")
    made: Primitive = declaration.primitive
    return replace(made, inverses=tuple(declaration.inverses.values()))
