"""The fairness rules that code can check, in the order of their numbers.

They look at the records of the runs, not at the code that made them: a record that was tampered with, or a runner that
cheats, shows. A rule that fails is printed in the report; it does not stop it.
"""

from __future__ import annotations

from synth.compare.rules.evidence import Evidence, Rule, RuleResult
from synth.compare.rules.of_data import (
    disjoint_tests,
    format_parity,
    frozen_before,
    no_direct_hits,
    no_readers,
    queries_equal,
    same_data,
)
from synth.compare.rules.of_learners import (
    budgets_counted,
    compute_shown,
    equal_tuning,
    nets_fit,
    prior_priced,
    same_prior_offered,
    two_checkpoints,
)
from synth.compare.rules.of_results import (
    ENOUGH_SEEDS,
    careful_words,
    failures_count,
    forbidden_words,
    intervals,
    negative_results,
    nets_may_win,
    one_input_space,
    reproducible,
    seeds_differ,
)

__all__ = ["ENOUGH_SEEDS", "RULES", "Evidence", "Rule", "RuleResult", "check_rules", "forbidden_words"]

RULES: tuple[Rule, ...] = (
    same_data,
    disjoint_tests,
    frozen_before,
    equal_tuning,
    two_checkpoints,
    nets_fit,
    compute_shown,
    same_prior_offered,
    prior_priced,
    no_direct_hits,
    failures_count,
    seeds_differ,
    intervals,
    format_parity,
    nets_may_win,
    one_input_space,
    no_readers,
    careful_words,
    reproducible,
    negative_results,
    queries_equal,
    budgets_counted,
)
"""F1 to F22."""


def check_rules(evidence: Evidence) -> tuple[RuleResult, ...]:
    """All rules, in the order of their numbers."""
    return tuple(rule(evidence) for rule in RULES)
