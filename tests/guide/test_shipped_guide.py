"""The guide that is shipped: small, whole, for the words that there are, and in order."""

from __future__ import annotations

import pytest
from specs import EVENS, KEEP_GREATER, REVERSE, RUNNING_SUM, spec_of

from dsl.forms import has_form
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.type_system import INT
from synth.conformance import check_guide
from synth.guide.asking import shipped_checkpoint
from synth.guide.checkpoint import load, read_about, words_of
from synth.guide.predict import NeuralGuide
from tasks.task import Spec

PATH = shipped_checkpoint()
TOTAL = spec_of(((1, 2, 3), 6), ((5, 5), 10), ((), 0), ((9, -4), 5), result=INT)


@pytest.fixture(scope="module")
def guide() -> NeuralGuide:
    assert PATH is not None
    return load(PATH)


def test_it_is_small() -> None:
    assert PATH is not None
    assert PATH.stat().st_size <= 5_000_000
    assert read_about(PATH)["parameters"] <= 2_400_000


def test_words_still_do_what_they_did_when_it_was_trained() -> None:
    """A word that changed, or is new, is no fault; many of them are a reason to train again."""
    assert PATH is not None
    trained = read_about(PATH)["words"]
    changed = [name for name, digest in words_of(CORE).items() if trained.get(name) != digest]
    assert len(changed) <= len(trained) // 10, f"train it again: {changed}"


@pytest.mark.parametrize("spec", [EVENS, KEEP_GREATER, REVERSE, RUNNING_SUM, TOTAL])
def test_it_passes_the_checks_of_guides(guide: NeuralGuide, spec: Spec) -> None:
    assert [finding for finding in check_guide(guide, spec) if not finding.passed] == []


@pytest.mark.parametrize(
    ("spec", "solution"),
    [
        (EVENS, "filter(is_even, xs)"),
        (KEEP_GREATER, "filter(lambda x: x > head(xs), xs)"),
        (REVERSE, "reverse(xs)"),
        (TOTAL, "sum(xs)"),
    ],
)
def test_easy_solutions_are_among_its_sketches(guide: NeuralGuide, spec: Spec, solution: str) -> None:
    program = parse(f"lambda xs: {solution}", CORE, expected=spec.type_request)
    sketches = guide.predict(spec).sketches
    assert any(has_form(program, sketch) for sketch, _ in sketches)
    bits = guide.predict(TOTAL).bits
    assert bits["list.sum"] < bits["list.reverse"]
