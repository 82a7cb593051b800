"""FILE.part: finished sheets line by line, so that a run that was killed can go on."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import is_dataclass
from hashlib import sha256

from backcalc import __version__
from backcalc.checking.record import Record, data_of, record_from
from backcalc.errors import BackcalcError

MARK = b'{"backcalc": "part/1", "key": "'
"""How every line starts; a file that starts otherwise is somebody else's."""

KEY = 64  # hexadecimal digits
LONGEST = 50_000_000  # bytes of a line
MOST = 2_000_000_000  # bytes of the file
FORCE = "--force starts anew"


class Journal:
    """An open FILE.part."""

    def __init__(self, path: str, resume: bool, force: bool) -> None:
        """Begin or go on; raises BackcalcError where the file is not one to go on with."""
        self.path = path
        self.places: dict[str, tuple[int, int]] = {}
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
            flags |= getattr(os, name, 0)
        try:
            if os.path.islink(path):
                raise BackcalcError(f"{path} is a link and no file of its own", hint="move it away")
            self.file = os.open(path, flags, 0o666)
        except OSError as error:
            raise BackcalcError(f"cannot write {path}: {error.strerror}") from None
        try:
            self._begin(resume, force)
        except OSError as error:
            self.close()
            raise BackcalcError(f"cannot read {path}: {error.strerror}") from None
        except BaseException:
            self.close()
            raise

    def _begin(self, resume: bool, force: bool) -> None:
        """Look at what stands there."""
        found = os.fstat(self.file)
        if not stat.S_ISREG(found.st_mode):
            raise BackcalcError(f"{self.path} is no ordinary file", hint="move it away")
        self._lock()
        start = self._at(0, len(MARK))
        if not MARK.startswith(start):
            message = f"{self.path} is there and does not come from backcalc"
            raise BackcalcError(message, hint="move it away")
        if force and not resume:
            os.ftruncate(self.file, 0)
            return
        if found.st_size > MOST:
            message = f"{self.path} is larger than {MOST // 1_000_000_000} GB"
            raise BackcalcError(message, hint=FORCE)
        for number, (place, line) in enumerate(self._lines(), 1):
            self.places[self._key(line, number)] = (place, len(line))
        if self.places and not resume:
            count = len(self.places)
            sheets = "1 finished sheet" if count == 1 else f"{count} finished sheets"
            raise BackcalcError(
                f"{self.path} holds {sheets} of a run that was ended",
                hint=f"--resume goes on, {FORCE}",
            )
        whole = max((place + size for place, size in self.places.values()), default=0)
        os.ftruncate(self.file, whole)  # a last line that was cut off

    def _lock(self) -> None:
        """See that no other run writes to it."""
        try:
            import fcntl
        except ImportError:  # Windows
            return
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackcalcError(f"another run is writing {self.path}") from None
        except OSError:  # a file system without locks
            return

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """The whole lines with the places where they start."""
        place = 0
        with open(os.dup(self.file), "rb") as stream:
            stream.seek(0)
            while line := stream.readline(LONGEST):
                if line.endswith(b"\n"):
                    yield place, line
                elif len(line) == LONGEST:
                    raise BackcalcError(f"{self.path} has a line that is too long", hint=FORCE)
                place += len(line)

    def _key(self, line: bytes, number: int) -> str:
        """The key of a line that holds a finished sheet."""
        try:
            key, _ = self._read(line)
        except (ValueError, RecursionError):
            message = f"{self.path}, line {number}: this is no finished sheet"
            raise BackcalcError(message, hint=FORCE) from None
        return key

    def _read(self, line: bytes) -> tuple[str, Record]:
        """A line's key and record; raises ValueError where it is none."""
        if not line.startswith(MARK):
            raise ValueError
        data = json.loads(line, parse_constant=_refused)
        if not isinstance(data, dict) or data.keys() != {"backcalc", "key", "sheet"}:
            raise ValueError
        if not isinstance(data["key"], str) or len(data["key"]) != KEY:
            raise ValueError
        return data["key"], record_from(data["sheet"])

    def _at(self, place: int, size: int) -> bytes:
        """What stands there."""
        os.lseek(self.file, place, os.SEEK_SET)
        return os.read(self.file, size)

    def __contains__(self, key: str) -> bool:
        return key in self.places

    def __getitem__(self, key: str) -> Record:
        place, size = self.places[key]
        return self._read(self._at(place, size))[1]

    def append(self, key: str, record: Record) -> None:
        """Keep a finished sheet; once this is done, it is on the disk."""
        sheet = json.dumps(data_of(record), allow_nan=False).encode()
        line = MARK + key.encode() + b'", "sheet": ' + sheet + b"}\n"
        place = os.fstat(self.file).st_size
        try:
            left = line
            while left:
                left = left[os.write(self.file, left) :]
            os.fsync(self.file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self.file, place)
            message = f"cannot write {self.path}: {error.strerror}"
            raise BackcalcError(message, hint="make room, and add --resume to go on") from None
        self.places[key] = (place, len(line))

    def close(self) -> None:
        """Leave the file as it is."""
        with suppress(OSError):
            os.close(self.file)

    def remove(self) -> None:
        """Take the file away: what it holds stands elsewhere."""
        with suppress(OSError):
            os.unlink(self.path)


def _refused(constant: str) -> None:
    raise ValueError(constant)


def digest(*values: object) -> str:
    """A fingerprint of plain values and dataclasses, and of the version of the program."""
    found = sha256()
    for part in (__version__, *_parts(values)):
        text = part.encode("utf-8", "surrogatepass")
        found.update(b"%d:" % len(text) + text)
    return found.hexdigest()


def _parts(value: object) -> Iterator[str]:
    if is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__
        for name in value.__dataclass_fields__:
            yield from _parts(getattr(value, name))
    elif isinstance(value, Mapping):
        yield f"{len(value)} pairs"
        yield from (part for pair in value.items() for each in pair for part in _parts(each))
    elif isinstance(value, (tuple, list)):
        yield f"{len(value)} items"
        yield from (part for each in value for part in _parts(each))
    elif callable(value):
        yield getattr(value, "__qualname__", type(value).__name__)
    else:
        yield f"{type(value).__name__} {value}"
