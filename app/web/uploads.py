"""Forms with a file: read as they come. A file's bytes go straight to where its route puts them, and reading stops where it is too large,
so that an upload of any size takes the same little memory. What was typed before the file is kept whatever becomes of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from app.core.errors import Invalid, Refusal
from app.core.uploads import Sink, Taken, Takes
from app.web.frame import BODY_LIMIT, LIMIT, BodyTooLarge
from app.web.request import Call

MAX_FIELDS = 1000


class TooLarge(Refusal):
    status, title = 413, "That is too large"


class FileTooLarge(Invalid):
    status, title = 413, "That file is too large"


class Malformed(Refusal):
    status, title = 400, "The body can't be read"


@dataclass(slots=True)
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    file_name: str | None = None
    data: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _File:
    """A file on its way in. `is_whole`: its part of the body came to its end."""

    part: _Part
    sink: Sink
    size: int = 0
    is_whole: bool = False


class Reader:
    """One multipart body. Without `takes` (someone whose file is not wanted) a file's bytes are read past and go nowhere."""

    def __init__(self, boundary: bytes, call: Call, takes: Takes | None) -> None:
        self._call, self._takes = call, takes
        self.fields: list[tuple[str, str]] = []
        self.files: list[_File] = []
        self.hash = hashlib.sha256()
        self._part = _Part()
        self._header = (bytearray(), bytearray())
        self._typed = self._size = self._parts = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin, "on_header_field": self._header_name, "on_header_value": self._header_value,
                "on_header_end": self._header_end, "on_headers_finished": self._headers, "on_part_data": self._data,
                "on_part_end": self._end,
            },
        )  # fmt: skip

    def feed(self, data: bytes) -> None:
        self._parser.write(data)

    def _begin(self) -> None:
        self._part = _Part()
        self._parts += 1
        if self._parts > MAX_FIELDS:
            raise Malformed("This form has too many fields.")

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _header_end(self) -> None:
        self._part.headers[bytes(self._header[0]).lower()] = bytes(self._header[1])
        self._header = (bytearray(), bytearray())

    def _headers(self) -> None:
        _, options = parse_options_header(self._part.headers.get(b"content-disposition", b""))
        if b"name" not in options:
            raise Malformed("A part of this form has no name.")
        self._part.name = options[b"name"].decode("utf-8", "replace")
        if b"filename" in options:
            self._part.file_name = options[b"filename"].decode("utf-8", "replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.file_name is not None:
            self._file_data(data[start:end])
            return
        self._typed += end - start
        if self._typed > BODY_LIMIT:
            raise TooLarge("The body is larger than this server takes.")
        self._part.data += data[start:end]

    def _file_data(self, data: bytes) -> None:
        """A file in another field than the route's is no concern of it."""
        takes = self._takes
        if takes is None or self._part.name != takes.field or not data:
            return
        file = self._current(takes)
        file.size += len(data)
        self._size += len(data)
        if file.size > takes.most:
            raise FileTooLarge({takes.field: f"This file is larger than {takes.most // 1_000_000} MB. Send a smaller one."})
        if self._size > takes.most_in_all:
            raise FileTooLarge({takes.field: f"These files are larger than {takes.most_in_all // 1_000_000} MB together. Send fewer."})
        self.hash.update(data)
        file.sink.write(data)

    def _current(self, takes: Takes) -> _File:
        if not self._is_file(self._part):
            if len(self.files) >= takes.count:
                few = "one file" if takes.count == 1 else f"at most {takes.count} files"
                raise Invalid({takes.field: f"Send {few} at a time."})
            self.files.append(_File(self._part, takes.open(self._call.platform.settings)))
        return self.files[-1]

    def _is_file(self, part: _Part) -> bool:
        return bool(self.files) and self.files[-1].part is part

    def _end(self) -> None:
        """A file control that was left empty sends a part without a name and without a byte."""
        part, takes = self._part, self._takes
        if part.file_name is None:
            self.fields.append((part.name, part.data.decode("utf-8", "replace")))
        elif self._is_file(part):
            self.files[-1].is_whole = True
        elif takes is not None and part.name == takes.field and part.file_name and not self.files:
            raise Invalid({takes.field: "This file is empty."})


async def receive(call: Call, takes: Takes, *, is_welcome: bool) -> Refusal | None:
    """Read a form with a file into `call`: its fields, its files, and what is wrong with a file. What is wrong with the form itself is
    returned. Nothing is raised, so that the caller answers in its usual order."""
    _, options = parse_options_header(call.request.headers.get("content-type", ""))
    if not options.get(b"boundary"):
        return Malformed("This form can't be read: it names no boundary.")
    reader = Reader(options[b"boundary"], call, takes if is_welcome else None)
    try:
        await _feed(call, reader, takes.most_in_all + 2 * BODY_LIMIT)
        await _finish(call, reader)
    except Invalid as refusal:
        call.file_problem = refusal
    except Refusal as refusal:
        return refusal
    finally:
        call.fields = reader.fields
        call.body_hash = hashlib.sha256(json.dumps(reader.fields).encode() + reader.hash.digest()).digest()
        if not call.files:
            for file in reader.files:
                file.sink.discard()
    return None


async def _feed(call: Call, reader: Reader, most: int) -> None:
    """All of the body, or as much of it as is taken."""
    scope = call.request.scope
    scope[LIMIT] = most
    try:
        async for piece in call.request.stream():
            reader.feed(piece)
    except BodyTooLarge:
        raise TooLarge("The body is larger than this server takes.") from None
    except ClientDisconnect:
        raise Malformed("The upload broke off before its end.") from None
    except (FormParserError, UnicodeError) as error:
        raise Malformed(f"This form can't be read: {str(error)[:200]}") from None


async def _finish(call: Call, reader: Reader) -> None:
    """Judging a file takes a while, so a thread does it. One that is refused takes the others with it."""
    if not all(file.is_whole for file in reader.files):
        raise Malformed("The upload broke off before its end.")
    taken: list[Taken] = []
    try:
        for file in reader.files:
            name = file.part.file_name or ""
            taken.append(await asyncio.get_running_loop().run_in_executor(call.platform.slow, file.sink.finish, name))
    except Refusal:
        for one in taken:
            one.discard()
        raise
    call.files = taken
