"""The `synth` command: its sub-commands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import importlib
import io
import os
import platform
import sys
import traceback
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, cast

import typer

from dsl.errors import DslError
from synth.commands.terminal import ExitCode, say, warn

__all__ = ["main", "make_app"]

_REFUSALS: type[Exception] = cast(type[Exception], typer.BadParameter.__mro__[2])
"""Base of every complaint about the command line; typer gives it no public name."""
_CONTROL_C = 130
"""What typer makes of a KeyboardInterrupt that a command lets through."""
_REPORT = "This is a bug in synth, not in what you did. Please report it with the command, its files and this text."

_COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "solve": ("synth.commands.solve", "solve"),
        "check": ("synth.commands.check", "check"),
        "run": ("synth.commands.run", "run"),
        "explain": ("synth.commands.explain", "explain"),
        "eval": ("synth.commands.evaluate", "evaluate_suites"),
        "replay": ("synth.commands.replay", "replay"),
        "compare": ("synth.commands.compare", "make_app"),
        "library": ("synth.commands.library", "make_app"),
        "primitives": ("synth.commands.primitives", "make_app"),
        "suites": ("synth.commands.suites", "suites"),
        "kernels": ("synth.commands.kernels", "kernels"),
        "bench": ("synth.commands.bench", "make_app"),
        "guide": ("synth.commands.guide", "make_app"),
        "learn": ("synth.commands.learn", "make_app"),
    }
)
"""Module and function of each command; a module is imported when its command is wanted, since some are heavy."""


def make_app(wanted: str | None = None) -> typer.Typer:
    """The typer application: with the wanted command, or with all. Help is plain text where it is piped."""
    app = typer.Typer(
        name="synth",
        help="Learn readable programs from a few examples, and measure them beside deep nets.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
    )
    app.callback()(_options)
    for name, (module, function) in _COMMANDS.items():
        if wanted in _COMMANDS and name != wanted:
            continue
        made = getattr(importlib.import_module(module), function)
        if function == "make_app":
            app.add_typer(made(), name=name)
        else:
            app.command(name)(made)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"synth {_version()} (Python {platform.python_version()})")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_show_version),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the Python traceback of a bug in synth.")] = False,
) -> None:
    """Options of `synth` itself, before the command."""


def _version() -> str:
    import importlib.metadata  # 13 ms that only two messages need

    return importlib.metadata.version("sketchwright")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (without the word `synth`) and return its exit code; errors become one message."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _write_what_can_be_written()
    try:
        command = next((word for word in arguments if not word.startswith("-")), None)
        code = make_app(command)(args=list(arguments), prog_name="synth", standalone_mode=False)
        sys.stdout.flush()
        if code == _CONTROL_C:
            warn("interrupted")
            return ExitCode.INTERRUPTED
        return code if isinstance(code, int) else ExitCode.ALL_SOLVED
    except DslError as error:
        warn(f"error: {error}")
        return ExitCode.BAD_INPUT
    except _REFUSALS as error:
        return _refuse(error)
    except (KeyboardInterrupt, typer.Abort):
        warn("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough, as in `synth suites | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.INTERRUPTED
    except Exception as error:  # the boundary: a bug of ours ends in one message
        return _confess(error, debug="--debug" in arguments)


def _write_what_can_be_written() -> None:
    """A terminal without the sign for a tick gets another sign, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _refuse(error: BaseException) -> int:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    if not message.strip() or message.startswith("Usage:"):  # `synth` alone: the help is the message
        warn(message)
        return ExitCode.BAD_INPUT
    path = context.command_path if context is not None else "synth"
    warn(f"error: {message}\nhint: {path} --help")
    return ExitCode.BAD_INPUT


def _confess(error: Exception, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    warn(f"bug: {type(error).__name__}: {error}\n{_REPORT}")
    warn(f"synth {_version()}, Python {platform.python_version()}, {platform.platform()}")
    if not debug:
        warn("hint: synth --debug ... shows the traceback")
    return ExitCode.BUG
