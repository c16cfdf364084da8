"""A user's Python file of primitives, loaded as a library."""

from __future__ import annotations

import re
import sys
import traceback
from pathlib import Path
from types import CodeType, ModuleType

from dsl.errors import DslError, InterfaceError, Span
from dsl.library import Library
from dsl.primitive import is_primitive

__all__ = ["load_primitives"]

_SIZE_LIMIT = 2_000_000


def load_primitives(path: str | Path) -> Library:
    """The library of the functions in a Python file that are decorated with `@primitive`.

    The file is imported, so its code runs. Words are qualified by the file's `NAMESPACE`, or else its name. Raises
    InterfaceError, with the line, for a file that is missing, unreadable, no Python, fails on import, or has no
    primitives; PrimitiveError for missing or refused type hints; LibraryError for two words of one name.
    """
    file = Path(path)
    text = _read(file)
    module = _imported(file, text, _compiled(file, text))
    if not any(is_primitive(value) and value.__module__ == module.__name__ for value in vars(module).values()):
        raise InterfaceError(
            "expected functions decorated with @primitive, found none",
            path=str(file),
            hint="decorate a function with type hints: `from dsl.primitive import primitive`",
        )
    return Library.of(module)


def _read(file: Path) -> str:
    try:
        if not file.exists():
            raise InterfaceError("expected a Python file of primitives, found no such file", path=str(file))
        if file.is_file() and file.stat().st_size > _SIZE_LIMIT:
            raise InterfaceError(f"expected a file of at most {_SIZE_LIMIT:,} bytes, found more", path=str(file))
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InterfaceError(f"expected a readable Python file, found: {error.strerror}", path=str(file)) from None
    except UnicodeDecodeError:
        raise InterfaceError("expected text in UTF-8, found other bytes", path=str(file)) from None


def _compiled(file: Path, text: str) -> CodeType:
    before, nul, _ = text.partition("\0")
    if nul:
        raise InterfaceError(f"expected Python, found a NUL byte in line {before.count(chr(10)) + 1}", path=str(file))
    try:
        return compile(text, str(file), "exec", dont_inherit=True)
    except SyntaxError as error:
        span = Span(error.lineno, max(error.offset or 1, 1)) if error.lineno else None
        message = f"expected Python, found: {error.msg}"
        raise InterfaceError(message, span=span, text=text, path=str(file)) from None
    except (ValueError, RecursionError, MemoryError) as error:
        found = str(error) or type(error).__name__
        raise InterfaceError(f"expected Python, found: {found}", path=str(file)) from None


def _imported(file: Path, text: str, code: CodeType) -> ModuleType:
    """The module after its code has run; whatever that raises becomes one error with the line in the file."""
    # A name of its own, so that `random.py` hides no module of Python's; its last part is the namespace.
    module = ModuleType(f"primitives_from_file.{re.sub(r'[^a-zA-Z0-9_]', '_', file.stem)}")
    module.__file__ = str(file)
    # Dataclasses and the like look their module up by name.
    sys.modules[module.__name__] = module
    try:
        exec(code, vars(module))
    except DslError:
        raise
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        found = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise InterfaceError(
            f"expected a file that can be imported, found {found}",
            span=_line_span(text, lines[-1]) if lines and lines[-1] else None,
            text=text,
            path=str(file),
        ) from None
    return module


def _line_span(text: str, number: int) -> Span:
    """All of a line but its indentation."""
    line = text.splitlines()[number - 1]
    code = line.strip()
    return Span(number, 1 + len(line) - len(line.lstrip()), max(len(code), 1))
