"""Budgets: what parts of a search count adds up, what is not theirs is not charged, and each end has its reason."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.budget import Budget, Meter, Spent, StopReason


def burn(seconds: float) -> None:
    """Work for so many CPU-seconds."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(0, 9))))
def test_a_whole_is_the_sum_of_its_parts(work: list[tuple[int, int, int]]) -> None:
    """Evaluations, and bytes held now, of a meter, two branches, and a branch of one."""
    whole = Budget().start()
    one, two = whole.branch(), whole.branch()
    inner = one.branch()
    counted, held = [0] * 4, [0] * 4
    for part, evaluations, bytes_held in work:
        meter = (whole, one, two, inner)[part]
        meter.count(evaluations)
        counted[part] += evaluations
        if part in (2, 3):  # parts with branches of their own hold what these hold
            meter.hold(bytes_held)
            held[part] = bytes_held
    assert inner.evaluations == counted[3]
    assert one.evaluations == counted[1] + counted[3]
    assert two.evaluations == counted[2]
    assert whole.evaluations == sum(counted)
    assert (one.bytes_held, two.bytes_held, whole.bytes_held) == (held[3], held[2], held[2] + held[3])
    assert whole.root is one.root is inner.root is whole


def test_a_part_ends_where_the_whole_does() -> None:
    whole = Budget(evaluations=100).start()
    one, two = whole.branch(), whole.branch().branch()
    one.count(60)
    assert (two.remaining(), one.remaining(), whole.remaining()) == (40, 40, 40)
    two.check()
    two.count(40)
    assert one.spent() is two.spent() is whole.spent() is StopReason.EVALUATIONS
    with pytest.raises(Spent) as caught:
        one.check()
    assert caught.value.reason is StopReason.EVALUATIONS
    one.count(5)
    assert whole.remaining() == 0


def test_without_a_limit_nothing_ends() -> None:
    meter = Budget().start()
    meter.count(10**15)
    assert meter.remaining() is None
    assert meter.spent() is None


def test_the_user_ends_it_first() -> None:
    pressed = False
    meter = Budget(evaluations=0).start(lambda: pressed).branch()
    assert meter.spent() is StopReason.EVALUATIONS
    pressed = True
    assert meter.spent() is StopReason.INTERRUPTED


def test_seconds_are_those_of_the_processor() -> None:
    meter = Budget(seconds=0.05).start().branch()
    assert meter.spent() is None
    burn(0.05)
    assert meter.spent() is StopReason.SECONDS


def test_waiting_is_charged_three_times_over() -> None:
    """A search that waits, for a slow word or a disk, ends all the same."""
    meter = Budget(seconds=0.05).start()
    time.sleep(0.06)
    assert meter.seconds < 0.05
    assert meter.spent() is None
    time.sleep(0.1)
    assert meter.spent() is StopReason.SECONDS


@pytest.mark.parametrize("branched", [False, True])
def test_what_is_paused_is_not_charged(branched: bool) -> None:
    """Neither CPU-seconds nor waiting, whichever part of a search it was for."""
    whole = Budget(seconds=0.1).start()
    meter, other = (whole.branch(), whole.branch()) if branched else (whole, whole)
    with meter.paused():
        burn(0.1)
        time.sleep(0.3)
    assert whole.not_counted >= 0.1
    for each in (meter, other, whole):
        assert each.seconds < 0.1
        assert each.spent() is None
    burn(0.1)
    assert other.spent() is StopReason.SECONDS


def test_a_pause_that_ends_badly_is_over() -> None:
    meter = Budget().start()

    def fail() -> None:
        with meter.paused():
            burn(0.02)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert meter.not_counted >= 0.02
    before = meter.not_counted
    burn(0.02)
    assert meter.not_counted == before


def test_a_branch_made_late_has_the_clock_of_the_whole() -> None:
    whole: Meter = Budget(seconds=1).start()
    with whole.paused():
        burn(0.05)
    burn(0.02)
    assert whole.branch().seconds == pytest.approx(whole.seconds, abs=0.01)
    assert whole.branch().seconds >= 0.02
