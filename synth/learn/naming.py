"""Names for what is learned: what the body does, in the order in which it is read, as `map_double`.

A name depends on the body and on the names that are taken, on nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, count

from dsl.library import Library
from dsl.printer import is_identifier
from dsl.program import Application, Lambda, Literal, Name, Program, Variable, children, walk

__all__ = ["name_of", "words_of"]

_USUAL_WORDS, _MOST_WORDS = 3, 7
"""How many words a name has, and how many it may have where shorter ones are taken."""
_SAID: Mapping[str, str] = {
    "eq": "equal",
    "ne": "unequal",
    "lt": "below",
    "le": "at_most",
    "gt": "above",
    "ge": "at_least",
    "modulo": "mod",
    "subtract": "less",
    "slice_from": "from",
    "slice_to": "up_to",
}
"""Words of the library that say more in another form."""
_PHRASES: Mapping[tuple[str, object], str] = {
    ("add", 1): "increment",
    ("subtract", 1): "decrement",
    ("multiply", 2): "double",
    ("multiply", 3): "triple",
    ("divide", 2): "halve",
    ("cons", ()): "singleton",
}
"""A word and its last argument, said in one."""
_LONGEST_TEXT = 8


def name_of(program: Program, library: Library, namespace: str) -> str:
    """A short name for a definition, that no word of the library has and nothing in the program.

    >>> from dsl.program import call
    >>> name_of(call("list.map", Lambda(("x",), call("int.multiply", Variable("x"), Literal(2))), Variable("xs")),
    ...         Library(), "learned")
    'map_double'
    """
    said = tuple(words_of(program)) or ("value",)
    bound = {p for node in walk(program) if isinstance(node, Lambda) for p in node.parameters}
    lengths = range(min(_USUAL_WORDS, len(said)), min(_MOST_WORDS, len(said)) + 1)
    usual = [_joined(said[:length]) for length in lengths]
    numbered = (f"{usual[0]}_{number}" for number in count(2))
    return next(
        name
        for name in chain(usual, numbered)
        if is_identifier(name)
        and name not in bound
        and not library.named(name)
        and f"{namespace}.{name}" not in library
    )


def _joined(words: tuple[str, ...]) -> str:
    name = "_".join(words)
    return name if name[0].isalpha() else f"value_{name}"


def words_of(p: Program) -> Iterator[str]:
    """What a program does, word by word, as it is read: functions before what they are applied to.

    >>> from dsl.program import call
    >>> list(words_of(call("list.filter", Lambda(("x",), call("order.gt", Variable("x"), Literal(0))), Variable("xs"))))
    ['filter', 'above', '0']
    """
    match p:
        case Application(Name(name), (*_, Literal(int() | () as value)) as arguments) if phrase := _phrase(name, value):
            yield phrase
            yield from chain.from_iterable(map(words_of, arguments[:-1]))
        case Application(Name(name), (Variable() as first, *others)) if others and all(a == first for a in others):
            yield from (_said(name), "itself")
        case Name(name):
            yield _said(name)
        case Literal(value):
            yield _constant(value)
        case _:
            yield from chain.from_iterable(map(words_of, children(p)))


def _phrase(name: str, value: object) -> str | None:
    return None if isinstance(value, bool) else _PHRASES.get((name.rpartition(".")[2], value))


def _said(name: str) -> str:
    short = name.rpartition(".")[2]
    return _SAID.get(short, short)


def _constant(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return (
                str(abs(value)).replace(".", "_").replace("+", "").replace("-", "_") if value >= 0 else _negative(value)
            )
        case str():
            letters = re.sub(r"[^A-Za-z0-9]+", "_", value).strip("_").lower()[:_LONGEST_TEXT].strip("_")
            return letters or "text"
        case ():
            return "empty"
        case _:
            return "list"


def _negative(value: float) -> str:
    return f"minus_{_constant(-value)}"
