"""Answers as JSON, long ones in pieces, so that the event loop is never held up by one."""

import time
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

from fastapi import Response
from pydantic import TypeAdapter
from starlette.types import Receive, Scope, Send

from service.process.yielding import SLICE_S, TimeSlice

_SENT_AT_ONCE = 256 * 1024
_WRITTEN_AT_ONCE = 64


class Writer:
    """Writes answers of a type; it is a dataclass, and at most one of its fields is a list of dataclasses."""

    def __init__(self, answer: type[Any]) -> None:
        self._answers = TypeAdapter(answer)
        self._rows: TypeAdapter[list[Any]] | None = None
        hints = get_type_hints(answer, include_extras=True) if is_dataclass(answer) else {}
        for field in fields(answer) if is_dataclass(answer) else ():
            hint = hints[field.name]
            if get_origin(hint) is list and is_dataclass(get_args(hint)[0]):
                self._name, self._rows = field.name, TypeAdapter(hint)

    async def write(self, answer: Any) -> list[bytes]:  # noqa: ANN401 (whatever the type is that was given)
        """The JSON of an answer, in pieces; what is None is left out.

        The rows of a long one are gone then, so that not all are let go of at once.
        """
        if self._rows is None or len(getattr(answer, self._name)) <= _WRITTEN_AT_ONCE:
            return [self._answers.dump_json(answer, exclude_none=True)]
        empty = f'"{self._name}":[]'.encode()
        # No string holds this: a quotation mark in one has a backslash before it.
        whole = self._answers.dump_json(replace(answer, **{self._name: []}), exclude_none=True)
        before, _, after = whole.partition(empty)
        pieces = await self._written(self._rows, getattr(answer, self._name))
        return [before, empty[:-1], *pieces, empty[-1:], after]

    async def _written(self, rows: TypeAdapter[list[Any]], answered: list[Any]) -> list[bytes]:
        """Rows with commas between them; so many at once as take a good part of a slice."""
        pieces: list[bytes] = []
        time_slice, place, count = TimeSlice(), 0, 1
        while place < len(answered):
            await time_slice.checkpoint()
            began = time.perf_counter()
            some = answered[place : place + count]
            answered[place : place + count] = [None] * len(some)
            pieces.append(rows.dump_json(some, exclude_none=True)[1:-1])
            place += len(some)
            count = max(1, count // 2) if time.perf_counter() - began > SLICE_S / 2 else 2 * count
            pieces.append(b"," if place < len(answered) else b"")
        return pieces


class JsonResponse(Response):
    """JSON that is there in pieces. Its length is told, and a client that reads slowly holds up a piece at a time."""

    media_type = "application/json"

    def __init__(self, pieces: Sequence[bytes], status: int, headers: dict[str, str]) -> None:
        self._parts = _merged(pieces)
        length = sum(map(len, self._parts))
        super().__init__(None, status, {"Content-Length": str(length), **headers})

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for part in self._parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": self._parts[-1]})


def _merged(pieces: Sequence[bytes]) -> list[bytes]:
    """The same bytes in parts that are worth sending; at least one."""
    parts, part, size = [], [], 0
    for piece in pieces:
        part.append(piece)
        size += len(piece)
        if size >= _SENT_AT_ONCE:
            parts.append(b"".join(part))
            part, size = [], 0
    if part or not parts:
        parts.append(b"".join(part))
    return parts
