"""Case splits: trees of `if`s over terms that are right on some rows only; one learner for all domains."""

from synth.search.cases.learn import CaseTree, Learned, alternatives, learn_cases, leave_one_out
from synth.search.cases.problem import Branch, CaseProblem, Leaf, Tree, case_problem, misses, tree_bits
from synth.search.cases.worth import listing_bits

__all__ = [
    "Branch",
    "CaseProblem",
    "CaseTree",
    "Leaf",
    "Learned",
    "Tree",
    "alternatives",
    "case_problem",
    "learn_cases",
    "leave_one_out",
    "listing_bits",
    "misses",
    "tree_bits",
]
