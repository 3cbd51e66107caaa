"""Rows whose state says that they were never valid, or are not yet: asked about, never read in silence.

Exports of other programs hold drafts and voided documents beside the good ones, and tell them apart in a column only.
"""

import re
from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from intake.reading.grid import Raw
from intake.understanding.cells import shown
from intake.understanding.plan import Plan
from intake.understanding.result import Question, Understanding, Wish
from intake.understanding.words import full_key, header_key

VOID = "void"
"""Why such a row is left out."""
_STATE = re.compile(
    r"状态|审核|审批|作废|删除|取消|有效(?!期|日|天|月|至)|status|state|void|cancel|deleted|approved"
)
_WORDS = frozenset(
    {
        "作废", "已作废", "废弃", "已废弃", "无效", "失效", "删除", "已删除", "取消", "已取消", "撤销", "已撤销", "撤回", "已撤回",
        "驳回", "已驳回", "草稿", "暂存", "未提交", "待提交", "未审核", "待审核", "审核中", "未审批", "待审批", "审批中", "未通过",
        "审核不通过", "已冲销", "已红冲", "void", "voided", "cancelled", "canceled", "deleted", "draft",
        "rejected", "unapproved", "notapproved", "pendingapproval", "invalid",
    }
)  # fmt: skip
_YES = frozenset({"是", "y", "yes", "1", "true", "√", "✓"})
_NO = frozenset({"否", "n", "no", "0", "false", "未"})
_BAD = re.compile(r"作废|删除|取消|void|cancel|deleted")
_GOOD = re.compile(r"审核|审批|有效(?!期|日|天|月|至)|approved")
_MOVING = frozenset({"movements", "opening", "stocktake", "orders"})


def left_out(
    plan: Plan, rows: Sequence[tuple[int, list[Raw]]], wish: Wish, out: Understanding
) -> dict[int, str]:
    """Number → what its state says, of the rows that are not to be read; asks about them.

    Whoever looks at the state of rows himself answers ``void`` for all tables with ``import``.
    """
    if plan.table.purpose not in _MOVING or wish.answers.get(VOID) == "import":
        return {}
    found: dict[int, str] = {}
    for column in plan.table.columns:
        header = header_key(column.header.rpartition("/")[2])
        if not _STATE.search(header):
            continue
        for number, cells in rows:
            if column.at < len(cells) and _says_void(header, cells[column.at]):
                found.setdefault(number, shown(cells[column.at]).strip()[:20])
    if not found:
        return {}
    identifier = plan.where(VOID)
    text = _("%(count)d rows of sheet %(sheet)s are drafts or void. Read them?")
    facts = {"count": len(found), "sheet": plan.table.sheet}
    samples = [f"{word}: {count}" for word, count in Counter(found.values()).most_common(5)]
    options = [("skip", _("no")), ("import", _("yes"))]
    answer = wish.answers.get(identifier, "")
    out.questions.append(Question(identifier, VOID, text % facts, options, samples, answer=answer))
    return {} if answer == "import" else found


def _says_void(header: str, cell: Raw) -> bool:
    if cell == "":
        return False
    text = full_key(shown(cell))
    if text in _WORDS:
        return True
    if _BAD.search(header):
        return text in _YES
    return bool(_GOOD.search(header)) and text in _NO
