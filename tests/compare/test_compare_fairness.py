"""Every fairness rule passes on an honest comparison and fails on a doctored one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from small_protocol import SMALL, evidence, falls_after, honest_runs, made_run

from synth.compare.analysis import analyse
from synth.compare.fairness import RULES, Evidence, RuleResult, check_rules, forbidden_words
from synth.compare.ledger import ledger_of
from synth.compare.metrics import Count, Estimate
from synth.compare.protocol import Learner, Tuning
from synth.compare.records import DataUsed, Run
from synth.compare.verdicts import PRIOR_NOT_CONTROLLED

Doctor = Callable[[list[Run]], list[Run]]


def rule(found: Evidence, number: str) -> RuleResult:
    return next(result for result in check_rules(found) if result.number == number)


def change(**changes: object) -> Doctor:
    """Change the first program's run."""
    return lambda runs: [replace(runs[0], **changes), *runs[1:]]  # type: ignore[arg-type]


def change_net(**changes: object) -> Doctor:
    """Change the first net's run."""
    return lambda runs: [runs[0], replace(runs[1], **changes), *runs[2:]]  # type: ignore[arg-type]


def data(run: Run, **changes: object) -> DataUsed:
    assert run.data is not None
    return replace(run.data, **changes)  # type: ignore[arg-type]


HONEST = honest_runs()
PROGRAM, NET = HONEST[0], HONEST[1]


def with_overlap(run: Run) -> Run:
    return replace(run, scores=(*run.scores[:-1], replace(run.scores[-1], overlap=3)))


def with_too_many(run: Run) -> Run:
    return replace(run, scores=(replace(run.scores[0], removed=5), *run.scores[1:]))


DOCTORED: list[tuple[str, str, Doctor]] = [
    ("F1", "different test sets", change(data=data(PROGRAM, tested_on="another"))),
    ("F1", "2 different sets of fresh batches", lambda runs: [*runs, second_net("other batches")]),
    ("F1", "records no data", change(data=None)),
    ("F2", "met in training", lambda runs: [runs[0], with_overlap(runs[1]), *runs[2:]]),
    ("F2", "of which there are 2", lambda runs: [with_too_many(runs[0]), *runs[1:]]),
    ("F2", "was tested on what it learned from", change(data=DataUsed("same", 5, "same"))),
    ("F5", "has no second checkpoint", change_net(peeked=())),
    ("F5", "worse than the chosen one", change_net(peeked=made_run("last_bit", "gru", 0, falls_after(4)).scores)),
    ("F7", "reports 100.0 CPU-s, the system counted 2.0", change(cpu_seconds=100.0)),
    ("F7", "does not say what that took", change_net(data=data(NET, prepared_on=1_000))),
    ("F14", "2 different forms of data", change(data=data(PROGRAM, encoding="pictures"))),
    ("F14", "does not record the form", change(data=data(PROGRAM, encoding=""))),
    ("F11", "diverged: the loss is nan", change_net(outcome="diverged", message="the loss is nan", scores=())),
    ("F6", "is under-trained (0.50", change_net(fit=Count(500, 1000), outcome="under-trained")),
    ("F6", "is called trained at 0.50", change_net(fit=Count(500, 1000))),
    ("F6", "records no training accuracy", change_net(fit=None)),
    ("F10", "one word solves the task", change(direct_hit=True)),
    ("F10", "uses list.sort", change(words=("list.sort",))),
    ("F11", "has 2 runs", lambda runs: [*runs, runs[0]]),
    ("F11", "1 of 50 planned runs are missing", lambda runs: runs[1:]),
    ("F11", "is called correct", change(scores=made_run("last_bit", "program", 0, falls_after(4)).scores)),
    ("F11", "has no result, yet right answers", change(outcome="no program in time")),
    ("F11", "crashed: out of memory", change(outcome="crash", message="out of memory", scores=())),
    ("F12", "seeds 1, 2, 3, 4 of 0, 1, 2, 3, 4", lambda runs: runs[1:]),
    ("F12", "two seeds learned from the same data", lambda runs: [runs[0], *same_data(runs)]),
    ("F19", "of another manifest", change(manifest="another")),
    ("F19", "ran on 8 threads", change(threads=8)),
    ("F21", "was given 200 test inputs", change(data=data(PROGRAM, queries=200))),
    ("F22", "reports no CPU-seconds", change(cpu_seconds=0.0)),
    ("F22", "reports no evaluations", change(evaluations=None)),
    ("F22", "did 5,000 evaluations of 1,000", change(evaluations=5_000)),
    ("F22", "took 99 steps of 12", change_net(steps=99)),
]


def second_net(batches: str) -> Run:
    return replace(NET, learner="other", data=data(NET, learned_from=batches))


def same_data(runs: list[Run]) -> list[Run]:
    """All but the first; the second seed's program has the first's pairs."""
    assert runs[0].data is not None
    first = runs[0].data
    twin = next(run for run in runs if run.key == ("last_bit", "program", 1, None))
    return [replace(twin, data=data(twin, learned_from=first.learned_from)) if r is twin else r for r in runs[1:]]


def test_an_honest_comparison_keeps_all_rules() -> None:
    results = check_rules(evidence(HONEST))
    assert [result.number for result in results] == [f"F{number}" for number in range(1, 23)]
    assert not [result for result in results if not result.passed]
    assert all(result.why for result in results)
    assert len(RULES) == len(results)


@pytest.mark.parametrize(("number", "why", "doctor"), DOCTORED)
def test_a_doctored_record_breaks_its_rule(number: str, why: str, doctor: Doctor) -> None:
    runs = doctor(list(HONEST))
    found = evidence(runs)
    if any(run.learner == "other" for run in runs):
        effort = replace(found.analysis.effort, learners=())
        found = replace(found, analysis=analyse(SMALL, effort, range(5), runs))
    result = rule(found, number)
    assert not result.passed
    assert why in result.why


def test_too_few_seeds_are_no_evidence() -> None:
    result = rule(evidence(honest_runs(2), seeds=2), "F12")
    assert not result.passed
    assert "2 seeds, fewer than 5" in result.why


def test_a_number_without_an_interval_breaks_f13() -> None:
    found = evidence(HONEST)
    found.analysis.rows[0]._known[(8,)] = Estimate(0.5, 0.6, 0.7, 5, "made up")
    assert "without a proper interval" in rule(found, "F13").why


def test_an_uncorrected_p_breaks_f13() -> None:
    found = evidence(HONEST)
    judged = found.analysis.contests[0]
    assert judged.result is not None
    doctored = replace(judged, result=replace(judged.result, p_holm=None))
    analysis = replace(found.analysis, contests=(doctored, *found.analysis.contests[1:]))
    assert "without Holm's correction" in rule(replace(found, analysis=analysis), "F13").why


@pytest.mark.parametrize(
    "text",
    ["nets cannot count", "It CAN'T", "this proves it", "they never will", "impossible", "always right", "unable to"],
)
def test_words_that_claim_too_much_break_f18(text: str) -> None:
    assert forbidden_words(text)
    found = evidence(HONEST)
    assert not rule(replace(found, prose=(*found.prose, text)), "F18").passed


def test_prose_without_a_budget_breaks_f18() -> None:
    assert "no sentence names the budget" in rule(replace(evidence(HONEST), prose=("All is well.",)), "F18").why


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"command": ""}, "command"),
        ({"versions": {"python": "3"}}, "version of torch"),
        ({"hashes": {}}, "hash of code"),
        ({"machine": {}}, "processor"),
    ],
)
def test_an_incomplete_manifest_breaks_f19(changes: dict[str, object], why: str) -> None:
    found = evidence(HONEST)
    result = rule(replace(found, manifest=replace(found.manifest, **changes)), "F19")  # type: ignore[arg-type]
    assert not result.passed
    assert why in result.why


def test_a_transductive_protocol_wants_queries_for_all() -> None:
    found = evidence(HONEST)
    analysis = replace(found.analysis, protocol=replace(SMALL, transductive=True))
    assert "was not given the test inputs" in rule(replace(found, analysis=analysis), "F21").why


def with_protocol(**changes: object) -> Evidence:
    """Honest evidence about a protocol with something changed."""
    found = evidence(HONEST)
    analysis = analyse(replace(SMALL, **changes), found.analysis.effort, range(5), HONEST)  # type: ignore[arg-type]
    return replace(found, analysis=analysis, ledger=ledger_of(analysis))


def test_a_development_task_is_not_reported() -> None:
    found = with_protocol(development=("backwards",))
    assert "backwards is a development task" in rule(found, "F3").why


def test_the_program_side_is_not_tuned_more_than_nets() -> None:
    assert (
        "7 configurations were tried for the program"
        in rule(with_protocol(tuning=Tuning("by hand", {"net": 3, "program": 7})), "F4").why
    )
    assert "not said how many" in rule(with_protocol(tuning=Tuning("by hand", {"net": 3})), "F4").why


def test_a_prior_that_is_not_controlled_is_said_or_the_rule_fails() -> None:
    found = evidence(HONEST)
    assert rule(found, "F8").passed
    silent = tuple(text for text in found.prose if text != PRIOR_NOT_CONTROLLED)
    assert not rule(replace(found, prose=silent), "F8").passed


def test_words_are_to_be_varied_and_priced() -> None:
    found = evidence([run for run in HONEST if run.learner != "program_decoys_1"])
    assert "no ablation of its words" in rule(found, "F9").why
    assert "the prior of GRU has no price" in rule(with_protocol(learners=without_code()), "F9").why


def without_code() -> tuple[Learner, ...]:
    return tuple(replace(one, code=()) for one in SMALL.learners)


def test_a_place_for_a_net_to_win_and_a_control_are_wanted() -> None:
    losing = tuple(p for p in SMALL.predictions if not (p.learner == "gru" and p.does_well))
    assert "no net is expected to do well" in rule(with_protocol(predictions=losing), "F15").why
    assert "there is no control" in rule(with_protocol(tasks=SMALL.tasks[:2]), "F15").why


def test_robustness_is_compared_within_one_input_space() -> None:
    attacked = replace(SMALL.axis, attack=True)
    result = rule(with_protocol(axis=attacked, tasks=tuple(replace(t, input_space="") for t in SMALL.tasks)), "F16")
    assert "last_bit does not say what its inputs are" in result.why
    assert "last_bit: no adaptive attack" in result.why
    both = tuple(replace(task, attacks=("adaptive", "black box")) for task in SMALL.tasks)
    assert rule(with_protocol(axis=attacked, tasks=both), "F16").passed


def test_a_reader_of_public_tasks_takes_no_part() -> None:
    readers = tuple(replace(one, language_model=one.name == "program") for one in SMALL.learners)
    public = tuple(replace(task, public=True, author="others") for task in SMALL.tasks)
    assert "may have read last_bit" in rule(with_protocol(learners=readers, tasks=public), "F17").why
    renamed = tuple(replace(task, renamed=True) for task in public)
    assert rule(with_protocol(learners=readers, tasks=renamed), "F17").passed


def test_a_failed_prediction_that_is_not_told_breaks_f20() -> None:
    runs = [made_run(r.task, "gru", r.seed) if r.key[:2] == ("backwards", "gru") else r for r in HONEST]
    found = evidence(runs)
    assert rule(found, "F20").passed
    assert "is not told" in rule(replace(found, prose=(found.prose[3],)), "F20").why
    assert "nothing was predicted" in rule(with_protocol(predictions=()), "F20").why


def test_who_diverged_counts_as_wrong() -> None:
    runs = [
        replace(r, outcome="diverged", scores=(), peeked=()) if r.key == ("last_bit", "gru", 0, None) else r
        for r in HONEST
    ]
    row = evidence(runs).analysis.row("last_bit", "gru")
    assert row is not None
    assert row.by_point[12].value == 0.8, "four seeds of five are right"
    assert row.coverage.value == 0.8
    assert not row.trained
