"""Fixtures of the tests of `tasks`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def data_folder() -> Path:
    """The folder with the outside data sets, which are not part of the project."""
    folder = os.environ.get("SKETCHWRIGHT_DATA")
    if not folder:
        pytest.skip("set SKETCHWRIGHT_DATA to the folder with the outside data sets")
    return Path(folder)
