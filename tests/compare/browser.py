"""A real browser for tests of pages: Debian's chromium through playwright, without network; skips, and says why."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["Watched", "browser", "opened"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser; the test is skipped where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'"
    )
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no chromium here; on Debian: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield started
        started.close()


class Watched:
    """What a page said on its console, and what it asked of the network."""

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))


@contextmanager
def opened(browser: Browser, path: Path, *, width: int = 1280, height: int = 900) -> Iterator[tuple[Page, Watched]]:
    """A file in a window of that size; no address but files and data can be reached."""
    page = browser.new_page(viewport={"width": width, "height": height})
    watched = Watched(page)
    page.goto(path.as_uri())
    yield page, watched
    page.close()
