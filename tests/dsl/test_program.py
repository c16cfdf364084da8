"""The tree: structural equality, cached facts, and walking, rebuilding and filling it."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.errors import ResourceError, Span
from dsl.program import (
    DEPTH_LIMIT,
    Application,
    Hole,
    Lambda,
    Let,
    Literal,
    Name,
    Program,
    Variable,
    call,
    children,
    fill,
    free_variables,
    holes,
    names,
    rebuild,
    walk,
)
from dsl.type_system import BOOL, INT

x, y = Variable("x"), Variable("y")
one, two = Literal(1), Literal(2)
VARIABLES = st.sampled_from(("x", "y", "z"))
LEAVES = st.one_of(
    st.sampled_from(("f", "g")).map(Name),
    st.sampled_from((0, 1, True, 1.0, "x", (), (1,), (True,), ((1,), ()))).map(Literal),
    VARIABLES.map(Variable),
    st.builds(Hole, st.sampled_from(("", "f", "g")), st.sampled_from((INT, BOOL))),
)
TREES = st.recursive(
    LEAVES,
    lambda p: st.one_of(
        st.builds(Lambda, st.lists(VARIABLES, max_size=2, unique=True).map(tuple), p),
        st.builds(Application, p, st.lists(p, max_size=3).map(tuple)),
        st.builds(Let, VARIABLES, p, p),
    ),
    max_leaves=12,
)
"""Trees of any shape, well typed or not: what holds of their parts does not depend on types."""


# ---- Equality -------------------------------------------------------------------------------------------------------


@given(TREES)
def test_equal_programs_are_equal_wherever_they_come_from(tree: Program) -> None:
    for twin in (copy.deepcopy(tree), _anew(tree)):
        assert twin == tree
        assert hash(twin) == hash(tree)
        assert (twin.size, twin.depth) == (tree.size, tree.depth)


def _anew(p: Program) -> Program:
    """The same tree of new nodes, with places in a text."""
    parts = tuple(map(_anew, children(p)))
    return replace(rebuild(p, parts), span=Span(1, 1))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Literal(1), Literal(True)),
        (Literal(1), Literal(1.0)),
        (Literal(0.0), Literal(-0.0)),
        (Literal((1,)), Literal((True,))),
        (Literal("x"), Variable("x")),
        (Name("x"), Variable("x")),
        (Lambda(("x",), x), Lambda(("y",), y)),
        (Lambda(("x", "y"), x), Lambda(("x",), x)),
        (Hole("f", INT), Hole("f", BOOL)),
        (Hole("f", INT), Hole("", INT)),
        (call("f", x, y), call("f", y, x)),
        (Let("x", one, x), Let("x", two, x)),
        (Application(Lambda(("x",), x), (one,)), Let("x", one, x)),
    ],
    ids=str,
)
def test_programs_that_differ(a: Program, b: Program) -> None:
    assert a != b
    assert len({a, b}) == 2


def test_a_program_is_never_equal_to_something_else() -> None:
    assert one != 1
    assert x != "x"


def test_a_program_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        one.value = 2  # type: ignore[misc]


def test_programs_travel_to_processes_with_other_hashes() -> None:
    """Python hashes text differently in each process: what is cached must not come along."""
    program = Lambda(("x",), call("int.add", x, Literal("a")))
    code = (
        "import pickle, sys; from dsl.program import *; p = pickle.load(sys.stdin.buffer)\n"
        "q = Lambda(('x',), call('int.add', Variable('x'), Literal('a')))\n"
        "assert p == q and hash(p) == hash(q) and p in {q} and p.span is None"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    subprocess.run([sys.executable, "-c", code], input=pickle.dumps(program), env=environment, check=True, timeout=60)


# ---- Size and depth -------------------------------------------------------------------------------------------------


@given(TREES)
def test_sizes_and_depths_are_those_of_the_parts(tree: Program) -> None:
    for node in walk(tree):
        assert node.size == 1 + sum(part.size for part in children(node)) == len(list(walk(node)))
        assert node.depth == 1 + max((part.depth for part in children(node)), default=0)


def test_a_program_has_a_deepest_level() -> None:
    p: Program = x
    for _ in range(DEPTH_LIMIT - 1):
        p = Lambda(("x",), p)
    assert p.depth == DEPTH_LIMIT
    assert p == _anew(p) == pickle.loads(pickle.dumps(p))
    with pytest.raises(ResourceError, match="at most 200 levels deep") as error:
        Application(p, (one,), span=Span(3, 4))
    assert error.value.span == Span(3, 4)


# ---- Parts ----------------------------------------------------------------------------------------------------------


def test_nodes_are_walked_a_parent_before_its_parts_from_left_to_right() -> None:
    inner = call("f", x, one)
    body = Let("y", inner, Application(y, (two,)))
    program = Lambda(("x",), body)
    expected = [program, body, inner, Name("f"), x, one, Application(y, (two,)), y, two]
    assert list(walk(program)) == expected
    assert list(names(call("f", call("g", x), call("f", x)))) == ["f", "g", "f"]


@given(TREES)
def test_a_node_rebuilt_of_its_parts_is_the_same(tree: Program) -> None:
    for node in walk(tree):
        assert rebuild(node, children(node)) == node


def test_free_variables_are_those_that_nothing_binds() -> None:
    assert free_variables(Lambda(("x",), call("f", x, y))) == {"y"}
    assert free_variables(Let("x", x, x)) == {"x"}  # a let does not bind in its own value
    assert free_variables(Let("x", y, x)) == {"y"}
    assert free_variables(Application(Lambda(("x", "y"), x), (y, one))) == {"y"}
    assert free_variables(Hole("x", INT)) == frozenset()


@given(TREES)
def test_free_variables_are_bound_by_a_lambda_over_them(tree: Program) -> None:
    free = free_variables(tree)
    assert free <= {node.name for node in walk(tree) if isinstance(node, Variable)}
    assert not free_variables(Lambda(tuple(sorted(free)), tree))


# ---- Holes ----------------------------------------------------------------------------------------------------------


@given(TREES)
def test_a_sketch_filled_has_no_holes_left(tree: Program) -> None:
    filled = fill(tree, lambda hole: one)
    assert not list(holes(filled))
    assert filled.size == tree.size  # a literal is as large as a hole


@given(TREES)
def test_holes_filled_with_themselves_change_nothing(tree: Program) -> None:
    assert fill(tree, lambda hole: hole) == tree
    assert fill(tree, {}) == tree
    assert fill(tree, lambda hole: None) == tree


@given(TREES, st.data())
def test_filling_some_holes_and_then_the_others_fills_all(tree: Program, data: st.DataObject) -> None:
    every = {hole.name: Literal(i) for i, hole in enumerate(holes(tree))}
    some = {name: p for name, p in every.items() if data.draw(st.booleans())}
    assert fill(fill(tree, some), every) == fill(tree, every)


def test_holes_of_one_name_get_one_program() -> None:
    f, g = Hole("f", INT), Hole("g", INT)
    sketch = call("add", f, call("add", g, f))
    assert list(holes(sketch)) == [f, g, f]
    assert fill(sketch, {"f": one}) == call("add", one, call("add", g, one))
    # What is put in may be a sketch itself; its holes stay.
    assert fill(f, {"f": call("add", f, one)}) == call("add", f, one)
