"""Serialisation of JSON answers, long ones in pieces, so that none holds up the event loop."""

import time
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

from fastapi import Response
from pydantic import TypeAdapter
from starlette.types import Receive, Scope, Send

from service.process.yielding import SLICE_S, TimeSlice

_SEND_BYTES = 256 * 1024
_FEW_ROWS = 64


class JsonWriter:
    """Serialises answers of one type: a dataclass of which at most one field is a list of dataclasses ("rows")."""

    def __init__(self, answer: type[Any]) -> None:
        self._answers = TypeAdapter(answer)
        self._rows: TypeAdapter[list[Any]] | None = None
        hints = get_type_hints(answer, include_extras=True) if is_dataclass(answer) else {}
        for field in fields(answer) if is_dataclass(answer) else ():
            hint = hints[field.name]
            if get_origin(hint) is list and is_dataclass(get_args(hint)[0]):
                self._name, self._rows = field.name, TypeAdapter(hint)

    async def write(self, answer: Any) -> list[bytes]:  # noqa: ANN401 (of the type that was given)
        """Serialise an answer, in pieces; fields that are None are left out.

        The rows of a long answer are replaced by None, so that they are not all freed at the same time.
        """
        if self._rows is None or len(getattr(answer, self._name)) <= _FEW_ROWS:
            return [self._answers.dump_json(answer, exclude_none=True)]
        empty = f'"{self._name}":[]'.encode()
        # No string contains this: a quotation mark within one is escaped.
        whole = self._answers.dump_json(replace(answer, **{self._name: []}), exclude_none=True)
        before, _, after = whole.partition(empty)
        pieces = await self._written(self._rows, getattr(answer, self._name))
        return [before, empty[:-1], *pieces, empty[-1:], after]

    async def _written(self, rows: TypeAdapter[list[Any]], answered: list[Any]) -> list[bytes]:
        """Serialise rows, separated by commas; the number at a time adapts to the time slice."""
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
    """JSON in pieces, with its length; a client that reads slowly holds up one piece at a time."""

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
    """Join pieces into parts that are worth sending; at least one."""
    parts, part, size = [], [], 0
    for piece in pieces:
        part.append(piece)
        size += len(piece)
        if size >= _SEND_BYTES:
            parts.append(b"".join(part))
            part, size = [], 0
    if part or not parts:
        parts.append(b"".join(part))
    return parts
