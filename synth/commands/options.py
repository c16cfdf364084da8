"""Options that several commands share, and how their text is read."""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from synth.guide.asking import auto_guide, is_guide_file, load_guide
from synth.search.switches import Switches

__all__ = [
    "Evaluations",
    "GuideName",
    "Jobs",
    "Json",
    "Memory",
    "MinMass",
    "ModuleFiles",
    "Pattern",
    "PrimitiveFiles",
    "Seed",
    "Sources",
    "Timeout",
    "Top",
    "chosen_guide",
    "parse_grammar",
    "parse_mass",
    "parse_share",
    "parse_size",
    "was_given",
    "with_switches",
]

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def parse_size(text: str) -> int:
    """Bytes from text such as `300MB` or `2GiB`.

    >>> parse_size("300MB"), parse_size("1.5 GiB")
    (300000000, 1610612736)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", text)
    unit = _UNITS.get(found[2].upper()) if found else None
    if found is None or unit is None or float(found[1]) <= 0:
        raise typer.BadParameter(f"expected a size such as 300MB or 2GB, found {text!r}")
    return int(float(found[1]) * unit)


def parse_share(text: str) -> float:
    """A share between 0 and 1 from `33%` or `0.33`.

    >>> parse_share("33%"), parse_share("0.5")
    (0.33, 0.5)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*", text)
    share = float(found[1]) / (100 if found[2] else 1) if found else -1.0
    if not 0 <= share < 1:
        raise typer.BadParameter(f"expected a share of at least 0% and less than 100%, found {text!r}")
    return share


def parse_mass(text: str) -> float:
    """A share between 0 and 1, both allowed.

    >>> parse_mass("100%"), parse_mass("0.5")
    (1.0, 0.5)
    """
    return 1.0 if re.fullmatch(r"\s*(100\s*%|1(\.0*)?)\s*", text) else parse_share(text)


def parse_guide(text: str) -> str:
    """`none`, `online`, `auto`, or the name of a file that holds a guide."""
    if text in {"none", "online", "auto"} or is_guide_file(text):
        return text
    raise typer.BadParameter(
        f"expected none, online, auto, a checkpoint FILE.safetensors or a guide FILE.py, found {text!r}"
    )


def parse_grammar(text: str) -> str:
    """`file` or `ours`."""
    if text in {"file", "ours"}:
        return text
    raise typer.BadParameter(f"expected file or ours, found {text!r}")


def chosen_guide(guide: str) -> tuple[str, str | None]:
    """The guide that will really be used, and what to tell the user where that is not what was asked for.

    Raises InterfaceError for a file with a guide that cannot be used.
    """
    if guide == "auto" and auto_guide() is None:
        return (
            "none",
            "guide: none (`auto` uses a trained guide that pays, and this version has none; try --guide online)",
        )
    if is_guide_file(guide):
        load_guide(Path(guide))
    return guide, None


def was_given(context: typer.Context, option: str) -> bool:
    """Whether the user wrote an option, whose value may be its default."""
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


Json = Annotated[bool, typer.Option("--json", help="Print one JSON value on stdout and nothing else there.")]
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SUITE...",
        help="Names of shipped suites, .syn files, folders of them, or LOADER:PATH (see `synth suites`).",
        show_default=False,
    ),
]
Pattern = Annotated[
    str | None, typer.Option("-k", metavar="PATTERN", help="Only tasks whose name or tags fit, as 'even and not sort'.")
]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Evaluations = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Most evaluations a task: counted work, the same on any machine.")
]
Timeout = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="SECONDS", help="Most CPU-seconds a task (10 where no budget is given at all)."),
]
Memory = Annotated[
    int | None, typer.Option(parser=parse_size, metavar="SIZE", help="Most memory a search may hold, as 300MB.")
]
GuideName = Annotated[
    str,
    typer.Option(
        parser=parse_guide,
        metavar="auto|none|online|FILE",
        help="What guides the search: the guide that is shipped, if it was measured to pay, asked after 20,000 "
        "evaluations (auto); nothing; what it learns from its own partial solutions; a guide in a .safetensors or .py "
        "file, asked at once.",
    ),
]
PrimitiveFiles = Annotated[
    list[str] | None, typer.Option("--with", metavar="FILE.py", help="More words, from Python; may be repeated.")
]
ModuleFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--library",
        metavar="MODULE",
        help="More words, from FILE.syn or a shipped module such as lists; only its words, from a basis such as "
        "peers/lambdabeam. May be repeated.",
    ),
]
Top = Annotated[
    int,
    typer.Option(
        min=1, max=1000, metavar="K", help="Show up to K answers that behave differently, with their share of the mass."
    ),
]
MinMass = Annotated[
    str,
    typer.Option(
        metavar="SHARE",
        help="Claim no answer that has less of the posterior than this, as 50%; it is shown as a guess.",
    ),
]
Jobs = Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Worker processes.")]

_PANEL = "Tricks of the search, to switch off"
_TRICKS = {
    "equivalence": "Keep every program, also those that do what another does.",
    "goals": "Do not search backwards from the output wanted.",
    "cases": "Do not put programs together by conditions.",
    "sketches": "Do not fill programs with holes.",
    "kernels": "Call every word in Python, without compiled kernels.",
    "repair": "Do not mend near misses.",
    "symmetry": "Try the arguments of commutative words in both orders.",
    "probing": "Bank every program of the goal type, not only those that others need.",
}


def with_switches(command: Callable[..., None]) -> Callable[..., None]:
    """The command, which has a parameter `switches`, with a flag `--no-TRICK` for each trick of the search.

    Typer knows no parameter made of several options, so the flags are put into the signature that it reads.
    """
    hints = typing.get_type_hints(command, include_extras=True)
    signature = inspect.signature(command)
    kept = [p.replace(annotation=hints[p.name]) for p in signature.parameters.values() if p.name != "switches"]
    flags = [inspect.Parameter(f"no_{trick}", inspect.Parameter.KEYWORD_ONLY, default=False,
                               annotation=Annotated[bool, _flag(trick)]) for trick in _TRICKS]  # fmt: skip

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        chosen = {trick: not options.pop(f"no_{trick}") for trick in _TRICKS}
        command(*arguments, switches=Switches(**chosen), **options)

    del run.__wrapped__  # else its signature would be read, without the flags
    run.__signature__ = signature.replace(parameters=[*kept, *flags])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*kept, *flags)}
    return run


def _flag(trick: str) -> Any:
    assert trick in {f.name for f in fields(Switches)}, "a switch of the search"
    return typer.Option(f"--no-{trick}", help=_TRICKS[trick], rich_help_panel=_PANEL)
