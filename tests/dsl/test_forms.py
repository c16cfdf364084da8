"""Which programs have the form of a sketch."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import programs

from dsl.forms import has_form
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Application, Hole, Lambda, Literal, Name, Program, Variable, call, fill, rebuild, walk
from dsl.type_system import INT, list_of
from synth.search.tidy import tidy

INTS = list_of(INT)
TYPES = {"xs": INTS, "n": INT}


def read(text: str) -> Program:
    return parse(text, CORE, expected=INTS, variables=TYPES)


@pytest.mark.parametrize(
    ("sketch", "program", "fits"),
    [
        ("?", "sort(xs)", True),
        ("map(?f, filter(?p, xs))", "map(negate, filter(is_even, xs))", True),
        ("map(?f, filter(?p, xs))", "map(lambda x: x * n, filter(lambda y: y > 2, xs))", True),
        ("map(?f, filter(?p, xs))", "filter(is_even, xs)", False),
        ("map(?f, filter(?p, xs))", "map(negate, filter(is_even, sort(xs)))", False),
        ("map(lambda x: x + ?, xs)", "map(lambda y: y + n, xs)", True),
        ("map(lambda x: x + ?, xs)", "map(lambda y: n + y, xs)", False),
        ("map(lambda x: ?, xs)", "map(negate, xs)", True),
        ("map(negate, ?)", "map(lambda x: -x, xs)", True),
        ("map(negate, ?)", "map(square, xs)", False),
        ("take(?k, drop(?k, xs))", "take(n, drop(n, xs))", True),
        ("take(?k, drop(?k, xs))", "take(n, drop(n + 1, xs))", False),
        ("take(?, drop(?, xs))", "take(n, drop(n + 1, xs))", True),
        ("map(?f, map(?f, xs))", "map(lambda x: x + 1, map(lambda y: y + 1, xs))", True),
        ("map(?f, map(?f, xs))", "map(negate, map(lambda y: -y, xs))", True),
        ("map(?f, map(?f, xs))", "map(lambda x: x + 1, map(lambda y: y + 2, xs))", False),
        ("map(lambda x: ?g, xs) + map(lambda x: ?g, ?)", "map(lambda a: a + 1, xs) + map(lambda b: b + 1, xs)", True),
        ("map(lambda x: ?g, xs) + map(lambda y: ?g, ?)", "map(lambda a: a + 1, xs) + map(lambda b: b + 1, xs)", False),
        ("let k = ? in map(lambda x: x + k, drop(k, xs))", "map(lambda x: x + 2, drop(2, xs))", True),
        ("let k = ? in map(lambda x: x + k, drop(k, xs))", "map(lambda x: x + 2, drop(3, xs))", False),
        ("let k = ? in map(lambda x: x + k, xs)", "let j = n * n in map(lambda x: x + j, xs)", True),
        ("sort(?f(xs, n))", "sort(take(n, xs))", True),
        ("sort(?f(xs, n))", "take(n, xs)", False),
        ("(lambda ys: ys + ?)(xs)", "xs + sort(xs)", True),
        ("[?, n]", "[1, n]", True),
        ("[?, n]", "[1, 2]", False),
        ("[1, ?]", "[1, 2]", True),
        ("[1, ?]", "[1, 2, 3]", False),
        ("cons(1, ?)", "[1, 2, 3]", True),
        ("[1, 2] + ?", "cons(1, cons(2, [])) + xs", True),
        ("fold(?f, [], xs)", "fold(lambda acc, x: append(acc, x), [], xs)", True),
        ("fold(lambda a, x: append(a, ?), [], xs)", "fold(append, [], xs)", True),
        ("fold(lambda a, x: append(a, ?), [], xs)", "fold(lambda a, x: cons(x, a), [], xs)", False),
    ],
)
def test_which_programs_have_a_form(sketch: str, program: str, fits: bool) -> None:
    assert has_form(read(program), read(sketch)) is fits


def test_unnamed_holes_are_known_by_their_places() -> None:
    """Not by their nodes, which a program made by code may share."""
    hole = Hole("", INT)
    assert has_form(read("[1, n]"), Application(Name("list.cons"), (hole, call("list.cons", hole, Literal(())))))


@st.composite
def filled(draw: st.DrawFn) -> tuple[Program, Program]:
    """A sketch, and what filling it with closed programs gives."""
    sketch = draw(programs(CORE, INTS, TYPES, holes=True, max_depth=3))
    chosen: dict[str, Program] = {}

    def choose(hole: Hole) -> Program:
        made = chosen.get(hole.name) or draw(programs(CORE, hole.type, max_depth=1))
        return chosen.setdefault(hole.name, made) if hole.name else made

    return sketch, fill(sketch, choose)


@settings(max_examples=150)
@given(filled())
def test_a_filled_sketch_has_its_form(pair: tuple[Program, Program]) -> None:
    """Also as a search shows it, with eta-reduced functions and other names."""
    sketch, program = pair
    assert has_form(program, sketch)
    assert has_form(tidy(program), sketch)


@settings(max_examples=150)
@given(programs(CORE, INTS, TYPES, max_depth=3), st.data())
def test_another_constant_or_word_is_another_form(program: Program, data: st.DataObject) -> None:
    """Without holes and lets, so that every node counts, only the program itself has the form."""
    assert has_form(program, program)
    plain = [node for node in walk(program) if isinstance(node, Name | Literal)]
    if not plain or not all(isinstance(node, Name | Literal | Variable | Application) for node in walk(program)):
        return
    if any(isinstance(node, Application) and not isinstance(node.function, Name) for node in walk(program)):
        return
    at = data.draw(st.integers(0, len(plain) - 1))
    assert not has_form(_changed(program, plain[at]), program)


def _changed(p: Program, node: Program) -> Program:
    if p is node:
        return Name("no.such.word")
    if isinstance(p, Name | Literal | Variable | Hole):
        return p
    parts = (p.function, *p.arguments) if isinstance(p, Application) else (p.body,) if isinstance(p, Lambda) else ()
    return rebuild(p, tuple(_changed(part, node) for part in parts))


def test_lets_that_double_are_given_up_in_time() -> None:
    doubling = "".join(f"let x{i + 1} = x{i} + x{i} in " for i in range(40))
    text = f"let x0 = xs in {doubling}x40"
    begin = time.process_time()
    assert not has_form(read(text), read(text.replace("x0 = xs", "x0 = ?")))
    assert time.process_time() - begin < 5
