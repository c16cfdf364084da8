"""Checkpoints of the in-context net: weights as safetensors in half precision, and beside them in JSON what they are.

The one that comes with the project is in `checkpoints/`; the environment variable SKETCHWRIGHT_IN_CONTEXT names
another, made by `synth compare prepare`. Torch is imported only where weights are read or written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsl.errors import InterfaceError
from synth.compare.incontext.episode_file import HIGH, LOW
from synth.compare.metrics import Count

if TYPE_CHECKING:
    from synth.nets.in_context import InContext

__all__ = ["ENVIRONMENT", "SHIPPED", "Prepared", "checkpoint_path", "load", "read_about", "save"]

SHIPPED = Path(__file__).parent / "checkpoints" / "lists.safetensors"
ENVIRONMENT = "SKETCHWRIGHT_IN_CONTEXT"
_FORMAT = 1
_NEEDED = ("parameters", "sizes", "steps", "episodes", "cpu_seconds", "fresh_tasks", "sha256")


@dataclass(frozen=True)
class Prepared:
    """What a checkpoint says of itself.

    `episodes` is on how many it was trained; `cpu_seconds` is what these and the training took, which an accelerator's
    seconds come on top of; `fresh_tasks` counts exact outputs on tasks kept from training, by how many were shown.
    """

    path: Path
    about: Mapping[str, Any]

    @property
    def episodes(self) -> int:
        """On how many episodes it was trained."""
        return int(self.about["episodes"])

    @property
    def cpu_seconds(self) -> float:
        """What episodes and training took."""
        return float(self.about["cpu_seconds"])

    @property
    def digest(self) -> str:
        """A content hash of the weights."""
        return str(self.about["sha256"])[:16]

    def fit(self, shown: int) -> Count:
        """Exact outputs on fresh tasks of its own kind, after so many pairs."""
        counts = self.about["fresh_tasks"]
        right, total = counts[min(max(shown, 1), len(counts)) - 1]
        return Count(int(right), int(total))


def checkpoint_path() -> Path:
    """The checkpoint that protocols use."""
    return Path(os.environ.get(ENVIRONMENT) or SHIPPED)


def save(path: Path, net: InContext, about: Mapping[str, Any]) -> None:
    """Write the weights to `path` (FILE.safetensors) and the facts beside it, each whole or not at all."""
    import torch
    from safetensors.torch import save as save_tensors

    weights = {name: t.detach().to("cpu", torch.float16).contiguous() for name, t in net.state_dict().items()}
    data = save_tensors(weights)
    facts = {
        "format": _FORMAT,
        "parameters": sum(p.numel() for p in net.parameters()),
        "numbers": [LOW, HIGH],
        "sizes": {
            "channels": net.embed.embedding_dim,
            "layers": len(net.layers),
            "heads": net.embed.embedding_dim // net.size,
        },
        **about,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, data)
    _replace(path.with_suffix(".json"), (json.dumps(facts, indent=1) + "\n").encode())


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    beside.replace(path)


def read_about(path: Path) -> Prepared:
    """What the checkpoint says of itself; InterfaceError where there is none, or one of another kind."""
    beside = path.with_suffix(".json")
    try:
        facts = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _refused(path, f"expected {beside.name} beside the weights, found {_short(error)}") from None
    missing = [name for name in _NEEDED if not isinstance(facts, dict) or name not in facts]
    if missing:
        raise _refused(path, f"expected {', '.join(missing)} in {beside.name}, found none")
    if facts.get("format") != _FORMAT or facts.get("numbers") != [LOW, HIGH]:
        raise _refused(path, f"expected format {_FORMAT} with the numbers {LOW} to {HIGH}, found another")
    return Prepared(path, facts)


@cache
def load(path: Path, device: str = "cpu") -> InContext:
    """The net in a checkpoint, checked: the weights that the JSON speaks of, all there and finite."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load as load_tensors

    from synth.nets.in_context import InContext

    prepared = read_about(path)
    net = InContext(LOW, HIGH, **prepared.about["sizes"])
    try:
        data = path.read_bytes()
        weights = {name: t.to(torch.float32) for name, t in load_tensors(data).items()}
        net.load_state_dict(weights)
    except (OSError, SafetensorError, ValueError, RuntimeError) as error:
        raise _refused(path, f"expected whole weights, found others, or none at all: {_short(error)}") from None
    if hashlib.sha256(data).hexdigest() != prepared.about["sha256"]:
        raise _refused(path, f"expected the weights that {path.with_suffix('.json').name} speaks of, found others")
    if not all(bool(torch.isfinite(t).all()) for t in weights.values()):
        raise _refused(path, "expected numbers, found some that are infinite or none (NaN)")
    return net.to(device).eval()


def _refused(path: Path, why: str) -> InterfaceError:
    return InterfaceError(
        f"cannot use the in-context net: {why}", path=str(path), hint="make one: synth compare prepare"
    )


def _short(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
