"""The report in a real browser: nothing missing, nothing asked of the network; on a desk, a phone, and paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import browser, opened
from small_protocol import SMALL, analysis_of, answering, evidence, falls_after, honest_runs, made_manifest, made_run

from synth.compare.analysis import Analysis
from synth.compare.fairness import check_rules
from synth.compare.ledger import ledger_of
from synth.compare.ledger_figure import ledger_bars
from synth.compare.overview import write_overview
from synth.compare.plots import Drawn, new_figure
from synth.compare.report import render
from synth.compare.runner import ComparisonResult

if TYPE_CHECKING:
    from playwright.sync_api import Browser

A4 = (210 / 25.4 * 72, 297 / 25.4 * 72)
"""Width and height of a sheet, in points."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


def told() -> Analysis:
    """A comparison with a net's win, a failed prediction, answers, and a net that was not trained enough."""
    runs = [answering(run) if run.seed == 0 else run for run in honest_runs()]
    return analysis_of(
        [made_run(r.task, "gru", r.seed, falls_after(8)) if r.key[:3] == ("backwards", "gru", 4) else r for r in runs]
    )


def curve() -> Drawn:
    figure, panels = new_figure(2)
    panels[0].plot([1, 2, 3])
    return Drawn("curve", "A curve", "a curve that rises", "It rises.", figure)


def result_of(analysis: Analysis, folder: Path) -> ComparisonResult:
    rules = check_rules(evidence(list(analysis.runs)))
    manifest = made_manifest()
    page = render(analysis, rules, manifest, [curve()], ledger_of(analysis), prices=ledger_bars(analysis))
    folder.mkdir()
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "runs.jsonl").write_text("", encoding="utf-8")
    return ComparisonResult(analysis, rules, manifest, folder)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[ComparisonResult]:
    folder = tmp_path_factory.mktemp("reports")
    many = replace(
        SMALL, name="other", title="Another", threats=tuple(f"Threat {n}: " + "word " * 60 for n in range(90))
    )
    found = [result_of(told(), folder / "one"), result_of(replace(told(), protocol=many), folder / "two")]
    write_overview(folder / "all.html", found, left=["missing"])
    return found


@pytest.fixture
def report(results: list[ComparisonResult]) -> Path:
    return results[0].report


def test_the_page_is_quiet_and_whole(chromium: Browser, report: Path) -> None:
    with opened(chromium, report) as (page, watched):
        assert watched.said == []
        assert watched.asked == [report.as_uri()]
        pictures = page.locator("img").evaluate_all("all => all.map(one => [one.complete, one.naturalWidth, one.alt])")
        assert pictures[0][2] == "a curve that rises"
        assert len(pictures) == 2
        assert all(complete and wide > 0 and words for complete, wide, words in pictures)
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        drawn = page.locator("[role=img]:visible").evaluate_all(
            "all => all.map(one => [one.getBoundingClientRect().width > 0, !!one.getAttribute('aria-label')])"
        )
        assert len(drawn) >= 2 * len(told().tasks)
        assert all(wide and words for wide, words in drawn)
        assert watched.said == []


def test_the_picker_shows_one_input_with_its_explanation(chromium: Browser, report: Path) -> None:
    with opened(chromium, report) as (page, _):
        assert page.locator(".pair:visible").count() == 1
        assert "backwards, length 5 (outside the training range)" in page.locator(".pair:visible").inner_text()
        page.select_option("#pick", label="backwards, length 4")
        shown = page.locator(".pair:visible")
        assert shown.count() == 1
        text = shown.inner_text()
        assert text.startswith("backwards, length 4")
        assert "its own probability 0.25" in text
        assert "of the 5 pairs that the program was shown" in text
        trace = shown.locator(".trace tr")
        assert trace.count() == 2
        assert trace.nth(1).inner_text().startswith("cons(x, done)")
        assert len(page.locator("#pick option").all()) == 4


def test_the_rules_fold_out(chromium: Browser, report: Path) -> None:
    with opened(chromium, report) as (page, _):
        assert page.locator("#rules .lamps b").count() == 22
        assert not page.locator("#rules table").is_visible()
        page.locator("#rules summary").click()
        assert page.locator("#rules table").is_visible()
        assert page.locator("#rules tr").count() == 22


def test_numbers_can_be_taken_along(chromium: Browser, report: Path) -> None:
    with opened(chromium, report) as (page, _):
        with page.expect_download() as download:
            page.locator("a[download]").click()
        lines = download.value.path().read_text(encoding="utf-8").splitlines()
        assert download.value.suggested_filename == "numbers.csv"
        assert lines[0].startswith("protocol,budget,task,learner")
        assert any(line.startswith("small,quick,backwards,gru,net,,12,no,exact,0,") for line in lines)
        assert page.locator("a[href='runs.jsonl']").count() == 1


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_is_wider_than_the_window(chromium: Browser, results: list[ComparisonResult], width: int) -> None:
    for path in (results[0].report, results[0].folder.parent / "all.html"):
        with opened(chromium, path, width=width, height=800) as (page, _):
            page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_small_text_on_a_phone_is_large_enough(chromium: Browser, report: Path) -> None:
    with opened(chromium, report, width=375, height=800) as (page, _):
        sizes = page.locator("p:visible, li:visible, td:visible, dd:visible").evaluate_all(
            "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
        )
        assert min(sizes) >= 12


@pytest.mark.parametrize("which", [0, 1])
def test_the_page_prints_on_one_sheet(chromium: Browser, results: list[ComparisonResult], which: int) -> None:
    with opened(chromium, results[which].report) as (page, watched):
        sheet = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
        boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", sheet)
        assert boxes
        assert all(abs(float(size) - wanted) < 2 for box in boxes for size, wanted in zip(box, A4, strict=True))
        assert watched.said == []
        assert page.evaluate("document.documentElement.style.zoom") == "", "the screen is as it was"
        assert page.locator(".spared").count() == 0


def test_what_does_not_fit_on_paper_is_counted(chromium: Browser, results: list[ComparisonResult]) -> None:
    with opened(chromium, results[1].report, width=740, height=1000) as (page, _):
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".spared").count() >= 2
        assert "Left out on paper: 2 parts." in page.locator("#left-out").inner_text()
        assert float(page.evaluate("document.documentElement.style.zoom")) >= 0.68
        assert page.locator("#failed, .finding").first.is_visible()
        assert page.get_by_text("Where nets won").is_visible()


def test_the_overview_leads_to_every_report(chromium: Browser, results: list[ComparisonResult]) -> None:
    path = results[0].folder.parent / "all.html"
    with opened(chromium, path) as (page, watched):
        assert watched.said == []
        assert watched.asked == [path.as_uri()]
        assert "missing" in page.locator("section.alarm").first.inner_text()
        page.locator(".where a").nth(1).click()
        page.wait_for_url(results[1].report.as_uri())
        assert page.title() == "Another: programs beside nets"


def relative_luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_names_of_sides_stand_out_from_the_paper(chromium: Browser, report: Path) -> None:
    with opened(chromium, report) as (page, _):
        colours = page.locator("main .program, main .net, main .chance, main .oracle, main .sub").evaluate_all(
            "all => [...new Set(all.map(one => getComputedStyle(one).color))]"
        )
        assert len(colours) >= 4
        assert all(1.05 / (relative_luminance(colour) + 0.05) >= 4.5 for colour in colours), colours
