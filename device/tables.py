"""Write the tables of characters that the core has in it: `src/character_tables.h` and `.c`.

    python -m device.tables

Lists of code points are coded by their gaps, in numbers of one to three bytes; `src/characters.c` decodes them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html.entities import name2codepoint
from itertools import groupby
from pathlib import Path

from device.characters import (
    Decomposition,
    decompositions,
    full,
    kinds_of_characters,
    lowercase,
    orders,
)

SOURCES = Path(__file__).parent / "src"
_COLUMNS = 120
_LEAST_RUN = 5  # characters whose decompositions follow from the first one's
_CANONICAL, _COMPOSES = 32, 64  # beside a decomposition's length
_LISTED, _RISING, _SAME = range(3)
_CAPITAL_I_WITH_DOT = 0x130  # the only character whose lower case is two

_HEADER = """\
/* Written by `python -m device.tables`. */
#ifndef ER_CHARACTER_TABLES_H
#define ER_CHARACTER_TABLES_H

#include <stdint.h>

/* Kinds of characters. */
enum {{
{kinds}
}};

enum {{
{sizes}
}};

{arrays}

#endif
"""
_COMMENTS = {
    "removed": "what BERT's clean-up removes",
    "blank": "white space",
    "ideograph": "a word of its own",
    "mark": "nonspacing: an accent",
    "punctuation": "a word of its own",
    "compatibility": "a symbol that decomposes into several letters or digits",
    "power": "a superscript digit",
    "symbol": "beyond ASCII",
    "unknowable": "a symbol that the service never takes from the vocabulary",
    "meaning": "a letter, a digit or a distinguishing symbol",
}


def main() -> None:
    """Write the files."""
    for name, content in files().items():
        (SOURCES / name).write_text(content, encoding="utf-8")


def files() -> dict[str, str]:
    """The content of the header and of the source, by their names."""
    kinds, steps, lower = kinds_of_characters(), decompositions(), lowercase()
    combining = orders(steps)
    properties, ranges, range_count = _properties(kinds, combining)
    runs = list(_runs(steps))
    lower_runs = list(_lower_runs(lower))
    tables = {
        "er_property_table": properties,
        "er_range_table": ranges,
        "er_decomposition_table": b"".join(_decomposition_code(runs)),
        "er_lowercase_table": b"".join(_lowercase_code(lower_runs)),
        "er_entity_table": "".join(_entities()).encode() + b"\0",
    }
    sizes = {
        "ER_PROPERTIES": len(properties) // 3,
        "ER_RANGES": range_count,
        "ER_ORDERS": len({0, *combining.values()}),  # 64 at most
        "ER_DECOMPOSITIONS": len(steps),
        "ER_RUNS": len(runs),
        "ER_LETTERS": sum(len(step.letters) for step in steps.values() if len(step.letters) > 1),
        "ER_COMPOSITIONS": sum(step.composes for step in steps.values()),
        "ER_LOWERCASE_RUNS": len(lower_runs),
        # Of one character: letters, and letters that are no blanks, by NFKD; letters by NFD.
        "ER_MOST_LETTERS": max(len(full(point, steps, canonical=False)) for point in steps),
        "ER_MOST_TOKENS": max(len(full(point, steps, canonical=False).replace(" ", "")) for point in steps),
        "ER_MOST_CANONICAL_LETTERS": max(len(full(point, steps, canonical=True)) for point in steps),
    }
    header = _HEADER.format(
        kinds="\n".join(
            f"    ER_{name.upper()} = {1 << bit}, /* {_COMMENTS[name]} */" for bit, name in enumerate(kinds)
        ),
        sizes="\n".join(f"    {name} = {size}," for name, size in sizes.items()),
        arrays="\n".join(f"extern const uint8_t {name}[{len(table)}];" for name, table in tables.items()),
    )
    arrays = "\n".join(_array(name, table) for name, table in tables.items())
    source = f'/* Written by `python -m device.tables`. */\n#include "character_tables.h"\n\n{arrays}'
    return {"character_tables.h": header, "character_tables.c": source}


def _properties(kinds: Mapping[str, set[int]], combining: Mapping[int, int]) -> tuple[bytes, bytes, int]:
    """Three bytes for each combination of kinds and combining class, then the ranges that have one, and their number.

    A combining class is its place among all classes: the order is all that counts.
    """
    places = {one: place for place, one in enumerate(sorted({0, *combining.values()}))}
    masks: dict[int, int] = {}
    for bit, points in enumerate(kinds.values()):
        for point in points:
            masks[point] = masks.get(point, 0) | 1 << bit
    combinations = {(0, 0): 0}
    code = bytearray()
    count = before = 0
    last = (0, 0)
    for point in sorted({near for one in (*masks, *combining) for near in (one, one + 1)} - {0x110000}):
        one = (masks.get(point, 0), places[combining.get(point, 0)])
        if one != last:
            code += _number(point - before) + bytes([combinations.setdefault(one, len(combinations))])
            last, before, count = one, point, count + 1
    table = b"".join(mask.to_bytes(2, "little") + bytes([place]) for mask, place in combinations)
    return table, bytes(code), count


Run = tuple[int, Sequence[tuple[int, Decomposition]]]
"""How the decompositions of consecutive characters follow from the first one's, and they."""


def _runs(steps: Mapping[int, Decomposition]) -> Iterator[Run]:
    """Characters in order, by runs; those of a run have decompositions of the same length and kind."""
    alike = groupby(
        enumerate(sorted(steps.items())),
        lambda one: (one[1][0] - one[0], len(one[1][1].letters), one[1][1].canonical, one[1][1].composes),
    )
    for _, group in alike:
        listed: list[tuple[int, Decomposition]] = []
        rest = [item for _, item in group]
        while rest:
            mode, length = max(((mode, _length(rest, mode)) for mode in (_RISING, _SAME)), key=lambda one: one[1])
            if length < _LEAST_RUN:
                listed.append(rest.pop(0))
                continue
            if listed:
                yield _LISTED, listed
            listed = []
            yield mode, rest[:length]
            rest = rest[length:]
        if listed:
            yield _LISTED, listed


def _length(items: Sequence[tuple[int, Decomposition]], mode: int) -> int:
    """How many decompositions are the same as the first one, or rise in the last letter."""
    first = items[0][1].letters
    rise = mode == _RISING
    for place, (_, step) in enumerate(items):
        if step.letters != (*first[:-1], first[-1] + place * rise):
            return place
    return len(items)


def _decomposition_code(runs: Iterable[Run]) -> Iterator[bytes]:
    """Of each run: the gap before it, its shape, its length and mode; and letters, as differences from those before."""
    end = 0
    before = [0] * 32
    for mode, items in runs:
        start, step = items[0]
        shape = len(step.letters) | _CANONICAL * step.canonical | _COMPOSES * step.composes
        yield _number(start - end) + bytes([shape]) + _number((len(items) - 1) * 3 + mode)
        for _, each in items if mode == _LISTED else items[:1]:
            for place, letter in enumerate(each.letters):
                yield _number(_unsigned(letter - before[place]))
                before[place] = letter
        end = items[-1][0] + 1


LowerRun = tuple[int, int, int, int]
"""First character, number, stride, and how far away the lower case is."""


def _lower_runs(lower: Mapping[int, str]) -> Iterator[LowerRun]:
    distances = sorted((point, ord(text) - point) for point, text in lower.items() if point != _CAPITAL_I_WITH_DOT)
    while distances:
        best = max((_lower_run(distances, stride) for stride in (1, 2)), key=lambda one: one[1])
        yield best
        distances = distances[best[1] :]


def _lower_run(distances: Sequence[tuple[int, int]], stride: int) -> LowerRun:
    start, distance = distances[0]
    count = 0
    while count < len(distances) and distances[count] == (start + count * stride, distance):
        count += 1
    return start, count, stride, distance


def _lowercase_code(runs: Iterable[LowerRun]) -> Iterator[bytes]:
    before = 0
    for start, count, stride, distance in runs:
        yield _number(start - before) + _number(count * 2 + stride - 1) + _number(_unsigned(distance))
        before = start


def _entities() -> Iterator[str]:
    """Names in the order of their code points; a number is the next one's, where it does not follow by 1."""
    expected = 0
    names = {**name2codepoint, "apos": ord("'")}
    for name, point in sorted(names.items(), key=lambda item: (item[1], item[0])):
        yield f" {name}" if point == expected else f" {point} {name}"
        expected = point + 1


def _unsigned(number: int) -> int:
    """0, -1, 1, -2, 2 as 0, 1, 2, 3, 4."""
    return 2 * number if number >= 0 else -2 * number - 1


def _number(number: int) -> bytes:
    """One byte below 128; else two, the first from 128 to 239, or three, from 240 to 255, for what is beyond those."""
    if number < 0x80:
        return bytes([number])
    number -= 0x80
    if number < 0x7000:
        return bytes([0x80 + (number >> 8), number & 0xFF])
    number -= 0x7000
    return bytes([0xF0 + (number >> 16), number >> 8 & 0xFF, number & 0xFF])


def _array(name: str, table: bytes) -> str:
    lines = [f"const uint8_t {name}[{len(table)}] = {{"]
    line = "   "
    for byte in table:
        if len(line) + len(f" {byte},") > _COLUMNS:
            lines.append(line)
            line = "   "
        line += f" {byte},"
    return "\n".join([*lines, line, "};", ""])


if __name__ == "__main__":
    main()
