"""What the parser does at each rule of a block: values and lines of a task file, definitions, imports.

`BLOCK_RULES` maps a rule of syntax.lark to a function of its parts, as `dsl.build_expressions` does for expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from dsl.build_expressions import Limits, Token, TypeText, constrained, distinct, join, span_of
from dsl.errors import ResourceError, Span, SyntaxProblem
from dsl.literals import read_int, read_integers, read_percent, read_real, read_text
from dsl.program import Program
from dsl.surface import (
    Atom,
    BasisLine,
    BudgetText,
    DefinitionBlock,
    ExampleLine,
    Group,
    ImportLine,
    InputLine,
    InputRangeText,
    Integers,
    Parameter,
    QueryLine,
    SketchLine,
    TaskBlock,
    ValueText,
    WordText,
    WordValue,
)
from dsl.type_system import Range
from dsl.values import SIZE_LIMIT

__all__ = ["BLOCK_RULES", "FORMAT_VERSION"]

FORMAT_VERSION = 1
"""The version of the file format that this code reads and writes: `syn 1`."""

Line = tuple[str, object, Span]
"""A line of a task: its kind, what it says, where it starts."""

T = TypeVar("T")

# ---- values -------------------------------------------------------------------------------------------------------


def _signed(parts: list[Any]) -> tuple[bool, Token, Span]:
    *sign, number = parts
    return bool(sign), number, join(span_of(parts[0]), span_of(number))


def _integer_value(parts: list[Any]) -> Atom:
    negative, number, span = _signed(parts)
    return Atom(read_int(str(number), span, negative=negative), span)


def _real_value(parts: list[Any]) -> Atom:
    negative, number, span = _signed(parts)
    value = read_real(str(number), span)
    return Atom(-value if negative else value, span)


def _text_value(parts: list[Any]) -> Atom:
    span = span_of(parts[0])
    return Atom(read_text(parts[0], span), span)


def _bool_value(parts: list[Any]) -> Atom:
    return Atom(parts[0].type == "TRUE", span_of(parts[0]))


def _integers_value(parts: list[Any]) -> Integers:
    span = span_of(parts[0])
    return Integers(read_integers(parts[0], span), span)


def _group(kind: Literal["list", "tuple"]) -> Callable[[list[Any]], ValueText]:
    def build(parts: list[Any]) -> ValueText:
        first, *items, last = parts
        span = join(span_of(first), span_of(last))
        if len(items) > SIZE_LIMIT:
            raise ResourceError(f"expected at most {SIZE_LIMIT:,} items, found {len(items):,}", span=span)
        if kind == "tuple" and len(items) == 1:
            inside: ValueText = items[0]
            return inside
        return Group(kind, tuple(items), span)

    return build


def _word_value(parts: list[Any]) -> WordValue:
    name, *rest = parts
    span = join(span_of(name), span_of(rest[-1])) if rest else span_of(name)
    return WordValue(str(name), rest[0] if rest else None, span)


# ---- lines of a task ----------------------------------------------------------------------------------------------


def _as_tuple(parts: list[Any]) -> tuple[Any, ...]:
    return tuple(parts)


def _words(parts: list[Any]) -> tuple[WordText, ...]:
    return tuple([WordText(str(token), span_of(token)) for token in parts])


def _documentation_line(parts: list[Any]) -> Line:
    span = span_of(parts[0])
    return "documentation", read_text(parts[0], span), span


def _documentation(parts: list[Any]) -> str:
    return "\n".join(read_text(token, span_of(token)) for token in parts)


def _example_line(parts: list[Any]) -> Line:
    keyword, arguments, output = parts
    span = join(span_of(keyword), output.span)
    return str(keyword), ExampleLine(arguments or (), output, span), span


def _query(parts: list[Any]) -> Line:
    keyword, arguments = parts
    span = span_of(keyword)
    return "query", QueryLine(arguments or (), join(span, arguments[-1].span) if arguments else span), span


def _input(parts: list[Any]) -> Line:
    keyword, name, read, drawn = parts
    span = span_of(keyword)
    return "input", InputLine(str(name), read.type if read else None, drawn, span_of(name)), span


def _range(parts: list[Any]) -> tuple[Range, Span]:
    (low, span), (high, end) = parts
    if low > high:
        raise SyntaxProblem(f"expected a range from low to high, found {low}..{high}", span=join(span, end))
    return Range(low, high), join(span, end)


def _bound_of_range(parts: list[Any]) -> tuple[int, Span]:
    negative, number, span = _signed(parts)
    return read_int(str(number), span, negative=negative), span


def _values_range(parts: list[Any]) -> InputRangeText:
    values, _ = parts[-1]
    return InputRangeText(values=values)


def _length_and_items(parts: list[Any]) -> InputRangeText:
    (length, span), items = parts
    if length.low < 0:
        raise SyntaxProblem(f"expected a length of 0 or more, found {length.low}..{length.high}", span=span)
    return InputRangeText(length=length, items=items)


def _items_only(parts: list[Any]) -> InputRangeText:
    return InputRangeText(items=parts[0])


def _words_line(parts: list[Any]) -> Line:
    keyword, words = parts
    return str(keyword), words, span_of(keyword)


def _budget_part(parts: list[Any]) -> tuple[str, float, Span]:
    number, unit = parts
    span = join(span_of(number), span_of(unit))
    if unit.type == "SECONDS":
        return "seconds", read_real(str(number), span), span
    if number.type != "INT":
        raise SyntaxProblem(f"expected a whole number of evaluations, found {number}", span=span)
    return "evaluations", read_int(str(number), span), span


def _budget(parts: list[Any]) -> Line:
    keyword, *given = parts
    amounts: dict[str, float] = {}
    for unit, amount, span in given:
        if unit in amounts:
            raise SyntaxProblem(f"expected one number of {unit}, found a second", span=span)
        if amount <= 0:
            raise SyntaxProblem(f"expected more than 0 {unit}, found {amount:g}", span=span)
        amounts[unit] = amount
    evaluations = amounts.get("evaluations")
    span = span_of(keyword)
    text = BudgetText(None if evaluations is None else int(evaluations), amounts.get("seconds"), span)
    return "budget", text, span


def _solution(parts: list[Any]) -> Line:
    keyword, program = parts
    return "solution", program, span_of(keyword)


def _sketch(parts: list[Any]) -> Line:
    keyword, program = parts
    return "sketch", SketchLine(program, program.span), span_of(keyword)


def _noise(parts: list[Any]) -> Line:
    keyword, number, percent = parts
    span = join(span_of(number), span_of(percent or number))
    share = read_percent(str(number), span) if percent else read_real(str(number), span)
    if not 0 <= share < 1:
        raise SyntaxProblem(
            f"expected a share of the examples, from 0% to less than 100%, found {number}{'%' if percent else ''}",
            span=span,
            hint=None if percent or share >= 100 else f"write {number}%",
        )
    return "noise", share, span_of(keyword)


def _not_yet(parts: list[Any]) -> Line:
    keyword = parts[0]
    raise SyntaxProblem(f"this version does not honour `{keyword}` lines yet", span=span_of(keyword))


# ---- blocks -------------------------------------------------------------------------------------------------------


def _version(parts: list[Any]) -> None:
    (number,) = parts
    if str(number) != str(FORMAT_VERSION):
        raise SyntaxProblem(
            f"expected `syn {FORMAT_VERSION}`, found `syn {number}`",
            span=span_of(number),
            hint="this file is in a format that this version does not read; update the program",
        )


def _import(parts: list[Any]) -> ImportLine:
    return ImportLine(str(parts[0]), span_of(parts[0]))


def _basis(parts: list[Any]) -> BasisLine:
    keyword, words = parts
    return BasisLine(words, span_of(keyword))


def _parameter(parts: list[Any]) -> tuple[Token, TypeText]:
    name, read = parts
    return name, read


def _signature(
    parameters: tuple[tuple[Token, TypeText], ...], result: TypeText, limits: Limits | None
) -> tuple[tuple[Parameter, ...], Any]:
    names = distinct([name for name, _ in parameters], "parameters")
    *types, returned = constrained((*(read.type for _, read in parameters), result.type), limits or ())
    spans = [span_of(name) for name, _ in parameters]
    return tuple(map(Parameter, names, types, spans)), returned


def _definition(parts: list[Any]) -> DefinitionBlock:
    name, parameters, result, limits, body, documentation = parts
    made, returned = _signature(parameters or (), result, limits)
    return DefinitionBlock(
        str(name), None if parameters is None else made, returned, body, documentation, span_of(name)
    )


def _task(parts: list[Any]) -> TaskBlock:
    name, parameters, result, limits, *lines = parts
    made, returned = _signature(parameters, result, limits)
    uses = _at_most_one(lines, "uses")
    forbid = _at_most_one(lines, "forbid")
    budget, solution = _at_most_one(lines, "budget"), _at_most_one(lines, "solution")
    noise = _at_most_one(lines, "noise")
    assert budget is None or isinstance(budget, BudgetText), "the grammar says so"
    return TaskBlock(
        name=str(name),
        parameters=made,
        result=returned,
        span=span_of(name),
        documentation="\n".join(_said(lines, "documentation", str)),
        examples=_said(lines, "example", ExampleLine),
        holdouts=_said(lines, "holdout", ExampleLine),
        queries=_said(lines, "query", QueryLine),
        inputs=_said(lines, "input", InputLine),
        uses=_only_words(uses),
        forbid=_only_words(forbid),
        tags=_only_words(_at_most_one(lines, "tags")) or (),
        sketches=_said(lines, "sketch", SketchLine),
        noise=noise if isinstance(noise, float) else 0.0,
        budget=budget,
        solution=_only_program(solution),
    )


def _said(lines: list[Line], kind: str, what: type[T]) -> tuple[T, ...]:
    """What the lines of one kind say."""
    return tuple(said for found, said, _ in lines if found == kind and isinstance(said, what))


def _at_most_one(lines: list[Line], kind: str) -> object:
    found = [(said, span) for this, said, span in lines if this == kind]
    if len(found) > 1:
        first = found[0][1].line
        raise SyntaxProblem(
            f"expected one `{kind}` line, found a second; the first is at line {first}", span=found[1][1]
        )
    return found[0][0] if found else None


def _only_words(said: object) -> tuple[WordText, ...] | None:
    return said if isinstance(said, tuple) else None


def _only_program(said: object) -> Program | None:
    return said  # type: ignore[return-value]


def _first(parts: list[Any]) -> object:
    return parts[0]


BLOCK_RULES: Mapping[str, Callable[[list[Any]], object]] = {
    "block": _first,
    "version": _version,
    "import_": _import,
    "basis": _basis,
    "definition": _definition,
    "parameters": _as_tuple,
    "parameter": _parameter,
    "documentation": _documentation,
    "task": _task,
    "documentation_line": _documentation_line,
    "example": _example_line,
    "holdout": _example_line,
    "query": _query,
    "input_": _input,
    "uses": _words_line,
    "forbid": _words_line,
    "tags_line": _words_line,
    "budget": _budget,
    "solution": _solution,
    "sketch": _sketch,
    "noise": _noise,
    "not_yet": _not_yet,
    "values": _as_tuple,
    "words": _words,
    "tags": _words,
    "budget_part": _budget_part,
    "values_range": _values_range,
    "length_and_items": _length_and_items,
    "items_only": _items_only,
    "range": _range,
    "bound_of_range": _bound_of_range,
    "integer_value": _integer_value,
    "real_value": _real_value,
    "text_value": _text_value,
    "bool_value": _bool_value,
    "integers_value": _integers_value,
    "list_value": _group("list"),
    "tuple_value": _group("tuple"),
    "word_value": _word_value,
}
"""What to do at each rule of blocks and values."""
