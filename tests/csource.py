# SPDX-License-Identifier: GPL-3.0-or-later
"""The C sources of the project, as the checks of the house look at them."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARY = ("src", "training")

_NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
_HEAD = re.compile(r"^[A-Za-z_][\w \t*\n]*?\b(\w+)[ \t]*\(([^;{}]*)\)\s*\{", re.M)


def sources(folders, suffixes=(".c", ".h")):
    """Paths below the folders, sorted, relative to ROOT."""
    return sorted(path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*")
                  if path.suffix in suffixes)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def strip(text):
    """The text without comments and with empty strings; lines stay where they are."""
    def blank(match):
        token = match.group()
        return "\n" * token.count("\n") if token[0] == "/" else '""'
    return _NOISE.sub(blank, text)


def functions(text):
    """(name, first line, number of lines, number of parameters) of each function that stripped text defines."""
    for head in _HEAD.finditer(text):
        end, depth = head.end(), 1
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        first = text.count("\n", 0, head.start()) + 1
        parameters = head.group(2).strip()
        count = 0 if parameters in ("", "void") else commas(parameters) + 1
        yield head.group(1), first, text.count("\n", head.start(), end) + 1, count


def commas(parameters):
    """Commas between parameters, not those inside the brackets of a function pointer."""
    depth = count = 0
    for character in parameters:
        depth += {"(": 1, ")": -1}.get(character, 0)
        count += character == "," and depth == 0
    return count
