"""Options that several commands share, and how their text is read."""

from __future__ import annotations

import re
from typing import Annotated

import typer

__all__ = [
    "Evaluations",
    "GuideName",
    "Jobs",
    "Json",
    "Memory",
    "ModuleFiles",
    "Pattern",
    "PrimitiveFiles",
    "Seed",
    "Sources",
    "Timeout",
    "no_trained_guide",
    "parse_grammar",
    "parse_share",
    "parse_size",
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


def parse_guide(text: str) -> str:
    """`none`, `online` or `auto`; a checkpoint is refused by name."""
    if text in {"none", "online", "auto"}:
        return text
    raise typer.BadParameter(
        f"expected none, online or auto, found {text!r}: this version has no trained guide and reads no checkpoints"
    )


def parse_grammar(text: str) -> str:
    """`file` or `ours`."""
    if text in {"file", "ours"}:
        return text
    raise typer.BadParameter(f"expected file or ours, found {text!r}")


def no_trained_guide(guide: str) -> tuple[str, str | None]:
    """The guide that will really be used, and what to tell the user where that is not what was asked for."""
    if guide != "auto":
        return guide, None
    return "none", "guide: none (`auto` uses a trained guide, and this version has none; try --guide online)"


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
        metavar="none|online|auto",
        help="What guides the search: nothing, or what it learns from its own partial solutions.",
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
Jobs = Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Worker processes.")]
