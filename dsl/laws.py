"""Laws: algebraic facts about primitives, written once, used for tests, symmetry breaking and normal forms.

A law speaks of values: where one of its sides has none (undefined, too large, overflow), it says nothing. So a
normal form agrees with its program wherever both have a value, and may have one more often (`x * 0`) or, by
adding in another order, overflow where the program did not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from dsl.errors import PrimitiveError, ResourceError
from dsl.program import Application, Name, Program, children, holes, rebuild
from dsl.program import Literal as Constant
from dsl.type_system import FunctionType, Substitution, Type, TypeVariable, apply, show_type, unify
from dsl.values import TooLarge, Undefined, agree, conforms, key

if TYPE_CHECKING:
    from dsl.library import Library

__all__ = [
    "Law",
    "LawName",
    "absorbing",
    "argument_types",
    "associative",
    "commutative",
    "holds",
    "idempotent",
    "identity",
    "involution",
    "left_identity",
    "misfit",
    "normalise",
    "right_identity",
    "specialised",
]

LawName: TypeAlias = Literal[
    "commutative",
    "associative",
    "idempotent",
    "involution",
    "identity",
    "left_identity",
    "right_identity",
    "absorbing",
]


@dataclass(frozen=True, slots=True)
class Law:
    """One law by name; `value` is the constant that the identities and absorbing speak of."""

    name: LawName
    value: object = None

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}({self.value!r})"


commutative = Law("commutative")
"""f(x, y) == f(y, x)."""
associative = Law("associative")
"""f(f(x, y), z) == f(x, f(y, z))."""
idempotent = Law("idempotent")
"""f(f(x)) == f(x); for two arguments f(x, x) == x."""
involution = Law("involution")
"""f(f(x)) == x."""


def identity(value: object) -> Law:
    """f(x, value) == x == f(value, x)."""
    return Law("identity", value)


def left_identity(value: object) -> Law:
    """f(value, x) == x."""
    return Law("left_identity", value)


def right_identity(value: object) -> Law:
    """f(x, value) == x."""
    return Law("right_identity", value)


def absorbing(value: object) -> Law:
    """f(x, value) == value == f(value, x)."""
    return Law("absorbing", value)


# ---- Checking a law -------------------------------------------------------------------------------------------------

_A, _B, _VALUE = TypeVariable("~A"), TypeVariable("~B"), TypeVariable("~value")


def _pattern(law: Law, arity: int) -> tuple[FunctionType, Type]:
    """The type of function that a law can speak of, and that of its constant."""
    match law.name:
        case "commutative":
            return FunctionType((_A, _A), _B), _VALUE
        case "associative":
            return FunctionType((_A, _A), _A), _VALUE
        case "identity" | "absorbing":
            return FunctionType((_A, _A), _A), _A
        case "left_identity":
            return FunctionType((_B, _A), _A), _B
        case "right_identity":
            return FunctionType((_A, _B), _A), _B
        case "idempotent":
            return FunctionType((_A,) * (2 if arity == 2 else 1), _A), _VALUE
        case "involution":
            return FunctionType((_A,), _A), _VALUE
    assert_never(law.name)


def misfit(law: Law, t: Type) -> str | None:
    """Why a law cannot speak of functions of a type; None if it can.

    >>> from dsl.type_system import BOOL, INT, function_type
    >>> misfit(involution, function_type(INT, result=BOOL))
    'expected a function of type (A) -> A, found (int) -> bool'
    """
    pattern, constant = _pattern(law, len(t.parameters) if isinstance(t, FunctionType) else 0)
    substitution: Substitution = {}
    if not unify(pattern, t, substitution):
        shape = show_type(apply({"~A": TypeVariable("A"), "~B": TypeVariable("B")}, pattern))
        return f"expected a function of type {shape}, found {show_type(t)}"
    if not conforms(law.value, apply(substitution, constant)):
        return f"expected a constant of type {show_type(apply(substitution, constant))}, found {law.value!r}"
    return None


def specialised(law: Law, t: Type) -> Type:
    """A function's type as the law wants it: `swap` undoes itself where both places of the pair have one type."""
    pattern, _ = _pattern(law, len(t.parameters) if isinstance(t, FunctionType) else 0)
    substitution: Substitution = {}
    return apply(substitution, t) if unify(pattern, t, substitution) else t


def argument_types(law: Law, t: FunctionType) -> tuple[Type, ...]:
    """The types of the values that `holds` wants for a law of a function of the (specialised) type `t`."""
    match law.name:
        case "commutative" | "idempotent" | "involution":
            return t.parameters
        case "associative":
            return (t.parameters[0],) * 3
        case "identity" | "absorbing" | "right_identity":
            return t.parameters[:1]
        case "left_identity":
            return t.parameters[1:]
    assert_never(law.name)


def holds(
    law: Law,
    function: Callable[..., object],
    arguments: Sequence[object],
    *,
    undefined: Iterable[type[Exception]] = (),
) -> bool:
    """Whether a law holds for these values, or says nothing since a side of it has no value.

    `arguments` are of the types that `argument_types` names; `undefined` lists further exceptions that mean "no value
    here". Raises PrimitiveError for another number of values than the law speaks of.

    >>> import operator
    >>> holds(commutative, operator.add, (2, 3)), holds(commutative, operator.sub, (2, 3))
    (True, False)
    """
    without_value: tuple[type[Exception], ...] = (Undefined, TooLarge, OverflowError, *undefined)
    try:
        left, right = _sides(law, function, tuple(arguments))
    except without_value:
        return True
    return agree(left, right)


def _sides(law: Law, f: Callable[..., object], arguments: tuple[object, ...]) -> tuple[object, object]:
    match law.name, arguments:
        case "commutative", (x, y):
            return f(x, y), f(y, x)
        case "associative", (x, y, z):
            return f(f(x, y), z), f(x, f(y, z))
        case "idempotent", (x,):
            return f(f(x)), f(x)
        case "idempotent", (x, _):
            return f(x, x), x
        case "involution", (x,):
            return f(f(x)), x
        case "identity", (x,):
            return (f(x, law.value), f(law.value, x)), (x, x)
        case "left_identity", (x,):
            return f(law.value, x), x
        case "right_identity", (x,):
            return f(x, law.value), x
        case "absorbing", (x,):
            return (f(x, law.value), f(law.value, x)), (law.value, law.value)
    raise PrimitiveError(f"law {law}: expected as many values as it speaks of, found {len(arguments)}")


# ---- The normal form ------------------------------------------------------------------------------------------------


def normalise(program: Program, library: Library) -> Program:
    """The normal form of a resolved program under the laws of its words; the normal form of that is itself.

    Constants that change nothing are dropped and those that decide are kept alone, what undoes or repeats itself is
    dropped, arguments of commutative words are put in order (literals last), and chains of associative words nest to
    the left. A program so deep that the chain would pass the depth limit is returned as it is.
    """
    try:
        return _normal(program, library)
    except ResourceError:
        return program


def _normal(program: Program, library: Library) -> Program:
    parts = children(program)
    normal = tuple(_normal(part, library) for part in parts)
    p = program if normal == parts else rebuild(program, normal)
    match p:
        case Application(Name(name), arguments) if name in library:
            laws = {law.name: law.value for law in library[name].laws}
            found = _simplified(name, arguments, laws) if laws else p
            return p if found == p else found
        case _:
            return p


def _simplified(name: str, arguments: tuple[Program, ...], laws: Mapping[LawName, object]) -> Program:
    match arguments:
        case (Application(Name(inner), (x,)),) if inner == name and "involution" in laws:
            return x
        case (Application(Name(inner), (_,)) as once,) if inner == name and "idempotent" in laws:
            return once
        case (x, y) if "left_identity" in laws and _is_constant(x, laws["left_identity"]):
            return y
        case (x, y) if "right_identity" in laws and _is_constant(y, laws["right_identity"]):
            return x
        case (_, _):
            return _simplified_operands(name, arguments, laws)
        case _:
            return Application(Name(name), arguments)


def _simplified_operands(name: str, arguments: tuple[Program, ...], laws: Mapping[LawName, object]) -> Program:
    """A word of two arguments of one type: what its operands leave, the whole chain's if it is associative."""
    operands = list(_chain(name, arguments)) if "associative" in laws else list(arguments)
    if "absorbing" in laws and any(_is_constant(x, laws["absorbing"]) for x in operands):
        return Constant(laws["absorbing"])
    if "identity" in laws:
        operands = [x for x in operands if not _is_constant(x, laws["identity"])]
    if "commutative" in laws:
        operands.sort(key=_rank)
    if "idempotent" in laws:
        operands = list(_without_repeats(operands))
    if not operands:
        return Constant(laws["identity"])
    result = operands[0]
    for operand in operands[1:]:
        result = Application(Name(name), (result, operand))
    return result


def _chain(name: str, arguments: tuple[Program, ...]) -> Iterator[Program]:
    for argument in arguments:
        match argument:
            case Application(Name(inner), parts) if inner == name:
                yield from _chain(name, parts)
            case _:
                yield argument


def _is_constant(p: Program, value: object) -> bool:
    return isinstance(p, Constant) and key(p.value) == key(value)


def _rank(p: Program) -> tuple[bool, int, str]:
    """Order of commuting operands: small before large, literals last, as people write them (`x + f(x) + 1`)."""
    return (isinstance(p, Constant), p.size, repr(p))


def _without_repeats(operands: list[Program]) -> Iterator[Program]:
    """Equal neighbours once; two nameless holes are never known to be equal."""
    for operand, run in groupby(operands):
        if any(hole.name == "" for hole in holes(operand)):
            yield from run
        else:
            yield operand
