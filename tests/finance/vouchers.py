"""Vouchers for tests: one plain, one red, one with every auxiliary, and any that hypothesis thinks of."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from finance.handover.checker import Chart
from finance.handover.voucher import (
    AUXILIARIES,
    CUSTOMER,
    ITEM,
    SUPPLIER,
    AccountFacts,
    Named,
    Voucher,
    VoucherLine,
)

LOSS = Voucher(
    date(2025, 1, 31),
    "记",
    12,
    "张三",
    (
        VoucherLine("190101", "盘亏 PD20250131-003 M8螺栓", debit=Decimal("128.50")),
        VoucherLine(
            "1405",
            "盘亏 PD20250131-003 M8螺栓",
            credit=Decimal("128.50"),
            quantity=Decimal(50),
            unit="个",
            price=Decimal("2.57"),
            account_name="库存商品",
        ),
    ),
    attachments=1,
    reference="PD20250131-003",
)
RED = Voucher(
    date(2025, 1, 30),
    "转",
    3,
    "李四",
    (
        VoucherLine(
            "1403",
            "红冲 采购入库 PIN-0447, 多收",
            debit=Decimal("-1240.00"),
            account_name="原材料",
            quantity=Decimal("-100.5"),
            unit="kg",
            price=Decimal("12.338308"),
            auxiliaries={ITEM: Named("RM-001", "钢板")},
        ),
        VoucherLine(
            "220202",
            "红冲 采购入库 PIN-0447, 多收",
            credit=Decimal("-1240.00"),
            account_name="暂估应付款",
            auxiliaries={SUPPLIER: Named("S001", "恒通,钢材")},
        ),
    ),
    reference="PIN-0447R",
)
FULL = Voucher(
    date(2025, 1, 2),
    "记",
    1,
    "张三",
    (
        VoucherLine(
            "6401",
            "销售出库\nSOUT-0311",
            debit=Decimal("860.10"),
            account_name="主营业务成本",
            auxiliaries={kind: Named(f"{kind[:3].upper()}1", f"名{kind}") for kind in AUXILIARIES},
        ),
        VoucherLine("1405", "=销售出库", credit=Decimal("860.10"), account_name="库存商品"),
    ),
    reference="SOUT-0311",
)
ALL = (LOSS, RED, FULL)
CHART = Chart(
    {
        "190101": AccountFacts("待处理流动资产损溢"),
        "1403": AccountFacts("原材料", auxiliaries=frozenset({ITEM})),
        "1405": AccountFacts("库存商品"),
        "14": AccountFacts("存货", leaf=False),
        "220202": AccountFacts("暂估应付款", auxiliaries=frozenset({SUPPLIER})),
        "6401": AccountFacts("主营业务成本", auxiliaries=frozenset(AUXILIARIES)),
        "1122": AccountFacts("应收账款", auxiliaries=frozenset({CUSTOMER})),
    },
    date(2025, 1, 1),
    date(2025, 1, 31),
)

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(
    lambda text: text.strip() != ""
)
ODD = st.one_of(
    TEXTS, st.sampled_from(['盘亏,"PD"', "a\r\nb", "€ 5", "=1+1", "'x", "\tT", "𠮷野", "a b"])
)
AMOUNTS = st.decimals(Decimal("0.01"), Decimal("9999999.99"), places=2)


@st.composite
def vouchers(draw: st.DrawFn, texts: st.SearchStrategy[str] = ODD) -> Voucher:
    """A balanced voucher of two to five lines with odd texts."""
    amounts = draw(st.lists(AMOUNTS, min_size=1, max_size=4))
    red = draw(st.sampled_from((1, -1)))
    lines = [
        VoucherLine(
            "1405",
            draw(texts),
            debit=red * one,
            quantity=draw(st.none() | st.decimals(0, 10**6, places=6).map(lambda q: red * q)),
        )
        for one in amounts
    ]
    lines.append(VoucherLine("190101", draw(texts), credit=red * sum(amounts, Decimal(0))))
    number = draw(st.integers(1, 9999))
    return Voucher(date(2025, 1, 15), "记", number, draw(texts), tuple(lines), 0, "CNY", "D-1")
