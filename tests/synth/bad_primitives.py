"""Files of primitives that misbehave, one way each, for tests of the watchdog."""

from __future__ import annotations

from pathlib import Path

__all__ = ["BAD", "write"]

_HEAD = "import os, random, re, time\nfrom dsl.primitive import primitive\n\n\n@primitive(weight=50.0)\n"
BAD = {
    "nap": "def nap(n: int) -> int:\n    'Sleeps.'\n    time.sleep(1)\n    return n",
    "backtrack": "def backtrack(n: int) -> int:\n    'Loops in C.'\n"
    "    return 1 if re.match(r'(a+)+$', 'a' * 40 + '!') else 2",
    "tower": "def tower(n: int) -> int:\n    'Loops in C on huge numbers.'\n    return (10 ** (10**9)) % 7",
    "hoard": "def hoard(n: int) -> int:\n    'Takes all memory.'\n    held = []\n"
    "    while True:\n        held.append(bytearray(50_000_000))",
    "poor": "def poor(n: int) -> int:\n    'Says that memory is out.'\n    raise MemoryError",
    "blank": "def blank(n: int) -> float:\n    'No number.'\n    return float('nan')",
    "dice": "def dice(n: int) -> int:\n    'Random.'\n    return random.randrange(2)",
    "crash": "def crash(n: int) -> int:\n    'Takes the process down.'\n    os.kill(os.getpid(), 11)",
    "eaten": "def eaten(n: int) -> int:\n    'Killed as by a machine without memory.'\n    os.kill(os.getpid(), 9)",
}
"""By the word's name: the word."""


def write(folder: Path, name: str) -> Path:
    """The file of one bad word, which is called `NAME.NAME`."""
    path = folder / f"{name}.py"
    path.write_text(f"{_HEAD}{BAD[name]}\n", encoding="utf-8")
    return path
