"""Looks into archives that somebody sent without unpacking them, and without reading a directory that is a bomb itself."""

import struct
import zipfile
from typing import BinaryIO

MOST_DIRECTORY = 4 * 2**20
"""Bytes of an archive's directory: some 40,000 parts, of which an office file has a few hundred."""
_TAIL = 65_557 + 76
"""Where the end of the directory may stand: after it, only a comment of at most 64 KB."""


def parts(file: BinaryIO) -> list[zipfile.ZipInfo]:
    """What an archive says that it holds. Raises zipfile.BadZipFile, also for a directory that is too large."""
    if _directory_size(file) > MOST_DIRECTORY:
        raise zipfile.BadZipFile("directory")
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.infolist()
    except (OSError, ValueError, NotImplementedError, EOFError, struct.error) as error:
        raise zipfile.BadZipFile(str(error)) from error


def _directory_size(file: BinaryIO) -> int:
    """The bytes of the directory, as the readers of archives take them from its end; 0 where there is none."""
    end = file.seek(0, 2)
    file.seek(max(0, end - _TAIL))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return 0
    size: int = struct.unpack_from("<I", tail, at + 12)[0]
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        size = max(size, struct.unpack_from("<Q", tail, at - 76 + 40)[0])
    return size
