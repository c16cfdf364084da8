"""What a file says, before types and words are looked up: blocks, lines and values with their places.

Programs in here are as the parser makes them: operators by symbol, words by the name written, an identifier as a
`Variable`. `dsl.inference.resolve` turns them into programs of a library.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from dsl.errors import DslError, Span
from dsl.program import Program
from dsl.type_system import Range, Type

__all__ = [
    "Atom",
    "BasisLine",
    "BrokenBlock",
    "BudgetText",
    "DefinitionBlock",
    "ExampleLine",
    "Group",
    "ImportLine",
    "InputLine",
    "InputRangeText",
    "Integers",
    "Parameter",
    "QueryLine",
    "SketchLine",
    "SourceFile",
    "TaskBlock",
    "ValueText",
    "WordText",
    "WordValue",
]


@dataclass(frozen=True, slots=True)
class Atom:
    """A number, a bool or a text in a task line."""

    value: int | float | bool | str
    span: Span


@dataclass(frozen=True, slots=True)
class Integers:
    """A list of ints, one or more."""

    values: tuple[int, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """A list `[a, b]` or a tuple `(a, b)`."""

    kind: Literal["list", "tuple"]
    items: tuple[ValueText, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class WordValue:
    """A word: `none`, `some(3)`, or a constant of a domain such as `red`."""

    name: str
    argument: ValueText | None
    span: Span


ValueText: TypeAlias = Atom | Integers | Group | WordValue


@dataclass(frozen=True, slots=True)
class WordText:
    """A word of the library named in a line (`uses`, `forbid`), or a tag."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a definition or task."""

    name: str
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class ImportLine:
    """`import name`."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class BasisLine:
    """`uses WORD, ...` at the left margin: a library with this file has only these words and the file's own."""

    words: tuple[WordText, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class DefinitionBlock:
    """`def name(parameters) -> result = body`; without parentheses a constant, and `parameters` is None."""

    name: str
    parameters: tuple[Parameter, ...] | None
    result: Type
    body: Program
    documentation: str
    span: Span


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """An `example` or `holdout` line."""

    arguments: tuple[ValueText, ...]
    output: ValueText
    span: Span


@dataclass(frozen=True, slots=True)
class QueryLine:
    """A `query` line: arguments only."""

    arguments: tuple[ValueText, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SketchLine:
    """A `sketch` line: a program with holes."""

    program: Program
    span: Span


@dataclass(frozen=True, slots=True)
class InputRangeText:
    """`of length 0..10, items -9..99`, or `in 0..10` for a number."""

    length: Range | None = None
    values: Range | None = None
    items: InputRangeText | None = None


@dataclass(frozen=True, slots=True)
class InputLine:
    """An `input` line: how to draw one parameter; the type, where written, must be the parameter's."""

    name: str
    type: Type | None
    range: InputRangeText
    span: Span


@dataclass(frozen=True, slots=True)
class BudgetText:
    """A `budget` line; None for a part that is not written."""

    evaluations: int | None
    seconds: float | None
    span: Span


@dataclass(frozen=True, slots=True)
class TaskBlock:
    """A `task`: its header and lines, in the order of the text."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Type
    span: Span
    documentation: str = ""
    examples: tuple[ExampleLine, ...] = ()
    holdouts: tuple[ExampleLine, ...] = ()
    queries: tuple[QueryLine, ...] = ()
    inputs: tuple[InputLine, ...] = ()
    uses: tuple[WordText, ...] | None = None
    forbid: tuple[WordText, ...] | None = None
    tags: tuple[WordText, ...] = ()
    sketches: tuple[SketchLine, ...] = ()
    noise: float = 0.0
    budget: BudgetText | None = None
    solution: Program | None = None


@dataclass(frozen=True, slots=True)
class BrokenBlock:
    """A block that does not parse: which (`task double_evens`, as far as its first line tells), and why."""

    kind: str
    name: str
    error: DslError


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A `.syn` file: its blocks in order, and those that do not parse. `text` is the whole file, for error messages.

    `uses` are the words of its `uses` lines (not those of tasks), None where it has none.
    """

    text: str = field(repr=False)
    path: str | None = None
    imports: tuple[ImportLine, ...] = ()
    uses: tuple[WordText, ...] | None = None
    definitions: tuple[DefinitionBlock, ...] = ()
    tasks: tuple[TaskBlock, ...] = ()
    broken: tuple[BrokenBlock, ...] = ()

    @property
    def errors(self) -> tuple[DslError, ...]:
        """What is wrong with the broken blocks."""
        return tuple(block.error for block in self.broken)
