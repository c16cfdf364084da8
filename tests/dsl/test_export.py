"""Programs exported: as Python that runs by itself and computes the same, and as s-expressions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import exported_words
import pytest
import running_words
from hypothesis import given, settings
from typed_programs import Case, cases

from dsl.errors import InterfaceError
from dsl.export import to_python, to_s_expression
from dsl.interpreter import run
from dsl.library import Definition, Library
from dsl.primitive import primitive, primitive_of
from dsl.primitives import CORE
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable, call
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    FunctionType,
    Type,
    TypeConstructor,
    TypeVariable,
    list_of,
    option_of,
    tuple_of,
)
from dsl.values import Failure, Some, agree

a, f, x, y, xs, ys = map(Variable, ("a", "f", "x", "y", "xs", "ys"))
one, two = Literal(1), Literal(2)
INTS = list_of(INT)


@dataclass(frozen=True)
class Example:
    """Arguments and a wanted output."""

    arguments: tuple[object, ...]
    output: object


@dataclass(frozen=True)
class Exported:
    """A program to export, with examples."""

    program: Program
    request: FunctionType
    examples: tuple[Example, ...]


def of(parameters: str, body: Program, types: tuple[Type, ...], result: Type, *pairs: tuple[object, ...]) -> Exported:
    """Each pair is the arguments and the output."""
    examples = tuple(Example(pair[:-1], pair[-1]) for pair in pairs)
    return Exported(Lambda(tuple(parameters.split()), body), FunctionType(types, result), examples)


A = TypeVariable("A")
LIBRARY = CORE.extend(
    Library.of(exported_words),
    Definition(
        "my.twice",
        FunctionType((FunctionType((A,), A), A), A),
        Lambda(("f", "x"), Application(f, (Application(f, (x,)),))),
        'Applies a function twice; "quoted", with a \\ in it.\nMore.',
    ),
    Definition("my.sum", FunctionType((INTS,), INT), Name("list.sum")),
    Definition("my.limits", INTS, call("list.cons", one, Literal((2, 3, 4)))),
    Definition(
        "my.total",
        FunctionType((INTS,), INT),
        Lambda(("list_sum",), call("my.sum", call("my.both", Variable("list_sum")))),
    ),
    Definition("my.both", FunctionType((INTS,), INTS), Lambda(("xs",), call("list.concat", xs, Name("my.limits")))),
)

EXPORTED = {
    "double": of("xs", call("list.map", Lambda(("x",), call("int.add", x, x)), xs), (INTS,), INTS, ((1, 2), (2, 4))),
    "no_inputs": of("", call("list.range", one, Literal(4)), (), INTS, ((1, 2, 3),)),
    # Twice a short name: divide of integers and of reals, and a helper that both modules have.
    "mean_and_rest": of(
        "a x",
        call("tuple.pair", call("real.divide", a, Literal(2.0)), call("int.divide", x, Literal(-2))),
        (REAL, INT),
        tuple_of(REAL, INT),
        (3.0, 7, (1.5, -4)),
    ),
    "lazy": of(
        "xs",
        call(
            "control.if",
            call("bool.and", call("bool.not", call("list.is_empty", xs)), call("order.gt", call("list.head", xs), two)),
            one,
            call("int.negate", one),
        ),
        (INTS,),
        INT,
        ((), -1),
        ((3,), 1),
        ((1,), -1),
    ),
    "lets_and_shadows": of(
        "x",
        Let("f", Lambda(("y",), call("int.add", x, y)), Let("x", Literal(10), Application(f, (x,)))),
        (INT,),
        INT,
        (1, 11),
    ),
    "let_inside": of(
        "xs",
        call(
            "list.map", Lambda(("x",), Let("x", call("int.multiply", x, x), call("int.subtract", x, Literal(-1)))), xs
        ),
        (INTS,),
        INTS,
        ((1, 2, 3), (2, 5, 10)),
    ),
    "options": of(
        "xs",
        call("list.find", Lambda(("x",), call("order.gt", x, two)), xs),
        (INTS,),
        option_of(INT),
        ((1, 2, 3), Some(3)),
        ((1,), None),
    ),
    "texts": of(
        "a", call("text.concat", a, Literal('\\ "quotes" """ \n')), (TEXT,), TEXT, ('"""', '"""\\ "quotes" """ \n')
    ),
    "reals": of("a", call("real.multiply", a, Literal(3.0)), (REAL,), REAL, (0.1, 0.3), (-0.0, -0.0)),
    "definitions": of("xs", call("my.total", xs), (INTS,), INT, ((5,), 15)),
    "functions_as_values": of("x", call("my.twice", Name("int.square"), x), (INT,), INT, (3, 81)),
    "helpers": of(
        "x",
        call("exported_words.scaled", call("exported_words.fibonacci", x)),
        (INT,),
        list_of(REAL),
        (10, (55.0, 27.5)),
    ),
    "neighbours": of(
        "x",
        call("tuple.pair", call("exported_words.shifted", x), call("exported_words.scaled", x)),
        (INT,),
        tuple_of(INT, list_of(REAL)),
        (1, (201, (1.0, 0.5))),
    ),
    "lazy_words": of(
        "x",
        call("exported_words.first_that_works", Literal(True), x, call("int.divide", one, Literal(0))),
        (INT,),
        INT,
        (5, 5),
    ),
    "colors": of("", Name("exported_words.red"), (), TypeConstructor("color")),
    "sort": of("xs", call("list.sort_by", Name("int.negate"), xs), (INTS,), INTS, ((1, 3, 2), (3, 2, 1))),
    "lambda_": of(
        "list class len f",
        call("list.take", Variable("len"), call("list.concat", Variable("list"), Variable("class"))),
        (INTS, INTS, INT, FunctionType((INT,), BOOL)),
        INTS,
    ),
    "sum": of("xs", call("list.sum", call("list.filter", Name("int.is_even"), xs)), (INTS,), INT, ((1, 2, 4), 6)),
    "prime": of("x", call("int.is_prime", call("int.power", x, two)), (INT,), BOOL, (3, False)),
}

RUNNER = """
import runpy, sys
for path in sys.argv[1:]:
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as end:
        print(path, "failed" if end.code else "passed")
try:
    import dsl
except ImportError:
    print("alone")
"""


def test_exported_files_pass_their_examples_alone(tmp_path: Path) -> None:
    """In a fresh Python, without this package, every file passes its doctests."""
    files = []
    for name, item in EXPORTED.items():
        files.append(tmp_path / f"{name}.py")
        files[-1].write_text(to_python(item.program, name, item.request, LIBRARY, item.examples), encoding="utf-8")
    alone = [sys.executable, "-I", "-S", "-W", "error", "-c", RUNNER]  # no site-packages, and so no package of ours
    ran = subprocess.run([*alone, *map(str, files)], capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout.splitlines() == [*(f"{file} passed" for file in files), "alone"], ran.stdout + ran.stderr
    assert len(files) >= 12


def executed(text: str, name: str) -> Callable[..., Any]:
    module = ModuleType("exported")
    sys.modules["exported"] = module  # dataclasses look for their module
    exec(compile(text, name, "exec"), vars(module))
    return vars(module)[name]  # type: ignore[no-any-return]


@settings(max_examples=60)
@given(cases(CORE))
def test_exported_python_computes_the_same(case: Case) -> None:
    request = FunctionType(tuple(TypeConstructor("domain") for _ in case.program.parameters), TypeConstructor("domain"))
    function = executed(to_python(case.program, "made", request, CORE), "made")
    for arguments in case.inputs:
        outcome = run(case.program, arguments, CORE, fuel=1_000)
        if not isinstance(outcome, Failure):
            assert agree(_ours(function(*arguments)), outcome)


def _ours(value: object) -> object:
    """The file has an option class of its own."""
    if isinstance(value, tuple):
        return tuple(map(_ours, value))
    return Some(_ours(value.value)) if type(value).__name__ == "Some" else value  # type: ignore[attr-defined]


def test_an_exported_file_looks_like_this(golden: Callable[[Path, str], None]) -> None:
    text = [
        to_python(EXPORTED[name].program, name, EXPORTED[name].request, LIBRARY, EXPORTED[name].examples)
        for name in ("lets_and_shadows", "definitions", "helpers", "lazy_words")
    ]
    golden(Path(__file__).parents[1] / "golden" / "exported_python.txt", "\n\n".join(text))


def test_an_example_that_the_program_misses_stays_an_example() -> None:
    """The file says what was wanted, and so its doctest fails: nothing is glossed over."""
    item = EXPORTED["double"]
    assert ">>> f((5,))\n    (11,)\n" in to_python(item.program, "f", item.request, CORE, [Example(((5,),), (11,))])


def test_what_is_no_python_is_refused() -> None:
    @primitive
    def local(x: int) -> int:
        """A function inside another."""
        total = 0
        total += x
        return total

    library = LIBRARY.extend(primitive_of(local))
    request = FunctionType((INT,), INT)
    for body, message in (
        (Hole("f", INT), "found ?f"),
        (Name("nowhere"), "found 'nowhere'"),
        (call("local", x), "local"),
        (call("exported_words.lazy_by_a_lambda", x), "<lambda>"),
    ):
        with pytest.raises(InterfaceError, match="expected") as error:
            to_python(Lambda(("x",), body), "f", request, library)
        assert message in str(error.value)


def test_a_module_that_is_imported_whole_cannot_be_cut_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "whole_helper.py").write_text("ONE = 1\n", encoding="utf-8")
    text = "import whole_helper\nfrom dsl import primitive\n\n"
    text += "@primitive\ndef plus(x: int) -> int:\n    'One more.'\n    x += whole_helper.ONE\n    return x\n"
    (tmp_path / "whole_words.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    library = Library.of(import_module("whole_words"))
    with pytest.raises(InterfaceError) as error:
        to_python(Name("whole_words.plus"), "f", FunctionType((INT,), INT), library)
    assert str(error.value) == (
        "expected whole_words to import names from 'whole_helper', found the import of all of it\n"
        "hint: write `from whole_helper import` and the names: they are cut out, the module is not"
    )


def test_odd_words_export_too() -> None:
    """Every function at the top of a module can be cut out of it."""
    library = CORE.extend(Library.of(running_words))
    for entry in Library.of(running_words):
        count = len(entry.type.parameters) if isinstance(entry.type, FunctionType) else 0
        names = tuple(f"x{i}" for i in range(count))
        body = Application(Name(entry.name), tuple(map(Variable, names))) if count else Name(entry.name)
        request = entry.type if isinstance(entry.type, FunctionType) else FunctionType((), entry.type)
        compile(to_python(Lambda(names, body), "made", request, library), "made", "exec")


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (
            Lambda(("xs",), call("list.map", Lambda(("x",), call("int.add", x, one)), xs)),
            "(lam (list.map (lam (int.add $0 1)) $0))",
        ),
        (Lambda(("x", "y"), call("int.subtract", x, y)), "(lam (lam (int.subtract $1 $0)))"),
        (Lambda((), Let("x", one, call("int.add", x, x))), "((lam (int.add $0 $0)) 1)"),
        (Lambda(("x",), Lambda(("x",), x)), "(lam (lam $0))"),
        (Literal((True, False)), "[true,false]"),
        (Literal("a (b) c"), '"a\\u0020\\u0028b\\u0029\\u0020c"'),
        (Literal(2.0), "2.0"),
        (Hole("f", INT), "?f"),
        (Hole("", INT), "?"),
    ],
)
def test_s_expressions(program: Program, text: str) -> None:
    assert to_s_expression(program) == text
