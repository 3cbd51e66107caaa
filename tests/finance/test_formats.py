"""Every voucher format, read back by a reader of its own and compared field by field."""

from dataclasses import replace
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given, settings

from finance.handover import generic, kingdee, u8
from finance.handover.formats import BY_CODE, FORMATS, Settings
from finance.handover.text import one_line
from finance.handover.voucher import AUXILIARIES, Voucher
from tests.finance import voucher_reader as reader
from tests.finance.vouchers import ALL, CHART, LOSS, TEXTS, vouchers

NAMES = [
    "FBillHead(GL_VOUCHER)",
    "FAccountBookID",
    "FAccountBookID#Name",
    "FDate",
    "FYEAR",
    "FPERIOD",
    "FVOUCHERGROUPID",
    "FVOUCHERGROUPID#Name",
    "FVOUCHERGROUPNO",
    "FATTACHMENTS",
    "*Split*1",
    "FEntity",
    "FEXPLANATION",
    "FACCOUNTID",
    "FACCOUNTID#Name",
    "FDetailID#FFLEX4",
    "FDetailID#FFLEX4#Name",
    "FDetailID#FFLEX8",
    "FCURRENCYID",
    "FEXCHANGERATE",
    "FQty",
    "FPrice",
    "FAMOUNTFOR",
    "FDEBIT",
    "FCREDIT",
    "FBUSNO",
]
TITLES = [
    "*单据头(序号)",
    "*(单据头)账簿#编码",
    "(单据头)账簿#名称",
    "*(单据头)日期",
    "(单据头)会计年度",
    "(单据头)期间",
    "*(单据头)凭证字#编码",
    "(单据头)凭证字#名称",
    "*(单据头)凭证号",
    "(单据头)附件数",
    "间隔列",
    "*分录(序号)",
    "(分录)摘要",
    "*(分录)科目编码#编码",
    "(分录)科目编码#名称",
    "(分录)供应商#编码",
    "(分录)供应商#名称",
    "(分录)物料#编码",
    "(分录)币别#编码",
    "(分录)汇率",
    "(分录)数量",
    "(分录)单价",
    "(分录)原币金额",
    "(分录)借方金额",
    "(分录)贷方金额",
    "(分录)业务编号",
]
SHEET = "凭证#单据头(FBillHead)"
TEMPLATE = kingdee.Template(SHEET, tuple(NAMES), tuple(TITLES))
KINGDEE = Settings(
    template=TEMPLATE,
    mapping={**kingdee.guess(TEMPLATE), "FAccountBookID": "=001", "FAccountBookID#Name": "=主账簿"},
    words={"记": "PRE001", "转": "PRE004"},
)


def money(value: object) -> Decimal:
    """An amount of a workbook, whose figures are floats."""
    return Decimal(str(value or 0)).quantize(Decimal("0.01"))


def expected(vouchers: tuple[Voucher, ...]) -> list[tuple[Voucher, int, object]]:
    """(voucher, line from 1, line) of each row of a file."""
    return [(v, n, line) for v in vouchers for n, line in enumerate(v.lines, 1)]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_u8_reads_back(encoding: str) -> None:
    """Each of the 48 fields says what the voucher says."""
    content = BY_CODE["u8"].write(ALL, Settings(encoding=encoding))
    rows = reader.u8(content, encoding)
    assert len(rows) == 6
    for row, (voucher, _n, line) in zip(rows, expected(ALL), strict=True):
        assert row == {
            "date": voucher.date.isoformat(),
            "word": voucher.word,
            "number": voucher.number,
            "attachments": voucher.attachments,
            "summary": line.summary.replace(",", "，").replace("\n", " "),
            "account": line.account,
            "debit": line.debit,
            "credit": line.credit,
            "quantity": line.quantity or 0,
            "foreign": 0,
            "rate": 0,
            "maker": voucher.maker,
            "department": line.code("department"),
            "person": line.code("person"),
            "customer": line.code("customer"),
            "supplier": line.code("supplier"),
            "project": line.code("project"),
        }


def test_u8_is_the_published_sample() -> None:
    """The two lines of the sample, byte by byte; GBK unless asked otherwise."""
    tail = ",,,,,,,,,,,,,,,,0,,0,,,,,,,,,0,0,0,0,0,,0,0,0,0"
    assert BY_CODE["u8"].write([LOSS], Settings()) == (
        "填制凭证,V800\r\n"
        f"2025-01-31,记,12,1,盘亏 PD20250131-003 M8螺栓,190101,128.50,0,0,0,0,张三{tail}\r\n"
        f"2025-01-31,记,12,1,盘亏 PD20250131-003 M8螺栓,1405,0,128.50,50,0,0,张三{tail}\r\n"
    ).encode("gbk")


@settings(max_examples=60, deadline=None)
@given(vouchers())
def test_u8_bears_any_text(voucher: Voucher) -> None:
    """Whatever a summary holds, 48 fields and one line remain; what GBK lacks is named instead of lost."""
    maker = replace(voucher, maker="张三")
    content = u8.write([maker], "utf-8")
    for row, line in zip(reader.u8(content, "utf-8"), maker.lines, strict=True):
        assert row["summary"] == one_line(line.summary).replace(",", "，")
        assert row["debit"] == line.debit
        assert row["quantity"] == (line.quantity or 0)
    problems = BY_CODE["u8"].problems([maker], CHART, Settings(encoding="gbk"))
    named = any(one.code == "not_encodable" for one in problems)
    try:
        u8.write([maker], "gbk")
    except UnicodeEncodeError:
        assert named
    else:
        assert not named


def test_kingdee_fills_the_users_template() -> None:
    """The user's two header rows, heads on the first line only, dimensions where their titles say."""
    content = BY_CODE["kingdee"].write(ALL, KINGDEE)
    sheet, heads, rows = reader.workbook(content, 2)
    assert (sheet, heads) == (SHEET[:31], [NAMES, TITLES])
    sequence = {voucher: number for number, voucher in enumerate((v.title for v in ALL), 1)}
    for row, (voucher, number, line) in zip(rows, expected(ALL), strict=True):
        first = number == 1
        assert row["FBillHead(GL_VOUCHER)"] == (sequence[voucher.title] if first else None)
        assert row["FAccountBookID"] == ("001" if first else None)
        assert row["FAccountBookID#Name"] == ("主账簿" if first else None)
        assert (row["FDate"].date() if first else row["FDate"]) == (voucher.date if first else None)
        assert row["FYEAR"] == (2025 if first else None)
        assert row["FPERIOD"] == (1 if first else None)
        code = {"记": "PRE001", "转": "PRE004"}[voucher.word]
        assert row["FVOUCHERGROUPID"] == (code if first else None)
        assert row["FVOUCHERGROUPID#Name"] == (voucher.word if first else None)
        assert row["FVOUCHERGROUPNO"] == (voucher.number if first else None)
        assert row["FATTACHMENTS"] == (voucher.attachments if first else None)
        assert row["*Split*1"] is None
        assert row["FEntity"] == number
        assert row["FEXPLANATION"] == line.summary.replace("\n", " ")
        assert row["FACCOUNTID"] == line.account
        assert (row["FACCOUNTID#Name"] or "") == line.account_name
        assert (row["FDetailID#FFLEX4"] or "") == line.code("supplier")
        assert (row["FDetailID#FFLEX4#Name"] or "") == line.name("supplier")
        assert (row["FDetailID#FFLEX8"] or "") == line.code("item")
        assert (row["FCURRENCYID"], row["FEXCHANGERATE"]) == ("PRE001", 1)
        assert Decimal(str(row["FQty"] or 0)) == (line.quantity or 0)
        assert Decimal(str(row["FPrice"] or 0)) == (line.price or 0)
        assert money(row["FAMOUNTFOR"]) == line.amount
        assert money(row["FDEBIT"]) == line.debit
        assert money(row["FCREDIT"]) == line.credit
        assert row["FBUSNO"] == (voucher.reference)


def test_kingdee_reads_a_template_again() -> None:
    """A workbook and the two pasted rows give the same template; anything else is refused in words."""
    content = BY_CODE["kingdee"].write(ALL, KINGDEE)
    assert kingdee.read(content) == replace(TEMPLATE, sheet=SHEET[:31])
    assert kingdee.pasted("\t".join(NAMES) + "\r\n" + "\t".join(TITLES) + "\r\n") == TEMPLATE
    for bad in (b"", b"PK\x03\x04 no", generic.write_xlsx(ALL), b"x" * 3_000_000):
        with pytest.raises(kingdee.TemplateRefused):
            kingdee.read(bad)
    for text in ("", "日期\t凭证字", "FBillHead(GL_VOUCHER)\tFDate\tFDate"):
        with pytest.raises(kingdee.TemplateRefused):
            kingdee.pasted(text)


def test_kingdee_names_columns_that_nothing_fills() -> None:
    """A required column without a source, an unknown word and a missing template are said before writing."""
    book = BY_CODE["kingdee"]
    assert book.problems(ALL, CHART, KINGDEE) == []
    bare = replace(KINGDEE, mapping=kingdee.guess(TEMPLATE), words={"记": "PRE001"})
    found = {(one.code, one.message) for one in book.problems(ALL, CHART, bare)}
    assert {code for code, _text in found} == {"column_unfilled", "word_unknown"}
    assert any("FAccountBookID" in text for _code, text in found)
    assert [one.code for one in book.problems(ALL, CHART, Settings())] == ["template_missing"]


def test_kis_reads_back() -> None:
    """Entries count from 0, the side is 1 or 0, each auxiliary takes the next place."""
    _sheet, heads, rows = reader.workbook(BY_CODE["kis"].write(ALL, Settings()))
    assert heads[0][:8] == [
        "FDATE",
        "FTRANSDATE",
        "FPERIOD",
        "FGROUP",
        "FNUM",
        "FENTRYID",
        "FEXP",
        "FACCTID",
    ]
    assert heads[0][8:32] == [
        f"{n}{i}" for n in ("FCLSNAME", "FOBJID", "FOBJNAME") for i in range(1, 9)
    ]
    tail = (
        "FTRANSID FCYID FEXCHRATE FDC FFCYAMT FQTY FPRICE FDEBIT FCREDIT FSETTLCODE FSETTLENO FPREPARE "
        "FPAY FCASH FPOSTER FCHECKER FATTCHMENT FPOSTED FMODULE FDELETED FSERIALNO FUNITNAME FREFERENCE FCASHFLOW"
    )
    assert heads[0][32:] == tail.split()
    for row, (voucher, number, line) in zip(rows, expected(ALL), strict=True):
        assert row["FDATE"].date() == row["FTRANSDATE"].date() == voucher.date
        assert (row["FPERIOD"], row["FGROUP"], row["FNUM"]) == (1, voucher.word, voucher.number)
        assert (row["FENTRYID"], row["FACCTID"]) == (number - 1, line.account)
        assert row["FEXP"] == line.summary.replace("\n", " ")
        assert row["FDC"] == (1 if line.debit else 0)
        assert (row["FCYID"], row["FEXCHRATE"]) == ("RMB", 1)
        assert money(row["FFCYAMT"]) == line.amount
        assert (money(row["FDEBIT"]), money(row["FCREDIT"])) == (line.debit, line.credit)
        assert Decimal(str(row["FQTY"])) == (line.quantity or 0)
        assert Decimal(str(row["FPRICE"])) == (line.price or 0)
        assert (row["FPREPARE"], row["FATTCHMENT"]) == (voucher.maker, voucher.attachments)
        assert (row["FUNITNAME"] or "", row["FREFERENCE"]) == (line.unit, voucher.reference)
        words = {"客户": "customer", "部门": "department", "职员": "person"}
        words |= {"物料": "item", "供应商": "supplier", "项目": "project"}
        given_ = {
            words[row[f"FCLSNAME{n}"]]: (row[f"FOBJID{n}"], row[f"FOBJNAME{n}"])
            for n in range(1, 9)
            if row[f"FCLSNAME{n}"]
        }
        assert given_ == {kind: (one.code, one.name) for kind, one in line.auxiliaries.items()}


PLACES = {
    "客户": "customer",
    "供应商": "supplier",
    "职员": "person",
    "项目": "project",
    "部门": "department",
    "存货": "item",
}
HEADS = [
    "日期",
    "凭证字",
    "凭证号",
    "附件数",
    "分录序号",
    "摘要",
    "科目代码",
    "科目名称",
    "借方金额",
    "贷方金额",
    "客户",
    "供应商",
    "职员",
    "项目",
    "部门",
    "存货",
    "自定义辅助核算类别",
    "自定义辅助核算编码",
    "数量",
    "单价",
    "原币金额",
    "币别",
    "汇率",
]


def test_general_workbook_reads_back() -> None:
    """The 23 columns of the general sheet."""
    _sheet, heads, rows = reader.workbook(BY_CODE["xlsx"].write(ALL, Settings()))
    assert heads == [HEADS]
    for row, (voucher, number, line) in zip(rows, expected(ALL), strict=True):
        assert row["日期"].date() == voucher.date
        assert (row["凭证字"], row["凭证号"], row["附件数"]) == (
            voucher.word,
            voucher.number,
            voucher.attachments,
        )
        assert (row["分录序号"], row["科目代码"]) == (number, line.account)
        assert (row["摘要"], row["科目名称"] or "") == (
            line.summary.replace("\n", " "),
            line.account_name,
        )
        assert (money(row["借方金额"]), money(row["贷方金额"])) == (line.debit, line.credit)
        assert money(row["原币金额"]) == line.amount
        assert (row["币别"], row["汇率"]) == ("CNY", 1)
        assert Decimal(str(row["数量"] or 0)) == (line.quantity or 0)
        assert Decimal(str(row["单价"] or 0)) == (line.price or 0)
        assert {kind: row[name] or "" for name, kind in PLACES.items()} == {
            kind: line.code(kind) for kind in AUXILIARIES
        }


@settings(max_examples=40, deadline=None)
@given(vouchers(TEXTS))
def test_general_table_reads_back(voucher: Voucher) -> None:
    """CSV, whatever the texts hold."""
    rows = reader.generic_csv(BY_CODE["csv"].write([voucher], Settings()), "utf-8-sig")
    assert list(rows[0]) == HEADS
    for row, (_voucher, number, line) in zip(rows, expected((voucher,)), strict=True):
        assert (row["日期"], row["凭证号"]) == ("2025-01-15", str(voucher.number))
        assert row["分录序号"] == str(number)
        assert row["摘要"] == one_line(line.summary) or one_line(line.summary).startswith("'")
        assert Decimal(row["借方金额"] or 0) == line.debit
        assert Decimal(row["贷方金额"] or 0) == line.credit
        assert Decimal(row["数量"] or 0) == (line.quantity or 0)


@settings(max_examples=40, deadline=None)
@given(vouchers())
def test_data_keeps_everything(voucher: Voucher) -> None:
    """JSON keeps its stated schema, and every field as it was."""
    content = reader.data(BY_CODE["json"].write([voucher, *ALL], Settings(batch="HO-1")))
    jsonschema.Draft202012Validator(generic.SCHEMA).validate(content)
    assert content["batch"] == "HO-1"
    for found, told in zip(content["vouchers"], (voucher, *ALL), strict=True):
        assert (found["date"], found["word"], found["number"], found["maker"]) == (
            told.date.isoformat(),
            told.word,
            told.number,
            told.maker,
        )
        assert (found["reference"], found["currency"]) == (told.reference, told.currency)
        for one, line in zip(found["lines"], told.lines, strict=True):
            assert (one["summary"], one["account"]) == (line.summary, line.account)
            assert Decimal(one["debit"]) == line.debit
            assert Decimal(one["credit"]) == line.credit
            assert Decimal(one["quantity"] or 0) == (line.quantity or 0)
            assert one["auxiliaries"] == {
                kind: {"code": named.code, "name": named.name}
                for kind, named in line.auxiliaries.items()
            }


def test_well_formed_vouchers_pass_every_format() -> None:
    """What is right is refused nowhere."""
    for one in FORMATS:
        assert one.problems(ALL, CHART, KINGDEE) == [], one.code
