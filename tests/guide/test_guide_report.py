"""`synth guide report` and `synth guide info`: figures by hand, a page that needs nothing else, and what is refused."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cli_harness import Synth
from hypothesis import given
from hypothesis import strategies as st

from synth.guide.report import LEAST_LIKELY, GuideReport, TaskFigures
from synth.guide.report_page import render

GUIDE = """
from dsl.parser import parse
from dsl.program import Lambda
from synth.guidance import Guidance


class Mapper:
    name = "mapper"

    def predict(self, spec):
        request = spec.type_request
        variables = dict(zip(spec.parameters, request.parameters))
        texts = {"sort(?)": 0.5, "map(?f, xs)": 0.25, "map(?f, ?)": 0.125}
        sketches = tuple(
            (Lambda(spec.parameters, parse(text, spec.library, expected=request.result, variables=variables)), p)
            for text, p in texts.items()
        )
        body = parse("reverse(xs)", spec.library, expected=request.result, variables=variables)
        return Guidance(
            self.name,
            {"list.map": -2.0, "list.reverse": 3.0},
            sketches,
            contexts={("", 0): {"list.map": 0.0, "list.reverse": 12.0}},
            subgoals=((Lambda(spec.parameters, body), 0.5),),
        )

    def distance(self, spec):
        return 0.5


guide = Mapper()
"""


def figures(name: str, unguided: int | None, guided: int | None, **more: object) -> TaskFigures:
    return TaskFigures(name, unguided, guided, **more)  # type: ignore[arg-type]


REPORT = GuideReport(
    "mapper & <co>",
    ("lists",),
    50_000,
    (
        figures(
            "a",
            1_000,
            100,
            has_solution=True,
            bits=20.0,
            guided_bits=12.0,
            context_bits=10.0,
            rank=1,
            judged=((0.9, True),),
            parts=((0.5, False), (0.25, True)),
        ),
        figures(
            "b", 100, 150, has_solution=True, bits=8.0, guided_bits=10.0, rank=5, judged=((0.1, False), (0.05, True))
        ),
        figures("c", None, 40_000, has_solution=True, rank=40, distance=1.0),
        figures("d<script>", 9_000, None, has_solution=True, off="off (no encoder)", distance=2.0),
        figures("e", None, None, distance=3.0),
    ),
)


def test_figures_by_hand() -> None:
    summary = REPORT.summary()
    assert summary["tasks"] == 5
    assert (summary["solved unguided"], summary["solved guided"]) == (3, 3)
    assert (summary["only guided"], summary["only unguided"]) == (1, 1)
    assert summary["median evaluations unguided / guided"] == pytest.approx((10 + 100 / 150) / 2)
    assert summary["worst guided / unguided"] == pytest.approx(1.5)
    assert summary["median bits saved on known solutions"] == pytest.approx(3.0)
    assert summary["median bits saved by contexts, too"] == pytest.approx(10.0)
    assert [summary[f"sketch recall at {k}"] for k in (1, 10, 100)] == [0.25, 0.5, 0.75]
    assert summary["subgoal recall"] == 0.25
    assert [t.task for t in REPORT.hurt] == ["d<script>", "b"]
    assert REPORT.calibration[-1].right == 1


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_needs_nothing_else_and_says_its_pictures_in_words() -> None:
    page = render(REPORT)
    reader = Tags()
    reader.feed(page)
    tags = {tag for tag, _ in reader.tags}
    assert not tags & {"script", "link", "img", "iframe"}
    assert not re.search(r"https?://|@import|url\(", page)
    pictures = [attributes for tag, attributes in reader.tags if tag == "svg"]
    assert len(pictures) == 4
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    assert "1 below the diagonal, where the guide saved work, 1 above it; 1 solved only guided, 1 only unguided" in page
    assert "4 tasks that have a right sketch among the k likeliest: 0.25 at 1, 0.50 at 10, 0.75 at 100." in page
    assert "Of 5 tasks, solved within so many evaluations: 10: 0 guided, 0 unguided; 100: 1 guided, 1 unguided" in page
    assert "d&lt;script&gt;" in page
    assert "Near and far from training" in page


@given(st.lists(st.tuples(st.floats(1e-6, 1), st.booleans()), min_size=1, max_size=30))
def test_calibration_counts_every_sketch_once_in_the_bin_of_its_probability(judged: list[tuple[float, bool]]) -> None:
    bins = GuideReport("g", ("lists",), 10, (figures("a", 1, 1, has_solution=True, judged=tuple(judged)),)).calibration
    assert sum(b.count for b in bins) == len(judged)
    assert sum(b.right for b in bins) == sum(right for _, right in judged)
    for b in bins:
        assert b.low <= b.mean_confidence * (1 + 1e-9) or b.low == pytest.approx(LEAST_LIKELY)
        assert b.mean_confidence <= b.high * (1 + 1e-9)
        assert b.high == pytest.approx(b.low * math.sqrt(10))
        assert b.share_low <= b.share <= b.share_high


def test_a_curve_steps_up_where_a_task_is_and_ends_at_its_share() -> None:
    page = render(REPORT)
    lines = [
        [tuple(map(float, point.split(","))) for point in points.split()]
        for points in re.findall(r'<polyline class="[^"]*" points="([^"]*)"', page)
    ]
    assert len(lines) == 3
    for points in lines:
        across, up = zip(*points, strict=True)
        assert list(across) == sorted(across)
        assert list(up) == sorted(up, reverse=True), "a share only grows, and y points down"
    (*_, ranks) = lines
    height = (ranks[0][1] - ranks[-1][1]) / 0.75
    assert ranks[1][0] == ranks[0][0], "the rank 1 lies at the origin"
    assert ranks[0][1] - ranks[2][1] == pytest.approx(height / 4, abs=0.2)
    widest = ranks[-1][0] - ranks[0][0]
    assert ranks[3][0] - ranks[0][0] == pytest.approx(widest * math.log10(5) / 2, abs=0.2)


def test_a_report_of_nothing_is_a_page_too() -> None:
    page = render(GuideReport("none", ("lists",), 10, ()))
    assert "On none of these tasks." in page
    assert "there are none" in page


def test_a_guide_without_sketches_has_no_recall() -> None:
    tasks = (figures("a", 10, 5, has_solution=True), figures("b", 10, 5))
    summary = GuideReport("bits", ("lists",), 10, tasks).summary()
    assert summary["sketch recall at 10"] is None
    assert summary["subgoal recall"] is None
    assert summary["median bits saved by contexts, too"] is None


def test_a_guide_is_measured(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "mapper.py").write_text(GUIDE, encoding="utf-8")
    words = (
        "guide",
        "report",
        "tasks.syn",
        "--guide",
        "mapper.py",
        "--evaluations",
        "20000",
        "--out",
        "r.html",
        "--json",
    )
    ran = synth(*words)
    assert ran.code == 0, ran.err
    first, second = ran.json["tasks"]
    assert (first["task"], second["task"]) == ("double_all", "backwards")
    assert (first["rank"], first["distance"]) == (2, 0.5)
    assert first["judged"] == [[0.5, False], [0.25, True], [0.125, True]]
    assert first["guided_bits"] < first["bits"]
    assert (first["parts"], second["parts"]) == ([[0.5, False]], [[0.5, True]])
    assert ran.json["summary"]["subgoal recall"] == 0.5
    assert first["context_bits"] < first["guided_bits"], "where maps are made likelier still"
    assert second["context_bits"] > second["guided_bits"]
    assert second["rank"] is None
    assert second["guided_bits"] > second["bits"]
    assert ran.json["summary"]["sketch recall at 1"] == 0
    assert ran.json["summary"]["sketch recall at 10"] == 0.5
    assert "double_all" in (tmp_path / "r.html").read_text(encoding="utf-8")
    again = synth(*words[:-1])
    assert again.out.splitlines()[0].split() == ["figure", "value"]


def test_info_of_a_guide(synth: Synth, tmp_path: Path) -> None:
    (tmp_path / "mapper.py").write_text(GUIDE, encoding="utf-8")
    (tmp_path / "mapper.json").write_text(json.dumps({"seed": 7, "words": list(range(40))}), encoding="utf-8")
    ran = synth("guide", "info", "mapper.py")
    assert ran.code == 0
    assert "mapper" in ran.out
    assert "40 entries" in ran.out
    assert synth("guide", "info", "mapper.py", "--json").json["made"]["seed"] == 7


def test_what_cannot_be_measured_is_refused(synth: Synth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mapper.py").write_text(GUIDE, encoding="utf-8")
    assert "no such file" in synth("guide", "info", "gone.safetensors").err
    (tmp_path / "mapper.json").write_text("[", encoding="utf-8")
    ran = synth("guide", "info", "mapper.py")
    assert ran.code == 4
    assert "cannot read 'mapper.json'" in ran.err
    ran = synth("guide", "report", "tasks.syn", "--guide", "mapper.py", "--out", "no/folder/r.html")
    assert (ran.code, ran.out) == (4, "")
    monkeypatch.setattr("synth.commands.guide.shipped_checkpoint", lambda: None)
    ran = synth("guide", "report", "tasks.syn")
    assert ran.code == 4
    assert "ships no trained guide" in ran.err
