"""A task from `--example '[1,2] -> [2,4]'`: types and parameter names are read off the values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsl.errors import DslError, Span, SyntaxProblem
from dsl.library import Library
from dsl.parser import parse_surface
from dsl.program import Lambda
from dsl.type_system import FunctionType, Type, TypeConstructor
from synth.commands.rows import Row, outside_brackets, same_width, split, types_of, values_of
from tasks.sketches import read_sketch
from tasks.task import Example, Task

__all__ = ["TASK_NAME", "task_from_examples"]

TASK_NAME = "example"
_NAMES = {"list": ("xs", "ys", "zs"), "int": ("n", "m", "k"), "text": ("s", "t", "u"), "bool": ("b", "c", "d")}
_OTHER_NAMES = ("x", "y", "z")


def task_from_examples(
    texts: Sequence[str], library: Library, *, sketches: Sequence[str] = (), noise: float = 0.0
) -> Task:
    """A task named `example` whose types are those of the values; what they leave open (`[]`) is taken as int.

    `sketches` are texts as in a `sketch` line. Raises DslError, with a caret into the example or sketch, for text that
    is none, for values of different types in one place, and for different numbers of inputs.
    """
    rows = [_row(f"--example {number}", text) for number, text in enumerate(texts, 1)]
    same_width(rows, len(rows[0].pieces), "values, inputs and output, as in the first example")
    types = types_of(rows, library)
    values = [values_of(row, types, library) for row in rows]
    parameters, request = tuple(_parameter_names(types[:-1])), FunctionType(types[:-1], types[-1])
    return Task(
        name=TASK_NAME,
        parameters=parameters,
        type_request=request,
        library=library,
        examples=tuple(Example(row[:-1], row[-1]) for row in values),
        sketches=tuple(
            _sketch(f"--sketch {number}", text, library, parameters, request) for number, text in enumerate(sketches, 1)
        ),
        noise=noise,
        origin="--example",
    )


def _sketch(label: str, text: str, library: Library, parameters: tuple[str, ...], request: FunctionType) -> Lambda:
    try:
        return read_sketch(parse_surface(text), library, parameters, request)
    except DslError as error:
        raise error.located(text=text, path=label) from None


def _row(label: str, text: str) -> Row:
    """The values of an example, the output last."""
    arrows = [place for place in outside_brackets(text) if text.startswith("->", place)]
    if len(arrows) != 1:
        raise SyntaxProblem(
            f"expected one '->' between inputs and output, found {len(arrows)}",
            span=Span(1, arrows[1] + 1, 2) if arrows else Span(1, 1, max(1, len(text))),
            text=text,
            path=label,
            hint="write it as '[1, 2] -> [2, 4]', inputs separated by commas",
        )
    inputs, output = split(text, 0, arrows[0]), split(text, arrows[0] + 2)
    if len(output) != 1:
        row = Row(label, text, output)
        raise row.problem(SyntaxProblem(f"expected one output after '->', found {len(output)}"))
    return Row(label, text, (*inputs, *output))


def _parameter_names(types: Sequence[Type]) -> Iterator[str]:
    """A short name for each parameter that tells its type: `xs` for a list, `n` for an int."""
    taken: dict[tuple[str, ...], int] = {}
    for t in types:
        names = _NAMES.get(t.name, _OTHER_NAMES) if isinstance(t, TypeConstructor) else _OTHER_NAMES
        taken[names] = taken.get(names, 0) + 1
        count = taken[names]
        yield names[count - 1] if count <= len(names) else f"{names[0]}{count}"
