"""Which guide is meant by a name, and asking it when a search wants to know. Nothing here imports torch by itself."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import itertools
import json
import math
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import cast

from dsl.errors import DslError, InterfaceError
from synth.guidance import ASKED_AFTER, Guidance, Later
from synth.guide.guide import CannotGuide, Guide
from tasks.task import Spec

__all__ = [
    "AUTO",
    "Asking",
    "auto_guide",
    "guide_files",
    "is_guide_file",
    "later_for",
    "load_guide",
    "off",
    "shipped_checkpoint",
]

AUTO = "auto"
"""The name of whatever guide this version ships."""
_CHECKPOINT, _PYTHON = ".safetensors", ".py"
_SHIPPED = "checkpoints"
_LOADERS = MappingProxyType({_CHECKPOINT: "synth.guide.checkpoint"})
"""The module that loads a file with such an end, by its function `load`; imported when it is wanted, with torch."""


def is_guide_file(name: str) -> bool:
    """Whether the name is that of a file that holds a guide, going by its end."""
    return Path(name).suffix in (_CHECKPOINT, _PYTHON)


def shipped_checkpoint() -> Path | None:
    """The trained guide that comes with this version; None where there is none."""
    folder = Path(str(files("synth.guide"))) / _SHIPPED
    return min(folder.glob(f"*{_CHECKPOINT}"), default=None)


def auto_guide() -> Path | None:
    """The trained guide that `auto` asks: the one that is shipped, if it was measured to pay (`pays` in its JSON)."""
    path = shipped_checkpoint()
    if path is None or path.suffix == _PYTHON:
        return path
    try:
        about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return path if isinstance(about, dict) and about.get("pays") is True else None


def guide_files(name: str) -> tuple[Path, ...]:
    """The files that decide what a guide says: its own, and the JSON beside it; none for a guide that has no file."""
    path = auto_guide() if name == AUTO else Path(name) if is_guide_file(name) else None
    return () if path is None else tuple(file for file in (path, path.with_suffix(".json")) if file.is_file())


def load_guide(path: Path) -> Guide:
    """The guide in a file: a trained checkpoint (FILE.safetensors), or a Python file that defines `guide`.

    Raises InterfaceError for a file that cannot be read, and says what is wrong with it.
    """
    if not path.is_file():
        raise InterfaceError(f"cannot read the guide {str(path)!r}: there is no such file")
    if path.suffix == _PYTHON:
        return _python_guide(path)
    try:
        loader = importlib.import_module(_LOADERS[path.suffix])
    except ImportError as error:  # torch is missing, or broken
        raise InterfaceError(f"cannot use the guide {str(path)!r}: {error}") from error
    return cast(Guide, loader.load(path))


def _python_guide(path: Path) -> Guide:
    """The object `guide` of a Python file, run as a module of its own."""
    described = importlib.util.spec_from_file_location(f"guide_{path.stem}", path)
    assert described is not None, "a file that ends in .py has a loader"
    assert described.loader is not None, "as above"
    module = importlib.util.module_from_spec(described)
    try:
        described.loader.exec_module(module)
    except Exception as error:  # the boundary: the file is the user's
        raise InterfaceError(f"the guide failed to load: {type(error).__name__}: {error}", path=str(path)) from error
    guide = getattr(module, "guide", None)
    if not isinstance(guide, Guide):
        raise InterfaceError(
            "expected a guide named `guide`, found "
            + ("none" if guide is None else f"{type(guide).__name__}, which lacks `name` or `predict`"),
            path=str(path),
            hint="a guide has a `name` and a method `predict(spec)` that returns a synth.guidance.Guidance",
        )
    return guide


@functools.lru_cache(maxsize=4)
def _loaded(path: Path, changed: int) -> Guide:
    """A guide, loaded once a process; `changed` is when the file was, in nanoseconds."""
    return load_guide(path)


@dataclass(frozen=True)
class Asking:
    """Asks the guide in a file, which is loaded with the first question; None stands for the one that `auto` asks.

    A guide that cannot help leaves the search as it is: the guidance is empty then, and its source says why.
    """

    path: Path | None = None

    def __call__(self, spec: Spec) -> Guidance:
        """Guidance for a spec."""
        path = auto_guide() if self.path is None else self.path
        if path is None:
            return off("this version ships no guide that pays")
        try:
            guidance = _loaded(path, path.stat().st_mtime_ns).predict(spec)
            return off(unusable) if (unusable := _unusable(guidance)) else guidance
        except (CannotGuide, DslError, ImportError, OSError) as error:
            return off(str(error).splitlines()[0] if str(error) else type(error).__name__)
        except Exception as error:
            if path.suffix != _PYTHON:
                raise
            return off(f"{path.name} failed: {type(error).__name__}: {error}")  # the user's code, not ours


def _unusable(guidance: Guidance) -> str:
    """What in guidance would upset a search that goes by its numbers; empty where nothing would."""
    given = itertools.chain(guidance.bits.items(), *(bits.items() for bits in guidance.contexts.values()))
    odd = [f"{key} {bits}" for key, bits in given if not math.isfinite(bits)]
    odd += [f"a sketch of probability {p}" for _, p in guidance.sketches if not 0 < p <= 1]
    odd += [f"a subgoal of probability {p}" for _, p in guidance.subgoals if not 0 < p <= 1]
    return f"it said {odd[0]}" if odd else ""


def off(why: str) -> Guidance:
    """The guidance of a guide that cannot help."""
    return Guidance(f"off ({why})")


def later_for(name: str) -> Later:
    """How a search asks the guide of a name: `auto` when it has worked unguided for a while, a file at the start."""
    return Later(Asking(), ASKED_AFTER) if name == AUTO else Later(Asking(Path(name)), 0)
