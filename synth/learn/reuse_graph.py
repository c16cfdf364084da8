"""Which definitions are made of which, as a graph, as text for Graphviz, and laid out in columns.

The layout is that of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures"
(1981): a definition stands to the left of all that it is made of, edges over several columns bend between the boxes
there, and columns are ordered by the middles of their neighbours until fewer edges cross.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from dsl.library import Definition, Library
from dsl.program import names
from dsl.type_system import show_type
from synth.learn.value import Reuse

if TYPE_CHECKING:
    import networkx as nx

    ReuseGraph: TypeAlias = nx.DiGraph[str]

__all__ = ["Box", "Layout", "Route", "laid_out", "reuse_graph", "show_dot"]

_WIDEST = 44
"""Characters of a line in a box."""


def reuse_graph(
    definitions: Iterable[Definition], reuse: Iterable[Reuse] = (), *, primitives: Library | None = None
) -> ReuseGraph:
    """The graph: an edge from a definition to each that its text names, with how often (`calls`).

    A node has the `lines` of its label, its `kind` (definition or primitive) and `reached`, the solutions that use it
    directly or not. With a library of `primitives`, the words that definitions are made of are nodes too.
    """
    import networkx as nx  # a quarter of a second, for who wants the graph

    made = tuple(definitions)
    own = {d.name: d.short for d in made}
    counts = {r.name: r for r in reuse}
    graph: ReuseGraph = nx.DiGraph()
    for d in made:
        graph.add_node(d.short, kind="definition", **_label(d, counts.get(d.name)))
    for d in made:
        for name, calls in Counter(names(d.program)).items():
            if name in own:
                graph.add_edge(d.short, own[name], calls=calls)
            elif primitives is not None:
                graph.add_node(name, kind="primitive", lines=[name, show_type(primitives[name].type)], reached=None)
                graph.add_edge(d.short, name, calls=calls)
    return graph


def _label(definition: Definition, reuse: Reuse | None) -> dict[str, object]:
    lines = [definition.short, show_type(definition.type)]
    if reuse is not None:
        solutions = "solution" if reuse.reached == 1 else "solutions"
        lines.append(f"in {reuse.reached} {solutions}")
    return {"lines": lines, "reached": None if reuse is None else reuse.reached}


# ---- Graphviz -------------------------------------------------------------------------------------------------------


def show_dot(graph: ReuseGraph) -> str:
    """The graph in the language of Graphviz; `dot -Tsvg` draws it."""
    lines = ["digraph reuse {", "    rankdir=LR;", '    node [shape=box, fontname="monospace"];']
    for name, data in graph.nodes(data=True):
        style = ", style=dashed" if data["kind"] == "primitive" else ""
        lines.append(f"    {_quoted(name)} [label={_quoted(chr(10).join(data['lines']))}{style}];")
    for user, used, data in graph.edges(data=True):
        label = f' [label="{data["calls"]}"]' if data["calls"] > 1 else ""
        lines.append(f"    {_quoted(user)} -> {_quoted(used)}{label};")
    return "\n".join((*lines, "}")) + "\n"


def _quoted(text: str) -> str:
    """A text as Graphviz reads it: in quotes, line ends written out."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


# ---- layout ---------------------------------------------------------------------------------------------------------

_CHARACTER, _LINE = 0.082, 0.17
"""Inches that a character is wide, and a line high."""
_PADDING = 0.14
_GAP, _BETWEEN = 0.9, 0.22
"""Inches between columns, and between boxes of one column."""
_MARGIN = 0.25
_NARROWEST = 2.0
"""Inches that a drawing is wide at least."""
_SWEEPS = 8
_PASS = 0.12
"""Inches that an edge takes up in a column that it passes."""
_MOST_ALONE = 4
"""Boxes in a row of those that nothing is made of and that are made of nothing."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place, in inches from the lower left: the middle, and the size."""

    name: str
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Route:
    """An edge from the right of a box to the left of another, by the stretches (x, x, y) that it runs level on."""

    user: str
    used: str
    calls: int
    levels: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing of a graph, its sizes in inches."""

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


_Cell: TypeAlias = "str | tuple[str, str, int]"
"""What stands in a column: a node, or an edge that passes."""


def laid_out(graph: ReuseGraph) -> Layout:
    """Places for all nodes and edges."""
    import networkx as nx  # as above

    alone = [name for name in graph if graph.degree(name) == 0]
    joined = graph.subgraph([name for name in graph if name not in alone])
    columns = [list(column) for column in nx.topological_generations(_longest_first(joined))]
    drawing = _Drawing(graph, _with_passes(columns, joined))
    drawing.order()
    return drawing.placed(joined, alone)


def _longest_first(graph: ReuseGraph) -> ReuseGraph:
    """The graph with its edges turned round: generations then begin with what is made of nothing else here."""
    return graph.reverse(copy=True)


def _with_passes(columns: Sequence[Sequence[str]], graph: ReuseGraph) -> list[list[_Cell]]:
    """The columns, what others are made of last, with a cell for each edge in each column that it passes."""
    cells: list[list[_Cell]] = [list(column) for column in columns]
    at = {name: number for number, column in enumerate(columns) for name in column}
    for user, used in graph.edges:
        for number in range(at[used] + 1, at[user]):
            cells[number].append((user, used, number))
    return cells[::-1]


@dataclass(slots=True)
class _Drawing:
    """Columns from left to right, and where their cells are."""

    graph: ReuseGraph
    columns: list[list[_Cell]]
    _boxes: dict[str, Box] = field(default_factory=dict)
    _levels: dict[_Cell, tuple[float, float, float]] = field(default_factory=dict)

    def order(self) -> None:
        """Order every column by the middles of its neighbours in the next ones, back and forth."""
        if not self.columns:
            return
        best, fewest = self._copied(), self._crossings()
        for sweep in range(_SWEEPS):
            turn = range(1, len(self.columns)) if sweep % 2 == 0 else range(len(self.columns) - 2, -1, -1)
            for number in turn:
                self._sort(number, number - 1 if sweep % 2 == 0 else number + 1)
            if (crossings := self._crossings()) < fewest:
                best, fewest = self._copied(), crossings
        self.columns = best

    def _copied(self) -> list[list[_Cell]]:
        return [list(column) for column in self.columns]

    def _links(self, left: int) -> list[tuple[_Cell, _Cell]]:
        """The pieces of edges between a column and the next."""
        right = set(self.columns[left + 1])
        found: list[tuple[_Cell, _Cell]] = []
        for cell in self.columns[left]:
            targets = [(cell[0], cell[1])] if isinstance(cell, tuple) else list(self.graph.out_edges(cell))
            for user, used in targets:
                passing = next((c for c in right if isinstance(c, tuple) and c[:2] == (user, used)), None)
                if passing is not None:
                    found.append((cell, passing))
                elif used in right:
                    found.append((cell, used))
        return found

    def _crossings(self) -> int:
        total = 0
        for left in range(len(self.columns) - 1):
            rows = [{cell: row for row, cell in enumerate(self.columns[n])} for n in (left, left + 1)]
            ends = [(rows[0][a], rows[1][b]) for a, b in self._links(left)]
            total += sum((a < c and b > d) for a, b in ends for c, d in ends)
        return total

    def _sort(self, number: int, fixed: int) -> None:
        rows = {cell: row for row, cell in enumerate(self.columns[fixed])}
        near: dict[_Cell, list[int]] = {cell: [] for cell in self.columns[number]}
        for a, b in self._links(min(number, fixed)):
            mine, other = (b, a) if fixed < number else (a, b)
            near[mine].append(rows[other])
        own = {cell: row for row, cell in enumerate(self.columns[number])}
        self.columns[number].sort(key=lambda cell: sum(near[cell]) / len(near[cell]) if near[cell] else own[cell])

    # ---- places -----------------------------------------------------------------------------------------------------

    def placed(self, joined: ReuseGraph, alone: Sequence[str]) -> Layout:
        """The drawing: the columns above, what stands alone in rows below."""
        widths = [max((self._width(cell) for cell in column), default=0.0) for column in self.columns]
        rows = [alone[start : start + _MOST_ALONE] for start in range(0, len(alone), _MOST_ALONE)]
        above = sum(widths) + _GAP * max(len(widths) - 1, 0)
        wide = max([above, _NARROWEST, *map(self._row_width, rows)])
        below = sum(self._row_height(row) + _BETWEEN for row in rows)
        tallest = max(map(self._column_height, self.columns), default=0.0)
        self._place_rows(rows, _MARGIN + wide / 2, _MARGIN + below - _BETWEEN)
        self._place_columns(widths, _MARGIN + (wide - above) / 2, _MARGIN + below + tallest / 2)
        boxes = tuple(self._boxes[name] for name in self.graph)
        routes = tuple(self._route(user, used) for user, used in joined.edges)
        return Layout(boxes, routes, wide + 2 * _MARGIN, below + tallest + 2 * _MARGIN)

    def _place_columns(self, widths: Sequence[float], left: float, middle: float) -> None:
        """Columns from the left, all around one height."""
        for column, width in zip(self.columns, widths, strict=True):
            y = middle + self._column_height(column) / 2
            for cell in column:
                height = self._height(cell)
                if isinstance(cell, tuple):
                    self._levels[cell] = (left, left + width, y - height / 2)
                else:
                    self._boxes[cell] = Box(cell, self._lines(cell), left + width / 2, y - height / 2, width, height)
                y -= height + _BETWEEN
            left += width + _GAP

    def _place_rows(self, rows: Iterable[Sequence[str]], middle: float, top: float) -> None:
        """Rows from the top, all around one place."""
        for row in rows:
            x, height = middle - self._row_width(row) / 2, self._row_height(row)
            for name in row:
                width = self._width(name)
                self._boxes[name] = Box(name, self._lines(name), x + width / 2, top - height / 2, width, height)
                x += width + _BETWEEN
            top -= height + _BETWEEN

    def _width(self, cell: _Cell) -> float:
        return 0.0 if isinstance(cell, tuple) else max(map(len, self._lines(cell))) * _CHARACTER + 2 * _PADDING

    def _height(self, cell: _Cell) -> float:
        return _PASS if isinstance(cell, tuple) else len(self._lines(cell)) * _LINE + 2 * _PADDING

    def _lines(self, name: str) -> tuple[str, ...]:
        lines: Sequence[str] = self.graph.nodes[name]["lines"]
        return tuple(line if len(line) <= _WIDEST else f"{line[: _WIDEST - 3]}..." for line in lines)

    def _column_height(self, column: Sequence[_Cell]) -> float:
        return sum(self._height(cell) + _BETWEEN for cell in column) - _BETWEEN

    def _row_width(self, row: Sequence[str]) -> float:
        return sum(self._width(name) + _BETWEEN for name in row) - _BETWEEN

    def _row_height(self, row: Sequence[str]) -> float:
        return max(map(self._height, row))

    def _route(self, user: str, used: str) -> Route:
        begin, end = self._boxes[user], self._boxes[used]
        start, stop = begin.x + begin.width / 2, end.x - end.width / 2
        passed = sorted(
            level for cell, level in self._levels.items() if isinstance(cell, tuple) and cell[:2] == (user, used)
        )
        calls: int = self.graph.edges[user, used]["calls"]
        return Route(user, used, calls, ((start, start, begin.y), *passed, (stop, stop, end.y)))
