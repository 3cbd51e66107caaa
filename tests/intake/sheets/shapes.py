"""The fifteen fixture shapes F1 to F15, each drawn anew from a seed, in Chinese or in English where both exist."""

import calendar
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from tests.intake.sheets.company import Company
from tests.intake.sheets.headers import Headers
from tests.intake.sheets.paper import Fixture, Sheet


class Maker:
    """Draws one fixture."""

    def __init__(
        self, name: str, seed: int, *, chinese: bool, traditional: bool = False, plain: bool = False
    ) -> None:
        self.co = Company(seed, chinese=chinese)
        self.random = self.co.random
        self.chinese = chinese
        self.headers = Headers(self.random, chinese=chinese, traditional=traditional, plain=plain)
        self.fixture = Fixture(name)

    def say(self, chinese: str, english: str) -> str:
        return chinese if self.chinese else english

    def sheet(self, name: str) -> Sheet:
        sheet = Sheet(name)
        self.fixture.sheets.append(sheet)
        return sheet

    def titles(self, sheet: Sheet, title: str) -> None:
        """None to three lines above the header, as companies write them."""
        count = self.random.randrange(4)
        lines = [
            [title],
            [
                self.say("编制单位：恒力公司", "Company: Hengli"),
                None,
                None,
                self.say("单位：元", "Currency: CNY"),
            ],
            [None],
        ]
        for line in lines[:count]:
            sheet.add(line)
        if count:
            sheet.merges.append((1, 1, 1, 6))

    def order(self, fields: list[str], *, keep: int = 0) -> list[str]:
        """Columns in any order after the first ``keep``; a column of row numbers in front, sometimes."""
        rest = fields[keep:]
        self.random.shuffle(rest)
        return fields[:keep] + rest

    def header(
        self, sheet: Sheet, fields: list[str], words: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Write a header; returns field → text."""
        names = {field: (words or {}).get(field) or self.headers.of(field) for field in fields}
        lead = self.random.random() < 0.4
        self.lead = [self.say("序号", "No.")] if lead else []
        row = sheet.add(self.lead + [names[field] for field in fields])
        if len(self.fixture.sheets) == 1:
            self.fixture.header_row = row
            self.fixture.columns = {field: " ".join(name.split()) for field, name in names.items()}
        return names

    def row(self, sheet: Sheet, fields: list[str], values: dict[str, Any], **truth: Any) -> int:
        number = sheet.add(
            ([len(sheet.rows)] if self.lead else []) + [values.get(field) for field in fields]
        )
        self.fixture.expect(
            sheet, number, **({k: v for k, v in values.items() if k in fields} | truth)
        )
        return number

    def at(self, fields: list[str], field: str) -> int:
        """The column of a field, from 1."""
        return fields.index(field) + 1 + len(self.lead)

    def foot(self, sheet: Sheet) -> None:
        if self.random.random() < 0.6:
            sheet.add([None])
            sheet.add(
                [
                    self.say("制单人：张三", "Prepared by: Ann"),
                    None,
                    self.say("审核：李四", "Approved by: Bob"),
                    None,
                    self.say("日期：", "Date:"),
                ]
            )


def f1(seed: int, *, chinese: bool) -> Fixture:
    """A clean list of stock."""
    m = Maker("F1", seed, chinese=chinese)
    sheet = m.sheet(m.say("库存明细", "Stock"))
    m.titles(sheet, m.say("库存明细表", "Stock on hand"))
    fields = m.order(
        [
            "item",
            "name",
            "spec",
            "unit",
            "warehouse",
            "quantity",
            "unit_price",
            "amount",
            "lot",
            "remark",
            "place",
            "barcode",
        ]
    )
    for extra in ("lot", "place", "barcode", "spec", "warehouse"):
        if m.random.random() < 0.4:
            fields.remove(extra)
    m.header(sheet, fields)
    total = Decimal(0)
    for n, item in enumerate(m.co.items):
        quantity = m.co.quantity()
        total += quantity
        values = {
            "item": item.code,
            "name": item.name,
            "spec": item.spec,
            "unit": item.unit,
            "warehouse": m.co.pick("warehouses"),
            "quantity": quantity,
            "unit_price": item.price,
            "amount": (quantity * item.price).quantize(Decimal("0.01")),
            "lot": f"L{n:03d}",
            "remark": m.co.pick("remarks"),
            "place": f"A-{n % 3 + 1:02d}-{n:02d}",
            "barcode": item.barcode,
        }
        m.row(sheet, fields, values)
    if m.random.random() < 0.5:
        cells: list[Any] = [None] * (len(fields) + len(m.lead))
        label = next(m.at(fields, f) for f in ("name", "item") if f in fields) - 1
        cells[0 if m.lead else label] = m.say("合计", "Total")
        cells[m.at(fields, "quantity") - 1] = total
        sheet.add(cells)
    m.foot(sheet)
    return m.fixture


def f2(seed: int, *, chinese: bool) -> Fixture:
    """A period summary below a title, with a header of two or three layers and a row of sums."""
    m = Maker("F2", seed, chinese=chinese)
    fx, sheet = m.fixture, m.sheet(m.say("收发存汇总表", "Summary"))
    sheet.add(
        [
            m.say(
                f"{m.co.year}年{m.random.randrange(1, 13)}月收发存汇总表",
                f"Stock summary {m.co.year}",
            )
        ]
    )
    lead = [
        ("item", m.headers.of("item")),
        ("name", m.headers.of("name")),
        ("unit", m.headers.of("unit")),
    ]
    groups = [
        ("opening", m.say("期初结存", "Opening")),
        ("quantity_in", m.say(m.random.choice(["本期收入", "本期入库"]), "Receipts")),
        ("quantity_out", m.say(m.random.choice(["本期发出", "本期出库"]), "Issues")),
        ("balance", m.say(m.random.choice(["期末结存", "本期结存"]), "Closing")),
    ]
    three = m.random.random() < 0.5
    part = {
        "opening": ("opening_price", "opening_amount"),
        "quantity_in": ("in_price", "in_amount"),
        "quantity_out": ("out_price", "out_amount"),
        "balance": ("balance_price", "balance_amount"),
    }
    top: list[Any] = [text for _f, text in lead]
    middle: list[Any] = [None] * 3
    low: list[Any] = [None] * 3
    fields = [f for f, _t in lead]
    subs = [m.say("数量", "Qty"), m.say("单价", "Price"), m.say("金额", "Amount")]
    first = len(sheet.rows) + 1
    for code, text in groups:
        start = len(top) + 1
        top += [text, None, None]
        middle += [m.say("采购类", "All"), None, None] if three else [None] * 3
        low += subs
        fields += [code, *part[code]]
        sheet.merges.append((first, start, first, start + 2))
        if three:
            sheet.merges.append((first + 1, start, first + 1, start + 2))
    layers = [top, middle, low] if three else [top, low]
    for layer in layers:
        sheet.add(layer)
    last = len(sheet.rows)
    sheet.merges += [(first, at, last, at) for at in range(1, 4)] + [(1, 1, 1, len(fields))]
    fx.header_row, fx.shape = last, "summary"
    fx.columns = {f: " ".join(t.split()) for f, t in lead}
    m.lead = []
    sums = dict.fromkeys(("opening", "quantity_in", "quantity_out", "balance"), Decimal(0))
    for item in m.co.items:
        opening, incoming = m.co.quantity(), m.co.quantity()
        out = min(opening, m.co.quantity())
        values: dict[str, Any] = {"item": item.code, "name": item.name, "unit": item.unit}
        for code, quantity in zip(
            sums, (opening, incoming, out, opening + incoming - out), strict=True
        ):
            sums[code] += quantity
            values[code] = quantity
            values[part[code][0]] = item.price
            values[part[code][1]] = (quantity * item.price).quantize(Decimal("0.01"))
        m.row(sheet, fields, values)
    sheet.add([m.say("合计", "Total"), *[sums.get(f) for f in fields[1:]]])
    return fx


def f3(seed: int, *, chinese: bool) -> Fixture:
    """A log of ins and outs whose running balance breaks once for one item."""
    m = Maker("F3", seed, chinese=chinese)
    fx, sheet = m.fixture, m.sheet(m.say("出入库流水", "Movements"))
    m.titles(sheet, m.say("出入库流水账", "Stock ledger"))
    fx.shape = "in_out_list"
    fields = [
        "date",
        *m.order(["source", "item", "name", "unit"]),
        "quantity_in",
        "quantity_out",
        "balance",
        "remark",
    ]
    m.header(sheet, fields)
    balances: dict[str, Decimal] = {}
    seen: dict[str, int] = {}
    broken = ""
    for n, day in enumerate(m.co.days(40)):
        item = m.random.choice(m.co.items[:5])
        before = balances.get(item.code, Decimal(0))
        goes_out = before > 20 and m.random.random() < 0.5
        quantity = min(m.co.quantity(), before) if goes_out else m.co.quantity()
        after = before - quantity if goes_out else before + quantity
        seen[item.code] = seen.get(item.code, 0) + 1
        if n > 15 and not broken and seen[item.code] > 2:
            after += 7
            broken = item.code
        balances[item.code] = after
        values = {
            "date": day,
            "source": f"{'CK' if goes_out else 'RK'}{n:05d}",
            "item": item.code,
            "name": item.name,
            "unit": item.unit,
            "quantity_in": None if goes_out else quantity,
            "quantity_out": quantity if goes_out else None,
            "balance": after,
            "remark": m.co.pick("remarks"),
        }
        row = m.row(sheet, fields, values)
        if broken == item.code and (sheet.name, 0, "broken") not in fx.flagged:
            fx.flagged |= {(sheet.name, 0, "broken"), (sheet.name, row, "balance_breaks")}
    return fx


def f4(seed: int, *, chinese: bool) -> Fixture:
    """A CSV of an ERP: codes protected as ="00123", thousands separators, a tab behind numbers."""
    m = Maker("F4", seed, chinese=chinese, plain=True)
    sheet = m.sheet("F4")
    fields = m.order(
        ["item", "name", "unit", "date", "source", "supplier", "quantity_in", "unit_price"]
    )
    m.header(sheet, fields)
    for n, day in enumerate(m.co.days(30)):
        item = m.random.choice(m.co.items)
        code, quantity = f"{n * 7:06d}", Decimal(m.random.randrange(1, 99_999))
        values = {
            "item": code,
            "name": item.name,
            "unit": item.unit,
            "date": day,
            "source": f"{20_000 + n}",
            "supplier": m.co.pick("suppliers"),
            "quantity_in": quantity,
            "unit_price": item.price,
        }
        row = m.row(sheet, fields, values)
        cells = sheet.rows[row - 1]
        cells[m.at(fields, "item") - 1] = f'="{code}"'
        cells[m.at(fields, "quantity_in") - 1] = f"{quantity:,}"
        cells[m.at(fields, "date") - 1] = f"{day.year}/{day.month}/{day.day}"
        cells[m.at(fields, "source") - 1] = f"{20_000 + n}\t"
    return m.fixture


def f5(seed: int, *, chinese: bool) -> Fixture:
    """A count sheet with rounds; blank is not zero, and the last round that is filled wins."""
    m = Maker("F5", seed, chinese=chinese)
    fx, sheet = m.fixture, m.sheet(m.say("盘点表", "Count"))
    m.titles(sheet, m.say("仓库盘点表", "Stock count"))
    fx.shape = "count"
    fields = [
        *m.order(["item", "name", "spec", "unit", "place"]),
        "book",
        "counted_1",
        "counted_2",
        "person",
    ]
    m.header(sheet, fields)
    for n, item in enumerate(m.co.items):
        book = Decimal(m.random.randrange(0, 300))
        first = (
            None
            if m.random.random() < 0.2
            else book + m.random.choice([0, 0, 0, -1, 2])
            if book
            else Decimal(0)
        )
        second = first + 1 if first is not None and m.random.random() < 0.3 else None
        values = {
            "item": item.code,
            "name": item.name,
            "spec": item.spec,
            "unit": item.unit,
            "place": f"B{n:02d}",
            "book": book,
            "counted_1": first,
            "counted_2": second,
            "person": m.co.pick("people"),
        }
        m.row(sheet, fields, values, counted=second if second is not None else first)
    return fx


def f6(seed: int, *, chinese: bool) -> Fixture:
    """A zoo of dates: every spelling of one day, and some that are none."""
    m = Maker("F6", seed, chinese=chinese)
    fx, sheet = m.fixture, m.sheet(m.say("入库", "Receipts"))
    fx.clean = False
    fields = m.order(["item", "name", "date", "quantity_in", "unit"])
    m.header(sheet, fields)
    day = date(m.co.year, m.random.randrange(1, 13), m.random.randrange(1, 29))
    weekdays = "一二三四五六日"
    right, other = weekdays[day.weekday()], weekdays[(day.weekday() + 2) % 7]
    serial = (day - date(1899, 12, 30)).days
    good: list[Any] = [
        day,
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}。{day.month}。{day.day}",
        f"{day.year}－{day.month:02d}－{day.day:02d}",
        f"{day:%Y%m%d}",
        serial,
        str(serial),
        f"{day.isoformat()} 星期{right}",
        f"{day.year}/{day.month}/{day.day} 周{right}",
        f"{day.isoformat()}({right})",
        f"{_numerals(day.year)}年{_tens(day.month)}月{_tens(day.day)}日",
        f"{day.isoformat()} 00:00:00",
        f"{day:%b} {day.day}, {day.year}",
        f"{day.day} {day:%b} {day.year}",
    ]
    bad: list[Any] = [
        "2018-02-30",
        "2018-13-01",
        "0000-00-00",
        "1900-01-00",
        60,
        "2018.1.1-2018.1.31",
        "昨天",
        f"{day.month}月{day.day}日",
        "03/04/2019",
    ]
    for n, raw in enumerate(good + bad + [f"{day.isoformat()} 星期{other}"]):
        item = m.random.choice(m.co.items)
        values = {
            "item": item.code,
            "name": item.name,
            "date": raw,
            "quantity_in": Decimal(n + 1),
            "unit": item.unit,
        }
        is_bad = raw in bad
        row = m.row(sheet, fields, values, date=None if is_bad else day)
        if is_bad or n == len(good) + len(bad):
            fx.flagged.add((sheet.name, row, "date"))
    return fx


def _numerals(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number))


def _tens(number: int) -> str:
    ten, one = divmod(number, 10)
    return ("" if ten == 0 else "十" if ten == 1 else "〇一二三四五六七八九"[ten] + "十") + (
        "" if one == 0 else "一二三四五六七八九"[one - 1]
    )


def f7(seed: int, *, chinese: bool) -> Fixture:
    """Full-width digits, units and currencies in cells, brackets for negatives, words for numbers."""
    m = Maker("F7", seed, chinese=chinese)
    fx, sheet = m.fixture, m.sheet(m.say("采购入库", "Purchase receipts"))
    fx.clean = False
    fields = m.order(["item", "name", "quantity", "unit_price"])
    m.header(sheet, fields, {"quantity": m.say("数量", "Quantity")})
    wide = str.maketrans("0123456789.,-()", "０１２３４５６７８９．，－（）")
    good: list[tuple[str, Decimal, str]] = [
        ("123.50".translate(wide), Decimal("123.5"), ""),
        ("1,234.50", Decimal("1234.5"), ""),
        ("1，234.50", Decimal("1234.5"), ""),
        ("12箱", Decimal(12), "箱"),
        ("3.5kg", Decimal("3.5"), "kg"),
        ("12 只", Decimal(12), "只"),
        ("-5", Decimal(-5), ""),
        ("－5", Decimal(-5), ""),
        ("(5)", Decimal(-5), ""),
        ("（5）", Decimal(-5), ""),
        ("5-", Decimal(-5), ""),
        ("△5", Decimal(-5), ""),
        ("十二", Decimal(12), ""),
        ("壹佰贰拾", Decimal(120), ""),
        (" 7\u200b ", Decimal(7), ""),
        ("\u00a08", Decimal(8), ""),
        ("'9", Decimal(9), ""),
        ("1.2万", Decimal(12_000), ""),
    ]
    bad = [
        "10箱6只",
        "5+2",
        "2*12",
        "10包/箱",
        "若干",
        "待定",
        "#N/A",
        "1.2.3",
        "1E5",
        "12/20",
        "一卷",
        "NaN",
        "1e308",
        "٣",
        "1,23",
    ]
    about = [("约20", Decimal(20))]
    for raw, value, unit in good:
        item = m.random.choice(m.co.items)
        values = {
            "item": item.code,
            "name": item.name,
            "quantity": raw,
            "unit_price": f"¥{item.price:,}",
        }
        m.row(sheet, fields, values, quantity=value, unit=unit, unit_price=item.price)
    for raw in bad:
        item = m.random.choice(m.co.items)
        row = m.row(
            sheet,
            fields,
            {"item": item.code, "name": item.name, "quantity": raw, "unit_price": item.price},
            quantity=None,
        )
        fx.flagged.add((sheet.name, row, "quantity"))
    for raw, value in about:
        item = m.random.choice(m.co.items)
        row = m.row(
            sheet,
            fields,
            {"item": item.code, "name": item.name, "quantity": raw, "unit_price": item.price},
            quantity=value,
        )
        fx.flagged.add((sheet.name, row, "quantity"))
    return fx


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


SHAPES: dict[str, Callable[..., Fixture]] = {
    f"F{n}": shape
    for n, shape in enumerate((f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15), 1)
}
