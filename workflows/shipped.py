"""The processes we ship, as data: three named ones with every step, a sensible default for each other type.

Routine passes, special stops: amounts above a limit, expired lots, stock below zero, dates in the past and
frequent repetition ask a person; everything else goes straight to those who carry it out.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from people.models import Company
from workflows import document_types
from workflows.conditions import Condition, Groups, any_of
from workflows.document_types import DocumentType
from workflows.models import Process, ProcessVersion
from workflows.steps import Options, Step, Who

_HEAD = Who("role", "warehouse_head")
_APPROVER = Who("role", "approver", scope="any")
_CLERK = Who("role", "clerk")
_FINANCE = Who("role", "finance", scope="any")
_SYSTEM = Who("system")

_POST = Step("post", "post", "Posting", "系统登记", who=_SYSTEM, actions=())
_SYNC = Step("sync", "finance", "Finance sync", "财务同步", who=_FINANCE)


def special(amount: str) -> Groups:
    """What is out of the ordinary: more than ``amount`` of the company's currency, or one of the flags."""
    return any_of(
        Condition("amount", "gt", amount),
        Condition("lot_expired", "yes"),
        Condition("below_zero", "yes"),
        Condition("late", "yes"),
    )


_ORDERED: Groups = (
    (
        Condition("ordered", "yes"),
        Condition("lot_expired", "no"),
        Condition("below_zero", "no"),
        Condition("late", "no"),
    ),
)
"""What delivers an approved order and is routine otherwise was agreed to with the order."""


def _approval(amount: str) -> Step:
    return Step(
        "approve", "approve", "Approval", "审批",
        who=_HEAD, fallback=_APPROVER, when=special(amount), auto=_ORDERED,
        limit_hours=8, remind_hours=2, late="escalate", late_to=_APPROVER,
        actions=("forward", "add", "return", "batch"),
    )  # fmt: skip


def _pick(*, recheck: str = "") -> Step:
    return Step(
        "pick", "execute", "Picking", "拣货发料",
        who=_CLERK, fallback=_HEAD, limit_hours=8, remind_hours=2, recheck=recheck,
        actions=("forward", "return"),
    )  # fmt: skip


def _inspect(name_en: str = "Receiving inspection", name_zh: str = "入库验收") -> Step:
    return Step(
        "inspect", "inspect", name_en, name_zh,
        who=_CLERK, fallback=_HEAD, limit_hours=8, remind_hours=2, actions=("forward", "return"),
    )  # fmt: skip


def _purchase_in() -> tuple[Sequence[Step], Options]:
    confirm = Step(
        "confirm", "confirm", "Order confirmation", "订单确认",
        who=Who("role", "procurement"), fallback=_HEAD,
        auto=any_of(Condition("asker_role", "in", ("procurement",)), Condition("ordered", "yes")),
        limit_hours=8, remind_hours=2, late="escalate", late_to=_HEAD,
    )  # fmt: skip
    big = Step(
        "approve", "approve", "Approval of large amounts", "大额审批",
        who=_APPROVER, fallback=_HEAD, when=special("50000"), auto=_ORDERED,
        limit_hours=8, remind_hours=2, late="escalate", late_to=_HEAD,
        actions=("forward", "add", "return", "batch"),
    )  # fmt: skip
    options = Options(over_percent="5", start_name_en="Purchase request", start_name_zh="采购申请")
    return (confirm, big, _inspect(), _POST, _SYNC), options


def _production_issue() -> tuple[Sequence[Step], Options]:
    approve = Step(
        "approve", "approve", "Production approval", "生产审批",
        who=_APPROVER, fallback=_HEAD, when=special("2000"), auto=_ORDERED,
        limit_hours=4, remind_hours=1, late="escalate", late_to=_HEAD,
        actions=("forward", "add", "return", "batch"),
    )  # fmt: skip
    pick = Step(
        "pick", "execute", "Warehouse issue", "仓库发料",
        who=_CLERK, fallback=_HEAD, limit_hours=8, remind_hours=2, recheck="any",
        actions=("forward", "return"),
    )  # fmt: skip
    post = Step("post", "post", "Deduction", "系统扣减", who=_SYSTEM, actions=())
    options = Options(
        over_percent="10", feedback=True, start_name_en="Material request", start_name_zh="领料申请"
    )
    return (approve, pick, post), options


def _order(amount: str, over: str, name_en: str, name_zh: str) -> tuple[Sequence[Step], Options]:
    """Above an amount somebody approves; then the order is in force and makes what delivers it."""
    approve = Step(
        "approve", "approve", "Approval", "审批",
        who=_APPROVER, fallback=_HEAD, when=any_of(Condition("amount", "gt", amount)),
        limit_hours=8, remind_hours=2, late="escalate", late_to=_HEAD,
        actions=("forward", "add", "return", "batch"),
    )  # fmt: skip
    post = Step("post", "post", "In force", "生效下达", who=_SYSTEM, actions=())
    options = Options(over_percent=over, start_name_en=name_en, start_name_zh=name_zh)
    return (approve, post), options


def _purchase_order() -> tuple[Sequence[Step], Options]:
    return _order("10000", "5", "Order", "采购下单")


def _sales_order() -> tuple[Sequence[Step], Options]:
    return _order("20000", "0", "Customer's order", "客户下单")


def _production_order() -> tuple[Sequence[Step], Options]:
    return _order("20000", "5", "Production plan", "生产计划")


def _sales_return() -> tuple[Sequence[Step], Options]:
    review = Step(
        "review", "approve", "After-sales review", "售后审核",
        who=Who("role", "after_sales"), fallback=_HEAD,
        limit_hours=8, remind_hours=2, late="escalate", late_to=_HEAD,
        actions=("forward", "add", "return", "batch"),
    )  # fmt: skip
    post = Step("post", "post", "Stock adjustment", "库存调整", who=_SYSTEM, actions=())
    sync = Step("sync", "finance", "Finance accounting", "财务核算", who=_FINANCE)
    options = Options(start_name_en="Customer's request", start_name_zh="客户申请")
    return (review, _inspect("Back into stock", "返库操作"), post, sync), options


def _scrap() -> tuple[Sequence[Step], Options]:
    head = Step(
        "approve", "approve", "Warehouse head", "仓库主管审批",
        who=_HEAD, fallback=_APPROVER,
        auto=(
            (Condition("amount", "lte", "500"), Condition("times_30_days", "lt", "3")),
        ),
        limit_hours=4, remind_hours=2, late="escalate", late_to=_APPROVER,
        actions=("forward", "add", "return", "batch"),
    )  # fmt: skip
    return (head, _POST, _SYNC), Options()


def _finance_decides() -> tuple[Sequence[Step], Options]:
    finance = Step(
        "approve", "approve", "Finance approval", "财务审批",
        who=_FINANCE, fallback=_APPROVER, limit_hours=16, remind_hours=4,
    )  # fmt: skip
    return (finance, _POST), Options()


def _stocktake() -> tuple[Sequence[Step], Options]:
    count = Step(
        "count", "execute", "Counting", "清点",
        who=_CLERK, fallback=_HEAD, limit_hours=16, remind_hours=8, actions=("forward", "return"),
    )  # fmt: skip
    recount = Step(
        "recount", "execute", "Recount", "复盘",
        who=_CLERK, fallback=_HEAD, when=any_of(Condition("recounts", "gt", "0")),
        limit_hours=8, remind_hours=4, actions=("forward", "return"),
    )  # fmt: skip
    approve = Step(
        "approve", "approve", "Approval of differences", "差异审批",
        who=_HEAD, fallback=_APPROVER, auto=any_of(Condition("differences", "lte", "0")),
        limit_hours=8, remind_hours=2, late="escalate", late_to=_APPROVER,
        actions=("forward", "add", "return"),
    )  # fmt: skip
    post = Step("post", "post", "Posting of differences", "差异过账", who=_SYSTEM, actions=())
    options = Options(rest="close", start_name_en="Plan and seal", start_name_zh="盘点计划")
    return (count, recount, approve, post), options


_IMPORT: tuple[Sequence[Step], Options] = (
    (
        Step(
            "batch", "approve", "Approved as one batch", "整批批准",
            who=Who("role", "admin", scope="any"), fallback=_FINANCE,
            auto=any_of(Condition("lines", "gte", "1")), actions=(),
        ),
        _POST,
    ),
    Options(rest="close"),
)  # fmt: skip
"""Documents of a trusted import were approved together, by whoever let the import in."""
_NAMED = {
    "purchase_order": _purchase_order,
    "sales_order": _sales_order,
    "production_order": _production_order,
    "purchase_in": _purchase_in,
    "production_issue": _production_issue,
    "sales_return": _sales_return,
    "scrap": _scrap,
    "stocktake": _stocktake,
    "opening": _finance_decides,
    "revaluation": _finance_decides,
    "landed_cost": _finance_decides,
    "price_difference": _finance_decides,
    "settlement": _finance_decides,
}
_NAMES = {
    "purchase_in": ("Purchase receipt", "采购入库"),
    "production_issue": ("Production issue", "生产领料"),
    "sales_return": ("Return handling", "退货处理"),
}


def standard(kind: DocumentType) -> tuple[Sequence[Step], Options]:
    """The shipped steps and options of a type."""
    if kind.code in _NAMED:
        return _NAMED[kind.code]()
    steps: list[Step] = [_approval("10000" if kind.group != "adjust" else "500")]
    if kind.counts:
        steps.append(_inspect("Receiving", "收货清点"))
    elif kind.picks:
        steps.append(_pick())
    steps.append(_POST)
    if kind.code in {"sales_out", "purchase_return"}:
        steps.append(_SYNC)
    return steps, Options()


def active_version(
    company: Company, type_code: str, *, usage: str = Process.Usage.STANDARD
) -> ProcessVersion:
    """The version that new documents of a type travel by; the shipped one is made when there is none."""
    found = _active(company, type_code, usage)
    return found or _make(company, document_types.BY_CODE[type_code], usage)


def _active(company: Company, type_code: str, usage: str) -> ProcessVersion | None:
    return (
        ProcessVersion.objects.select_related("process")
        .filter(
            process__company=company,
            process__type=type_code,
            process__usage=usage,
            state="active",
        )
        .first()
    )


def known_version(company: Company, type_code: str) -> ProcessVersion:
    """The same for those who only look: the shipped one is not kept."""
    found = _active(company, type_code, Process.Usage.STANDARD)
    return found or unsaved(company, document_types.BY_CODE[type_code])


def ensure(company: Company) -> None:
    """Make the shipped process of every type that has none yet."""
    standard_ones = Process.objects.filter(company=company, usage=Process.Usage.STANDARD)
    known = set(standard_ones.values_list("type", flat=True))
    for kind in document_types.DOCUMENT_TYPES:
        if kind.code not in known:
            _make(company, kind, Process.Usage.STANDARD)


def unsaved(
    company: Company, kind: DocumentType, usage: str = Process.Usage.STANDARD
) -> ProcessVersion:
    """The shipped process of a type as its first version, not yet kept."""
    imported = usage == Process.Usage.IMPORT
    steps, options = _IMPORT if imported else standard(kind)
    with override("en"):
        english = str(kind.label)
    with override("zh-hans"):
        chinese = str(kind.label)
    name_en, name_zh = _NAMES.get(kind.code, (english, chinese))
    if imported:
        name_en, name_zh = f"{name_en} (trusted import)", f"{name_zh}(可信导入)"
    return ProcessVersion(
        process=Process(
            company=company, type=kind.code, usage=usage, name_en=name_en, name_zh=name_zh
        ),
        number=1,
        state=ProcessVersion.State.ACTIVE,
        steps=[step.as_dict() for step in steps],
        options=options.as_dict(),
    )


@transaction.atomic
def _make(company: Company, kind: DocumentType, usage: str) -> ProcessVersion:
    version = unsaved(company, kind, usage)
    names = {"name_en": version.process.name_en, "name_zh": version.process.name_zh}
    process, _new = Process.objects.get_or_create(
        company=company, type=kind.code, usage=usage, defaults=names
    )
    active = process.versions.filter(state=ProcessVersion.State.ACTIVE).first()
    if active is not None:
        return active
    version.process = process
    version.number = process.versions.count() + 1
    version.activated_at = timezone.now()
    version.save()
    return version
