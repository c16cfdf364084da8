"""Lanes take turns: what the first lane finds is found after at most twice its work, and a block of each lane."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.budget import Budget, Meter
from synth.search.lanes import Lane, Latecomers, take_turns

BLOCKS = st.lists(st.integers(0, 50), max_size=60)


def work(meter: Meter, blocks: list[int], endless: bool = False) -> Iterator[None]:
    for block in blocks:
        meter.count(block)
        yield
    while endless:
        yield


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=60),
    st.lists(BLOCKS, max_size=4),
    st.lists(st.integers(1, 9), min_size=4, max_size=4),
    st.data(),
)
def test_the_others_cost_at_most_as_much_again(
    first: list[int], others: list[list[int]], parts: list[int], data: st.DataObject
) -> None:
    """Whatever the others do, idle lanes and lanes that end among them."""
    whole = Budget().start()
    meters = [whole.branch() for _ in range(1 + len(others))]
    shares = [part / sum(parts) for part in parts]
    lanes = [Lane(work(meters[0], first), meters[0])]
    for meter, blocks, share in zip(meters[1:], others, shares, strict=False):
        lanes.append(Lane(work(meter, blocks, endless=data.draw(st.booleans())), meter, share))
    hit = data.draw(st.integers(1, sum(first)))
    take_turns(lanes, lambda: meters[0].evaluations >= hit)
    unguided = next(total for total in running_sums(first) if total >= hit)
    assert meters[0].evaluations == unguided
    assert whole.evaluations <= 2 * unguided + sum(max(blocks, default=0) for blocks in others)


def running_sums(blocks: list[int]) -> Iterator[int]:
    total = 0
    for block in blocks:
        total += block
        yield total


@given(st.lists(st.integers(1, 50), min_size=5, max_size=40), st.sampled_from([0.15, 0.5, 1.0]))
def test_a_lane_with_work_gets_its_share(first: list[int], share: float) -> None:
    whole = Budget().start()
    meters = [whole.branch(), whole.branch()]
    lanes = [Lane(work(meters[0], first), meters[0]), Lane(work(meters[1], [1] * 10_000), meters[1], share)]
    take_turns(lanes, lambda: False)
    assert share * (sum(first) - first[-1]) <= meters[1].evaluations <= share * sum(first) + 1


def test_a_lane_that_has_nothing_to_do_gets_its_share_later() -> None:
    whole = Budget().start()
    meters = [whole.branch(), whole.branch()]
    late = [0] * 5 + [10] * 100
    lanes = [Lane(work(meters[0], [10] * 20), meters[0]), Lane(work(meters[1], late), meters[1])]
    take_turns(lanes, lambda: False)
    assert meters[1].evaluations == 200


@pytest.mark.parametrize("apart", [True, False])
def test_when_the_first_lane_ends_others_go_on_only_if_they_look_elsewhere(apart: bool) -> None:
    whole = Budget().start()
    meters = [whole.branch(), whole.branch()]
    lanes = [Lane(work(meters[0], [10]), meters[0]), Lane(work(meters[1], [1] * 50), meters[1], 0.5, apart=apart)]
    take_turns(lanes, lambda: False)
    assert meters[1].evaluations == (50 if apart else 5)


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=60),
    st.lists(BLOCKS, max_size=3),
    st.lists(BLOCKS, max_size=3),
    st.lists(st.integers(1, 9), min_size=6, max_size=6),
    st.integers(0, 1_000),
    st.data(),
)
def test_lanes_that_come_late_are_in_the_bargain(
    first: list[int],
    early: list[list[int]],
    late: list[list[int]],
    parts: list[int],
    after: int,
    data: st.DataObject,
) -> None:
    """They may catch up at once, and all the same cost no more, together with the others, than the first lane does."""
    whole = Budget().start()
    meters = [whole.branch() for _ in range(1 + len(early) + len(late))]
    shares = [part / sum(parts) for part in parts]
    others = [
        Lane(work(meter, blocks, endless=data.draw(st.booleans())), meter, share)
        for meter, blocks, share in zip(meters[1:], early + late, shares, strict=False)
    ]
    made: list[int] = []

    def make() -> list[Lane]:
        made.append(meters[0].evaluations)
        return others[len(early) :]

    lanes = [Lane(work(meters[0], first), meters[0]), *others[: len(early)]]
    hit = data.draw(st.integers(1, sum(first)))
    take_turns(lanes, lambda: meters[0].evaluations >= hit, Latecomers(after, make))
    unguided = next(total for total in running_sums(first) if total >= hit)
    assert meters[0].evaluations == unguided
    assert whole.evaluations <= 2 * unguided + sum(max(blocks, default=0) for blocks in early + late)
    before = max((total for total in (0, *running_sums(first)) if total < hit), default=0)
    assert len(made) == (before >= after)
    assert all(evaluations >= after for evaluations in made)
    if not made:
        assert all(meter.evaluations == 0 for meter in meters[1 + len(early) :])


@given(
    st.integers(1, 2_000),
    st.floats(0.1, 1.0),
    st.integers(1, 500),
    st.floats(0.0, 0.1),
)
def test_what_a_lane_may_do_grows_slower_after_its_hopeful_part(
    first: int, share: float, hopeful: int, tail: float
) -> None:
    """Never more than its share, all of that at the beginning, and only the tail of what comes later."""
    meter = Budget().start()
    lane = Lane(iter(()), meter, share, hopeful=hopeful, tail=tail)
    whole, allowed = Lane(iter(()), meter, share).allowed(first), lane.allowed(first)
    assert allowed <= whole + 1e-9
    if whole <= hopeful:
        assert allowed == whole
    else:
        assert lane.allowed(first + 100) - allowed == pytest.approx(100 * tail)
