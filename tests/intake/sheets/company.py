"""An invented company: its items, places, partners and days, drawn from a seed."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

CHINESE = {
    "goods": [
        "六角螺栓",
        "不锈钢管",
        "轴承",
        "铜芯电缆",
        "纯牛奶",
        "洗衣液",
        "A4复印纸",
        "劳保手套",
        "阿莫西林胶囊",
        "女款卫衣",
        "断路器",
        "机油",
    ],
    "specs": [
        "M8×30",
        "DN25",
        "6204-2RS",
        "2.5m²",
        "250ml*24",
        "3kg",
        "70g 500张",
        "L",
        "0.25g*24粒",
        "",
        "C65N/2P",
        "5W-40 4L",
    ],
    "units": ["个", "根", "套", "米", "箱", "瓶", "包", "双", "盒", "件", "台", "桶"],
    "warehouses": ["一号库", "原料仓", "成品仓", "东莞仓"],
    "suppliers": ["苏州恒力五金有限公司", "宁波远大贸易", "上海联合化工", "义乌小商品批发部"],
    "customers": ["南京万达商贸", "杭州城西店", "合肥机械厂", "华东医药"],
    "people": ["张三", "李小红", "王强", "赵敏"],
    "types_in": ["采购入库", "生产入库", "其他入库"],
    "types_out": ["销售出库", "生产领料", "报废出库"],
    "remarks": ["", "", "急", "补单", "破损已换"],
    "categories": ["五金", "电气", "食品", "办公"],
}
ENGLISH = {
    "goods": [
        "Hex bolt",
        "Steel pipe",
        "Ball bearing",
        "Copper cable",
        "Whole milk",
        "Detergent",
        "Copy paper A4",
        "Work gloves",
        "Amoxicillin capsules",
        "Hoodie",
        "Circuit breaker",
        "Engine oil",
    ],
    "specs": [
        "M8x30",
        "DN25",
        "6204-2RS",
        "2.5 mm2",
        "250ml*24",
        "3kg",
        "70g 500 sheets",
        "L",
        "0.25g*24",
        "",
        "C65N/2P",
        "5W-40 4L",
    ],
    "units": [
        "pcs",
        "pcs",
        "set",
        "m",
        "carton",
        "bottle",
        "pack",
        "pair",
        "box",
        "ea",
        "unit",
        "drum",
    ],
    "warehouses": ["Main", "Raw", "WH-East", "Store 3"],
    "suppliers": ["Northwind Traders", "Acme Tools Ltd", "Blue River Chemicals", "Smith & Sons"],
    "customers": ["Contoso Retail", "City Store West", "Fabrikam Works", "Globex"],
    "people": ["Ann Lee", "Bob Ray", "Carl Poe", "Dee Kim"],
    "types_in": ["Purchase receipt", "Production receipt", "Other receipt"],
    "types_out": ["Sales issue", "Issue to production", "Scrap"],
    "remarks": ["", "", "urgent", "late entry", "damaged, replaced"],
    "categories": ["Hardware", "Electric", "Food", "Office"],
}


@dataclass(frozen=True)
class Item:
    code: str
    barcode: str
    name: str
    spec: str
    unit: str
    price: Decimal
    category: str


class Company:
    """Draws everything that a sheet needs."""

    def __init__(self, seed: int, *, chinese: bool) -> None:
        self.random = random.Random(seed * 2 + chinese)
        self.chinese = chinese
        self.words = CHINESE if chinese else ENGLISH
        style = self.random.choice(["{:05d}", "A{:04d}", "WL-{:03d}", "1001{:04d}", "{:03d}.01"])
        order = list(range(12))
        self.random.shuffle(order)
        self.items = [
            Item(
                style.format(self.random.randrange(100) * 10 + n),
                ean(f"69{self.random.randrange(10**10):010d}"),
                self.words["goods"][n] + ("" if self.random.random() < 0.5 else f" {n}#"),
                self.words["specs"][n],
                self.words["units"][n],
                Decimal(self.random.randrange(100, 99_900)) / 100,
                self.random.choice(self.words["categories"]),
            )
            for n in order
        ]
        self.year = self.random.randrange(2018, 2025)
        self.first = date(self.year, 1, 1) + timedelta(days=self.random.randrange(300))

    def pick(self, what: str) -> str:
        return self.random.choice(self.words[what])

    def quantity(self) -> Decimal:
        whole = self.random.randrange(1, 500)
        return (
            Decimal(whole)
            if self.random.random() < 0.85
            else Decimal(whole) + Decimal(self.random.randrange(1, 100)) / 100
        )

    def days(self, count: int) -> list[date]:
        """Days that never go back; the first is within a year."""
        found = []
        day = self.first
        for _n in range(count):
            found.append(day)
            day += timedelta(days=self.random.choice([0, 0, 1, 1, 2]))
        return found


def ean(twelve: str) -> str:
    """With its check digit."""
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(twelve))
    return twelve + str(-total % 10)
