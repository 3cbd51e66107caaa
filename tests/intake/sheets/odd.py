"""The fixture shapes F8 to F15: matrices, days as columns, tables side by side, and files that are not what they say."""

import calendar
from datetime import date
from decimal import Decimal
from typing import Any

from tests.intake.sheets.maker import Maker
from tests.intake.sheets.paper import Fixture


def f8(seed: int, *, chinese: bool) -> Fixture:
    """A size matrix: style × colour, sizes as columns."""
    m = Maker("F8", seed, chinese=chinese)
    fx, sheet = m.fixture, m.sheet(m.say("尺码表", "Sizes"))
    m.titles(sheet, m.say("期初配码单", "Size matrix"))
    fx.shape = "size_matrix"
    sizes = m.random.choice(
        [
            ["S", "M", "L", "XL", "2XL"],
            ["XS", "S", "M", "L"],
            ["35", "36", "37", "38", "39", "40"],
            ["110", "120", "130", "140"],
        ]
    )
    style, color = m.headers.of("style"), m.headers.of("color")
    lead = m.random.random() < 0.5
    has_total = m.random.random() < 0.7
    groups = m.random.random() < 0.3
    if groups:
        sheet.add([*([None] if lead else []), None, None, m.say("尺码", "Sizes")])
        sheet.merges.append((len(sheet.rows), 3 + lead, len(sheet.rows), 2 + lead + len(sizes)))
    fx.header_row = sheet.add(
        [
            *([m.say("序号", "No.")] if lead else []),
            style,
            color,
            *[float(s) if s.isdigit() and m.random.random() < 0.5 else s for s in sizes],
            *([m.say("合计", "Total")] if has_total else []),
        ]
    )
    fx.columns = {"item": " ".join(style.split()), "color": " ".join(color.split())}
    for n in range(8):
        code, hue = (
            f"K{m.random.randrange(1000, 9999)}",
            m.random.choice([m.say("黑", "Black"), m.say("白", "White"), m.say("藏青", "Navy")]),
        )
        cells = [
            Decimal(m.random.randrange(1, 60)) if m.random.random() < 0.8 else None for _s in sizes
        ]
        total = sum(c for c in cells if c is not None)
        row = sheet.add(
            [*([n + 1] if lead else []), code, hue, *cells, *([total] if has_total else [])]
        )
        for size, quantity in zip(sizes, cells, strict=True):
            if quantity is not None:
                fx.expect(sheet, row, item=code, color=hue, size=size, quantity=quantity)
    return fx


def f9(seed: int, *, chinese: bool) -> Fixture:
    """A web page that is called XLS, with merged cells for the document of several rows."""
    m = Maker("F9", seed, chinese=chinese)
    fx, sheet = m.fixture, m.sheet("F9")
    sheet.add([m.say("销售出库明细", "Sales issues")])
    sheet.merges.append((1, 1, 1, 7))
    fields = ["source", "date", "customer", *m.order(["item", "name", "quantity", "unit_price"])]
    m.header(sheet, fields, {"quantity": m.say("数量", "Quantity")})
    for number, day in enumerate(m.co.days(8), 1):
        shared = {"source": f"XS{number:04d}", "date": day, "customer": m.co.pick("customers")}
        lines = m.random.randrange(1, 4)
        start = len(sheet.rows) + 1
        for line in range(lines):
            item = m.random.choice(m.co.items)
            values = {
                **(shared if line == 0 else {}),
                "item": item.code,
                "name": item.name,
                "quantity": m.co.quantity(),
                "unit_price": item.price,
            }
            m.row(sheet, fields, values, **shared)
        if lines > 1:
            for field in ("source", "date", "customer"):
                sheet.merges.append(
                    (start, m.at(fields, field), start + lines - 1, m.at(fields, field))
                )
    return fx


def f10(seed: int, *, chinese: bool) -> Fixture:
    """Codes that Excel made numbers of: whole ones come back, shortened ones are lost."""
    m = Maker("F10", seed, chinese=chinese)
    fx, sheet = m.fixture, m.sheet(m.say("库存", "Stock"))
    fx.clean = False
    fields = m.order(["barcode", "name", "quantity", "unit"])
    m.header(sheet, fields)
    for n, item in enumerate(m.co.items):
        raw: Any = item.barcode
        truth: str | None = item.barcode
        lost = n % 4 == 3
        if n % 4 == 1:
            raw = int(item.barcode)
        elif lost:
            raw, truth = m.random.choice(
                [
                    (f"{float(item.barcode):.2E}", None),
                    (f"{float(item.barcode):.5E}", None),
                    (6.92e12, None),
                    (6.9201524212345678e17, None),
                ]
            )
        row = m.row(
            sheet,
            fields,
            {"barcode": raw, "name": item.name, "quantity": m.co.quantity(), "unit": item.unit},
            barcode=truth,
        )
        if lost:
            fx.flagged.add((sheet.name, row, "barcode"))
    return fx


def f11(seed: int, *, chinese: bool) -> Fixture:
    """A list of movements with a type in words; the second edition has three rows more."""
    m = Maker("F11", seed, chinese=chinese)
    sheet = m.sheet(m.say("出入库记录", "Log"))
    fields = ["date", *m.order(["source", "type", "item", "name", "unit", "quantity", "warehouse"])]
    m.header(sheet, fields, {"quantity": m.say("数量", "Quantity")})
    for n, day in enumerate(m.co.days(25)):
        item = m.random.choice(m.co.items)
        kind = m.co.pick(m.random.choice(["types_in", "types_out"]))
        m.row(
            sheet,
            fields,
            {
                "date": day,
                "source": f"D{n:04d}",
                "type": kind,
                "item": item.code,
                "name": item.name,
                "unit": item.unit,
                "quantity": m.co.quantity(),
                "warehouse": m.co.pick("warehouses"),
            },
        )
    return m.fixture


def f12(seed: int, *, chinese: bool) -> Fixture:
    """A grid of 31 days, the month only in the title."""
    m = Maker("F12", seed, chinese=chinese)
    fx = m.fixture
    month = m.random.randrange(1, 13)
    sheet = m.sheet(m.random.choice([m.say(f"{month}月", "Grid"), "Sheet1"]))
    sheet.add([m.say(f"{m.co.year}年{month}月每日出库表", f"Daily issues {m.co.year}-{month:02d}")])
    fx.shape = "day_grid"
    last = calendar.monthrange(m.co.year, month)[1]
    shown = m.random.choice([31, last])
    item_head, name_head, unit_head = (
        m.headers.of("item"),
        m.headers.of("name"),
        m.headers.of("unit"),
    )
    style = m.random.choice([lambda d: d, str, lambda d: m.say(f"{d}日", f"{d}")])
    total = m.random.random() < 0.7
    fx.header_row = sheet.add(
        [
            item_head,
            name_head,
            unit_head,
            *[style(d) for d in range(1, shown + 1)],
            *([m.say("合计", "Total")] if total else []),
        ]
    )
    fx.columns = {
        "item": " ".join(item_head.split()),
        "name": " ".join(name_head.split()),
        "unit": " ".join(unit_head.split()),
    }
    sums = [Decimal(0)] * shown
    for item in m.co.items[:8]:
        cells = [
            Decimal(m.random.randrange(1, 40)) if d <= last and m.random.random() < 0.3 else None
            for d in range(1, shown + 1)
        ]
        row = sheet.add(
            [
                item.code,
                item.name,
                item.unit,
                *cells,
                *([sum(c for c in cells if c is not None)] if total else []),
            ]
        )
        for d, quantity in enumerate(cells, 1):
            if quantity is not None:
                sums[d - 1] += quantity
                fx.expect(
                    sheet,
                    row,
                    item=item.code,
                    name=item.name,
                    unit=item.unit,
                    date=date(m.co.year, month, d),
                    quantity=quantity,
                )
    sheet.add([m.say("合计", "Total"), None, None, *sums])
    return fx


def f13(seed: int, *, chinese: bool) -> Fixture:
    """Ins on the left, outs on the right."""
    m = Maker("F13", seed, chinese=chinese)
    fx, sheet = m.fixture, m.sheet(m.say("一月", "Jan"))
    gap = m.random.choice([0, 1])
    fields = ["date", "item", "name", "moved"]
    left, right = ([m.headers.of(f) for f in fields] for _n in range(2))
    sheet.add([m.say("入库", "Receipts"), None, None, None, *[None] * gap, m.say("出库", "Issues")])
    sheet.merges += [(1, 1, 1, 4), (1, 5 + gap, 1, 8 + gap)]
    if not gap:
        right = left
    fx.header_row = sheet.add([*left, *[None] * gap, *right])
    fx.columns = {
        "date": " ".join(left[0].split()),
        "item": " ".join(left[1].split()),
        "name": " ".join(left[2].split()),
    }
    days = m.co.days(14)
    outs = m.random.randrange(5, 14)
    for n, day in enumerate(days):
        one, two = m.random.choice(m.co.items), m.random.choice(m.co.items)
        incoming, outgoing = m.co.quantity(), m.co.quantity()
        has_out = n < outs
        row = sheet.add(
            [
                day,
                one.code,
                one.name,
                incoming,
                *[None] * gap,
                *([day, two.code, two.name, outgoing] if has_out else []),
            ]
        )
        fx.expect(sheet, row, date=day, item=one.code, name=one.name, quantity_in=incoming)
        if has_out:
            fx.expect(sheet, row, date=day, item=two.code, name=two.name, quantity_out=outgoing)
    return fx


def f14(seed: int, *, chinese: bool) -> Fixture:
    """Two sheets that name the same fields differently, in different order."""
    m = Maker("F14", seed, chinese=chinese)
    for n in range(2):
        sheet = m.sheet(m.say(f"{n + 1}月", f"2023-0{n + 1}"))
        fields = m.order(["date", "source", "item", "name", "unit", "quantity_in", "supplier"])
        m.header(sheet, fields)
        for line, day in enumerate(m.co.days(10)):
            item = m.random.choice(m.co.items)
            m.row(
                sheet,
                fields,
                {
                    "date": day,
                    "source": f"S{n}{line:03d}",
                    "item": item.code,
                    "name": item.name,
                    "unit": item.unit,
                    "quantity_in": m.co.quantity(),
                    "supplier": m.co.pick("suppliers"),
                },
            )
    return m.fixture


def f15(seed: int, *, chinese: bool) -> Fixture:
    """Traditional characters and days counted from 1904."""
    m = Maker("F15", seed, chinese=True, traditional=True)
    fx, sheet = m.fixture, m.sheet("進貨")
    fx.epoch_1904 = True
    fields = m.order(["date", "item", "name", "unit", "quantity_in", "unit_price", "supplier"])
    m.header(sheet, fields)
    for n, day in enumerate(m.co.days(12)):
        item = m.random.choice(m.co.items)
        raw: Any = day if n % 3 else (day - date(1904, 1, 1)).days
        m.row(
            sheet,
            fields,
            {
                "date": raw,
                "item": item.code,
                "name": item.name,
                "unit": item.unit,
                "quantity_in": m.co.quantity(),
                "unit_price": item.price,
                "supplier": m.co.pick("suppliers"),
            },
            date=day,
        )
    return fx
