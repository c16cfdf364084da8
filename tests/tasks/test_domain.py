"""The list domain and its tiers."""

from __future__ import annotations

import pytest

from dsl.errors import InterfaceError, LibraryError
from dsl.library import Library
from dsl.primitives import CORE
from tasks.domain import Domain, Tier
from tasks.domains.lists import LISTS
from tasks.load import shipped_suites


def test_the_plain_tier_holds_these_words_only() -> None:
    words = "add append cons eq first fold get head if is_empty lt pair range second tail"
    assert " ".join(sorted(entry.short for entry in LISTS.tier("T0"))) == words


def test_the_last_tier_is_the_whole_library() -> None:
    assert LISTS.tier("T1") == CORE


def test_an_unknown_tier_is_named() -> None:
    with pytest.raises(InterfaceError) as error:
        LISTS.tier("T00")
    assert str(error.value) == "expected a tier of the domain 'lists' (T0, T1), found 'T00'\nhint: did you mean 'T0'?"


def test_a_tier_of_words_that_there_are_not_is_an_error() -> None:
    domain = Domain("empty", Library(), tiers=(Tier("T0", ("list.fold",)),))
    with pytest.raises(LibraryError, match=r"the library has no word 'list\.fold'"):
        domain.tier("T0")


def test_the_suites_are_shipped() -> None:
    assert set(LISTS.suites) == {suite.name for suite in shipped_suites()}
