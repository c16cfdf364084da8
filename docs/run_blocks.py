"""Runs every code block of Markdown files, so that what the docs show is what the program does.

    python docs/run_blocks.py README.md docs/*.md            # run and compare
    python docs/run_blocks.py --update docs/tour.md          # write the outputs anew; read the diff

Each file is run from top to bottom in an empty folder of its own, with the `synth` beside this Python first on PATH.

* ```console: a line `$ command` is run, the lines after it are its output: compared, if there are any. `...` stands
  for anything, and numbers of seconds, bits, evaluations, words and classes may differ. A command must end with exit
  code 0; under ```console exit=N with N.
* ```python: run, all blocks of a file in one namespace; one with `>>>` is a doctest.
* any block with file=NAME is saved under that name instead of being run.
* ```toml must parse; ```text is for reading only. No other language is known.
* `<!-- not run: REASON -->` on the line before a block skips it; `<!-- slow -->` skips it unless --slow is given.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import doctest
import io
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

__all__ = ["Block", "BlockError", "Document", "blocks", "links", "main", "run_document"]

_FENCE = re.compile(r"^```(\S+)?[ ]*(.*)$")
_COMMENT = re.compile(r"^<!-- (not run: .+|slow) -->$")
_VARIES = re.compile(r"\b[\d,]+(?:\.\d+)? (s|us|bits|evaluations|words|classes|merged)\b")
_TIMEOUT = 900


class BlockError(Exception):
    """A block that does not do what its document says."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, options, lines, the line it starts on, and the comment before it, if any."""

    language: str
    options: dict[str, str]
    lines: tuple[str, ...]
    line: int
    comment: str = ""

    @property
    def text(self) -> str:
        """The block as text."""
        return "".join(line + "\n" for line in self.lines)


@dataclass(frozen=True)
class Command:
    """A line `$ ...` of a console block, and the output shown for it."""

    text: str
    output: tuple[str, ...] = ()


@dataclass
class Document:
    """A Markdown file while its blocks are run: where, and the Python names made so far."""

    path: Path
    folder: Path
    names: dict[str, object] = field(default_factory=dict)


def blocks(text: str) -> Iterator[Block]:
    """All fenced blocks, in order."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if fence is None:
            number += 1
            continue
        end = lines.index("```", number + 1)
        options = dict(option.split("=", 1) for option in fence[2].split())
        comment = _COMMENT.match(lines[number - 1].strip()) if number else None
        body = tuple(lines[number + 1 : end])
        yield Block(fence[1] or "", options, body, number + 1, comment[1] if comment else "")
        number = end + 1


def links(text: str) -> list[str]:
    """Targets of links to files beside a page; web addresses and places in a page are left out."""
    found = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    return [target for target in found if "://" not in target]


def commands(block: Block) -> list[Command]:
    """The commands of a console block."""
    found: list[Command] = []
    for line in block.lines:
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        elif not found:
            raise BlockError(f"expected a line that starts with '$ ', found {line!r}")
        elif found[-1].text.endswith("\\"):
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{line}")
        else:
            found[-1] = replace(found[-1], output=(*found[-1].output, line))
    return found


def run_block(block: Block, document: Document) -> Block:
    """Run one block; returns it with the outputs that it really has. Raises BlockError."""
    if "file" in block.options:
        target = document.folder / block.options["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, encoding="utf-8")
        return block
    match block.language:
        case "console":
            return _run_console(block, document.folder)
        case "python":
            _run_python(block, document)
        case "toml":
            tomllib.loads(block.text)
        case "text":
            pass
        case other:
            raise BlockError(f"expected console, python, toml or text, found a block of {other or 'no language'!r}")
    return block


def _run_console(block: Block, folder: Path) -> Block:
    wanted = int(block.options.get("exit", "0"))
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    lines: list[str] = []
    for command in commands(block):
        done = subprocess.run(
            ["bash", "-c", command.text],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT,
            check=False,
        )
        shown = done.stdout.decode("utf-8", "replace")
        if done.returncode != wanted:
            raise BlockError(f"$ {command.text}\nexpected exit code {wanted}, found {done.returncode}\n{shown}")
        lines += [*f"$ {command.text}".splitlines(), *([] if not command.output else shown.splitlines())]
    return replace(block, lines=tuple(line.rstrip() for line in lines))


def _run_python(block: Block, document: Document) -> None:
    before = Path.cwd()
    os.chdir(document.folder)
    try:
        if ">>> " in block.text:
            _run_doctest(block, document)
        else:
            code = compile("\n" * block.line + block.text, str(document.path), "exec")
            with contextlib.redirect_stdout(io.StringIO()):
                exec(code, document.names)
    except BlockError:
        raise
    except Exception as error:  # whatever a shown program raises is this block's failure
        raise BlockError(f"{type(error).__name__}: {error}") from error
    finally:
        os.chdir(before)


def _run_doctest(block: Block, document: Document) -> None:
    test = doctest.DocTestParser().get_doctest(block.text, document.names, document.path.name, None, block.line)
    report = io.StringIO()
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    runner.run(test, out=report.write, clear_globs=False)
    document.names.update(test.globs)
    if report.getvalue():
        raise BlockError(report.getvalue())


def agrees(shown: Sequence[str], found: Sequence[str]) -> bool:
    """Whether a block's lines are what running it gave: `...` is anything, some numbers may differ."""
    plain = [_VARIES.sub(r"# \1", "\n".join(lines)) for lines in (shown, found)]
    pattern = ".*".join(re.escape(part) for part in plain[0].split("..."))
    return re.fullmatch(pattern, plain[1], re.DOTALL) is not None


def run_document(path: Path, *, slow: bool = False, update: bool = False) -> Iterator[str]:
    """Run a file's blocks; yields one line of report for each.

    Raises BlockError, with the place, for the first block that fails; with `update`, the outputs found are written
    into the file instead of being compared.
    """
    text = path.read_text(encoding="utf-8")
    changes: list[tuple[Block, Block]] = []
    with tempfile.TemporaryDirectory() as folder:
        document = Document(path, Path(folder).resolve())
        for block in blocks(text):
            place = f"{path}:{block.line}"
            if block.comment.startswith("not run") or (block.comment == "slow" and not slow):
                yield f"skipped {place}  {block.language}  {block.comment}"
                continue
            begin = time.monotonic()
            try:
                found = run_block(block, document)
                same = agrees(block.lines, found.lines)
                if not same and not update:
                    raise BlockError(_difference(block, found))
                if block.lines != found.lines and not (same and "..." in block.text):
                    changes.append((block, found))
            except BlockError as failure:
                raise BlockError(f"{place}: {failure}") from None
            yield f"ok      {place}  {block.language}  {time.monotonic() - begin:.1f} s"
    if update and changes:
        path.write_text(_changed(text, changes), encoding="utf-8")


def _difference(block: Block, found: Block) -> str:
    lines = "\n".join(difflib.ndiff(block.lines, found.lines))
    return f"the output is another (- as shown, + as found)\n{lines}"


def _changed(text: str, changes: Sequence[tuple[Block, Block]]) -> str:
    """The file's text with blocks replaced, last first, so that line numbers stay right."""
    lines = text.splitlines()
    for block, found in reversed(changes):
        lines[block.line : block.line + len(block.lines)] = found.lines
    return "\n".join(lines) + "\n"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--slow", action="store_true", help="also blocks marked as slow")
    parser.add_argument("--update", action="store_true", help="write the outputs found into the files")
    options = parser.parse_args()
    failed = False
    for path in options.files:
        try:
            for line in run_document(path, slow=options.slow, update=options.update):
                print(line, flush=True)
        except BlockError as failure:
            print(f"FAILED  {failure}", flush=True)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
