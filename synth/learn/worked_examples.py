"""Calls of what was learned, with what they give: on arguments that it had in the solved tasks, or on drawn ones."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from dsl.errors import DslError
from dsl.interpreter import run, trace
from dsl.library import Definition, Library
from dsl.printer import show
from dsl.program import Application, Lambda, Name, Program, Variable, children, free_variables
from dsl.type_system import INT, FunctionType, Range, Type, apply, type_variables
from dsl.values import Failure, Some, show_real, show_value
from synth.learn.corpus import Solved
from tasks.sampling import sample_value
from tasks.task import InputRange

__all__ = ["examples_of"]

_INPUTS, _TRIED = 3, 12
"""Inputs of a task that its program is watched on, and argument tuples that are looked at."""
_WIDEST, _EASY = 88, 40
"""Characters of the longest line that is shown, and of one that says something and is soon read."""
_DRAWN = InputRange(length=Range(2, 5), values=Range(-9, 20), items=InputRange(values=Range(-9, 20)))

_Argument = object
"""A value, or a program without free variables for a parameter that is a function."""


def examples_of(
    definition: Definition, solved: Iterable[Solved], library: Library, *, most: int = 3
) -> tuple[str, ...]:
    """Up to `most` lines such as `double([1, 2]) = [2, 4]`, made by running; none where nothing can be shown.

    `solved` are tasks whose programs may use the definition. Calls whose value is not one of the arguments come first,
    and those that are neither trivial nor long.
    """
    shown: dict[str, tuple[bool, int]] = {}
    for arguments in islice(_distinct((*_seen(definition, solved, library), *_drawn(definition))), _TRIED):
        line = _line(definition, arguments, library)
        if line is not None:
            text, plain = line
            shown.setdefault(text, (plain, abs(len(text) - _EASY)))
    return tuple(sorted(shown, key=lambda text: shown[text])[:most])


def _distinct(found: Iterable[tuple[_Argument, ...]]) -> Iterator[tuple[_Argument, ...]]:
    seen: set[str] = set()
    for arguments in found:
        if repr(arguments) not in seen:
            seen.add(repr(arguments))
            yield arguments


# ---- arguments ----------------------------------------------------------------------------------------------------


def _seen(definition: Definition, solved: Iterable[Solved], library: Library) -> Iterator[tuple[_Argument, ...]]:
    """The arguments that a definition was given while programs of solved tasks ran."""
    for task in solved:
        calls = list(_calls(task.program, definition.name))
        for inputs in task.inputs[:_INPUTS] if calls else ():
            seen = {
                occurrence.path: occurrence.values for occurrence in trace(task.program, inputs, library).occurrences
            }
            for path, call in calls:
                made = tuple(
                    _argument(argument, seen.get((*path, place), ()))
                    for place, argument in enumerate(call.arguments, 1)
                )
                if None not in made:
                    yield tuple(found[0] for found in made if found is not None)


def _argument(argument: Program, values: Sequence[object]) -> tuple[_Argument] | None:
    """The first value that an argument had, or the function that it is; None where neither can be shown."""
    if values and not isinstance(values[0], Failure):
        return (values[0],)
    if isinstance(argument, Name | Lambda) and not free_variables(argument):
        return (argument,)
    return None


def _calls(p: Program, name: str, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Application]]:
    if isinstance(p, Application) and isinstance(p.function, Name) and p.function.name == name:
        yield path, p
    for place, part in enumerate(children(p)):
        yield from _calls(part, name, (*path, place))


def _drawn(definition: Definition) -> Iterator[tuple[_Argument, ...]]:
    """Drawn arguments, the same for the same name; none where a parameter is a function or of a domain's type."""
    t = _ground(definition.type)
    if not isinstance(t, FunctionType):
        yield ()
        return
    rng = random.Random(int.from_bytes(hashlib.sha256(definition.name.encode()).digest()[:4], "big"))
    for _ in range(_TRIED):
        try:
            yield tuple(sample_value(p, _DRAWN, rng) for p in t.parameters)
        except DslError:
            return


def _ground(t: Type) -> Type:
    """A type with int for its variables."""
    return apply({v.name: INT for v in type_variables(t)}, t)


# ---- a line -------------------------------------------------------------------------------------------------------


def _line(definition: Definition, arguments: Sequence[_Argument], library: Library) -> tuple[str, bool] | None:
    """The text of a call and its value, and whether the value is one of the arguments; None where it has none."""
    t = definition.type
    types = t.parameters if isinstance(t, FunctionType) else ()
    result = t.result if isinstance(t, FunctionType) else t
    if len(types) != len(arguments) or isinstance(result, FunctionType):
        return None
    names = tuple(f"a{place}" for place in range(len(arguments)))
    is_program = [isinstance(a, Name | Lambda) for a in arguments]
    given = tuple(a if program else Variable(n) for a, n, program in zip(arguments, names, is_program, strict=True))
    body = Application(Name(definition.name), given) if given else Name(definition.name)  # type: ignore[arg-type]
    values = [a for a, program in zip(arguments, is_program, strict=True) if not program]
    free = tuple(n for n, program in zip(names, is_program, strict=True) if not program)
    value = run(Lambda(free, body), values, library)
    if isinstance(value, Failure):
        return None
    inside = [_shown(a, p, library) for a, p in zip(arguments, types, strict=True)]
    head = f"{definition.short}({', '.join(inside)})" if inside else definition.short
    text = f"{head} = {_shown(value, result, library)}"
    return (text, value in values) if len(text) <= _WIDEST else None


def _shown(value: _Argument, t: Type, library: Library) -> str:
    return show(value, library) if isinstance(value, Name | Lambda) else show_value(value, t, _atom)


def _atom(value: object) -> str:
    """A value of a type that the definition leaves open; what could be a list or a tuple is taken for a list."""
    match value:
        case tuple():
            return f"[{', '.join(map(_atom, value))}]"
        case Some(held):
            return f"some({_atom(held)})"
        case float():
            return show_real(value)
        case _:
            return repr(value)
