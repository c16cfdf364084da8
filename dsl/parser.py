"""Text to programs, types, values and files.

The grammar is syntax.lark; lark is known to this module and `dsl.syntax_errors` only. Limits are checked before
anything is parsed, so no text makes the parser or what comes after it recurse too deeply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedInput

from dsl.build_blocks import BLOCK_RULES
from dsl.build_expressions import EXPRESSION_RULES, TypeText
from dsl.errors import DslError, Span, SyntaxProblem
from dsl.inference import resolve
from dsl.library import Library
from dsl.program import Program
from dsl.read_value import read_value
from dsl.source import LINE_LIMIT, Block, check_source, cut, mark_lines
from dsl.surface import BasisLine, BrokenBlock, DefinitionBlock, ImportLine, SourceFile, TaskBlock, ValueText
from dsl.syntax_errors import explain
from dsl.type_system import Type

__all__ = ["parse", "parse_file", "parse_surface", "parse_type", "parse_value"]


def parse(
    text: str, library: Library, *, expected: Type | None = None, variables: Mapping[str, Type] | None = None
) -> Program:
    """The program that an expression spells, with every word looked up by its type.

    `expected` is the type it must have; `variables` are the types of variables that the text may use without binding
    them. Raises SyntaxProblem, UnknownNameError, TypeProblem, ValueProblem or ResourceError, with the place.

    >>> parse("lambda x: x", Library())
    Lambda(parameters=('x',), body=Variable(name='x'))
    """
    try:
        return resolve(parse_surface(text), library, expected=expected, variables=variables).program
    except DslError as error:
        raise error.located(text=text) from None


def parse_surface(text: str) -> Program:
    """The tree of an expression before words are looked up (see `dsl.inference`); raises as `parse` does."""
    made: Program = _parse(text, "expression")
    return made


def parse_type(text: str) -> Type:
    """The type that a text spells.

    >>> from dsl.type_system import show_type
    >>> show_type(parse_type("(list[A], (A) -> B) -> option[B] where A: eq"))
    '(list[A], (A) -> B) -> option[B] where A: eq'
    """
    made: TypeText = _parse(text, "constrained_type")
    return made.type


def parse_value(text: str, t: Type, library: Library) -> object:
    """The value that a text spells, as in a task's `example` line: read by its type, so `2` may be a real.

    >>> from dsl.type_system import REAL, list_of
    >>> parse_value("[1, 2.5]", list_of(REAL), Library())
    (1.0, 2.5)
    """
    made: ValueText = _parse(text, "value")
    try:
        return read_value(made, t, library)
    except DslError as error:
        raise error.located(text=text) from None


def parse_file(text: str, *, path: str | None = None) -> SourceFile:
    """What a file says, block by block; a block that does not parse is listed as broken, the others come back.

    Raises ResourceError or SyntaxProblem for a text that cannot be cut into blocks at all. `path` is for messages.
    """
    try:
        check_source(text)
    except DslError as error:
        raise error.located(text=text, path=path) from None
    imports: list[ImportLine] = []
    definitions: list[DefinitionBlock] = []
    tasks: list[TaskBlock] = []
    basis: list[BasisLine] = []
    broken: list[BrokenBlock] = []
    for number, block in enumerate(cut(text)):
        try:
            made = _parse_block(block, first=number == 0)
            if isinstance(made, BasisLine) and (definitions or tasks):
                raise _late(made)
        except DslError as error:
            broken.append(_broken(block, error.located(text=text, path=path)))
            continue
        match made:
            case ImportLine():
                imports.append(made)
            case BasisLine():
                basis.append(made)
            case DefinitionBlock():
                definitions.append(made)
            case TaskBlock():
                tasks.append(made)
    uses = tuple(word for line in basis for word in line.words) if basis else None
    return SourceFile(text, path, tuple(imports), uses, tuple(definitions), tuple(tasks), tuple(broken))


def _late(line: BasisLine) -> SyntaxProblem:
    return SyntaxProblem(
        "expected the `uses` lines of a file before its definitions and tasks, found one after them",
        span=line.span,
        hint="the `uses` line of a task is indented",
    )


_HEAD = re.compile(r"\s*(?P<kind>[A-Za-z_]+)(?:[ \t]+(?P<name>[A-Za-z_][A-Za-z0-9_.]*))?")


def _broken(block: Block, error: DslError) -> BrokenBlock:
    found = _HEAD.match(block.text)
    return BrokenBlock(found["kind"], found["name"] or "", error) if found else BrokenBlock("", "", error)


def _parse_block(block: Block, *, first: bool) -> object:
    if block.error is not None:
        raise block.error
    made = _run(block.text, "block", block.line)
    if made is None and not first:
        raise SyntaxProblem("expected the version line `syn 1` to come first", span=Span(block.line, 1, 3))
    return made


def _parse(text: str, rule: str) -> Any:
    """Parse a text that is not a file; errors carry the text."""
    try:
        check_source(text, LINE_LIMIT)
        if (error := mark_lines(text).error) is not None:
            raise error
        return _run(text, rule, 1)
    except DslError as error:
        raise error.located(text=text) from None


def _run(text: str, rule: str, line: int) -> Any:
    """Parse with the grammar; the first line of `text` has the number `line`."""
    session: Any = _grammar().parse_interactive(text, rule)
    session.lexer_thread.state.line_ctr.line = line
    try:
        return session.resume_parse()
    except UnexpectedInput as error:
        raise explain(error, text, line) from None


@cache
def _grammar() -> Lark:
    """The parser made from the grammar: once in a process, when first needed."""
    text = files("dsl").joinpath("syntax.lark").read_text(encoding="utf-8")
    rules: Any = SimpleNamespace(**EXPRESSION_RULES, **BLOCK_RULES)
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        start=["expression", "constrained_type", "value", "block"],
        transformer=rules,
        maybe_placeholders=True,
    )
