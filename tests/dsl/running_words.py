"""Words for tests of running programs: a few that keep their word, and many that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dsl.primitive import primitive
from dsl.values import Some, TooLarge, Undefined

NAMESPACE = "odd"
A = TypeVar("A")
B = TypeVar("B")


@primitive
def lies(x: int) -> int:
    """A bool for an int."""
    return x > 0


@primitive
def lies_inside(x: int) -> tuple[int, ...]:
    """A bool among ints."""
    return (x, True)


@primitive
def gives_a_list(x: int) -> tuple[int, ...]:
    """A Python list."""
    return [x]  # type: ignore[return-value]


@primitive
def gives_nothing(x: int) -> int:
    """Nothing."""
    return None  # type: ignore[return-value]


@primitive
def gives_a_generator(x: int) -> tuple[int, ...]:
    """Something lazy."""
    return (y for y in (x,))  # type: ignore[return-value]


@primitive
def unprintable(x: int) -> tuple[int, ...]:
    """An int that Python refuses to print, where a list is due."""
    return 10**5000 * x  # type: ignore[return-value]


@primitive
def crashes(x: int) -> int:
    """An exception that is not declared."""
    raise ValueError(f"not {x}")


class _SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


@primitive
def crashes_silently(x: int) -> int:
    """An exception that cannot be shown."""
    raise _SilentError


@primitive(raises=[KeyError])
def declares(x: int) -> int:
    """An exception that is declared."""
    return {1: 2}[x]


@primitive(raises=[OverflowError])
def declares_overflow(x: int) -> int:
    """Undefined, said by way of OverflowError."""
    raise OverflowError


@primitive(raises=[Exception])
def declares_everything(f: Callable[[int], int], x: int) -> int:
    """Everything is declared; failures of the function still end the run."""
    return f(x)


@primitive
def undefined(x: int) -> int:
    """Undefined for every number."""
    raise Undefined("never defined")


@primitive
def too_large(x: int) -> int:
    """Says that it is too large."""
    raise TooLarge


@primitive
def out_of_memory(x: int) -> int:
    """Python has no room."""
    raise MemoryError


@primitive
def repeat(x: A, times: int) -> tuple[A, ...]:
    """A list of any length that a test can bear."""
    return (x,) * min(times, 20_000)


@primitive
def stretch(x: int) -> str:
    """A text of any length that a test can bear."""
    return "a" * min(x, 20_000)


@primitive
def hold(x: A) -> Some[A] | None:
    """An option."""
    return Some(x)


@primitive
def pair(x: A, y: B) -> tuple[A, B]:
    """Two values."""
    return (x, y)


@primitive
def power_of_two(x: int) -> int:
    """Beyond 64 bits from 63 on."""
    return int(2 ** min(x, 100))


@primitive
def powers_of_two(x: int) -> tuple[int, ...]:
    """The same in a list."""
    return (1, power_of_two(x))


@primitive
def not_a_number(x: int) -> float:
    """NaN for 0, infinity for 1, else a number."""
    return float("nan") if x == 0 else float("inf") if x == 1 else float(x)


@primitive
def not_numbers(x: int) -> tuple[tuple[float, bool], ...]:
    """NaN deep inside."""
    return ((not_a_number(x), True),)


@primitive
def recurses(x: int) -> int:
    """Calls itself without end."""
    return int(recurses(x + 1))


@primitive
def interrupts(x: int) -> int:
    """The user presses Ctrl-C."""
    raise KeyboardInterrupt


@primitive
def forgives(f: Callable[[int], int], x: int) -> int:
    """Swallows exceptions, as beginners do."""
    try:
        return f(x)
    except Exception:
        return 0


@primitive
def forgives_all(f: Callable[[int], int], x: int) -> int:
    """Swallows everything."""
    try:
        return f(x)
    except BaseException:
        return 0


@primitive
def replaces_all(f: Callable[[int], int], x: int) -> int:
    """Raises something else instead."""
    try:
        return f(x)
    except BaseException:
        raise ValueError("replaced") from None


@primitive
def calls_with_two(f: Callable[[int], int], x: int) -> int:
    """Calls a function of one argument with two."""
    return f(x, x)  # type: ignore[call-arg]


@primitive
def call_it(f: Callable[[A], B], x: A) -> B:
    """A function applied to a value."""
    return f(x)


@primitive
def compose(f: Callable[[int], int], g: Callable[[int], int]) -> Callable[[int], int]:
    """One function after another."""
    return lambda x: f(g(x))


@primitive
def divider(x: int) -> Callable[[int], int]:
    """A function that raises, and lies for 1."""
    return lambda y: True if y == 1 else x // y


@primitive(lazy=lambda force: force(0) and force(2))
def odd_lazy(x: bool, y: bool) -> bool:
    """Asks for an argument that it does not have."""
    return x and y


@primitive(lazy=lambda force: force(1) if force(0) else True)
def implies(x: bool, y: bool) -> bool:
    """Whether the first implies the second, which is not run if the first is false."""
    return not x or y


@primitive
def answer() -> int:
    """A constant."""
    return 42


@primitive
def broken_constant() -> int:
    """A constant without a value."""
    raise Undefined("there is none")
