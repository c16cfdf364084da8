"""What is expected of the protocol `samples`, what is compared, and what may be held against it: written beforehand."""

from __future__ import annotations

from types import MappingProxyType

from synth.compare.protocol import Contest, Prediction, Tuning
from synth.compare.samples.block import BLOCK
from synth.compare.samples.source import INSIDE, LONGER

__all__ = ["CONTESTS", "HEADLINE", "PREDICTIONS", "THREATS", "TUNING"]

HEADLINE = ("sort", "drop_duplicates")
"""Tasks of `quick` and `standard`."""

_NETS = ("gru", "transformer")
PREDICTIONS = (
    Prediction(
        "drop_duplicates", "program", INSIDE, "two words say it, and ten examples rule cheaper ones out", 0.9, size=10
    ),
    Prediction("drop_duplicates", "program", LONGER, "a rule does not ask how long a list is", 0.9, size=10),
    Prediction(
        "drop_duplicates", "program_plain", INSIDE, "a fold in a fold: long for this search", None, 0.5, size=10
    ),
    Prediction("sort", "program", INSIDE, "without the word, sorting is long for this search", None, 0.1, size=10),
    Prediction("sort", "program_plain", INSIDE, "a fold in a fold: long for this search", None, 0.1, size=10),
    *(
        Prediction(task, net, INSIDE, "ten examples say little to who has no words", None, 0.1, size=10)
        for task in HEADLINE
        for net in _NETS
    ),
    Prediction("sort", "transformer", INSIDE, "a net's win: attention counts digits", 0.9, size=1_000),
    Prediction("sort", "transformer", LONGER, "positions it has not met", None, 0.1, size=10_000),
    Prediction("sort", "gru", INSIDE, "a net's win, with ten times the examples", 0.9, size=10_000),
    Prediction("sort", "gru", LONGER, "a state of fixed size", None, 0.2, size=10_000),
    Prediction("drop_duplicates", "transformer", INSIDE, "a thousand are too few", None, 0.8, size=1_000),
    Prediction("drop_duplicates", "gru", INSIDE, "a thousand are too few", None, 0.8, size=1_000),
    Prediction("drop_duplicates", "transformer", LONGER, "positions it has not met", None, 0.1, size=10_000),
    Prediction("drop_duplicates", "gru", LONGER, "a state of fixed size", None, 0.2, size=10_000),
    *(
        Prediction(task, "in_context", INSIDE, "near to what it was trained on, but not that", None, 0.5, size=10)
        for task in HEADLINE
    ),
    *(
        Prediction(task, "in_context", LONGER, "it saw few lists of such lengths", None, 0.1, size=10)
        for task in HEADLINE
    ),
    Prediction("sort", "nearest", INSIDE, "no two lists are near enough", None, 0.2, size=1_000),
    Prediction(BLOCK, "program", INSIDE, "most of these functions are a few words long", 0.8, size=10),
)

CONTESTS = (
    *(Contest("drop_duplicates", "program", net, INSIDE, 10, size) for net in _NETS for size in (10, 1_000)),
    *(Contest("sort", "program", net, INSIDE, 10, 1_000) for net in _NETS),
    *(Contest("drop_duplicates", "program", net, LONGER, 10, 1_000) for net in _NETS),
)

THREATS = (
    "Words: the program side starts with words, from fifteen to all core ones. That is prior knowledge which these "
    "nets do not get, but for the in-context Transformer, which was trained on tasks drawn from all core words: at "
    "equal numbers of examples, read the comparison with the others as programs with words against nets without.",
    "Whose tasks: the twelve are ours, and most have short programs. The outside block answers that in part: some of "
    "its functions were looked at while the search was built, and no word or weight was made for one of them.",
    "Forbidden words: which words count as the answer itself is our choice; what is left may still be close "
    "(`map(head, gather(xs))` drops duplicates). The row with plain words shows the other end.",
    "Even sampling of lengths: one example in nine is a list of one item, which says little. All learners have the "
    "same ones, and three examples of which two are short are unidentifiable for everyone.",
    "Time-outs: a search that ends with its budget counts as wrong, which cuts long programs off: within the budget, "
    "`sort` without its word is one of them.",
    "A net is called trained where it fits its own examples; the share held out, a tenth, is not among these.",
    "No augmentation: nets get the examples as they are. For tasks that treat digits alike, renaming them would be "
    "free data.",
    "Chained inputs come from one other task's solution, so this asks what becomes of other inputs, not whether two "
    "learned things fit together.",
    "Tests stay away from the first 100,000 inputs of a seed, which is every short list: test lists inside the range "
    "are four to ten items long.",
    "Boosted trees see a list padded to ten places, one classifier a slot, and have no answer to longer lists.",
    "Three text tasks of the design are done on lists of digits, since the language has few words on texts.",
)

TUNING = Tuning(
    "Nets: learning rates and batch are those of `length`; weight decay and steps were tried on seed 100, which is not "
    "reported, on the first two tasks. In-context net: one setting. Programs: none, the search as it is shipped; it "
    "was run once on all tasks on seed 100, and on seeds 101 and 102 for one, to know what to expect. Predictions were "
    "written down after that and before any reported seed was run.",
    MappingProxyType({"net": 6, "same-prior net": 1, "program": 1}),
)
