"""What protocol `length` expects, written down before its reported seeds were run, and what it compares."""

from __future__ import annotations

from synth.compare.protocol import Contest, Prediction

__all__ = ["CONTESTS", "PREDICTIONS"]

_UNMET = "positions it has not met"
_FULL = "a state of fixed size holds so many items and no more"
_LONG = "longer in these words than the search gets"

PREDICTIONS = (
    Prediction("parity", "program", 100, "a fold of two states is short enough to find", at_least=0.9),
    Prediction("parity", "gru", 100, "a net's win: recurrent nets learn regular languages", at_least=0.9),
    Prediction("parity", "lstm", 100, "a net's win: recurrent nets learn regular languages", at_least=0.9),
    Prediction("parity", "transformer_sinusoidal", 40, _UNMET, at_most=0.7),
    Prediction("parity", "transformer_nope", 100, "counting by attention blurs", at_most=0.7),
    Prediction("parity", "in_context", 20, "eight bits tell little, and lists of such lengths were few", at_most=0.7),
    Prediction("reverse", "in_context", 20, "lists of such lengths were few in its training", at_most=0.1),
    Prediction("even_pairs", "program", 100, "the first item and the last: short", at_least=0.8),
    Prediction("even_pairs", "gru", 100, "a net's win: recurrent nets learn regular languages", at_least=0.9),
    Prediction("cycle_navigation", "program", 100, f"steps modulo five without remainders: {_LONG}", at_most=0.5),
    Prediction("cycle_navigation", "gru", 100, "a net's win, where no program is expected", at_least=0.5),
    Prediction("cycle_navigation", "transformer_nope", 100, "counting by attention blurs", at_most=0.5),
    Prediction("modular_arithmetic", "program", 100, f"two sums and a sign to remember: {_LONG}", at_most=0.5),
    Prediction("modular_arithmetic", "lstm", 20, "a net's win: fifty states are not many", at_least=0.5),
    Prediction("reverse", "program", 100, "a fold that builds from the front", at_least=0.9),
    Prediction("reverse", "gru", 20, _FULL, at_most=0.1),
    Prediction("reverse", "lstm", 20, _FULL, at_most=0.1),
    Prediction("reverse", "transformer_sinusoidal", 11, _UNMET, at_most=0.1),
    Prediction("reverse", "transformer_nope", 20, "the best position code, but only somewhat longer", at_most=0.5),
    Prediction("reverse", "stack_rnn", 40, "a net's win: a stack is what reverse needs", at_least=0.5),
    Prediction("stack_manipulation", "program", 100, f"a fold with two conditions: {_LONG}", at_most=0.5),
    Prediction("stack_manipulation", "stack_rnn", 40, "a net's win: a stack is what it needs", at_least=0.5),
    Prediction("bracketed_arithmetic", "program", 100, f"a stack of signs: {_LONG}", at_most=0.5),
    Prediction("bracketed_arithmetic", "gru", 100, "a state of fixed size under deep brackets", at_most=0.6),
    Prediction("duplicate_string", "program", 100, "a fold that goes on where the list ends", at_least=0.9),
    Prediction("duplicate_string", "gru", 20, _FULL, at_most=0.1),
    Prediction("duplicate_string", "transformer_sinusoidal", 11, _UNMET, at_most=0.1),
    Prediction("odds_first", "program", 100, "several folds in one another: long for this search", at_most=0.5),
    Prediction("odds_first", "gru", 20, _FULL, at_most=0.1),
    Prediction("odds_first", "transformer_sinusoidal", 11, _UNMET, at_most=0.1),
    Prediction("binary_addition", "program", 100, f"two lists at once and a carry: {_LONG}", at_most=0.5),
    Prediction("binary_addition", "gru", 40, _FULL, at_most=0.1),
    Prediction("bucket_sort", "program", 100, f"a fold in a fold: {_LONG}", at_most=0.5),
    Prediction("bucket_sort", "gru", 40, "five counts blur in a state that was trained on ten items", at_most=0.5),
    Prediction("bucket_sort", "transformer_sinusoidal", 15, _UNMET, at_most=0.1),
    Prediction("keep_greater_than_first", "program", 100, "a fold with a condition", at_least=0.9),
    Prediction("keep_greater_than_first", "gru", 40, "a state of fixed size", at_most=0.5),
)

CONTESTS = tuple(
    Contest(task, "program", net, 40)
    for task in ("parity", "reverse", "keep_greater_than_first")
    for net in ("gru", "transformer_sinusoidal")
)
