"""One call of a primitive under guard: what it gave, and the first promise that it broke."""

from __future__ import annotations

import copy
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, TypeAlias

from dsl.primitive import Primitive
from dsl.type_system import FunctionType, Type
from dsl.values import Cause, Some, TooLarge, Undefined, fault_of, key

__all__ = [
    "SLOW_SECONDS",
    "BrokenPromiseError",
    "FindingKind",
    "TimeIsUp",
    "checked_call",
    "copied",
    "guarded",
    "is_defined",
    "time_limit",
]

FindingKind: TypeAlias = Literal[
    "result type", "mutation", "determinism", "exception", "laziness", "law", "inverse", "doctest", "slow", "advice"
]
SLOW_SECONDS = 1.0
"""A single call that takes longer is named, and cut off."""


class BrokenPromiseError(Exception):
    """A call that did what its primitive promised not to do."""

    def __init__(self, kind: FindingKind, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


class TimeIsUp(BaseException):
    """Stops a call that takes too long; like KeyboardInterrupt, no `except Exception` in a primitive swallows it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeIsUp in the body once the seconds have passed; only in the main thread, elsewhere without limit.

    A single operation inside C code is not interrupted before it ends.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: object) -> None:
        raise TimeIsUp

    previous_handler = signal.signal(signal.SIGALRM, stop)
    previous_timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *previous_timer)
        signal.signal(signal.SIGALRM, previous_handler)


def guarded(primitive: Primitive, function: Callable[..., object], arguments: Sequence[object]) -> Some[object] | None:
    """The value of a call, if it has one; BrokenPromiseError for an undeclared exception or more than a second.

    `function` is the primitive's own, its lazy form or one of its inverses: all may raise the same exceptions.
    """
    without_value: tuple[type[Exception], ...] = (
        Undefined,
        TooLarge,
        OverflowError,
        MemoryError,
        *primitive.raises,
    )
    try:
        with time_limit(SLOW_SECONDS):
            return Some(function(*arguments))
    except without_value:
        return None
    except TimeIsUp:
        raise BrokenPromiseError("slow", f"expected at most {SLOW_SECONDS:g} s a call, found a longer one") from None
    except (Exception, SystemExit) as error:
        allowed = ["a value", "Undefined", *(e.__name__ for e in primitive.raises)]
        wanted = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
        found = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise BrokenPromiseError("exception", f"expected {wanted}, found {found}") from None


def is_defined(value: object, t: Type) -> bool:
    """Whether a result is a value of the language; BrokenPromiseError if it is of another type than promised."""
    fault = fault_of(value, t)
    if fault is not None and fault.cause is Cause.FAULT:
        advice = " (lists are Python tuples)" if isinstance(value, list) else ""
        raise BrokenPromiseError("result type", fault.detail + advice)
    try:
        hash(key(value))
    except TypeError:
        found = type(value).__name__
        raise BrokenPromiseError("result type", f"expected an immutable, hashable value, found {found}") from None
    return fault is None


def checked_call(primitive: Primitive, t: FunctionType, arguments: tuple[object, ...]) -> Some[object] | None:
    """The value of a call, if it has one; BrokenPromiseError for the first promise that it breaks.

    Checked are exceptions, time, the type of the result, that arguments stay as they were, that a second call gives the
    same, and that the lazy form gives what the plain one does. `t` is the primitive's type without variables.
    """
    kept = _copies(arguments)
    outcome = guarded(primitive, primitive.function, arguments)
    defined = outcome is not None and is_defined(outcome.value, t.result)
    if any(not _equal(before, after) for before, after in kept):
        raise BrokenPromiseError("mutation", "expected the arguments unchanged, found them changed")
    again = guarded(primitive, primitive.function, arguments)
    _demand_same("determinism", "the same result again", outcome, again)
    if defined and primitive.lazy is not None:
        lazy = primitive.lazy
        found = guarded(primitive, lambda: lazy(arguments.__getitem__), ())
        _demand_same("laziness", "the same result from the lazy form", outcome, found)
    return outcome if defined else None


def copied(arguments: tuple[object, ...]) -> tuple[object, ...]:
    """Copies of arguments to call with, so that a primitive that changes them spoils no counterexample."""
    try:
        return copy.deepcopy(arguments)
    except (TypeError, copy.Error):
        return arguments


def _copies(arguments: tuple[object, ...]) -> list[tuple[object, object]]:
    """Copies of arguments beside them; of those only that can be copied and compared."""
    pairs = []
    for argument in arguments:
        try:
            kept = copy.deepcopy(argument)
        except (TypeError, copy.Error):
            continue
        if _equal(kept, argument):
            pairs.append((kept, argument))
    return pairs


def _demand_same(kind: FindingKind, wanted: str, a: Some[object] | None, b: Some[object] | None) -> None:
    if (a is None) != (b is None) or (a is not None and b is not None and not _equal(a.value, b.value)):
        raise BrokenPromiseError(kind, f"expected {wanted}, found {_brief(a)} and {_brief(b)}")


def _equal(a: object, b: object) -> bool:
    """Whether two values are known to be the same; a domain's values need not be comparable."""
    try:
        return a is b or key(a) == key(b)
    except (TypeError, ValueError):
        return False


def _brief(outcome: Some[object] | None) -> str:
    text = "no value" if outcome is None else repr(outcome.value)
    return text if len(text) <= 60 else text[:57] + "..."
