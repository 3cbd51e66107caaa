"""Only the import of the demo company: a sheet of the old store room as it was, read, mended and written."""

import io
from datetime import date, timedelta

import xlsxwriter

from boards.demo.master import Master
from boards.demo.words import in_english
from intake.importing import changes, door, working
from people.access import SYSTEM

NAME = "旧库房入库登记.xlsx"
SENDER = "旧库房"
_HEADER = ("日期", "单号", "业务类型", "货号", "品名", "数量", "计量单位", "单价", "金额")
_ROWS = (
    ("RK-0217", "10041", 500, "个", "0.08"),
    ("RK-0217", "10042", 300, "个", "0.11"),
    ("RK-0218", "10152", 60, "只", "2.20"),
    ("RK-0218", "10377", 200, "只", "0.45"),
    ("RK-0219", "10378", 150, "个", "0.47"),
)


def write(master: Master, today: date) -> None:
    """Import a sheet with a title, a sum, and a unit that only its sender calls so."""
    job = door.create(
        _sheet(master, today - timedelta(days=1)),
        NAME,
        company=master.company,
        actor=master.users.get("admin"),
        access=SYSTEM,
        purpose="movements",
        warehouse=master.warehouses["MAIN"],
        sender=SENDER,
    )
    door.look(job)
    door.mend(job.pk, changes.give("unit", "只", "PCS"), access=SYSTEM)
    door.submit(job.pk, actor=None, access=SYSTEM)
    door.begin(job.pk, access=SYSTEM)
    done = working.run(job.pk)
    if done is None or done.written != len(_ROWS):
        raise ValueError(done and done.problem)


def _sheet(master: Master, day: date) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    page = book.add_worksheet("入库登记")
    page.merge_range(0, 0, 0, len(_HEADER) - 1, "旧库房入库登记表")
    page.write_row(1, 0, _HEADER)
    total = 0.0
    for at, (number, code, quantity, written, price) in enumerate(_ROWS, 2):
        unit = "PCS" if written == "个" and in_english() else written
        amount = round(quantity * float(price), 2)
        total += amount
        cells = [
            day.isoformat(),
            number,
            "其他入库",
            code,
            master.items[code].name,
            quantity,
            unit,
            float(price),
            amount,
        ]
        page.write_row(at, 0, cells)
    page.write_row(
        len(_ROWS) + 2,
        0,
        ["合计", "", "", "", "", sum(row[2] for row in _ROWS), "", "", round(total, 2)],
    )
    book.close()
    return target.getvalue()
