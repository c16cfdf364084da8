"""Calibration from lines of `synth eval`, and its picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.errors import InterfaceError
from synth.benchmark.calibration import HEADINGS, calibration_of, forecasts_of, read_lines
from synth.benchmark.pictures import draw_reliability, picture_path
from synth.search.posterior import Forecast, brier_score, log_loss

forecasts = st.lists(st.builds(Forecast, st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=40)


def line(mass: float | None, *holdouts: bool | None, fits: bool = True) -> dict[str, Any]:
    others = [{"program": "lambda xs: xs", "bits": 3.0, "mass": mass, "holdout": h} for h in holdouts]
    return {"task": "t", "fits": fits, "holdout": any(holdouts), "mass": mass, "alternatives": others}


def test_the_answer_alone_is_judged_not_what_came_after_it() -> None:
    """With several attempts `holdout` says that any of them was right; the mass is that of the first."""
    found = forecasts_of([line(0.7, False, True), line(0.6, True, False)])
    assert found.known == (Forecast(0.7, False), Forecast(0.6, True))


def test_what_is_not_claimed_or_not_judged_is_counted_apart() -> None:
    found = forecasts_of([line(None, fits=False), line(0.3, fits=False), line(0.9, None), line(1.0, True)])
    assert (len(found.known), found.unclaimed, found.unjudged) == (1, 2, 1)


def test_answers_without_mass_are_refused() -> None:
    with pytest.raises(InterfaceError, match="expected the mass of every answer, found none for 't'"):
        forecasts_of([line(None)])
    with pytest.raises(InterfaceError, match="expected at least one solved task with held-out pairs"):
        calibration_of([])


@settings(max_examples=30)  # each draws thousands of resamples
@given(forecasts)
def test_the_scores_are_those_of_all_answers(known: list[Forecast]) -> None:
    found = calibration_of(known)
    assert found.brier.value == pytest.approx(brier_score(known))
    assert found.log_loss.value == pytest.approx(log_loss(known))
    assert found.brier.low <= found.brier.value <= found.brier.high
    assert sum(b.count for b in found.bins) == found.answers.total == len(known)
    assert found.over[0.9].total == sum(f.confidence > 0.9 for f in known)
    assert found.lone.total == sum(f.confidence == 1.0 for f in known)
    assert all(len(row) == len(HEADINGS) for row in found.rows())
    assert json.loads(json.dumps(found.to_json()))["answers"]["of"] == len(known)


def test_known_scores() -> None:
    """Four answers with mass 0.95, three right; one with 0.5, right."""
    found = calibration_of([Forecast(0.95, i > 0) for i in range(4)] + [Forecast(0.5, True)])
    assert found.brier.value == pytest.approx((0.95**2 + 3 * 0.05**2 + 0.5**2) / 5)
    assert found.always_the_share == pytest.approx(0.8 * 0.2)
    assert found.calibration_error == pytest.approx((4 * 0.2 + 0.5) / 5)
    cells = [row for row in found.rows() if row[0] == "right, mass over 0.9"]
    assert cells == [("right, mass over 0.9", "0.750", "0.301 .. 0.954", "3/4")]
    assert found.rows()[8] == ("right, mass over 0.99", "-", "", "0")


def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with pytest.raises(InterfaceError, match="cannot read"):
        read_lines(path)
    path.write_text("no json\n")
    with pytest.raises(InterfaceError, match="expected lines of JSON"):
        read_lines(path)
    path.write_text('{"task": "t"}\n')
    with pytest.raises(InterfaceError, match="expected lines that `synth eval` wrote"):
        read_lines(path)
    path.write_text(json.dumps(line(1.0, True)) + "\n")
    assert len(read_lines(path)) == 1


def test_pictures(tmp_path: Path) -> None:
    bins = calibration_of([Forecast(0.2, False), Forecast(0.9, True)]).bins
    for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG")):
        draw_reliability(bins, picture_path(str(tmp_path / name)), title="two answers")
        assert (tmp_path / name).read_bytes().startswith(start)
    with pytest.raises(InterfaceError, match=r"expected a picture that ends in \.png or \.svg, found 'a\.gif'"):
        picture_path("a.gif")
    with pytest.raises(InterfaceError, match="there is no folder 'nowhere'"):
        picture_path("nowhere/a.svg")
