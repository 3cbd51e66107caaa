"""The child process: reads one file under the limits and prints it as lines of JSON.

Run as ``python -m intake.reading.child PATH``. It ends with a line ``{"end": true}`` or ``{"refused": …}``; anything
else, the parent takes for a crash.
"""

import gc
import json
import sys
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from intake.reading import limits, sniff
from intake.reading.sniff import Refused

_DAYS: dict[date, list[str]] = {}


def _as_json(value: object) -> list[str]:
    """Moments as [kind, ISO]; kinds are d for days and moments, t for times of day."""
    if type(value) is date:
        known = _DAYS.get(value)
        if known is None:
            known = _DAYS[value] = ["d", value.isoformat()]
        return known
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, time | timedelta):
        return ["t", str(value)]
    return ["t", repr(value)]


def _messages(path: Path) -> Iterator[dict[str, Any]]:
    kind = sniff.kind_of(path)
    if kind in {"zip", "ole"}:
        from intake.reading import workbooks

        yield from workbooks.messages(path, kind)
    elif kind == "text":
        from intake.reading import texts

        yield from texts.messages(path)
    else:
        from intake.reading import markup

        yield from markup.messages(path, kind)


def main() -> None:
    """Print the file that the command line names."""
    limits.confine()
    # Nothing here makes cycles, and the collector would walk every row again and again.
    gc.disable()
    encode = json.JSONEncoder(
        default=_as_json, ensure_ascii=False, check_circular=False, separators=(",", ":")
    ).encode
    out = sys.stdout.buffer

    def say(message: dict[str, Any]) -> None:
        out.write(encode(message).encode("utf-8", "surrogatepass") + b"\n")

    try:
        for message in _messages(Path(sys.argv[1])):
            say(message)
        say({"end": True})
    except Refused as refused:
        say({"refused": {"code": refused.code, **refused.facts}})
    except MemoryError:
        out.write(b'{"refused":{"code":"memory"}}\n')
    except RecursionError:
        out.write(b'{"refused":{"code":"broken"}}\n')
    out.flush()


if __name__ == "__main__":
    main()
