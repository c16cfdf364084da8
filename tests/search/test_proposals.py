"""What a guide proposes is tried early, and the unguided search does not notice."""

from __future__ import annotations

import random

from specs import INTS, NOTHING_SIMPLE, spec_of

from dsl.interpreter import run
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from synth.budget import Budget, StopReason
from synth.guidance import Guidance
from synth.search.forward import BottomUp
from synth.search.proposals import Proposals
from synth.search.search import Search
from tasks.task import Spec

SOLUTION = "zip_with(lambda x, y: x - y, reverse(sort(xs)), map(lambda x: x * x, xs))"
TEXTS = (SOLUTION, "take(?, reverse(sort(xs)))", "map(?f, filter(?p, xs))", "zip_with(?f, ?, ?)")


def sketch(text: str) -> Lambda:
    return Lambda(("xs",), parse(text, CORE, expected=INTS, variables={"xs": INTS}))


def planted() -> Spec:
    rows = ((3, 1, 2, 8), (6, 5, 0, 9, 4), (7, 7, -3), (2, 4))
    return spec_of(*((xs, run(sketch(SOLUTION), (xs,), CORE)) for xs in rows))


def test_a_whole_program_is_found_at_once() -> None:
    guidance = Guidance("test", sketches=((sketch("take(?, reverse(sort(xs)))"), 0.5), (sketch(SOLUTION), 0.1)))
    answer = BottomUp(guidance).solve(planted(), Budget(evaluations=5_000), rng=random.Random(0))
    assert answer.first_fit is not None
    assert answer.first_fit <= 300
    assert BottomUp().solve(planted(), Budget(evaluations=5_000), rng=random.Random(0)).stop is StopReason.EVALUATIONS


def test_sketches_with_holes_inside_lambdas_need_an_engine_of_their_own() -> None:
    search = Search(NOTHING_SIMPLE, Budget().start())
    given = [(sketch(text), 0.2) for text in TEXTS]
    proposals = Proposals(search.engine, search.meter.branch(), search.hits, given)
    assert [s for s, _ in proposals.wholes] == [sketch(SOLUTION)]
    assert [attempt.sketch for attempt in proposals.attempts.all] == [sketch(TEXTS[1])]
    assert [s for s, _ in proposals.foreign] == [sketch(TEXTS[2]), sketch(TEXTS[3])]
    search.release()


def test_the_unguided_search_goes_its_way_whatever_is_proposed() -> None:
    """Level by level it does the same work, and ends up with the same classes."""
    ways = []
    for guidance in (Guidance(), Guidance("test", sketches=tuple((sketch(text), 0.2) for text in TEXTS[1:]))):
        search = Search(NOTHING_SIMPLE, Budget(evaluations=30_000).start(), guidance)
        search.run()
        levels = [(level.bits, level.programs) for level in search.engine.levels]
        banks = {t: bank.cost[: bank.count].tolist() for t, bank in search.engine.top.banks.items()}
        ways.append((levels, banks))
        search.release()
    (plain, banks), (guided, guided_banks) = ways
    assert len(guided) > 5
    assert plain[: len(guided)] == guided
    for t, costs in guided_banks.items():
        done = [cost for cost in costs if cost * 0.5 <= guided[-1][0] / 2]
        assert banks[t][: len(done)] == done
