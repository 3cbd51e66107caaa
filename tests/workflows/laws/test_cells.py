"""Every verb × state × person × own or foreign warehouse, against a table written from the design's words.

The table knows nothing of the code's: it says who may do what, where. Each cell is tried through the door and
taken back; what a page would offer must be the same.
"""

from typing import Any

import pytest
from django.db import transaction

from core.errors import DomainError
from people.access import access_for
from people.models import User
from tests.workflows.laws.test_bound import PICK, POST, approval
from tests.workflows.laws.test_four_eyes import process
from tests.workflows.world import World
from workflows import door, states, verbs
from workflows.models import Document
from workflows.steps import Step, Who

pytestmark = pytest.mark.django_db
ON_ITS_WAY = {"in_approval", "approved", "in_execution"}
EDITED = {"draft", "returned"}
ALIVE = ON_ITS_WAY | EDITED | {"posted", "withdrawn", "reversed"}
TABLE: dict[str, dict[str, set[str]]] = {
    "ann": {  # asked for it
        "submit": EDITED,
        "withdraw": {"in_approval", "approved", "returned"},
        "reopen": {"withdrawn"},
        "void": EDITED | ON_ITS_WAY | {"withdrawn"},
        "remind": ON_ITS_WAY,
    },
    "colleague": {"submit": EDITED, "void": EDITED},  # may ask in the same warehouse
    "bob": {},  # approves, but was not asked for this one
    "head": {  # was asked to approve; may reverse
        "submit": EDITED,
        "void": EDITED,
        "approve": {"in_approval"},
        "refuse": {"in_approval"},
        "return": {"in_approval"},
        "forward": {"in_approval"},
        "add": {"in_approval"},
        "undo": {"approved"},  # until somebody has looked at the next step
        "reverse": {"posted"},
    },
    "cat": {  # carries out
        "submit": EDITED,
        "void": EDITED,
        "record": {"approved", "in_execution"},
        "complete": {"approved", "in_execution"},
        "return": {"approved", "in_execution"},
        "forward": {"approved", "in_execution"},
    },
    "fay": {"complete": {"posted"}, "forward": {"posted"}},  # finance, after posting
    # sets processes
    "admin": {"assign": ON_ITS_WAY | {"posted"}, "void": ON_ITS_WAY | {"withdrawn"}},
    "dan": {},  # clerk of the other warehouse
    "dora": {},  # head of the other warehouse
    "nobody": {},  # no role at all
}
BLIND = {"dan", "dora", "nobody"}
OF_ONE_DOCUMENT = [state for state in states.BY_CODE if state != states.CLOSED]
"""Only orders are closed; they have a table of their own."""
for _name, _row in TABLE.items():
    if _name not in BLIND:
        _row |= {"comment": ALIVE, "copy": ALIVE}


def people(world: World) -> dict[str, User]:
    made = {
        "colleague": world.person("colleague", "asker"),
        "dora": world.person("dora", "warehouse_head", "approver", warehouse=world.other),
        "nobody": world.person("nobody"),
        "second": world.person("second", "finance"),
    }
    usual = {name: getattr(world, name) for name in TABLE if hasattr(world, name)}
    return {**usual, **made}


def documents(world: World) -> dict[str, Document]:
    """One document in each state, on approval → picking → posting → finance."""
    finance = Step("sync", "finance", "Finance", "财务", who=Who("role", "finance", scope="any"))
    process(world, "other_out", approval("approve", "warehouse_head"), PICK, POST, finance)
    item = world.stocked(1000, 10)
    line = {"item": item.code, "quantity": "5"}
    made = {state: world.draft("other_out", line) for state in OF_ONE_DOCUMENT}
    ways = {
        "draft": "", "in_approval": "s", "returned": "sR", "approved": "sa", "in_execution": "sar",
        "posted": "sac", "withdrawn": "sw", "rejected": "sx", "void": "v", "reversed": "sacz",
    }  # fmt: skip
    steps = {
        "s": ("submit", world.ann), "a": ("approve", world.head), "r": ("record", world.cat),
        "c": ("complete", world.cat), "w": ("withdraw", world.ann), "x": ("refuse", world.head),
        "R": ("return", world.head), "v": ("void", world.ann), "z": ("reverse", world.head),
    }  # fmt: skip
    for state, way in ways.items():
        for letter in way:
            verb, by = steps[letter]
            world.act(made[state], verb, by, data=data_of(made[state], verb, {}))
        made[state].refresh_from_db()
        assert made[state].state == state
    return made


def data_of(document: Document, verb: str, who: dict[str, User]) -> dict[str, Any]:
    if verb in {"record", "complete"} and document.state != "posted":
        return {"lines": [{"key": str(line.key), "actual": "5"} for line in document.lines.all()]}
    if verb in {"forward", "assign", "add"} and who:
        able = {"in_approval": "bob", "posted": "second"}.get(document.state, "head")
        return {"user": who[able].pk}
    if verb == "copy" and who:
        return {"users": [who["bob"].pk]}
    return {}


def tried(document: Document, verb: str, user: User, data: dict[str, Any]) -> bool:
    """Whether the door lets it through; nothing of it stays."""
    try:
        with transaction.atomic():
            door.act(document.pk, verb, actor=user, reason="correction", text="because", data=data)
            transaction.set_rollback(True)
    except DomainError:
        return False
    return True


def test_every_cell() -> None:
    world = World()
    made, who = documents(world), people(world)
    wrong = []
    cells = 0
    for name, row in TABLE.items():
        user = User.objects.get(pk=who[name].pk)
        access = access_for(user)
        for state, document in made.items():
            may = {verb for verb in verbs.BY_CODE if state in row.get(verb, set())}
            did = {
                verb
                for verb in verbs.BY_CODE
                if tried(document, verb, user, data_of(document, verb, who))
            }
            cells += len(verbs.BY_CODE)
            wrong += [f"{name} × {state} × {verb}: let through" for verb in sorted(did - may)]
            wrong += [f"{name} × {state} × {verb}: refused" for verb in sorted(may - did)]
            if name not in BLIND:
                shown = {verb.code for verb in door.possible(document, user, access)}
                wrong += [f"{name} × {state} × {verb}: offered" for verb in sorted(shown - may)]
                wrong += [f"{name} × {state} × {verb}: not offered" for verb in sorted(may - shown)]
    assert not wrong, "\n".join(wrong)
    assert cells == len(TABLE) * len(OF_ONE_DOCUMENT) * len(verbs.BY_CODE)


def test_a_reason_is_needed_where_the_design_says_so() -> None:
    world = World()
    made = documents(world)
    asked = {"refuse": "in_approval", "return": "in_approval", "reverse": "posted"}
    for verb, state in asked.items():
        for reason, text, code in (
            ("", "because", "reason_required"),
            ("nonsense", "because", "unknown_reason"),
            ("correction", "", "text_required"),
        ):
            with pytest.raises(DomainError) as error:
                door.act(made[state].pk, verb, actor=world.head, reason=reason, text=text)
            assert error.value.code == code
    with pytest.raises(DomainError) as error:
        door.act(made["in_approval"].pk, "void", actor=world.ann)
    assert error.value.code == "reason_required"
