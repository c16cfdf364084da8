"""Case splits: trees of `if`s over terms that are right on some rows only; one learner for all domains."""

from synth.search.cases.learn import CaseTree, Learned, alternatives, learn_cases
from synth.search.cases.problem import Branch, CaseProblem, Leaf, Tree, case_problem, misses, packed_rows, tree_bits
from synth.search.cases.tables import Keys, LearnedTable, Table, learn_table, with_table
from synth.search.cases.worth import listing_bits

__all__ = [
    "Branch",
    "CaseProblem",
    "CaseTree",
    "Keys",
    "Leaf",
    "Learned",
    "LearnedTable",
    "Table",
    "Tree",
    "alternatives",
    "case_problem",
    "learn_cases",
    "learn_table",
    "listing_bits",
    "misses",
    "packed_rows",
    "tree_bits",
    "with_table",
]
