"""The page: well-formed, self-contained, careful in its words, and never without a net's win or a failed prediction."""

from __future__ import annotations

import base64
import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from small_protocol import (
    LENGTHS,
    SMALL,
    analysis_of,
    answering,
    evidence,
    falls_after,
    honest_runs,
    made_manifest,
    made_run,
)

from synth.compare.analysis import Analysis, analyse
from synth.compare.fairness import check_rules, forbidden_words
from synth.compare.figures import close_chart, percent, strip_figure
from synth.compare.metrics import Count, Estimate
from synth.compare.page import number
from synth.compare.plots import Drawn, new_figure
from synth.compare.protocol import CHANCE
from synth.compare.records import Answered, Run
from synth.compare.report import MOST_BYTES, prose_of, render
from synth.compare.side_by_side import most_telling, side_by_side
from synth.compare.verdicts import budget_stamp, failed_predictions, findings, nets_won

_VOID = {"meta", "br", "img", "input", "link", "hr", "line", "rect", "circle", "polygon", "polyline"}


class Page(HTMLParser):
    """Checks that tags close in order; keeps text and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in _VOID or self.open.pop() == tag, f"</{tag}> out of order"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)


def page(analysis: Analysis, text: str | None = None) -> tuple[Page, str]:
    html = text or render(analysis, check_rules(evidence(list(analysis.runs))), made_manifest())
    parsed = Page()
    parsed.feed(html)
    parsed.close()
    assert parsed.open == []
    return parsed, html


def answered(run: Run) -> Run:
    given = (Answered(5, "1 2 3 0 1", tuple("10321"), tuple("1·32"), False, 0.25),)
    return replace(run, answers=given)


def full() -> Analysis:
    return analysis_of([answered(run) if run.task == "backwards" else run for run in honest_runs()])


def test_the_page_is_well_formed_and_small() -> None:
    _, html = page(full())
    assert len(html.encode()) < 1_000_000


def test_the_page_needs_no_network_and_links_to_what_lies_beside_it() -> None:
    parsed, html = page(full())
    links = {a[2].partition(",")[0] for a in parsed.attributes if a[1] in ("src", "href", "srcset", "action", "data")}
    assert links == {"data:text/csv;charset=utf-8;base64", "runs.jsonl", "manifest.json"}
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttp", html)


def test_figures_say_in_words_what_they_show() -> None:
    parsed, _ = page(full())
    labels = [value for _, name, value in parsed.attributes if name == "aria-label"]
    assert any("GRU, per cent right at length 3: 100, 4: 100, 5: 0, 12: 0." in label for label in labels)
    assert any(label.startswith("Token accuracy on backwards") for label in labels)


def test_every_figure_carries_the_budget() -> None:
    parsed, _ = page(full())
    text = " ".join(parsed.text)
    assert text.count(budget_stamp(full())) == 2 + 2 * len(full().tasks), "the head, the caveat, strips and charts"


def test_the_visible_text_claims_nothing_beyond_the_budget() -> None:
    parsed, _ = page(full())
    text = " ".join(parsed.text)
    assert forbidden_words(text) == []


def test_a_bare_number_is_refused() -> None:
    with pytest.raises(TypeError, match="expected an estimate with an interval"):
        number(0.5)  # type: ignore[arg-type]
    assert "0.50 <small>[0.40, 0.60]" in number(Estimate(0.5, 0.4, 0.6, 10, "Wilson"))
    assert "–" in number(None)


def test_text_from_runs_is_escaped() -> None:
    runs = honest_runs()
    runs[0] = replace(runs[0], program="<script>alert(1)</script>")
    _, html = page(analysis_of(runs))
    assert "<script>alert" not in html


def test_a_failed_prediction_stands_before_the_figures() -> None:
    runs = [made_run(r.task, "gru", r.seed) if r.key[:2] == ("backwards", "gru") else r for r in honest_runs()]
    analysis = analysis_of(runs)
    assert [judged.prediction.learner for judged in failed_predictions(analysis)] == ["gru"]
    _, html = page(analysis)
    assert html.index("PREDICTION FAILED") < html.index("<h2>Findings") < html.index("Exact match by input length")
    assert html.count('<span class="badge prediction-failed">') == 1


def test_predictions_about_untrained_nets_are_not_decided() -> None:
    runs = [
        replace(run, fit=Count(5, 10), outcome="under-trained") if run.side == "net" else run for run in honest_runs()
    ]
    analysis = analysis_of(runs)
    verdicts = {judged.prediction.learner: judged.verdict for judged in analysis.predictions}
    assert verdicts == {"program": "held", "gru": "under-trained", "other": "not run"}
    assert {finding.badge for finding in findings(analysis)} == {"inconclusive"}
    assert "No net here was trained enough" in " ".join(prose_of(analysis))


def test_a_prediction_whose_interval_straddles_its_bound_is_inconclusive() -> None:
    runs = [
        made_run(r.task, "gru", r.seed, lambda n: 0.1) if r.key[:2] == ("backwards", "gru") else r
        for r in honest_runs()
    ]
    judged = next(j for j in analysis_of(runs).predictions if j.prediction.learner == "gru")
    assert judged.verdict == "inconclusive"


def test_badges_follow_the_intervals() -> None:
    badges = {finding.task: finding.badge for finding in findings(full())}
    assert badges == {"last_bit": "not supported", "backwards": "supported"}


def test_a_program_that_falls_supports_nothing() -> None:
    runs = [made_run(r.task, "program", r.seed, falls_after(3)) if r.side == "program" else r for r in honest_runs()]
    analysis = analysis_of(runs)
    assert {finding.badge for finding in findings(analysis)} == {"not supported"}
    assert any("GRU beats the program on last_bit" in won for won in nets_won(analysis))


def test_no_program_is_said_as_such() -> None:
    runs = [
        replace(made_run(r.task, "program", r.seed, falls_after(0)), program=None, outcome="no program in time")
        if r.side == "program"
        else r
        for r in honest_runs()
    ]
    assert "did not find a program" in findings(analysis_of(runs))[0].sentences[0]


def test_where_nets_won_is_not_empty() -> None:
    assert nets_won(full()) == (
        "GRU learned last_bit and holds to length 12, 3 times its training range: 1.00 [0.99, 1.00] exactly right.",
    )
    nets_fall = [made_run(r.task, "gru", r.seed, falls_after(4)) if r.side == "net" else r for r in honest_runs()]
    assert "the pre-registered places" in nets_won(analysis_of(nets_fall))[0]


def test_to_guess_where_the_program_has_no_answer_is_no_win() -> None:
    def against(net: float) -> str:
        levels = {"program": 0.0, "gru": net, CHANCE: 0.5}
        runs = [
            made_run(r.task, r.learner, r.seed, lambda n, level=levels[r.learner]: level)  # type: ignore[misc]
            for r in honest_runs()
            if r.learner in levels
        ]
        return " ".join(nets_won(analysis_of(runs)))

    assert "GRU beats the program on last_bit" in against(0.8)
    assert "beats the program on" not in against(0.5)


def test_a_page_without_runs_is_a_page() -> None:
    analysis = analyse(SMALL, SMALL.efforts["quick"], range(2), [])
    interrupted = replace(made_manifest(), interrupted=True, done=0)
    parsed, _ = page(analysis, render(analysis, [], interrupted))
    assert "0 of 50 runs were done" in " ".join(parsed.text)


def emptied(run: Run) -> Run:
    """The run, with nothing tested at length 1."""
    return replace(run, scores=(replace(run.scores[0], right=0, total=0, bits="0", close=None), *run.scores[1:]))


def test_a_length_that_one_learner_was_not_tested_at_is_hatched() -> None:
    analysis = analysis_of([emptied(r) if r.learner == "gru" else r for r in honest_runs()])
    strips = strip_figure(analysis, "last_bit").strips
    assert [strip.title for strip in strips if not strip.cells[0].text] == ["GRU"]
    assert 'class="void"' in page(analysis)[1]


def test_a_length_that_a_task_has_no_tests_of_is_left_out() -> None:
    whole, analysis = strip_figure(full(), "last_bit"), analysis_of([emptied(r) for r in honest_runs()])
    figure = strip_figure(analysis, "last_bit")
    assert (figure.columns, figure.boxed) == (whole.columns - 1, whole.boxed - 1)
    assert {strip.cells[0].label for strip in figure.strips} == {"2"}
    assert 'class="void"' not in page(analysis)[1]


def test_charts_draw_every_seed() -> None:
    assert close_chart(full(), "last_bit").count('r="1.8"') == 4 * 5 * len(LENGTHS)


@pytest.mark.parametrize(("share", "text"), [(0, "0"), (0.004, "<1"), (0.01, "1"), (0.996, ">99"), (1, "100")])
def test_percentages_do_not_round_to_all_or_nothing(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_share_of_few_inputs_is_pale() -> None:
    cells = strip_figure(full(), "last_bit").strips[0].cells
    assert [cell.few for cell in cells[:3]] == [True, False, False], "10, 20 and 40 inputs over five seeds"


def many_dots(dots: int) -> Drawn:
    figure, panels = new_figure()
    panels[0].plot([n * 7919 % 1009 for n in range(dots)], ".")
    return Drawn("dots", "Dots", "dots all over", "", figure)


def test_a_figure_of_many_marks_does_not_swell_the_page() -> None:
    plain = many_dots(5)
    assert plain.data_uri().startswith("data:image/svg+xml;base64,")
    crowded = [many_dots(20_000) for _ in range(4)]
    assert crowded[0].data_uri().startswith("data:image/png;base64,")
    html = render(full(), [], made_manifest(), [plain, *crowded])
    assert len(html.encode()) < MOST_BYTES


def test_figures_that_could_not_be_drawn_are_said() -> None:
    html = render(full(), [], made_manifest(), problems=["the figure curve was not drawn: ValueError: no points"])
    assert "<p>the figure curve was not drawn: ValueError: no points</p>" in html


def test_the_csv_holds_what_the_tables_show() -> None:
    _, html = page(full())
    found = re.search(r"data:text/csv;charset=utf-8;base64,([\w+/=]+)", html)
    assert found is not None
    lines = list(csv.DictReader(io.StringIO(base64.b64decode(found[1]).decode())))
    assert len(lines) == 2 * len(full().rows) * len(LENGTHS), "exact match and closeness"
    one = next(x for x in lines if (x["task"], x["learner"], x["point"]) == ("backwards", "gru", "12"))
    row = full().row("backwards", "gru")
    assert row is not None
    estimate = row.by_point[12]
    assert (float(one["mean"]), float(one["low"]), float(one["high"])) == pytest.approx(
        (estimate.value, estimate.low, estimate.high), rel=1e-5
    )
    assert (one["inside_training_range"], one["measure"], one["seeds"], one["trained"]) == ("no", "exact", "5", "yes")


def test_the_most_telling_input_is_shown_first() -> None:
    runs = [answering(run) if run.seed == 0 else run for run in honest_runs()]
    pairs = side_by_side(analysis_of(runs))
    assert [pair.label for pair in pairs] == [
        "last_bit, length 4",
        "last_bit, length 5 (outside the training range)",
        "backwards, length 4",
        "backwards, length 5 (outside the training range)",
    ]
    assert most_telling(pairs) == 3
    explained = pairs[3].explained
    assert explained is not None
    assert [line.text for line in explained.trace] == ["fold(lambda done, x: cons(x, done), [], xs)", "cons(x, done)"]
    assert explained.trace[0].values.replace(", ", " ").strip("[]") == pairs[3].truth


def test_an_input_that_is_not_among_the_tests_is_not_explained() -> None:
    given = (Answered(5, "9 9 9 9 9", tuple("99999"), tuple("99999"), True),)
    runs = [replace(run, answers=given) if run.task == "backwards" else run for run in honest_runs()]
    assert [pair.explained for pair in side_by_side(analysis_of(runs))] == [None]
