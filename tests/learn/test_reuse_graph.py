"""The graph of what is made of what: as text for Graphviz, in columns, and as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Draw

from dsl.library import Definition
from dsl.module_file import definitions_of
from dsl.parser import parse, parse_file
from synth.learn.reuse_graph import Box, Layout, laid_out, reuse_graph, show_dot
from synth.learn.reuse_picture import draw
from synth.learn.value import reuse
from tasks.domains.lists import LISTS

WORDS = LISTS.library
GOLDEN = Path(__file__).parents[1] / "golden"
MODULE = """\
syn 1
def next(n: int) -> int = n + 1
def upto(n: int) -> list[int] = range(1, next(n))
def triangle(n: int) -> int = sum(upto(n))
def triangles(n: int) -> list[int] = map(triangle, upto(n))
def pyramid(n: int) -> int = sum(triangles(n)) + next(n) * next(triangle(n))
def spread(xs: list[int]) -> int = maximum(xs) - minimum(xs)
"""
DEFINITIONS = [e for e in definitions_of(parse_file(MODULE), WORDS, "mine") if isinstance(e, Definition)]
PROGRAMS = [parse(text, WORDS.extend(*DEFINITIONS)) for text in ("lambda n: pyramid(n)", "lambda n: mine.next(n)")]


def test_edges_are_uses() -> None:
    graph = reuse_graph(DEFINITIONS, reuse(DEFINITIONS, PROGRAMS))
    assert {(a, b): calls for a, b, calls in graph.edges(data="calls")} == {
        ("upto", "next"): 1,
        ("triangle", "upto"): 1,
        ("triangles", "triangle"): 1,
        ("triangles", "upto"): 1,
        ("pyramid", "triangles"): 1,
        ("pyramid", "next"): 2,
        ("pyramid", "triangle"): 1,
    }
    assert graph.nodes["next"]["reached"] == 2
    assert graph.nodes["next"]["lines"] == ["next", "(int) -> int", "in 2 solutions"]
    assert graph.nodes["spread"]["lines"][-1] == "in 0 solutions"


def test_primitives_are_nodes_where_wanted() -> None:
    graph = reuse_graph(DEFINITIONS, primitives=WORDS)
    assert graph.nodes["list.maximum"]["kind"] == "primitive"
    assert set(graph.successors("spread")) == {"int.subtract", "list.maximum", "list.minimum"}


def test_the_text_for_graphviz(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / "reuse_graph.dot", show_dot(reuse_graph(DEFINITIONS, reuse(DEFINITIONS, PROGRAMS))))


def test_what_is_in_a_label_cannot_end_it() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node('a"\\', kind="definition", lines=['a"\\', "b"], reached=None)
    assert r'"a\"\\" [label="a\"\\\nb"];' in show_dot(graph)


# ---- layout ---------------------------------------------------------------------------------------------------------


@st.composite
def graphs(draw: Draw) -> nx.DiGraph[str]:
    """Graphs without circles, with labels of any length."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    count = draw(st.integers(0, 9))
    for number in range(count):
        lines = [f"word{number}" * draw(st.integers(1, 9)), "(int) -> int"]
        graph.add_node(f"word{number}", kind="definition", lines=lines, reached=draw(st.integers(0, 3)))
    for user, used in draw(st.lists(st.sampled_from(list(combinations(range(count), 2)) or [(0, 0)]), unique=True)):
        if user != used:
            graph.add_edge(f"word{user}", f"word{used}", calls=draw(st.integers(1, 3)))
    return graph


def _apart(a: Box, b: Box) -> bool:
    return abs(a.x - b.x) >= (a.width + b.width) / 2 or abs(a.y - b.y) >= (a.height + b.height) / 2


def _inside(box: Box, layout: Layout) -> bool:
    half = (box.width / 2, box.height / 2)
    return half[0] <= box.x <= layout.width - half[0] and half[1] <= box.y <= layout.height - half[1]


@given(graphs())
@settings(max_examples=60)
def test_nothing_is_drawn_over_a_box(graph: nx.DiGraph[str]) -> None:
    """Boxes lie apart, inside the picture; parts to the right of what is made of them; edges go around other boxes."""
    layout = laid_out(graph)
    boxes = {box.name: box for box in layout.boxes}
    assert set(boxes) == set(graph)
    assert all(_inside(box, layout) for box in layout.boxes)
    assert all(_apart(a, b) for a, b in combinations(layout.boxes, 2))
    assert {(route.user, route.used) for route in layout.routes} == set(graph.edges)
    for route in layout.routes:
        assert boxes[route.user].x + boxes[route.user].width / 2 == route.levels[0][0]
        assert boxes[route.used].x - boxes[route.used].width / 2 == route.levels[-1][1]
        xs = [x for level in route.levels for x in level[:2]]
        assert xs == sorted(xs)
        for begin, end, y in route.levels[1:-1]:
            crossed = [b for b in layout.boxes if begin < b.x < end and abs(y - b.y) < b.height / 2]
            assert not crossed


def test_a_crossing_that_need_not_be_is_taken_away() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name in ("a", "b", "p", "q"):
        graph.add_node(name, kind="definition", lines=[name], reached=None)
    graph.add_edge("a", "q", calls=1)
    graph.add_edge("b", "p", calls=1)
    boxes = {box.name: box for box in laid_out(graph).boxes}
    assert (boxes["a"].y > boxes["b"].y) == (boxes["q"].y > boxes["p"].y)


# ---- picture --------------------------------------------------------------------------------------------------------


def test_the_picture_has_every_name_and_is_the_same_each_time(tmp_path: Path) -> None:
    graph = reuse_graph(DEFINITIONS, reuse(DEFINITIONS, PROGRAMS))
    for name in ("a.svg", "b.svg"):
        draw(graph, tmp_path / name)
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert text == (tmp_path / "b.svg").read_text(encoding="utf-8")
    shown = {
        "".join(node.itertext()).strip()
        for node in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}text")
    }
    assert shown >= {d.short for d in DEFINITIONS} | {"(int) -> int", "in 2 solutions", "2x"}


@pytest.mark.parametrize("count", [0, 1])
def test_small_graphs_have_pictures_too(tmp_path: Path, count: int) -> None:
    draw(reuse_graph(DEFINITIONS[:count]), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
