"""The fixture shapes F1 to F7: lists, a summary, a ledger, a count, days and numbers of all kinds."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.intake.sheets.maker import Maker
from tests.intake.sheets.paper import Fixture


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
