"""The front door `dsl`: what it offers, and that passing it is cheap."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dsl

CHEAP = """
import sys
import dsl, dsl.library, dsl.program
from dsl import primitive, Range, commutative, identity, involution
assert callable(primitive), "the decorator, not the module of that name"
print(*sorted({"lark", "networkx", "torch", "numpy"} & sys.modules.keys()))
"""


@pytest.mark.parametrize("name", dsl.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(dsl, name) is not None


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'dsl' has no attribute 'prase'"):
        dsl.prase  # type: ignore[attr-defined]  # noqa: B018


def test_the_front_door_loads_nothing_large() -> None:
    ran = subprocess.run([sys.executable, "-c", CHEAP], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == ""
