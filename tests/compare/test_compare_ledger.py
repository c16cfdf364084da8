"""What is given and what is learned, in bits: tokens of code, helpers once, and codes of examples."""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_protocol import EFFORT, PROGRAM, SMALL, evidence, honest_runs, made_run

from dsl.primitives import CORE
from dsl.type_system import show_type
from synth.compare.ablations import ablation_learners, leave_one_out, with_decoys
from synth.compare.analysis import analyse
from synth.compare.ledger import example_bits, ledger_of, prequential_bits, prior_code, token_bits
from synth.compare.ledger_figure import ledger_bars
from synth.compare.metrics import Count
from synth.compare.protocols.length import _plain_words
from synth.compare.records import Run
from synth.compare.source_code import Code, code_of, tree_tokens

PLAIN = _plain_words()


def tokens(text: str) -> list[str]:
    return tree_tokens(ast.parse(text).body[0])


def test_what_people_read_does_not_count() -> None:
    bare = tokens("def f(x): return g(x)")
    told = tokens('@decorated\ndef f(x: "list[int]") -> int:\n    """What it is."""\n    import h\n    return g(x)')
    assert told == bare


def test_every_name_and_constant_counts() -> None:
    assert len(tokens("x = 1 + 2")) > len(tokens("x = 1"))
    assert tokens("x = 12345") != tokens("x = 1")


def words_code(*words: str) -> Code:
    """What a learner's words cost that has these alone, and no code of its own."""
    found = prior_code(replace(PROGRAM, words=lambda: CORE.basis(words), code=()))
    assert found is not None
    return found


def test_a_word_costs_its_body_and_its_type() -> None:
    add, fold = words_code("int.add"), words_code("list.fold")
    assert "Add" in add.tokens
    assert len(fold.tokens) > len(add.tokens) > 5


def test_what_is_called_from_elsewhere_is_one_token_and_listed() -> None:
    found = words_code("list.sort")
    assert "sorted" in found.outside
    assert found.tokens.count("sorted") == 1


def test_a_helper_is_counted_once() -> None:
    one = code_of("synth.compare.training:train")
    defined = [name for kind, name in pairwise(one.tokens) if kind in ("FunctionDef", "ClassDef")]
    assert {"train", "_step", "_kept_steps", "_rate", "Checkpoint"} <= set(defined)
    assert len(set(defined)) == len(defined)
    twice = code_of("synth.compare.training:train", "synth.compare.training:_rate", "synth.compare.training:train")
    assert twice.tokens == one.tokens
    assert "torch" in one.outside


def test_an_unknown_name_is_a_bug_of_the_protocol() -> None:
    with pytest.raises(KeyError):
        code_of("synth.compare.training:nothing_here")


def test_more_words_cost_more() -> None:
    small = prior_code(PROGRAM)
    large = prior_code(replace(PROGRAM, words=lambda: CORE))
    assert small is not None
    assert large is not None
    assert len(large.tokens) > 3 * len(small.tokens)
    assert prior_code(SMALL.learner("oracle")) is None
    assert token_bits([]) == (0, 1.0)


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.5, 20))
def test_an_example_costs_less_where_more_are_right(right: int, more: int, uniform: float) -> None:
    total = right + more + 1
    worse, better = example_bits(Count(right, total), uniform), example_bits(Count(total, total), uniform)
    assert better > 0
    assert better <= worse or (right + 1) / (total + 2) < 0.5
    assert worse <= uniform + 1, "saying whether it is right costs at most one bit"


def test_a_prequential_code_by_hand() -> None:
    assert prequential_bits({}, 2.0, 10) == 20.0
    assert prequential_bits({4: 0.5}, 2.0, 10) == 4 * 2.0 + 6 * 0.5
    assert prequential_bits({4: 9.0}, 2.0, 10) == 20.0, "a model that is worse than none is not asked"
    assert prequential_bits({4: 0.5, 10: 0.1}, 2.0, 10) == 11.0, "nothing is left for the last"


def test_every_learner_has_a_price() -> None:
    ledger = evidence(honest_runs()).ledger
    assert ledger is not None
    prices = {(price.task, price.learner): price for price in ledger.prices}
    assert set(prices) == {(task, learner) for task in EFFORT.tasks for learner in ("program", "gru")}
    program, net = prices["backwards", "program"], prices["backwards", "gru"]
    assert program.solution == 10.0
    assert program.prior is not None
    assert net.prior is not None
    assert program.total == pytest.approx(program.prior + 10.0)
    assert net.examples == EFFORT.batch * 12, "fresh batches are counted as seen"
    assert net.total is None, "without sizes there is no prequential code"
    assert net.prior == pytest.approx(ledger.token_cost * len(prior_code(SMALL.learner("gru")).tokens))  # type: ignore[union-attr]


def test_sizes_give_a_prequential_code() -> None:
    protocol = replace(SMALL, example_bits=MappingProxyType({"backwards": 6.0}))
    effort = replace(EFFORT, tasks=("backwards",), sizes=MappingProxyType({"gru": (10, 100)}))
    shares = {10: 0.0, 100: 1.0}
    runs = [
        replace(made_run("backwards", "gru", 0, lambda n, share=share: share), size=size)  # type: ignore[misc]
        for size, share in shares.items()
    ]
    prices = ledger_of(analyse(protocol, effort, range(1), runs)).prices
    assert prices[0].prequential == pytest.approx(600.0), "what was learned from 10 helps nobody, and 100 are all"
    told = ledger_of(analyse(protocol, effort, range(1), [replace(run, code_bits=1.0) for run in runs])).prices
    assert told[0].prequential == pytest.approx(10 * 6.0 + 90 * 1.0)


def test_bars_say_in_words_what_they_show() -> None:
    (drawn,) = ledger_bars(evidence(honest_runs()).analysis)
    assert "learned program on backwards: prior" in drawn.alt
    assert drawn.svg() == drawn.svg(), "the same each time"
    assert drawn.png().startswith(b"\x89PNG")
    assert drawn.data_uri().startswith("data:image/svg+xml;base64,")


def test_bars_are_named_in_each_panel_that_differs_from_the_one_before() -> None:
    def named(runs: list[Run]) -> list[bool]:
        (drawn,) = ledger_bars(evidence(runs).analysis)
        return [any(label.get_text() for label in panel.get_yticklabels()) for panel in drawn.figure.axes]

    assert named(honest_runs()) == [True, False]
    assert named([r for r in honest_runs() if (r.task, r.learner) != ("backwards", "gru")]) == [True, True]


# ---- Ablations ------------------------------------------------------------------------------------------------------


def test_each_word_is_left_out_once() -> None:
    left = dict(leave_one_out(PLAIN))
    assert set(left) == {word.name for word in PLAIN.vocabulary}
    assert all(name not in library and len(library) == len(PLAIN) - 1 for name, library in left.items())


@pytest.mark.parametrize("times", [1, 3, 10])
def test_decoys_are_so_many_times_as_many_and_the_same_each_time(times: int) -> None:
    made = with_decoys(PLAIN, times, seed=0)
    assert len(made) == len(PLAIN) * (times + 1)
    again = with_decoys(PLAIN, times, seed=0)
    assert [(word.name, word.type) for word in made] == [(word.name, word.type) for word in again]
    assert made.digest() == again.digest()


@given(st.integers(-(2**63), 2**63 - 1), st.lists(st.integers(-100, 100), max_size=6), st.booleans())
def test_decoys_are_total_and_well_typed(number: int, items: list[int], truth: bool) -> None:
    given_to = {"int": number, "bool": truth, "list[int]": tuple(items)}
    for word in (word for word in with_decoys(PLAIN, 1, seed=3) if word.name.startswith("decoy.")):
        value = word.function(*(given_to[show_type(kind)] for kind in word.type.parameters))  # type: ignore[union-attr]
        kind = show_type(word.type.result)  # type: ignore[union-attr]
        assert type(value) is {"int": int, "bool": bool, "list[int]": tuple}[kind]
        if isinstance(value, tuple):
            assert all(type(item) is int for item in value)


def test_variants_share_all_but_the_words() -> None:
    variants = ablation_learners(PROGRAM, without=("list.fold",), decoys=(2,), tiers=(("T1", lambda: CORE),))
    assert [one.name for one in variants] == ["program_tier_T1", "program_without_list_fold", "program_decoys_2"]
    assert all(one.ablates == "program" for one in variants)
    sizes = [len(one.words()) for one in variants if one.words is not None]
    assert sizes == [len(CORE), len(PLAIN) - 1, 3 * len(PLAIN)]
    assert math.isclose(sum(sizes), len(CORE) + 4 * len(PLAIN) - 1)
