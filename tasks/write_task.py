"""Tasks to text, as a person would write them, so that reading the text gives the same task back."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.errors import InterfaceError, Span
from dsl.literals import read_percent, show_literal
from dsl.printer import is_identifier, show
from dsl.type_system import Range, Type, show_type
from dsl.values import show_value
from tasks.sketches import show_sketch
from tasks.task import BudgetLine, Example, InputRange, Task

__all__ = ["write_task", "write_tasks"]


def write_task(task: Task) -> str:
    """The task as a block of a task file, with a line end after it.

    Read over the same words (before `uses` and `forbid`), the text gives an equal task but for `origin`. Raises
    InterfaceError for a name that a task file cannot have.
    """
    for name in (task.name, *task.parameters):
        if not is_identifier(name):
            raise InterfaceError(
                f"expected a name that a task file can have (letters, digits, _), found {name!r}",
                hint="give the task another name before writing it",
            )
    return "".join(f"{line}\n" for line in (f"task {task.signature}", *map(_indented, _lines(task))))


def write_tasks(tasks: tuple[Task, ...]) -> str:
    """A whole task file."""
    return "\n".join(("syn 1\n", *map(write_task, tasks)))


def _indented(line: str) -> str:
    return f"    {line}"


def _quoted(text: str) -> str:
    """The text in double quotes, as documentation is written, where that needs no escapes."""
    spelled = show_literal(text)
    return f'"{spelled[1:-1]}"' if '"' not in text and "\\'" not in spelled else spelled


def _lines(task: Task) -> Iterator[str]:
    if task.description:
        yield from map(_quoted, task.description.split("\n"))
    for example in task.examples:
        yield f"example {_pair(example, task)}"
    for arguments in task.queries:
        yield f"query   {_arguments(arguments, task)}".rstrip()
    for example in task.holdout:
        yield f"holdout {_pair(example, task)}"
    types = dict(zip(task.parameters, task.type_request.parameters, strict=True))
    for name, limits in task.inputs:
        yield f"input   {name}: {show_type(types[name])} {_range(limits)}"
    if task.uses:
        yield f"uses    {', '.join(task.uses)}"
    if task.forbid:
        yield f"forbid  {', '.join(task.forbid)}"
    for sketch in task.sketches:
        yield f"sketch  {show_sketch(sketch, task.library, task.type_request)}"
    if task.noise:
        yield f"noise   {_share(task.noise)}"
    if task.tags:
        yield f"tags    {', '.join(sorted(task.tags))}"
    if task.budget is not None:
        yield f"budget  {', '.join(_amounts(task.budget))}"
    if task.solution is not None:
        yield f"solution {_solution(task, types)}"


def _arguments(arguments: tuple[object, ...], task: Task) -> str:
    return ", ".join(show_value(v, t) for v, t in zip(arguments, task.type_request.parameters, strict=True))


def _pair(example: Example, task: Task) -> str:
    return f"{_arguments(example.arguments, task)} -> {show_value(example.output, task.result_type)}".lstrip()


def _range(limits: InputRange) -> str:
    """`in 0..9`, or `of length 0..10, items -9..99`, or for lists of lists `of length 0..3, items of length ...`."""
    if limits.values is not None:
        return f"in {_bounds(limits.values)}"
    parts = [] if limits.length is None else [f"length {_bounds(limits.length)}"]
    if limits.items is not None:
        items = limits.items
        parts.append(f"items {_bounds(items.values) if items.values is not None else _range(items)}")
    return f"of {', '.join(parts)}"


def _bounds(bounds: Range) -> str:
    return f"{bounds.low}..{bounds.high}"


def _amounts(budget: BudgetLine) -> Iterator[str]:
    if budget.evaluations is not None:
        yield f"{budget.evaluations:_} evaluations"
    if budget.seconds is not None:
        seconds = budget.seconds
        yield f"{int(seconds) if seconds == int(seconds) else show_literal(seconds)} s"


def _share(noise: float) -> str:
    """`10%` where that is read as the same number, else `0.1234`."""
    percent = f"{noise * 100:g}"
    read_again = "e" not in percent and read_percent(percent, Span(1, 1)) == noise
    return f"{percent}%" if read_again else show_literal(noise)


def _solution(task: Task, types: dict[str, Type]) -> str:
    solution = task.solution
    body = solution.body if solution is not None and hasattr(solution, "body") else solution
    assert body is not None, "only asked for tasks with a solution"
    return show(body, task.library, expected=task.result_type, variables=types)
