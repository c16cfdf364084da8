"""Programs a CPU-second: our search, the naive enumerator and loops by hand, on the same words and examples."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from dsl.type_system import INT
from synth.benchmark.adapter import banked_pairs, banking_search, make_ready
from synth.benchmark.measure import Figure, Sample, alternate, figure_of, ratio_of, timed
from synth.benchmark.naive import Naive, columns_of
from synth.benchmark.result import PartResult, Target
from synth.benchmark.settings import Settings
from synth.benchmark.workloads import INTS, boxed_domain, boxed_lists, dense_columns, list_columns
from synth.budget import Budget, StopReason
from synth.solver import Solver
from tasks.task import Spec

__all__ = ["measure_boxed", "measure_dense", "measure_lists"]


def measure_lists(settings: Settings) -> PartResult:
    """Built-in list words: against the naive enumerator, and one production against a loop by hand."""
    figures = _against_naive(list_columns(), settings, settings.most_lists)
    by_hand = _against_loops(settings)
    ratios = [figure for name, figure in by_hand.items() if name.startswith("ratio")]
    return PartResult(
        "list_columns",
        {**figures, "ratio_handwritten": min(ratios, key=lambda f: f.value), **by_hand},
        {"ratio_handwritten": Target(0.5), "ratio_naive": Target(5)},
    )


def measure_dense(settings: Settings) -> PartResult:
    """Arithmetic and comparison on ints and bools."""
    figures = _against_naive(dense_columns(), settings, settings.most_dense)
    return PartResult("dense_columns", figures, {"ratio_naive": Target(30)})


def measure_boxed(settings: Settings) -> PartResult:
    """A user's own Python words, on lists and on a domain's type; the smaller ratio counts."""
    lists = _against_naive(boxed_lists(), settings, settings.most_lists)
    domain = _against_naive(boxed_domain(), settings, settings.most_lists)
    lower = min((lists, domain), key=lambda figures: figures["ratio_naive"].value)
    apart = {f"{name}_{kind}": f for kind, found in (("lists", lists), ("domain", domain)) for name, f in found.items()}
    return PartResult("boxed_columns", {**lower, **apart}, {"ratio_naive": Target(1)})


def _against_naive(spec: Spec, settings: Settings, most: int) -> dict[str, Figure]:
    """Both searches for the same CPU time, set-up included, every program checked for being new."""
    make_ready(spec.library)
    budget = Budget(evaluations=most, seconds=settings.seconds)
    samples = alternate(
        {"ours": _turn(banking_search(), spec, budget), "naive": _turn(Naive(), spec, budget)}, settings.repeats
    )
    return {
        "programs_per_cpu_second": figure_of([s.rate for s in samples["ours"]]),
        "naive_programs_per_cpu_second": figure_of([s.rate for s in samples["naive"]]),
        "ratio_naive": ratio_of(samples["ours"], samples["naive"]),
    }


def _turn(solver: Solver, spec: Spec, budget: Budget) -> Callable[[], Sample]:
    def work() -> int:
        answer = solver.solve(spec, budget, rng=random.Random(0))
        if answer.stop is StopReason.INTERRUPTED:
            raise KeyboardInterrupt
        assert answer.program is None, "no program of these words meets the examples"
        return answer.evaluations

    return lambda: timed(work)


def _against_loops(settings: Settings) -> dict[str, Figure]:
    """`concat`, whose results are nearly all new, and `take`, whose results nearly all are known."""
    from synth.benchmark.handwritten import concat_all, flat_lists, take_all  # compiles; only this part needs it

    spec, side = list_columns(), settings.side
    lists = columns_of(spec, INTS, 100 * side)[:side]
    counts = columns_of(spec, INT, 100 * side)[:side]
    flat = flat_lists(lists)
    loops: Mapping[str, Callable[[], int]] = {
        "concat": lambda: concat_all(flat, flat),
        "take": lambda: take_all(counts, flat),
    }
    paths: Mapping[str, Callable[[], Callable[[], int]]] = {
        "concat": lambda: banked_pairs(spec, "list.concat", (INTS, INTS), (lists, lists)),
        "take": lambda: banked_pairs(spec, "list.take", (INT, INTS), (counts, lists)),
    }
    pairs = {"concat": len(lists) * len(lists), "take": len(counts) * len(lists)}
    figures: dict[str, Figure] = {}
    for word, loop in loops.items():
        assert loop() == paths[word]()(), f"loop and engine disagree about how many columns {word} gives"
        contestants = {
            "ours": lambda path=paths[word], n=pairs[word]: _pairs_in(path(), n),
            "loop": lambda loop=loop, n=pairs[word]: _pairs_in(loop, n),
        }
        samples = alternate(contestants, settings.repeats, warm_up=False)
        figures[f"pairs_per_cpu_second_{word}"] = figure_of([s.rate for s in samples["ours"]])
        figures[f"handwritten_pairs_per_cpu_second_{word}"] = figure_of([s.rate for s in samples["loop"]])
        figures[f"ratio_handwritten_{word}"] = ratio_of(samples["ours"], samples["loop"])
    return figures


def _pairs_in(work: Callable[[], int], pairs: int) -> Sample:
    """The time of some work that goes over so many argument pairs."""
    return Sample(pairs, timed(work).seconds)
