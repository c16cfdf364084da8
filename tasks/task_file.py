"""Task files: `.syn` text to tasks, with every line checked.

A task that cannot be read becomes a `BrokenTask`; the others of its file are unharmed. What all tasks of a file share,
its imports and definitions, must be right, or the file as a whole is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dsl.errors import (
    DslError,
    InterfaceError,
    LibraryError,
    Span,
    SyntaxProblem,
    TypeProblem,
    UnknownNameError,
    ValueProblem,
)
from dsl.inference import resolve
from dsl.interpreter import run
from dsl.library import Library, nearest
from dsl.module_file import read_words
from dsl.parser import parse_file
from dsl.program import Lambda
from dsl.read_value import read_value
from dsl.source import read_source
from dsl.surface import BrokenBlock, ExampleLine, InputLine, InputRangeText, TaskBlock, ValueText, WordText
from dsl.type_system import FunctionType, Type, TypeConstructor, TypeVariable, show_type
from dsl.values import SIZE_LIMIT, Failure, show_value, size_of
from tasks.sketches import read_sketch
from tasks.suite import BrokenTask, Suite
from tasks.task import BudgetLine, Example, InputRange, Task, allowed_misses, missed

__all__ = ["read_task_file", "read_tasks"]


def read_task_file(path: Path, library: Library) -> Suite:
    """The tasks of a `.syn` file, over a library and what the file imports and defines.

    Raises DslError for a file that is missing, unreadable, no UTF-8 text or without any task, and for an import or
    definition that is wrong.
    """
    suite = read_tasks(read_source(path), library, name=path.stem, path=path)
    if not suite.tasks and not suite.broken:
        raise InterfaceError(
            "expected at least one task, found none", path=str(path), hint="a task starts `task name(xs: list[int])`"
        )
    return suite


def read_tasks(text: str, library: Library, *, name: str, path: Path | None = None) -> Suite:
    r"""The tasks that a text holds, perhaps none; `path` is for messages, and imports are looked for beside it.

    >>> suite = read_tasks("task same(n: int) -> int\n    example 1 -> 1\n", Library(), name="tiny")
    >>> suite["same"].examples
    (Example(arguments=(1,), output=1),)
    """
    source = parse_file(text, path=None if path is None else str(path))
    shared = tuple(block for block in source.broken if block.kind in _SHARED)
    words = read_words(replace(source, broken=shared), library, near=None if path is None else path.parent)
    broken = [_broken_task(block) for block in source.broken]
    known = _known_types(words)
    tasks: list[Task] = []
    seen: dict[str, TaskBlock] = {}
    for task in source.tasks:
        try:
            _refuse_second(task, seen)
            tasks.append(_TaskReader(task, words, known, source.path or "").read())
        except DslError as error:
            own = task.name if seen[task.name] is task else f"{task.name} (line {task.span.line})"
            broken.append(BrokenTask(own, error.located(text=text, path=source.path)))
    return Suite(name, tuple(tasks), tuple(broken))


_SHARED = ("def", "import", "syn", "uses")
"""Blocks of these kinds belong to all tasks of a file, so one that does not parse breaks the file."""


def _broken_task(block: BrokenBlock) -> BrokenTask:
    line = "" if block.error.span is None else f"line {block.error.span.line}"
    return BrokenTask(block.name or line, block.error)


def _refuse_second(task: TaskBlock, seen: dict[str, TaskBlock]) -> None:
    earlier = seen.setdefault(task.name, task)
    if earlier is not task:
        raise SyntaxProblem(
            f"expected a name of its own, found {task.name!r}, which the task at line {earlier.span.line} has",
            span=task.span,
        )


@dataclass(frozen=True, slots=True)
class _TaskReader:
    """Reads one task; every error has its place in the text."""

    task: TaskBlock
    words: Library
    known_types: frozenset[str]
    origin: str

    def read(self) -> Task:
        task = self.task
        request = FunctionType(tuple(p.type for p in task.parameters), task.result)
        self._check_types()
        library = self._library()
        examples = self._pairs("examples", task.examples, library)
        queries = tuple(
            self._arguments(f"queries[{i}]", line.arguments, line.span, library) for i, line in enumerate(task.queries)
        )
        holdout = self._pairs("holdout", task.holdouts, library)
        solution = self._solution(request, library)
        if solution is None and not examples:
            raise SyntaxProblem(
                "expected at least one `example` line, or a `solution` to draw examples from, found neither",
                span=task.span,
            )
        if solution is not None:
            self._check_solution(solution, library, "examples", task.examples, examples, task.noise)
            self._check_solution(solution, library, "holdout", task.holdouts, holdout)
        return Task(
            name=task.name,
            parameters=tuple(p.name for p in task.parameters),
            type_request=request,
            library=library,
            examples=examples,
            queries=queries,
            holdout=holdout,
            description=task.documentation,
            inputs=self._inputs(),
            uses=tuple(word.name for word in task.uses or ()),
            forbid=tuple(word.name for word in task.forbid or ()),
            sketches=self._sketches(request, library),
            noise=task.noise,
            budget=None if task.budget is None else BudgetLine(task.budget.evaluations, task.budget.seconds),
            solution=solution,
            tags=frozenset(tag.name for tag in task.tags),
            origin=self.origin,
        )

    # ---- the header -----------------------------------------------------------------------------------------------

    def _check_types(self) -> None:
        for parameter in self.task.parameters:
            _check_type(parameter.type, self.known_types, parameter.span)
        _check_type(self.task.result, self.known_types, self.task.span)

    def _library(self) -> Library:
        """The words less those of `forbid`, then only those of `uses` (and what they are defined by)."""
        task = self.task
        forbidden = [_known_word(word, self.words) for word in task.forbid or ()]
        wanted = [_known_word(word, self.words) for word in task.uses or ()]
        library = self.words.without(forbidden) if forbidden else self.words
        if task.uses is None:
            return library
        for word in task.uses:
            if not _has(library, word.name):
                raise LibraryError(f"`forbid` leaves nothing of {word.name!r}, which `uses` asks for", span=word.span)
        return library.only(wanted)

    # ---- examples -------------------------------------------------------------------------------------------------

    def _pairs(self, kind: str, lines: Sequence[ExampleLine], library: Library) -> tuple[Example, ...]:
        return tuple(self._pair(f"{kind}[{i}]", line, library) for i, line in enumerate(lines))

    def _pair(self, where: str, line: ExampleLine, library: Library) -> Example:
        arguments = self._arguments(where, line.arguments, line.span, library)
        return Example(arguments, _value(where, line.output, self.task.result, library))

    def _arguments(self, where: str, values: Sequence[ValueText], span: Span, library: Library) -> tuple[object, ...]:
        parameters = self.task.parameters
        if len(values) != len(parameters):
            names = ", ".join(p.name for p in parameters)
            raise TypeProblem(
                f"{where}: expected {len(parameters)} input{'' if len(parameters) == 1 else 's'}"
                f"{f' ({names})' if names else ''}, found {len(values)}",
                span=span,
            )
        return tuple(_value(where, text, p.type, library) for text, p in zip(values, parameters, strict=True))

    # ---- inputs ---------------------------------------------------------------------------------------------------

    def _inputs(self) -> tuple[tuple[str, InputRange], ...]:
        types = {p.name: p.type for p in self.task.parameters}
        seen: dict[str, Span] = {}
        return tuple(self._input(line, types, seen) for line in self.task.inputs)

    def _input(self, line: InputLine, types: Mapping[str, Type], seen: dict[str, Span]) -> tuple[str, InputRange]:
        if line.name not in types:
            near = nearest(line.name, types)
            raise UnknownNameError(
                f"expected a parameter of the task ({', '.join(types) or 'it has none'}), found {line.name!r}",
                span=line.span,
                hint=f"did you mean {near!r}?" if near else None,
            )
        if line.name in seen:
            raise SyntaxProblem(
                f"expected one `input` line for {line.name!r}, found a second; "
                f"the first is at line {seen[line.name].line}",
                span=line.span,
            )
        seen[line.name] = line.span
        t = types[line.name]
        if line.type is not None and line.type != t:
            raise TypeProblem(
                f"expected the type of the parameter, {show_type(t)}, found {show_type(line.type)}", span=line.span
            )
        return line.name, _input_range(line.range, t, line.span)

    # ---- programs -------------------------------------------------------------------------------------------------

    def _sketches(self, request: FunctionType, library: Library) -> tuple[Lambda, ...]:
        names = tuple(p.name for p in self.task.parameters)
        return tuple(read_sketch(line.program, library, names, request) for line in self.task.sketches)

    def _solution(self, request: FunctionType, library: Library) -> Lambda | None:
        if self.task.solution is None:
            return None
        variables = {p.name: p.type for p in self.task.parameters}
        body = resolve(self.task.solution, library, expected=request.result, variables=variables).program
        return Lambda(tuple(variables), body, span=body.span)

    def _check_solution(
        self,
        solution: Lambda,
        library: Library,
        kind: str,
        lines: Sequence[ExampleLine],
        pairs: Sequence[Example],
        noise: float = 0.0,
    ) -> None:
        """Refuse a solution that misses a pair; with noise, one that misses more than that allows."""
        outcomes = [run(solution, pair.arguments, library) for pair in pairs]
        wrong, allowed = missed(pairs, outcomes), allowed_misses(noise, len(pairs))
        if len(wrong) <= allowed:
            return
        outcome = outcomes[wrong[0]]
        if isinstance(outcome, Failure):
            problem = f"expected a pair that the solution gives, but on this input it fails: {outcome}"
        else:
            given, found = (_shown(value, self.task.result) for value in (outcome, pairs[wrong[0]].output))
            problem = f"expected what the solution gives, {given}, found {found}"
        hint = f"one of them is wrong: this line, or the solution{_at(solution.span)}"
        if noise:
            hint = f"the noise lets it miss {allowed} of {len(pairs)} {kind}, and it misses {len(wrong)}; {hint}"
        raise ValueProblem(f"{kind}[{wrong[0]}]: {problem}", span=lines[wrong[0]].output.span, hint=hint)


def _at(span: Span | None) -> str:
    return "" if span is None else f" at line {span.line}"


def _shown(value: object, t: Type) -> str:
    text = show_value(value, t)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _value(where: str, text: ValueText, t: Type, library: Library) -> object:
    try:
        value = read_value(text, t, library)
    except DslError as error:
        error.message = f"{where}: {error.message}"
        raise
    if size_of(value) > SIZE_LIMIT:
        raise ValueProblem(f"{where}: expected a value of at most {SIZE_LIMIT:,} items, found more", span=text.span)
    return value


# ---- types and words ----------------------------------------------------------------------------------------------


def _known_types(words: Library) -> frozenset[str]:
    """Names of the types that the words mention, and of those that have literals."""
    names = {"int", "bool", "real", "text", "list", "tuple", "option"}
    return frozenset(names.union(*(_constructors(entry.type) for entry in words)))


def _constructors(t: Type) -> Iterator[str]:
    match t:
        case TypeConstructor(name, arguments):
            yield name
            for argument in arguments:
                yield from _constructors(argument)
        case FunctionType(parameters, result):
            for part in (*parameters, result):
                yield from _constructors(part)


def _check_type(t: Type, known: frozenset[str], span: Span) -> None:
    """Refuse types that have no values to write in an example."""
    match t:
        case TypeVariable(name):
            raise TypeProblem(
                f"expected a type whose values can be written, found the type variable {name!r}",
                span=span,
                hint="a task is about values of one type, such as list[int]",
            )
        case FunctionType():
            raise TypeProblem(f"expected a type whose values can be written, found {show_type(t)}", span=span)
        case TypeConstructor(name, arguments):
            if name not in known:
                near = nearest(name, known)
                raise UnknownNameError(
                    f"expected a type, found {name!r}", span=span, hint=f"did you mean {near!r}?" if near else None
                )
            for argument in arguments:
                _check_type(argument, known, span)


def _known_word(word: WordText, words: Library) -> str:
    try:
        words.matching(word.name)
    except LibraryError as error:
        raise UnknownNameError(error.message, span=word.span, hint=error.hint) from None
    return word.name


def _has(library: Library, word: str) -> bool:
    try:
        return bool(library.matching(word))
    except LibraryError:
        return False


# ---- ranges -------------------------------------------------------------------------------------------------------


def _input_range(text: InputRangeText, t: Type, span: Span) -> InputRange:
    """The range, where it fits the type: lengths of lists and texts, items of lists and the like, values of numbers."""
    fits = _fitting(t)
    for part, found in (("length", text.length), ("items", text.items), ("in", text.values)):
        if found is not None and part not in fits:
            raise TypeProblem(f"expected a range for {show_type(t)}{_spelled(fits)}, found `{part}`", span=span)
    items = None
    if text.items is not None and isinstance(t, TypeConstructor):
        for item in t.arguments:  # all items of a tuple have the same range
            items = _input_range(text.items, item, span)
    return InputRange(text.length, text.values, items)


def _fitting(t: Type) -> tuple[str, ...]:
    match t:
        case TypeConstructor("list"):
            return ("length", "items")
        case TypeConstructor("text"):
            return ("length",)
        case TypeConstructor("tuple" | "option"):
            return ("items",)
        case TypeConstructor("int" | "real"):
            return ("in",)
        case _:
            return ()


_SPELLINGS = {"length": "`of length 0..10`", "items": "`items 0..9`", "in": "`in 0..10`"}


def _spelled(fits: tuple[str, ...]) -> str:
    return f" ({', '.join(_SPELLINGS[part] for part in fits)})" if fits else ", which has none"
