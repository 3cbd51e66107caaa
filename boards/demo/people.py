"""Only data: the departments and users of the demo company; everybody's password is the same."""

from typing import NamedTuple

PASSWORD = "demo"  # noqa: S105 - a demo whose password is printed in the README
COMPANY_CODE = "HENGDA"
COMPANY_NAME = "恒达机电 Hengda Electric"

DEPARTMENTS: tuple[tuple[str, str], ...] = (
    ("WH", "仓储部 Warehouse"),
    ("PUR", "采购部 Procurement"),
    ("PRD", "装配一车间 Assembly shop 1"),
    ("PR2", "装配二车间 Assembly shop 2"),
    ("SAL", "销售部 Sales"),
    ("AFS", "售后部 After-sales"),
    ("FIN", "财务部 Finance"),
    ("ADM", "行政部 Administration"),
    ("RND", "研发部 Development"),
)


class Person(NamedTuple):
    """One user; ``warehouses`` empty means every warehouse. Names are in both languages (boards.demo.words)."""

    username: str
    name: str
    department: str
    role: str
    warehouses: tuple[str, ...] = ()
    language: str = ""


PEOPLE: tuple[Person, ...] = (
    Person("admin", "孙洁 Sun Jie", "ADM", "admin"),
    Person("zhao", "赵建国 Zhao Jianguo", "WH", "warehouse_head"),
    Person("wangmin", "王敏 Wang Min", "WH", "clerk", ("MAIN",)),
    Person("zhangwei", "张伟 Zhang Wei", "WH", "clerk", ("WH2",)),
    Person("liqiang", "李强 Li Qiang", "WH", "clerk", ("MAIN", "WH2", "AS")),
    Person("zheng", "郑凯 Zheng Kai", "PRD", "approver"),
    Person("wulei", "吴磊 Wu Lei", "PRD", "production", ("MAIN",)),
    Person("chenxiao", "陈晓 Chen Xiao", "PUR", "procurement"),
    Person("xulin", "徐琳 Xu Lin", "SAL", "sales"),
    Person("zhouhang", "周航 Zhou Hang", "AFS", "after_sales", ("AS", "MAIN")),
    Person("tangjun", "唐军 Tang Jun", "WH", "logistics", ("MAIN",)),
    Person("qian", "钱蕾 Qian Lei", "FIN", "finance"),
    Person("liuyang", "刘洋 Liu Yang", "RND", "asker", ("MAIN",)),
    Person("hejing", "何静 He Jing", "FIN", "auditor"),
)
MANAGERS: dict[str, str] = {
    "WH": "zhao",
    "PRD": "zheng",
    "PR2": "zheng",
    "PUR": "chenxiao",
    "SAL": "xulin",
    "AFS": "zhouhang",
    "FIN": "qian",
    "ADM": "admin",
}
