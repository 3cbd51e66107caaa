"""The charts of accounts and the rules that every company starts with, as data; each may be changed on its page.

PRC: numbers of the Chinese accounting standards with the accounts that stock touches. A rule names the kind
of place, then (if it is only for one) the movement type; the account is found by its code.
"""

from dataclasses import dataclass
from typing import NamedTuple

from finance.models import Account, Books

Kind, Role = Account.Kind, Account.Role


class Row(NamedTuple):
    """One account of a chart."""

    code: str
    zh: str
    en: str
    kind: str
    role: str = ""
    is_inventory: bool = False


class RuleRow(NamedTuple):
    """One shipped rule."""

    place_kind: str
    account: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Accounts and rules that belong together; whether returns are booked in red."""

    code: str
    red_reversals: bool
    accounts: tuple[Row, ...]
    rules: tuple[RuleRow, ...]


def _rules(account: dict[str, str]) -> tuple[RuleRow, ...]:
    """The shipped rules: the same for every chart, with its own account codes."""
    return (
        *(
            RuleRow(kind, account["goods"])
            for kind in ("storage", "quarantine", "transit", "repair")
        ),
        RuleRow("supplier", account["grni"]),
        RuleRow("supplier", account["charges"], "landed_cost"),
        RuleRow("customer", account["sold"]),
        RuleRow("production", account["production"]),
        RuleRow("department", account["expense"]),
        RuleRow("scrap", account["pending"]),
        RuleRow("adjustment", account["pending"]),
        RuleRow("adjustment", account["found"], "other_in"),
        RuleRow("adjustment", account["expense"], "other_out"),
        RuleRow("opening", account["opening"]),
        RuleRow("revaluation", account["variance"]),
        RuleRow("conversion", account["production"]),
    )


PRC = Chart(
    Books.Chart.PRC,
    red_reversals=True,
    accounts=(
        Row("1221", "其他应收款", "Other receivables", Kind.ASSET),
        Row("1403", "原材料", "Raw materials", Kind.ASSET, "", True),
        Row("1404", "材料成本差异", "Differences of material cost", Kind.ASSET, Role.VARIANCE),
        Row("1405", "库存商品", "Merchandise", Kind.ASSET, Role.INVENTORY, True),
        Row("1406", "发出商品", "Goods dispatched", Kind.ASSET, "", True),
        Row("1408", "委托加工物资", "Goods with subcontractors", Kind.ASSET, "", True),
        Row("1411", "周转材料", "Consumables", Kind.ASSET, "", True),
        Row("1901", "待处理财产损溢", "Gains and losses pending", Kind.ASSET),
        Row("1998", "期初库存过渡", "Opening stock", Kind.EQUITY),
        Row("1999", "待确认科目", "To be assigned", Kind.ASSET, Role.SUSPENSE),
        Row("220201", "应付账款-供应商", "Accounts payable", Kind.LIABILITY, Role.PAYABLE),
        Row("220202", "应付账款-暂估", "Received, not invoiced", Kind.LIABILITY, Role.GRNI),
        Row("220203", "应付账款-暂估费用", "Charges, not invoiced", Kind.LIABILITY, Role.CHARGES),
        Row("22210101", "应交增值税-进项税额", "Input VAT", Kind.LIABILITY, Role.INPUT_TAX),
        Row("22210107", "应交增值税-进项税额转出", "Input VAT transferred out", Kind.LIABILITY),
        Row("5001", "生产成本", "Cost of production", Kind.COST),
        Row("5101", "制造费用", "Manufacturing overhead", Kind.COST),
        Row("6051", "其他业务收入", "Other operating income", Kind.INCOME),
        Row("6301", "营业外收入", "Non-operating income", Kind.INCOME),
        Row("6401", "主营业务成本", "Cost of sales", Kind.EXPENSE),
        Row("6601", "销售费用", "Selling expenses", Kind.EXPENSE),
        Row("6602", "管理费用", "Administrative expenses", Kind.EXPENSE),
        Row("6711", "营业外支出", "Non-operating expenses", Kind.EXPENSE),
    ),
    rules=_rules(
        {
            "goods": "1405",
            "grni": "220202",
            "charges": "220203",
            "sold": "6401",
            "production": "5001",
            "expense": "6602",
            "pending": "1901",
            "found": "6301",
            "opening": "1998",
            "variance": "1404",
        }
    ),
)
INTERNATIONAL = Chart(
    Books.Chart.INTERNATIONAL,
    red_reversals=False,
    accounts=(
        Row("1300", "存货", "Inventory", Kind.ASSET, Role.INVENTORY, True),
        Row("1310", "原材料", "Raw materials", Kind.ASSET, "", True),
        Row("1320", "在产品", "Work in progress", Kind.ASSET),
        Row("1390", "待确认科目", "Suspense", Kind.ASSET, Role.SUSPENSE),
        Row("1500", "进项税", "Input tax", Kind.ASSET, Role.INPUT_TAX),
        Row("2000", "应付账款", "Accounts payable", Kind.LIABILITY, Role.PAYABLE),
        Row("2100", "已收货未开票", "Goods received, not invoiced", Kind.LIABILITY, Role.GRNI),
        Row("2110", "费用未开票", "Charges accrued", Kind.LIABILITY, Role.CHARGES),
        Row("3900", "期初库存", "Opening stock", Kind.EQUITY),
        Row("4900", "其他收入", "Other income", Kind.INCOME),
        Row("5000", "销售成本", "Cost of goods sold", Kind.EXPENSE),
        Row("5100", "成本差异", "Cost variances", Kind.EXPENSE, Role.VARIANCE),
        Row("5200", "盘点及报废损失", "Stock adjustments and scrap", Kind.EXPENSE),
        Row("6000", "部门费用", "Department expenses", Kind.EXPENSE),
    ),
    rules=_rules(
        {
            "goods": "1300",
            "grni": "2100",
            "charges": "2110",
            "sold": "5000",
            "production": "1320",
            "expense": "6000",
            "pending": "5200",
            "found": "4900",
            "opening": "3900",
            "variance": "5100",
        }
    ),
)
CHARTS = {chart.code: chart for chart in (PRC, INTERNATIONAL)}
