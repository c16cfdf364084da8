"""What the parser does at each rule of an expression or type: makes the node, from the leaves up.

`EXPRESSION_RULES` maps a rule of syntax.lark to a function of its parts: tokens, and what was made of parts. Nothing
here recurses into a program, so however deep the text, only the limits are met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Protocol, TypeAlias, assert_never

from dsl.errors import ResourceError, Span, SyntaxProblem, TypeProblem, UnknownNameError
from dsl.inference import UNTYPED
from dsl.literals import read_int, read_integers, read_real, read_text
from dsl.operators import AND, CONDITIONAL, CONS, NOT, OR, PAIR, TRIPLE
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable
from dsl.type_system import Constraint, FunctionType, Type, TypeConstructor, TypeVariable, show_type, type_variables
from dsl.values import INT_MAX, SIZE_LIMIT, size_of, type_of

__all__ = [
    "EXPRESSION_RULES",
    "Limits",
    "Token",
    "TypeText",
    "constrained",
    "distinct",
    "join",
    "span_of",
    "with_limits",
]

Limits: TypeAlias = "Sequence[tuple[Token, Constraint]]"
"""The limits of a `where` clause: variable and constraint."""

_DEPTH_LIMIT = 50
"""Deepest type and deepest list of constants: code over these recurses."""

_ARITIES = {"int": 0, "bool": 0, "real": 0, "text": 0, "list": 1, "option": 1}
_FOREIGN = {
    "str": "text", "string": "text", "float": "real", "double": "real", "number": "int", "integer": "int",
    "boolean": "bool", "array": "list", "seq": "list", "sequence": "list", "optional": "option", "maybe": "option",
    "pair": "tuple",
}  # fmt: skip


class Token(Protocol):
    """A token of the parser: a text (`str(token)`) with its place."""

    type: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class TypeText:
    """A type that was read, its depth, and where it stands."""

    type: Type
    depth: int
    span: Span


def span_of(token: Token) -> Span:
    """Where a token stands (its first line, if it has several)."""
    length = token.end_column - token.column if token.end_line == token.line else 1
    return Span(token.line, token.column, max(1, length))


def join(first: Span | None, last: Span | None) -> Span:
    """From the start of one place to the end of another, as far as the first line goes."""
    assert first is not None, "the parser gives every node a place"
    assert last is not None, "the parser gives every node a place"
    if first.line != last.line:
        return first
    return Span(first.line, first.column, max(1, last.column + last.length - first.column))


def distinct(names: Sequence[Token], what: str) -> tuple[str, ...]:
    """The names of tokens; SyntaxProblem if one is there twice."""
    seen: set[str] = set()
    for name in names:
        if str(name) in seen:
            raise SyntaxProblem(f"expected {what} of different names, found `{name}` twice", span=span_of(name))
        seen.add(str(name))
    return tuple(map(str, names))


# ---- expressions --------------------------------------------------------------------------------------------------


def _apply(word: str, arguments: tuple[Program, ...], span: Span) -> Application:
    return Application(Name(word, span=span), arguments, span=span)


def _lambda(parts: list[Any]) -> Program:
    keyword, names, body = parts
    return Lambda(distinct(names, "parameters"), body, span=join(span_of(keyword), body.span))


def _let(parts: list[Any]) -> Program:
    keyword, name, value, _, body = parts
    return Let(str(name), value, body, span=join(span_of(keyword), body.span))


def _conditional(parts: list[Any]) -> Program:
    chosen, test, other = parts
    return _apply(CONDITIONAL, (test, chosen, other), join(chosen.span, other.span))


def _connective(parts: list[Any]) -> Program:
    left, operator, right = parts
    return _apply(AND if operator.type == "AND" else OR, (left, right), join(left.span, right.span))


def _negation(parts: list[Any]) -> Program:
    operator, operand = parts
    return _apply(NOT, (operand,), join(span_of(operator), operand.span))


def _binary(parts: list[Any]) -> Program:
    left, operator, right = parts
    span = join(left.span, right.span)
    symbol = "x in y" if operator.type == "IN" else str(operator)
    return Application(Name(symbol, span=span_of(operator)), (left, right), span=span)


def _not_in(parts: list[Any]) -> Program:
    left, _, operator, right = parts
    return _apply(NOT, (_binary([left, operator, right]),), join(left.span, right.span))


def _negative(parts: list[Any]) -> Program:
    """A minus before a number makes a negative literal; before anything else it negates."""
    operator, operand = parts
    span = join(span_of(operator), operand.span)
    if isinstance(operand, Literal) and _is_unsigned(operand.value):
        return Literal(-operand.value, span=span)  # type: ignore[operator]
    return Application(Name("-x", span=span_of(operator)), (operand,), span=span)


def _is_unsigned(value: object) -> bool:
    return type(value) in (int, float) and not str(value).startswith("-")


def _call(parts: list[Any]) -> Program:
    function, *arguments, end = parts
    return Application(function, tuple(arguments), span=join(function.span, span_of(end)))


def _subscript(symbol: str) -> Callable[[list[Any]], Program]:
    def build(parts: list[Any]) -> Program:
        span = join(parts[0].span, span_of(parts[-1]))
        return _apply(symbol, tuple(parts[:-1]), span)

    return build


def _variable(parts: list[Any]) -> Program:
    return Variable(str(parts[0]), span=span_of(parts[0]))


def _word(parts: list[Any]) -> Program:
    return Name(str(parts[0]), span=span_of(parts[0]))


def _integer(parts: list[Any]) -> Program:
    (token,) = parts
    span = span_of(token)
    # 2**63 is one too many, unless a minus comes before it; inference refuses it if none did.
    value = INT_MAX + 1 if str(token).replace("_", "") == str(INT_MAX + 1) else read_int(token, span)
    return Literal(value, span=span)


def _real(parts: list[Any]) -> Program:
    return Literal(read_real(parts[0], span_of(parts[0])), span=span_of(parts[0]))


def _text(parts: list[Any]) -> Program:
    return Literal(read_text(parts[0], span_of(parts[0])), span=span_of(parts[0]))


def _boolean(parts: list[Any]) -> Program:
    return Literal(parts[0].type == "TRUE", span=span_of(parts[0]))


def _integers(parts: list[Any]) -> Program:
    return Literal(read_integers(parts[0], span_of(parts[0])), span=span_of(parts[0]))


def _hole(parts: list[Any]) -> Program:
    return Hole(str(parts[0])[1:], UNTYPED, span=span_of(parts[0]))


def _typed_hole(parts: list[Any]) -> Program:
    first, hole, read, last = parts
    return Hole(str(hole)[1:], read.type, span=join(span_of(first), span_of(last)))


def _parenthesised(parts: list[Any]) -> Program:
    """The expression inside, with the place of the parentheses."""
    first, inside, last = parts
    return _placed(inside, join(span_of(first), span_of(last)))


def _placed(p: Program, span: Span) -> Program:
    match p:
        case Name(name):
            return Name(name, span=span)
        case Literal(value):
            return Literal(value, span=span)
        case Variable(name):
            return Variable(name, span=span)
        case Lambda(parameters, body):
            return Lambda(parameters, body, span=span)
        case Application(function, arguments):
            return Application(function, arguments, span=span)
        case Let(name, value, body):
            return Let(name, value, body, span=span)
        case Hole(name, t):
            return Hole(name, t, span=span)
    assert_never(p)


def _tuple(parts: list[Any]) -> Program:
    first, *items, last = parts
    span = join(span_of(first), span_of(last))
    if len(items) > 3:
        raise SyntaxProblem(
            f"expected a tuple of 2 or 3 items, found {len(items)}", span=span, hint="nest them: ((a, b), (c, d))"
        )
    return _apply(PAIR if len(items) == 2 else TRIPLE, tuple(items), span)


def _list(parts: list[Any]) -> Program:
    """A list of constants is one constant; any other is `cons(first, cons(second, ...))`."""
    first, *items, last = parts
    span = join(span_of(first), span_of(last))
    if all(isinstance(item, Literal) for item in items):
        return _constant_list(items, span)
    made: Program = Literal((), span=span)
    for item in reversed(items):
        made = _apply(CONS, (item, made), span)
    return made


def _constant_list(items: Sequence[Literal], span: Span) -> Literal:
    for before, after in pairwise(items):
        if type(before.value) is not type(after.value):
            raise TypeProblem(
                f"expected list items of one type, {show_type(type_of(before.value))} as before, "
                f"found {show_type(type_of(after.value))}",
                span=after.span,
                hint="write reals with a dot: 2.0" if {type(before.value), type(after.value)} == {int, float} else None,
            )
    values = tuple([item.value for item in items])
    if size_of(values) > SIZE_LIMIT:
        raise ResourceError(f"expected a list of at most {SIZE_LIMIT:,} items in all, found more", span=span)
    if _depth(values) > _DEPTH_LIMIT:
        raise ResourceError(f"expected lists nested at most {_DEPTH_LIMIT} deep, found deeper ones", span=span)
    return Literal(values, span=span)


def _depth(value: object) -> int:
    return 1 + max(map(_depth, value), default=0) if isinstance(value, tuple) else 0


# ---- types --------------------------------------------------------------------------------------------------------


def _type(t: Type, parts: Sequence[TypeText], span: Span) -> TypeText:
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > _DEPTH_LIMIT:
        raise ResourceError(f"expected a type at most {_DEPTH_LIMIT} levels deep, found a deeper one", span=span)
    return TypeText(t, depth, span)


def _type_name(parts: list[Any]) -> TypeText:
    (token,) = parts
    name, span = str(token), span_of(token)
    _check_type_name(name, span)
    if _ARITIES.get(name) or name == "tuple":
        example = "tuple[int, bool]" if name == "tuple" else f"{name}[int]"
        raise SyntaxProblem(f"expected `{name}` with the types of its items, found it alone", span=span, hint=example)
    return _type(TypeVariable(name) if name[0].isupper() else TypeConstructor(name), (), span)


def _type_application(parts: list[Any]) -> TypeText:
    token, *arguments, last = parts
    name, span = str(token), join(span_of(token), span_of(last))
    _check_type_name(name, span_of(token))
    if name[0].isupper():
        raise SyntaxProblem(f"expected a type that takes others, found the type variable `{name}`", span=span)
    wanted = _ARITIES.get(name, len(arguments))
    if len(arguments) != wanted or (name == "tuple" and len(arguments) < 2):
        count = "2 or more types" if name == "tuple" else "1 type" if wanted else "no types"
        raise SyntaxProblem(f"`{name}`: expected {count} in brackets, found {len(arguments)}", span=span)
    return _type(TypeConstructor(name, tuple([a.type for a in arguments])), arguments, span)


def _check_type_name(name: str, span: Span) -> None:
    lower = name.lower()
    meant = _FOREIGN.get(lower, lower if name != lower and (lower in _ARITIES or lower == "tuple") else None)
    if meant is not None:
        raise UnknownNameError(f"expected a type, found `{name}`", span=span, hint=f"did you mean `{meant}`?")


def _function_type(parts: list[Any]) -> TypeText:
    first, *read = parts
    *parameters, result = read
    t = FunctionType(tuple([p.type for p in parameters]), result.type)
    return _type(t, read, join(span_of(first), result.span))


def _constrained_type(parts: list[Any]) -> TypeText:
    read: TypeText = parts[0]
    (t,) = constrained((read.type,), parts[1] or ())
    return replace(read, type=t)


def constrained(types: tuple[Type, ...], limits: Limits) -> tuple[Type, ...]:
    """Types with the limits of a `where` clause put on their variables; SyntaxProblem for one that limits nothing."""
    distinct([name for name, _ in limits], "limits on variables")
    known = {v.name for t in types for v in type_variables(t)}
    for name, _ in limits:
        if str(name) not in known:
            raise SyntaxProblem(
                f"expected a limit on a type variable that is used, found one on `{name}`", span=span_of(name)
            )
    by_name = {str(name): constraint for name, constraint in limits}
    return tuple(with_limits(t, by_name) for t in types) if limits else types


def with_limits(t: Type, limits: Mapping[str, Constraint]) -> Type:
    """A type with these limits on its variables, and no others."""
    match t:
        case TypeVariable(name):
            return TypeVariable(name, limits.get(name, "any"))
        case TypeConstructor(name, arguments):
            return TypeConstructor(name, tuple(with_limits(a, limits) for a in arguments))
        case FunctionType(parameters, result):
            return FunctionType(tuple(with_limits(p, limits) for p in parameters), with_limits(result, limits))
    assert_never(t)


def _limit(parts: list[Any]) -> tuple[Token, str]:
    name, constraint = parts
    return name, str(constraint)


def _parts(parts: list[Any]) -> list[Any]:
    return parts


EXPRESSION_RULES: Mapping[str, Callable[[list[Any]], object]] = {
    "lambda_": _lambda,
    "let": _let,
    "names": _parts,
    "conditional": _conditional,
    "connective": _connective,
    "negation": _negation,
    "binary": _binary,
    "not_in": _not_in,
    "negative": _negative,
    "call": _call,
    "index": _subscript("x[i]"),
    "slice": _subscript("x[a:b]"),
    "slice_from": _subscript("x[a:]"),
    "slice_to": _subscript("x[:b]"),
    "variable": _variable,
    "word": _word,
    "integer": _integer,
    "real": _real,
    "text": _text,
    "boolean": _boolean,
    "integers": _integers,
    "hole": _hole,
    "typed_hole": _typed_hole,
    "parenthesised": _parenthesised,
    "tuple_": _tuple,
    "list_": _list,
    "type_name": _type_name,
    "type_application": _type_application,
    "function_type": _function_type,
    "constrained_type": _constrained_type,
    "where": _parts,
    "limit": _limit,
}
"""What to do at each rule of expressions and types."""
