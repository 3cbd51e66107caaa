"""Puts a process that reads what strangers send under limits, for good."""

import resource


def confine(*, memory: int, seconds: int) -> None:
    """Limit this process to ``memory`` bytes of address space and ``seconds`` of processor time.

    It can write no file, leaves no core, and holds at most 32 files open.
    """
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        hard = resource.getrlimit(what)[1]
        top = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        # Of processor time, the first limit tells why it ends; the second, a moment later, would not.
        last = top + 2 if what == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else top
        resource.setrlimit(what, (top, last))
