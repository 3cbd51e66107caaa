"""Draws a fixture: a company, words of headers, and what its rows say."""

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
