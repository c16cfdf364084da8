"""Corpora for tests of learning: drawn typed programs over a few words, and a few written by hand."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from dsl.inference import resolve
from dsl.interpreter import run
from dsl.parser import parse_surface
from dsl.program import Lambda, Let, Literal, Program, Variable, call
from dsl.type_system import INT, FunctionType, Type, list_of
from dsl.values import Failure
from synth.learn.corpus import Attempt, Corpus
from tasks.domains.lists import LISTS
from tasks.task import Example

__all__ = ["INPUTS", "LIBRARY", "NUMBERS", "corpora", "corpus_of", "programs", "read"]

LIBRARY = LISTS.library
NUMBERS = FunctionType((list_of(INT), INT), list_of(INT))
"""The type of all drawn programs."""
INPUTS = (((3, -1, 4), 2), ((), 0), ((5,), 1), ((0, 7, 7, -2), 3))

Scope = tuple[tuple[str, ...], tuple[str, ...]]
"""Variables that are numbers, and those that are lists."""


def _integers(depth: int, scope: Scope) -> st.SearchStrategy[Program]:
    leaves = st.sampled_from((*map(Variable, scope[0]), Literal(1), Literal(2)))
    if depth == 0:
        return leaves
    part = _integers(depth - 1, scope)
    return st.one_of(
        leaves,
        st.builds(call, st.sampled_from(("int.add", "int.multiply", "int.subtract")), part, part),
        st.builds(lambda xs: call("list.length", xs), _lists(depth - 1, scope)),
        st.builds(lambda a, b, c: call("control.if", call("order.gt", a, b), c, a), part, part, part),
    )


def _function(arity: int, depth: int, scope: Scope) -> st.SearchStrategy[Program]:
    names = tuple(f"v{len(scope[0])}_{place}" for place in range(arity))
    return _integers(depth, ((*scope[0], *names), scope[1])).map(lambda body: Lambda(names, body))


def _lists(depth: int, scope: Scope) -> st.SearchStrategy[Program]:
    leaves = st.sampled_from(tuple(map(Variable, scope[1])))
    if depth == 0:
        return leaves
    part = _lists(depth - 1, scope)
    name = f"k{len(scope[1])}"
    return st.one_of(
        leaves,
        st.builds(lambda f, xs: call("list.map", f, xs), _function(1, depth - 1, scope), part),
        st.builds(lambda n, xs: call("list.take", n, xs), _integers(depth - 1, scope), part),
        st.builds(lambda xs: call("list.reverse", xs), part),
        st.builds(lambda f, a, b: call("list.zip_with", f, a, b), _function(2, depth - 1, scope), part, part),
        st.builds(lambda value, body: Let(name, value, body), part, _lists(depth - 1, (scope[0], (*scope[1], name)))),
    )


def programs(depth: int = 3) -> st.SearchStrategy[Lambda]:
    """Resolved programs of the type NUMBERS."""
    return _lists(depth, (("n",), ("xs",))).map(lambda body: Lambda(("xs", "n"), body))


def corpora(most: int = 4, depth: int = 3, largest: int = 60) -> st.SearchStrategy[list[Lambda]]:
    """A few programs of at most so many nodes, not all different."""
    drawn = st.lists(programs(depth).filter(lambda p: p.size <= largest), min_size=2, max_size=most)
    return st.builds(_with_relatives, drawn, st.booleans())


def _with_relatives(found: list[Lambda], wanted: bool) -> list[Lambda]:
    """The programs, and some that have much of the first in them, so that there is something to be found."""
    if not wanted:
        return found
    first = found[0]
    more = (call("list.reverse", first.body), call("list.take", Literal(2), first.body))
    return [*found, *(Lambda(first.parameters, body) for body in more)]


def corpus_of(*texts: str, variables: Mapping[str, Type] | None = None, inputs: bool = True) -> Corpus:
    """A corpus of expressions over variables, `xs: list[int], n: int` where nothing else is said.

    Task `task0` and so on; their examples are what the programs give themselves.
    """
    given = variables or {"xs": list_of(INT), "n": INT}
    arguments = INPUTS if inputs and variables is None else ()
    attempts = []
    for number, text in enumerate(texts):
        found = resolve(parse_surface(text), LIBRARY, variables=given)
        program = Lambda(tuple(given), found.program)
        outcomes = [(a, run(program, a, LIBRARY)) for a in arguments]
        examples = tuple(Example(a, value) for a, value in outcomes if not isinstance(value, Failure))
        attempts.append(Attempt(f"task{number}", program, FunctionType(tuple(given.values()), found.type), examples))
    return Corpus.of(attempts, LIBRARY)


def read(text: str) -> Lambda:
    """A lambda whose parameters are numbers, lists of them where their names end in `s`, functions of one for `f`."""
    surface = parse_surface(text)
    assert isinstance(surface, Lambda)
    types = {name: _usual(name) for name in surface.parameters}
    return Lambda(surface.parameters, resolve(surface.body, LIBRARY, variables=types).program)


def _usual(name: str) -> Type:
    return list_of(INT) if name.endswith("s") else FunctionType((INT,), INT) if name == "f" else INT
