"""`Synthesizer.fit`: a fitted copy whose words help with tasks that it was not fitted to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from families import FAMILY

from dsl.errors import InterfaceError
from dsl.primitives import CORE
from synth import Synthesizer, load_tasks
from synth.examples import task_from_examples
from synth.learn.fitting import shared_words
from synth.learn.words import learned_in
from tasks.suite import Suite


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    path = tmp_path_factory.mktemp("fit") / "family.syn"
    path.write_text(FAMILY, encoding="utf-8")
    return load_tasks(str(path))


@pytest.fixture(scope="module")
def fitted(family: Suite) -> Synthesizer:
    return Synthesizer(evaluations=2000, iterations=1).fit(family)


def test_what_it_learned_solves_what_it_could_not_before(fitted: Synthesizer) -> None:
    assert fitted.library_ is not None
    assert learned_in(fitted.library_)
    unseen = task_from_examples(
        ["[1, 2, 5] -> [10]", "[3, 6, 7, 9] -> [14, 18]", "[4] -> []", "[1, 3, 8] -> [16]"], CORE
    )
    found = fitted.solve(unseen)
    assert found.verdict.fits
    assert any(f"{word.short}(" in str(found.text) for word in learned_in(fitted.library_)), found.text
    assert found.program is not None
    assert found.program([9, 2, 3]) == (6,)
    assert not Synthesizer(evaluations=2000).solve(unseen).verdict.fits


def test_the_one_that_fits_stays_as_it_is(family: Suite) -> None:
    plain = Synthesizer(evaluations=100, iterations=1)
    fitted = plain.fit(list(family)[:2])
    assert plain.library_ is None
    assert fitted.library_ is not None
    assert learned_in(fitted.library_) == ()
    assert replace(fitted, library_=None) == plain
    assert "library_" not in repr(fitted)
    assert hash(fitted) == hash(plain)


def test_there_must_be_tasks() -> None:
    with pytest.raises(InterfaceError, match="expected tasks to learn from, found none"):
        Synthesizer().fit([])


def test_tasks_must_have_examples(family: Suite) -> None:
    first, second, *_ = family
    with pytest.raises(InterfaceError, match="expected tasks with examples, found none in 'doubled_backwards'"):
        Synthesizer().fit([first, replace(second, examples=())])


def test_only_words_that_all_tasks_have_are_learned_over(family: Suite) -> None:
    first, second, *_ = family
    poorer = replace(second, library=second.library.without(["sort"]))
    shared = shared_words([first, poorer])
    assert "list.sort" in first.library
    assert shared.entries == poorer.library.entries
    assert shared_words([first, second]) is first.library
