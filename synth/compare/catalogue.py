"""Which protocols there are: ours by name, those of installed packages, and one from a Python file."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from dsl.errors import InterfaceError
from dsl.library import nearest
from synth.compare.protocol import Protocol

__all__ = ["ENTRY_POINTS", "PROTOCOLS", "protocol_from_file", "protocol_named", "protocol_names"]

PROTOCOLS: Mapping[str, str] = MappingProxyType(
    {
        "length": "synth.compare.protocols.length",
        "samples": "synth.compare.protocols.samples",
        "rocket": "synth.compare.protocols.rocket",
        "adversarial": "synth.compare.protocols.adversarial",
        "uncrumple": "synth.compare.protocols.uncrumple",
        "bodies": "synth.compare.protocols.bodies",
    }
)
"""Our protocols: by name, the module that has it as PROTOCOL. One file each; a new one needs a line here."""

ENTRY_POINTS = "synth.protocols"
"""The group of entry points in which an installed package names its protocols (`name = "module:PROTOCOL"`)."""


def protocol_names() -> tuple[str, ...]:
    """All names that `protocol_named` knows, ours first."""
    return tuple(dict.fromkeys((*PROTOCOLS, *sorted(_installed()))))


def _installed() -> dict[str, importlib.metadata.EntryPoint]:
    return {found.name: found for found in importlib.metadata.entry_points(group=ENTRY_POINTS)}


def protocol_named(name: str) -> Protocol:
    """The protocol of that name; only its module is loaded. InterfaceError, with the nearest name, for no such one."""
    if name in PROTOCOLS:
        return _checked(getattr(importlib.import_module(PROTOCOLS[name]), "PROTOCOL", None), PROTOCOLS[name])
    if found := _installed().get(name):
        return _checked(_loaded(found), found.value)
    near = nearest(name, protocol_names())
    raise InterfaceError(
        f"expected a protocol ({', '.join(protocol_names())}), found {name!r}",
        hint=f"did you mean {near!r}?" if near else "a file of your own is given by --protocol FILE.py",
    )


def _loaded(entry: importlib.metadata.EntryPoint) -> object:
    """What an entry point names; InterfaceError where the package that has it is broken."""
    try:
        return entry.load()
    except Exception as error:  # whatever a package of somebody else does wrong
        raise InterfaceError(
            f"protocol {entry.name!r} of an installed package ({entry.value}): {type(error).__name__}: {error}",
            hint="mend the package, or remove it",
        ) from error


def protocol_from_file(path: str) -> Protocol:
    """The object PROTOCOL of a Python file. The file is run: open only what you trust.

    InterfaceError, with the file and the line, where it cannot be run, has no PROTOCOL, or one that does not fit.
    """
    name = f"synth_protocol_{Path(path).stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not Path(path).is_file():
        raise InterfaceError(f"expected a Python file with a PROTOCOL, found {path!r}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickling look their module up
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever a file of somebody else does wrong
        where = _line_in(error, path)
        told = error.msg if isinstance(error, SyntaxError) else str(error)
        raise InterfaceError(f"{path}{where}: {type(error).__name__}: {told}") from error
    return _checked(getattr(module, "PROTOCOL", None), path)


def _line_in(error: BaseException, path: str) -> str:
    """The last line of a file that an error passed through, as `:line`; nothing where there is none."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}" if error.lineno is not None else ""
    lines, trace = [], error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == Path(path).absolute():
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f":{lines[-1]}" if lines else ""


def _checked(found: object, where: str) -> Protocol:
    if not isinstance(found, Protocol):
        told = "no PROTOCOL" if found is None else repr(found)[:60]
        raise InterfaceError(
            f"{where}: expected PROTOCOL, a synth.compare.Protocol, found {told}",
            hint="docs/compare.md shows a whole one",
        )
    found.check()
    return found
