"""`primitives check`: every broken promise is found and shown by a small call; files are loaded or refused clearly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dsl.errors import DslError, InterfaceError, LibraryError, PrimitiveError
from dsl.inspect_primitives import PrimitiveReport, check_library, load_primitives, report_lines
from dsl.library import Library
from dsl.primitives import CORE, integers

GOLDEN = Path(__file__).parent.parent / "golden"
Golden = Callable[[Path, str], None]

BAD_WORDS = '''"""Words that break their promises, one each."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NewType, TypeVar

from dsl.inverses import ANYTHING, Anything, Graph, Preimages
from dsl.laws import commutative, identity, idempotent, involution
from dsl.primitive import primitive
from dsl.values import Some

A = TypeVar("A")
Stack = NewType("Stack", list)
Box = NewType("Box", object)
Sealed = NewType("Sealed", int)
DICE = itertools.count()


@dataclass(unsafe_hash=True)
class Tally:
    """A mutable value: what a domain must not have."""

    dsl_type: ClassVar[str] = "tally"
    number: int


@primitive
def good(x: int) -> int:
    """The number itself.

    >>> good(3)
    3
    """
    return x


@primitive
def returns_list(xs: tuple[int, ...]) -> tuple[int, ...]:
    """A Python list, where a tuple was promised."""
    return sorted(xs)


@primitive
def returns_text_for_large(x: int) -> int:
    """Right for small numbers."""
    return x if x < 5 else "large"


@primitive
def returns_none(xs: tuple[A, ...]) -> A:
    """None is no value."""
    return xs[0] if xs else None


@primitive
def sorts_in_place(xs: tuple[int, ...]) -> tuple[int, ...]:
    """Takes the list for a Python list."""
    xs.sort()
    return xs


@primitive
def raises_key_error(x: int) -> int:
    """Declares nothing."""
    return {0: 1, 1: 2}[x]


@primitive(raises=[ZeroDivisionError])
def raises_two(xs: tuple[int, ...]) -> int:
    """Declares one of the two it raises."""
    return xs[0] // xs[1]


@primitive
def leaves(x: int) -> int:
    """Tries to end the program."""
    raise SystemExit(3)


@primitive
def throws_dice(x: int) -> float:
    """Another result each time."""
    return float(next(DICE))


@primitive
def loops(x: int) -> int:
    """Never ends for negative numbers; swallows what it can."""
    while x < 0:
        try:
            x -= 1
        except Exception:
            pass
    return x


@primitive(laws=[commutative, identity(0)])
def minus(x: int, y: int) -> int:
    """Not commutative, and 0 only on the right."""
    return x - y


@primitive(laws=[involution, identity("a")])
def is_zero(x: int) -> bool:
    """Laws that cannot be said of it."""
    return x == 0


@primitive(laws=[idempotent])
def first_of(f: Callable[[int], int], xs: tuple[int, ...]) -> int:
    """A law that cannot be said of it."""
    return f(xs[0]) if xs else 0


@primitive
def double(x: int) -> int:
    """An inverse that rounds."""
    return 2 * x


@double.inverse("x")
def _(out: int) -> int:
    return out // 2


@primitive
def triple(x: int) -> int:
    """An inverse that raises."""
    return 3 * x


@triple.inverse("x")
def _(out: int) -> Iterator[int]:
    yield from {3 * x: [x] for x in range(-100, 100)}[out]


@primitive
def size(x: int) -> int:
    """Two preimages, one of them wrong."""
    return abs(x)


@size.inverse("x")
def _(out: int) -> Preimages[int]:
    return Preimages((out, -out))


@primitive
def apply_all(f: Callable[[int], int], xs: tuple[int, ...]) -> tuple[int, ...]:
    """A graph that is off by one."""
    return tuple(map(f, xs))


@apply_all.inverse("f")
def _(out: tuple[int, ...], xs: tuple[int, ...]) -> Graph[int]:
    return Graph.of(((x,), y + 1) for x, y in zip(xs, out))


@primitive
def smaller(x: int, y: int) -> int:
    """Anything, where only what is not smaller will do."""
    return min(x, y)


@smaller.inverse("x")
def _(out: int, y: int) -> int | Anything:
    return ANYTHING if out == y else out


@primitive
def join(xs: tuple[int, ...], ys: tuple[int, ...]) -> tuple[int, ...]:
    """Half of an inverse: what the other list is, nothing says."""
    return xs + ys


@join.inverse("xs", given=())
def _(out: tuple[int, ...]) -> tuple[int, ...]:
    return out


@primitive
def split(xs: tuple[int, ...], ys: tuple[int, ...]) -> tuple[int, ...]:
    """Two inverses that do not fit together."""
    return xs + ys


@split.inverse("xs", given=())
def _(out: tuple[int, ...]) -> tuple[int, ...]:
    return out


@split.inverse("ys", given=())
def _(out: tuple[int, ...]) -> tuple[int, ...]:
    return out[:1]


@primitive
def not_a_function(x: int) -> int:
    """A graph for a number."""
    return x


@not_a_function.inverse("x")
def _(out: int) -> Graph[int]:
    return Graph({(1,): out})


@primitive
def wrong_example(x: int) -> int:
    """An example that is not true.

    >>> wrong_example(2)
    3
    """
    return x


@primitive
def broken_example(x: int) -> int:
    """An example that raises.

    >>> no_such_word(2)
    3
    """
    return x


@primitive
def undocumented(x: int) -> int:
    return x


@primitive
def new_stack(x: int) -> Stack:
    """A value that can be changed, so has no hash."""
    return [x]


@primitive
def push(stack: Stack, x: int) -> int:
    """Changes its argument."""
    stack.append(x)
    return x


@primitive
def tally(x: int) -> Tally:
    """A new tally."""
    return Tally(x)


@primitive
def increase(t: Tally) -> int:
    """Changes its argument."""
    t.number += 1
    return 0


@primitive
def unseal(s: Sealed) -> int:
    """What cannot be called: no word makes its argument."""
    return s


@primitive
def new_box(x: int) -> Box:
    """A box."""
    return frozenset([x])


@primitive
def find_impossible(box: Box, other: Box) -> int:
    """Undefined for all boxes."""
    from dsl.values import Undefined

    raise Undefined


@primitive(lazy=lambda force: force(0))
def lazy_or(x: bool, y: bool) -> bool:
    """A lazy form that means something else."""
    return x or y


@primitive
def misuses_option(x: int) -> Some[int] | None:
    """The number instead of an option that holds it."""
    return x
'''


def load(text: str, name: str = "words.py") -> Library:
    Path(name).write_text(text, encoding="utf-8")
    return load_primitives(name)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def untimed(reports: list[PrimitiveReport]) -> list[PrimitiveReport]:
    return [replace(report, seconds_per_call=0.0) for report in reports]


def test_every_broken_promise_is_found(golden: Golden) -> None:
    library = load(BAD_WORDS, "bad_words.py")
    reports = untimed(check_library(library, seed=0))
    text = "\n".join(report_lines(reports)).replace(str(Path.cwd()), "")
    golden(GOLDEN / "primitives_check.txt", text)
    passing = {"good", "undocumented", "new_box", "tally", "find_impossible", "unseal"}
    assert {report.name for report in reports if report.passed} == {f"bad_words.{name}" for name in passing}


def test_the_same_seed_gives_the_same_reports() -> None:
    """Numbers of trials, findings, counterexamples, recalls: all but the time."""
    words = Library.of(integers)
    assert untimed(check_library(words, seed=3)) == untimed(check_library(words, seed=3))


def test_slow_words_are_called_no_more_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsl.inspect_primitives._MOST_SECONDS", 0.3)
    library = load(
        "import time\nfrom dsl.primitive import primitive\n\n@primitive\ndef rests(x: int) -> int:\n"
        '    """Slow.\n\n    >>> rests(0)\n    0\n    """\n    time.sleep(0.05 if x else 0)\n    return x\n'
    )
    (report,) = check_library(library, seed=0)
    assert report.passed
    assert report.trials < 20
    assert report.seconds_per_call > 0.02


def test_outside_the_main_thread_checks_run_without_a_time_limit() -> None:
    found: list[PrimitiveReport] = []
    thread = threading.Thread(target=lambda: found.extend(check_library(CORE.only(["int.add"]), seed=0)))
    thread.start()
    thread.join()
    assert [report.passed for report in found] == [True]


def test_declared_ranges_are_kept() -> None:
    library = load(
        "from typing import Annotated\nfrom dsl.primitive import primitive\nfrom dsl.type_system import Range\n\n"
        "@primitive\ndef digit_name(x: Annotated[int, Range(0, 2)]) -> str:\n"
        '    """Name of a digit.\n\n    >>> digit_name(1)\n    \'one\'\n    """\n'
        "    return {0: 'zero', 1: 'one', 2: 'two'}[x]\n"
    )
    (report,) = check_library(library, seed=0)
    assert not report.findings


def test_words_may_take_values_that_other_libraries_make() -> None:
    shared = "from typing import NewType\nfrom dsl.primitive import primitive\nBox = NewType('Box', int)\n"
    maker = load(shared + "@primitive\ndef box(x: int) -> Box:\n    'A box.'\n    return Box(x)\n", "maker.py")
    user = load(shared + "@primitive\ndef inside(b: Box) -> int:\n    'Contents.'\n    return b\n", "user.py")
    (alone,) = check_library(user, seed=0)
    (beside,) = check_library(user, seed=0, known=maker)
    assert alone.trials == 0
    assert beside.defined == beside.trials > 0


# ---- Loading a file -------------------------------------------------------------------------------------------------


def test_a_file_of_primitives_is_a_library() -> None:
    library = load(BAD_WORDS, "bad-words.py")
    assert "bad_words.good" in library
    assert library.candidates("good")
    named = load("NAMESPACE = 'mine'\n" + BAD_WORDS.replace('"""Words', '"""Other words', 1))
    assert "mine.good" in named


def test_words_imported_into_a_file_are_not_its_own() -> None:
    library = load(
        "from dsl.primitives.lists import head\nfrom dsl.primitive import primitive\n\n"
        "@primitive\ndef second(xs: tuple[int, ...]) -> int:\n    'The second.'\n    return xs[1]\n"
    )
    assert list(library.entries) == ["words.second"]


FILES = {
    "syntax error": "from dsl.primitive import primitive\n\nx = = 1\n",
    "raises on import": "def f():\n    raise ValueError('no luck')\n\nx = [\n    f()]\n",
    "missing module": "import no_such_module_anywhere\n",
    "leaves on import": "import sys\nsys.exit('bye')\n",
    "no primitives": "def f(x: int) -> int:\n    return x\n",
    "empty": "",
    "NUL byte": "x = 1\0\n",
    "missing hint": "from dsl.primitive import primitive\n\n@primitive\ndef f(x) -> int:\n    return x\n",
    "refused hint": "from typing import Any\nfrom dsl.primitive import primitive\n\n@primitive\ndef f(x: Any) -> int:\n"
    "    return x\n",
    "two of one name": "from dsl.primitive import primitive\n\n@primitive\ndef f(x: int) -> int:\n    return x\n\n"
    "@primitive(name='f')\ndef g(x: int) -> int:\n    return x\n",
    "inverse of nothing": "from dsl.primitive import primitive\n\n@primitive\ndef f(x: int) -> int:\n    return x\n\n"
    "@f.inverse('y')\ndef _(out: int) -> int:\n    return out\n",
    "inverse given nothing known": "from dsl.primitive import primitive\n\n@primitive\ndef f(x: int, y: int) -> int:\n"
    "    return x\n\n@f.inverse('x', given=['x'])\ndef _(out: int, x: int) -> int:\n    return out\n",
}


def test_files_that_cannot_be_used(golden: Golden) -> None:
    shown = []
    for name, text in FILES.items():
        with pytest.raises((InterfaceError, PrimitiveError, LibraryError)) as caught:
            load(text)
        shown.append(f"--- {name}\n{caught.value}".replace(f"{Path.cwd()}/", ""))
    golden(GOLDEN / "primitive_files.txt", "\n".join(shown))


def test_files_that_cannot_be_read(golden: Golden) -> None:
    Path("folder.py").mkdir()
    Path("bytes.py").write_bytes(b"x = '\xff\xfe'\n")
    Path("huge.py").write_bytes(b"# " + b"x" * 2_000_001)
    shown = []
    for name in ("missing.py", "folder.py", "bytes.py", "huge.py"):
        with pytest.raises(InterfaceError) as caught:
            load_primitives(name)
        shown.append(str(caught.value))
    golden(GOLDEN / "primitive_files_unreadable.txt", "\n".join(shown))


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(InterfaceError, match="expected Python, found"):
        load("(" * 100_000 + ")" * 100_000)


def test_errors_of_files_are_errors_of_the_language() -> None:
    with pytest.raises(DslError):
        load_primitives("missing.py")
