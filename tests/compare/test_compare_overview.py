"""Who won where, over all protocols: made from intervals, and only of those that were trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from small_protocol import analysis_of, evidence, falls_after, honest_runs, made_manifest, made_run

from synth.compare.fairness import check_rules, forbidden_words
from synth.compare.metrics import Count
from synth.compare.overview import places_of, render_overview, write_overview
from synth.compare.records import Run
from synth.compare.runner import ComparisonResult
from synth.compare.verdicts import best_by_side, hybrid_added, unbeaten


def result(runs: list[Run], folder: Path = Path("runs/compare-small-quick")) -> ComparisonResult:
    analysis = analysis_of(runs)
    return ComparisonResult(analysis, check_rules(evidence(runs)), made_manifest(), folder)


def test_a_win_is_an_interval_above_all_others() -> None:
    places = {place.task: place for place in places_of(result(honest_runs()))}
    assert places["backwards"].winner == "learned program"
    assert places["last_bit"].winner == "tie: learned program, GRU"
    assert [one.title if one else None for one in places["backwards"].sides] == ["learned program", None, None, "GRU"]
    assert [one.unbeaten for one in places["backwards"].sides if one] == [True, False]


def test_a_net_that_did_not_learn_loses_nothing() -> None:
    runs = [replace(r, fit=Count(5, 10), outcome="under-trained") if r.side == "net" else r for r in honest_runs()]
    analysis = analysis_of(runs)
    assert set(best_by_side(analysis, "backwards")) == {"program"}
    assert {place.winner for place in places_of(result(runs))} == {"learned program, without a trained rival"}


def test_nobody_wins_where_nobody_is_right() -> None:
    runs = [made_run(r.task, r.learner, r.seed, falls_after(4)) for r in honest_runs()]
    assert unbeaten(analysis_of(runs), "backwards") == ()
    assert {place.winner for place in places_of(result(runs))} == {"nobody beat chance"}


def test_the_page_links_to_reports_and_says_what_is_missing(tmp_path: Path) -> None:
    one = result(honest_runs(), tmp_path / "compare-small-quick")
    two = replace(one, manifest=replace(one.manifest, interrupted=True, done=3))
    write_overview(tmp_path / "compare-all-quick.html", [one, two], left=["rocket"])
    html = (tmp_path / "compare-all-quick.html").read_text(encoding="utf-8")
    assert 'href="compare-small-quick/report.html"' in html
    assert "rocket. The same command goes on from there." in html
    assert "3 of 50 runs were done" in html
    assert "Where nets won" in html
    assert forbidden_words(html) == []


def test_a_page_about_nothing_is_a_page() -> None:
    assert "length" in render_overview([], beside=Path(), left=["length"])


def test_what_a_hybrid_added_is_told_from_intervals() -> None:
    analysis = analysis_of(honest_runs())
    assert hybrid_added(analysis) == ()
    called = replace(
        analysis, rows=tuple(replace(r, side="hybrid") if r.learner == "gru" else r for r in analysis.rows)
    )
    told = hybrid_added(called)
    assert "not told apart from the best of the others, learned program" in told[0]
    assert "below the best of the others, learned program" in told[1]
