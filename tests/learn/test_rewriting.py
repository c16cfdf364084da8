"""Definitions put in for their names and names for definitions: each undoes the other, and meaning and type stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from strategies import Draw, drawn_programs, programs

from dsl.errors import DslError, LibraryError, ResourceError
from dsl.inference import resolve
from dsl.interpreter import run
from dsl.library import Definition, Library
from dsl.module_file import definitions_of
from dsl.parser import parse, parse_file, parse_type
from dsl.primitives import CORE
from dsl.printer import show
from dsl.program import (
    Application,
    Lambda,
    Let,
    Name,
    Program,
    Variable,
    call,
    children,
    free_variables,
    names,
    rebuild,
)
from dsl.type_system import INT, FunctionType, list_of
from dsl.values import Failure, agree
from synth.learn.inlining import inline, same
from synth.learn.rewriting import rewrite
from tasks.domains.lists import LISTS

WORDS = LISTS.library


def made(text: str, library: Library = WORDS) -> list[Definition]:
    """The definitions of a module's text."""
    found = definitions_of(parse_file(f"syn 1\n{text}\n"), library, "learned")
    return [entry for entry in found if isinstance(entry, Definition)]


# ---- drawn definitions ----------------------------------------------------------------------------------------------


def _places(p: Program, inside: frozenset[str] = frozenset()) -> Iterator[tuple[tuple[int, ...], Program]]:
    """All nodes that use nothing that is bound around them inside `p`, by the way that leads to them."""
    if free_variables(p).isdisjoint(inside):
        yield (), p
    match p:
        case Lambda(parameters, _):
            bound = [inside.union(parameters)]
        case Let(name, _, _):
            bound = [inside, inside | {name}]
        case _:
            bound = [inside] * len(children(p))
    for number, (part, around) in enumerate(zip(children(p), bound, strict=True)):
        yield from (((number, *way), node) for way, node in _places(part, around))


def _with(p: Program, way: tuple[int, ...], part: Program) -> Program:
    if not way:
        return part
    parts = list(children(p))
    parts[way[0]] = _with(parts[way[0]], way[1:], part)
    return rebuild(p, tuple(parts))


def _nodes(p: Program) -> Iterator[Program]:
    yield p
    for part in children(p):
        yield from _nodes(part)


def _cut(draw: Draw, program: Program, library: Library, name: str, *, function: bool = False) -> Definition:
    """A definition out of a part of a program; up to two parts of that are parameters, as is what it takes from around.

    A `function` has a parameter, and is more than that.

    Parts are drawn by number: hypothesis would show all of them otherwise.
    """
    parts = [node for node in _nodes(program) if not isinstance(node, Variable) and node is not program]
    if function:
        parts = [node for node in parts if any(way for way, _ in _places(node))]
    assume(parts)
    body = parts[draw(st.integers(0, len(parts) - 1))]
    for number in range(draw(st.integers(1 if function else 0, 2))):
        places = [place for place in _places(body) if place[0] or not function]
        way, _ = places[draw(st.integers(0, len(places) - 1))]
        body = _with(body, way, Variable(f"gap{number}"))
    parameters = tuple(sorted(free_variables(body)))
    whole = Lambda(parameters, body) if parameters else body
    try:
        found = resolve(whole, library)
    except DslError:
        assume(False)
        raise
    return Definition(f"learned.{name}", found.type, found.program)


def _written(p: Program) -> tuple[int, int]:
    """How much there is to write in a program: its leaves, then its nodes."""
    return sum(not children(node) for node in _nodes(p)), p.size


@dataclass(frozen=True)
class Cut:
    """A program and definitions that were cut out of it, over a library without these."""

    library: Library
    program: Lambda
    type: FunctionType
    definitions: tuple[Definition, ...]

    def __repr__(self) -> str:
        words = self.library.extend(*self.definitions)
        shown = [f"{d.name} = {show(d.program, words)}" for d in self.definitions]
        return f"Cut({show(self.program, words, expected=self.type)!r}, {shown})"


@st.composite
def cut_programs(draw: Draw, count: int, *, functions: bool = False) -> Cut:
    """Any program, its free variables made parameters, and definitions cut out of it."""
    drawn = draw(drawn_programs())
    program = Lambda(tuple(drawn.variables), drawn.program)
    numbers = range(count)
    definitions = tuple(_cut(draw, program, drawn.library, f"d{number}", function=functions) for number in numbers)
    return Cut(drawn.library, program, FunctionType(tuple(drawn.variables.values()), drawn.type), definitions)


@st.composite
def cut_list_programs(draw: Draw) -> Cut:
    """A program on a list of numbers and a number that gives such a list, over the words of the language."""
    t = FunctionType((list_of(INT), INT), list_of(INT))
    program = Lambda(("xs", "n"), draw(programs(CORE, list_of(INT), {"xs": list_of(INT), "n": INT})))
    return Cut(CORE, program, t, (_cut(draw, program, CORE, "d"),))


@given(cut_programs(2))
@settings(max_examples=60)
def test_inlining_undoes_rewriting(cut: Cut) -> None:
    """Whatever definitions are cut out of programs, putting them in again gives the program back, of the same type."""
    found = rewrite(cut.program, cut.definitions, cut.library, expected=cut.type)
    used = {d.name for d in cut.definitions} & set(names(found))
    event(f"used {len(used)} of them")
    assert same(inline(found, cut.definitions), cut.program)
    resolve(found, cut.library.extend(*cut.definitions), expected=cut.type)
    if not used:
        assert found == cut.program


@given(cut_programs(1, functions=True))
@settings(max_examples=50)
def test_rewriting_undoes_inlining(cut: Cut) -> None:
    """A call whose arguments cannot fail is found again where it was put in, or something no larger."""
    (definition,) = cut.definitions
    parameters = definition.parameters
    assert isinstance(definition.program, Lambda), "a function was cut out"
    assert free_variables(definition.program.body) == set(parameters)
    whole = Lambda(parameters, Application(Name(definition.name), tuple(map(Variable, parameters))))
    plain = inline(whole, cut.definitions)
    assert plain == definition.program
    found = rewrite(plain, cut.definitions, cut.library, expected=definition.type)
    assert _written(found) <= _written(whole)


@given(cut_list_programs())
@settings(max_examples=60)
def test_a_rewritten_program_does_the_same(cut: Cut) -> None:
    """Also where parts of it fail."""
    found = rewrite(cut.program, cut.definitions, cut.library, expected=cut.type)
    words = CORE.extend(*cut.definitions)
    for arguments in (((), 0), ((3, 1, 2), 2), ((5,), -1)):
        before, after = run(cut.program, arguments, words), run(found, arguments, words)
        assert isinstance(before, Failure) == isinstance(after, Failure)
        assert isinstance(before, Failure) or agree(before, after)


# ---- examples -------------------------------------------------------------------------------------------------------


NEXT = "def next(n: int) -> int = n + 1"
TWICE = "def twice(n: int) -> int = n + n"
RAISED = "def raised(n: int, xs: list[int]) -> list[int] = map(lambda x: x + n, xs)"
KEPT = "def kept(f: (int) -> bool, xs: list[int]) -> int = sum(filter(lambda x: f(x), xs))"
PICK = "def pick(c: bool, a: int, b: int) -> int = a + 1 if c else b"


@pytest.mark.parametrize(
    ("definitions", "head", "body", "wanted"),
    [
        (NEXT, "(x: int) -> int", "(x + 1) * (x + 1)", "next(x) * next(x)"),
        (NEXT, "(x: int) -> int", "x + 1 + 1", "next(next(x))"),
        (TWICE, "(x: int, y: int) -> int", "x * y + x * y", "twice(x * y)"),
        (TWICE, "(x: int, y: int) -> int", "x * y + y * x", "x * y + y * x"),
        ("def ten -> int = 10", "(x: int) -> int", "x + 10", "x + ten"),
        ("def firsts(xs: list[int]) -> list[int] = take(2, xs)", "(xss: list[list[int]]) -> list[list[int]]",
         "map(lambda xs: take(2, xs), xss)", "map(firsts, xss)"),
        (RAISED, "(m: int, ys: list[int]) -> list[int]", "map(lambda y: y + m, ys)", "raised(m, ys)"),
        # what a parameter stands for must not use what is bound inside
        (RAISED, "(ys: list[int]) -> list[int]", "map(lambda y: y + y, ys)", "map(lambda y: y + y, ys)"),
        # a parameter that is called may stand for any expression over what it is called with
        (KEPT, "(ys: list[int]) -> int", "sum(filter(lambda y: y > 3, ys))", "kept(lambda y: y > 3, ys)"),
        (KEPT, "(ys: list[int]) -> int", "sum(filter(lambda y: is_even(y), ys))", "kept(is_even, ys)"),
        # a definition within another: the larger one is found, though its text is by the smaller one
        (NEXT + "\ndef nexts(xs: list[int]) -> list[int] = map(next, xs)", "(ys: list[int]) -> list[int]",
         "map(lambda y: y + 1, ys)", "nexts(ys)"),
        # an argument that may fail is not taken out of a branch
        (PICK, "(xs: list[int]) -> int", "head(xs) + 1 if length(xs) > 0 else 0",
         "head(xs) + 1 if length(xs) > 0 else 0"),
        (PICK, "(n: int) -> int", "n + 1 if n > 0 else 0", "pick(n > 0, n, 0)"),
        # less general than where it occurs: left out there, and used elsewhere
        ("def back(xs: list[int]) -> list[int] = drop(1, reverse(xs))",
         "(ps: list[int], ns: list[int]) -> tuple[list[bool], list[int]]",
         "(drop(1, reverse(map(is_even, ps))), drop(1, reverse(ns)))",
         "(drop(1, reverse(map(is_even, ps))), back(ns))"),
        # nothing is known of an argument that is not used; and a definition that is its argument occurs everywhere
        ("def second(a: int, b: int) -> int = b + 1", "(x: int) -> int", "x + 1", "x + 1"),
        ("def it(a: int) -> int = a", "(x: int) -> int", "x + 1", "x + 1"),
        # a binder that hides another
        ("def rows(xss: list[list[int]]) -> list[list[int]] = map(lambda xs: map(lambda x: x + length(xs), xs), xss)",
         "(a: list[list[int]]) -> list[list[int]]", "map(lambda a: map(lambda b: b + length(a), a), a)", "rows(a)"),
        ("def rows(xss: list[list[int]]) -> list[list[int]] = map(lambda xs: map(lambda x: x + length(xs), xs), xss)",
         "(a: list[list[int]], c: list[int]) -> list[list[int]]", "map(lambda b: map(lambda a: a + length(c), b), a)",
         "map(lambda b: map(lambda a: a + length(c), b), a)"),
    ],
)  # fmt: skip
def test_rewriting(definitions: str, head: str, body: str, wanted: str) -> None:
    found = {d.short: d for d in made(f"{definitions}\ndef y_before{head} = {body}\ndef y_wanted{head} = {wanted}")}
    before, after = found.pop("y_before"), found.pop("y_wanted")
    made_of = tuple(found.values())
    words = WORDS.extend(*made_of, shadow=True)
    rewritten = rewrite(before.program, made_of, WORDS, expected=before.type)
    assert show(rewritten, words, expected=before.type) == show(after.program, words, expected=after.type)
    assert same(inline(rewritten, made_of), before.program)


def test_the_smallest_of_several_writings_is_found() -> None:
    """Outermost first would take `a` and leave more to write than `b` twice."""
    definitions = made(
        "def a(n: int, m: int) -> int = (n + 1) * m\n"
        "def b(n: int) -> int = (n + 1) * (n + 1)"
    )  # fmt: skip
    words = WORDS.extend(*definitions)
    program = parse("lambda x: (x + 1) * (x + 1)", WORDS)
    assert show(rewrite(program, definitions, WORDS), words) == "lambda x: b(x)"


def test_inlining_catches_no_variable() -> None:
    (definition,) = made(RAISED)
    words = WORDS.extend(definition)
    program = parse("lambda x, xs: raised(x, xs)", words)
    shown = show(inline(program, [definition]), WORDS, expected=definition.type)
    assert shown == "lambda x, xs: map(lambda x2: x2 + x, xs)"


def test_inlining_applies_functions_that_are_given() -> None:
    (definition,) = made("def both(f: (int) -> int, n: int) -> int = f(f(n))")
    words = WORDS.extend(definition)
    program = parse("lambda x: both(lambda y: y * 3, x)", words)
    assert show(inline(program, [definition]), WORDS) == "lambda x: x * 3 * 3"


def test_a_word_as_a_value_is_inlined_as_its_function() -> None:
    (definition,) = made("def next(n: int) -> int = n + 1")
    words = WORDS.extend(definition)
    program = parse("lambda xs: map(next, xs)", words)
    assert show(inline(program, [definition]), WORDS) == "lambda xs: map(lambda n: n + 1, xs)"


def test_what_is_left_alone_stays_as_it_was_written() -> None:
    definitions = made("def next(n: int) -> int = n + 1\ndef other(item: int) -> int = item * 2")
    words = WORDS.extend(*definitions)
    program = parse("lambda items: map(lambda item: next(item) * other(item), items)", words)
    assert (
        show(inline(program, definitions[:1]), words)
        == "lambda items: map(lambda item: (item + 1) * other(item), items)"
    )


def test_inlining_refuses_what_would_become_huge() -> None:
    text = "def d0(n: int) -> int = n + n\n" + "\n".join(
        f"def d{i}(n: int) -> int = d{i - 1}(d{i - 1}(n))" for i in range(1, 6)
    )
    definitions = made(text)
    words = WORDS.extend(*definitions)
    with pytest.raises(ResourceError, match="20,000 nodes"):
        inline(parse("lambda n: d5(n)", words), definitions)


def test_inlining_refuses_a_circle() -> None:
    t = parse_type("(int) -> int")
    pair = [
        Definition("learned.a", t, Lambda(("n",), call("learned.b", Variable("n")))),
        Definition("learned.b", t, Lambda(("n",), call("learned.a", Variable("n")))),
    ]
    with pytest.raises(LibraryError, match=r"learned.a -> learned.b -> learned.a|learned.b -> learned.a -> learned.b"):
        inline(Name("learned.a"), pair)
