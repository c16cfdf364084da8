"""Values of task lines, read by the declared types: `2` is a real where a real is wanted."""

from __future__ import annotations

from typing import assert_never

from dsl.errors import Span, TypeProblem, UnknownNameError
from dsl.library import Library, nearest
from dsl.primitive import Primitive
from dsl.surface import Atom, Group, Integers, ValueText, WordValue
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, TypeConstructor, TypeVariable, show_type
from dsl.values import Some

__all__ = ["read_value"]


def read_value(text: ValueText, t: Type, library: Library) -> object:
    """The value of type `t` that a text spells; the library has the constants of domain types.

    Raises TypeProblem with the place of the part that is of another type, UnknownNameError for an unknown constant.
    """
    match text:
        case Integers(values, span):
            return _integers(values, t, span)
        case Atom(value, span):
            return _atom(value, t, span)
        case Group("list", items):
            match t:
                case TypeConstructor("list", (item,)):
                    return tuple([read_value(part, item, library) for part in items])
            raise _mismatch(t, "a list", text.span)
        case Group(_, items):
            match t:
                case TypeConstructor("tuple", types) if len(types) == len(items):
                    return tuple([read_value(part, u, library) for part, u in zip(items, types, strict=True)])
            raise _mismatch(t, f"a tuple of {len(items)}", text.span)
        case WordValue():
            return _word(text, t, library)
    assert_never(text)


def _integers(values: tuple[int, ...], t: Type, span: Span) -> object:
    match t:
        case TypeConstructor("list", (TypeConstructor("int"),)):
            return values
        case TypeConstructor("list", (TypeConstructor("real"),)):
            return tuple(map(float, values))
        case TypeConstructor("list", (item,)):
            raise _mismatch(item, "int", span)
    raise _mismatch(t, "a list", span)


def _atom(value: object, t: Type, span: Span) -> object:
    found = {bool: BOOL, int: INT, float: REAL, str: TEXT}[type(value)]
    if t == REAL and type(value) is int:
        return float(value)
    if t != found:
        raise _mismatch(t, show_type(found), span)
    return value


def _word(text: WordValue, t: Type, library: Library) -> object:
    match t:
        case TypeConstructor("option", (inner,)):
            if text.name == "none" and text.argument is None:
                return None
            if text.name == "some" and text.argument is not None:
                return Some(read_value(text.argument, inner, library))
    entries = [e for e in library.candidates(text.name) if isinstance(e, Primitive) and e.type == t]
    if len(entries) == 1 and text.argument is None and not isinstance(t, FunctionType | TypeVariable):
        return entries[0].function()
    known = [e.short for e in library if e.type == t] + (["none", "some"] if _is_option(t) else [])
    near = nearest(text.name, known)
    raise UnknownNameError(
        f"expected a value of type {show_type(t)}, found `{text.name}`",
        span=text.span,
        hint=f"did you mean `{near}`?" if near else _spelling(text.name),
    )


def _is_option(t: Type) -> bool:
    return isinstance(t, TypeConstructor) and t.name == "option"


def _spelling(name: str) -> str | None:
    return {"true": "write True", "false": "write False", "None": "write none", "null": "write none"}.get(name)


def _mismatch(expected: Type, found: str, span: Span) -> TypeProblem:
    hint = None
    if found == "real" and expected == INT:
        hint = "ints are written without a dot"
    if isinstance(expected, TypeConstructor) and expected.name == "list" and found.startswith("a tuple"):
        hint = "lists are written with brackets: [1, 2]"
    if isinstance(expected, TypeConstructor) and expected.name == "option":
        hint = "write some(...) or none"
    return TypeProblem(f"expected {show_type(expected)}, found {found}", span=span, hint=hint)
