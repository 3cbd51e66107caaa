"""How far finance has looked at an entry, as data: the graph that machine and database keep."""

NONE = "none"
UNREVIEWED = "unreviewed"
QUESTIONED = "questioned"
REVIEWED = "reviewed"
HANDED_OVER = "handed_over"

GRAPH: dict[str, tuple[str, ...]] = {
    UNREVIEWED: (REVIEWED, QUESTIONED),
    QUESTIONED: (REVIEWED, UNREVIEWED),
    REVIEWED: (UNREVIEWED, QUESTIONED, HANDED_OVER),
    HANDED_OVER: (REVIEWED,),
}
"""From each state, where an entry may go; handed over and back only with a batch of vouchers."""

CSS = {UNREVIEWED: "", QUESTIONED: "wait", REVIEWED: "post", HANDED_OVER: "post", NONE: "dead"}
"""The class of its chip."""


def sources(target: str) -> list[str]:
    """From which states an entry may go to ``target``."""
    return [old for old, targets in GRAPH.items() if target in targets]
