"""Why a search found nothing, as lines for people: what it saw, what came near, what stands in the way, what to try.

Everything here is computed from a report alone, so the text is the same wherever the search ran.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence

from synth.attempt import Blame, Missed, NearReport, TaskReport
from synth.budget import StopReason
from synth.report.task_text import Line, share, times
from synth.solver import Explanation, LevelShare

__all__ = ["suggestions", "why_lines"]

_NEAREST, _MISSED_SHOWN, _LEVELS_SHOWN, _WORDS_SHOWN = 3, 3, 3, 8
_LEAST_USELESS = 3
"""Fewer words without use than this are not worth a `forbid` line."""
_NO_EXPLANATION = Explanation()


def why_lines(report: TaskReport) -> Iterator[Line]:
    """What there is to say about an attempt beyond its own block; for a solved task only what is wrong with words."""
    found = report.explanation or _NO_EXPLANATION
    if not report.fits:
        yield from _block("seen", _seen(found))
        yield from _block("near", _near(report))
        yield from _block("types", _named("never reached: ", found.unreached_types))
        yield from _block("words", _named("never useful: ", found.useless_words))
        yield from _block("work", _counts(found))
    yield from _block("faults", (f"{word} broke its own declaration {times(n)}" for word, n in found.faults.items()))
    yield from _block("slow", (f"{word} takes {seconds:.1f} s a call" for word, seconds in found.slow.items()))
    yield from _block("try", suggestions(report))


def _block(label: str, texts: Iterable[str]) -> Iterator[Line]:
    for number, text in enumerate(texts):
        yield Line(f"    {'' if number else label:<8}{text}")


def _seen(found: Explanation) -> Iterator[str]:
    if found.space_seen is not None:
        yield f"{share(found.space_seen)} of the probability of all programs"
    for level in found.levels[-_LEVELS_SHOWN:]:
        yield f"{level.bits:.1f} bits: {level.programs:,} programs, {'all there are' if level.complete else 'not all'}"


def _near(report: TaskReport) -> Iterator[str]:
    for near in report.near[:_NEAREST]:
        yield f"{near.text}  (right on {len(near.right)} of {report.examples[1]}, {near.bits:.1f} bits)"
        yield from (f"  {_missed(m)}" for m in near.missed[:_MISSED_SHOWN])
        if len(near.missed) > _MISSED_SHOWN:
            yield f"  and {len(near.missed) - _MISSED_SHOWN} more"


def _missed(missed: Missed) -> str:
    given = f"for {missed.given} " if missed.given else ""
    return f"example {missed.example + 1}: {given}wanted {missed.wanted}, got {missed.got}"


def _named(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - _WORDS_SHOWN} more" if len(names) > _WORDS_SHOWN else ""
        yield f"{what}{', '.join(names[:_WORDS_SHOWN])}{more}"


def _counts(found: Explanation) -> Iterator[str]:
    if found.counts:
        yield ", ".join(f"{count:,} {name}" for name, count in found.counts.items())


# ---- what to try --------------------------------------------------------------------------------------------------


def suggestions(report: TaskReport) -> tuple[str, ...]:
    """What to try next, most promising first: the search's own advice, then what the report shows."""
    if report.blame is Blame.BUG or report.status not in {stop.value for stop in StopReason}:
        return ()
    found = report.explanation or _NO_EXPLANATION
    own = () if report.fits else (*found.suggestions, *_odd_example(report), *_by_stop(report, found))
    return tuple(dict.fromkeys((*own, *_mend(found))))


def _odd_example(report: TaskReport) -> Iterator[str]:
    """One example that alone stands between all of the nearest programs and a solution."""
    most = max((len(near.right) for near in report.near), default=0)
    wrong = {_wrong(near, report.examples[1]) for near in report.near if len(near.right) == most}
    if len(wrong) == 1 and most == report.examples[1] - 1 and most >= 2:
        number = wrong.pop()[0] + 1
        yield f"look at example {number} again, or leave it out: the nearest programs fail only there"


def _wrong(near: NearReport, examples: int) -> tuple[int, ...]:
    return tuple(n for n in range(examples) if n not in near.right)


def _by_stop(report: TaskReport, found: Explanation) -> Iterator[str]:
    match StopReason(report.status):
        case StopReason.EVALUATIONS | StopReason.SECONDS:
            yield from _more_budget(report, found)
            yield from _fewer_words(found)
        case StopReason.MEMORY:
            yield "more room: a larger --memory"
            yield from _fewer_words(found)
        case StopReason.EXHAUSTED:
            yield "more words (--with FILE.py, --library FILE.syn), or fewer `uses` and `forbid` lines"
        case StopReason.CONTRADICTORY:
            yield "correct one of the two examples"
            yield "if some outputs are known to be wrong, a line `noise 10%` in the task"
        case StopReason.ABSTAINED:
            yield "one more example, on which the behaviours found differ (--top 5 shows them)"
            yield f"--min-mass {math.floor(100 * (report.mass or 0.0))}% would claim it"
        case _:
            pass
    for t in found.unreached_types[:_WORDS_SHOWN]:
        yield f"a word that gives {t}: no word and no input leads there (--with FILE.py)"


def _more_budget(report: TaskReport, found: Explanation) -> Iterator[str]:
    """How much more would finish the level at hand, judged by how the levels before it have grown."""
    if found.slow or not report.answered:  # more of the same would go the same way
        return
    by_time = report.status == StopReason.SECONDS.value
    growth = _growth(found.levels)
    if growth is None or not found.levels:
        yield f"more: {_budget(report, 10.0, by_time)}, ten times as much"
        return
    last, open_level = found.levels[-1], not found.levels[-1].complete
    whole = last.programs * growth if not open_level else _last_complete(found.levels).programs * growth
    missing = max(whole - last.programs, 0.0) if open_level else whole
    factor = max(1.2, 1.0 + missing / max(1, report.evaluations))
    step = last.bits - found.levels[-2].bits
    bits = last.bits if open_level else last.bits + step
    yield f"more: {_budget(report, factor, by_time)} would finish {bits:.1f} bits"
    yield f"but each further bit costs about {growth ** (1 / step):.1f} times as much"


def _budget(report: TaskReport, factor: float, by_time: bool) -> str:
    if by_time:
        return f"--timeout {_rounded_up(max(1.0, report.seconds * factor))}"
    return f"--evaluations {_rounded_up(report.evaluations * factor):_}"


def _growth(levels: Sequence[LevelShare]) -> float | None:
    """How many times as many programs a level has as the one before, over the last complete ones; None if unknown."""
    sizes = [level.programs for level in levels if level.complete and level.programs > 0][-4:]
    if len(sizes) < 3 or sizes[-1] <= sizes[0]:
        return None
    return float((sizes[-1] / sizes[0]) ** (1 / (len(sizes) - 1)))


def _last_complete(levels: Sequence[LevelShare]) -> LevelShare:
    return [level for level in levels if level.complete][-1]


def _rounded_up(value: float) -> int:
    """Up to two digits that count.

    >>> _rounded_up(123_456.0), _rounded_up(7.2)
    (130000, 8)
    """
    scale: int = 10 ** max(0, math.floor(math.log10(max(value, 1.0))) - 1)
    return math.ceil(value / scale) * scale


def _fewer_words(found: Explanation) -> Iterator[str]:
    if len(found.useless_words) >= _LEAST_USELESS:
        few = ", ".join(found.useless_words[:_LEAST_USELESS])
        yield f"fewer words: a line such as `forbid {few}`; {len(found.useless_words)} words were of no use"


def _mend(found: Explanation) -> Iterator[str]:
    words = dict.fromkeys(re.sub(r" \(inverse for .*", "", word) for word in (*found.faults, *found.slow))
    if words:
        yield f"mend {', '.join(words)}: `synth primitives check FILE.py` shows what is wrong"
