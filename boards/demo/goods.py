"""Only data: what the demo company buys, assembles and sells, and with whom."""

from decimal import Decimal
from typing import NamedTuple

CATEGORIES: tuple[tuple[str, str, str, str], ...] = (
    ("10", "", "五金件 Hardware", "average"),
    ("11", "", "电机 Motors", "average"),
    ("12", "", "伺服与驱动 Servos and drives", "specific"),
    ("20", "", "油料 Oils and paints", "fifo"),
    ("30", "", "电气 Electrics", "fifo"),
    ("31", "30", "线缆 Cables", "fifo"),
    ("40", "", "气动 Pneumatics", "average"),
    ("50", "", "半成品 Sub-assemblies", "average"),
    ("60", "", "成品 Finished goods", "average"),
    ("70", "", "劳保低值品 Supplies", "average"),
)
"""Code, parent, name, cost method."""

UNITS: tuple[tuple[str, str, int, str, int, int], ...] = (
    ("PCS", "个 piece", 0, "", 1, 1),
    ("SET", "套 set", 0, "", 1, 1),
    ("PAIR", "双 pair", 0, "", 1, 1),
    ("BKT", "桶 bucket", 0, "", 1, 1),
    ("CTN", "箱 carton", 0, "", 1, 1),
    ("KG", "千克 kilogram", 3, "", 1, 1),
    ("G", "克 gram", 0, "KG", 1, 1000),
    ("M", "米 metre", 2, "", 1, 1),
    ("ROLL", "卷 roll", 0, "", 1, 1),
)
"""Code, name, decimals, reference unit, numerator, denominator."""


class Good(NamedTuple):
    """One item: ``level`` is what a good stock is, ``reorder`` the point below which it is short."""

    code: str
    name: str
    other_name: str
    specification: str
    category: str
    unit: str
    cost: Decimal
    level: int
    reorder: int
    place: str
    tracking: str = "none"
    shelf_life: int | None = None
    pack: tuple[str, int] | None = None
    supplier: str = "JN"
    starve: bool = False
    """Not ordered again during the month, so that it ends below its reorder point."""


def _good(row: str, **more: object) -> Good:
    """A good from ``code | name | other | spec | category | unit | cost | level | reorder | place``."""
    code, name, other, spec, category, unit, cost, level, reorder, place, supplier = (
        part.strip() for part in row.split("|")
    )
    return Good(
        code,
        name,
        other,
        spec,
        category,
        unit,
        Decimal(cost),
        int(level),
        int(reorder),
        place,
        supplier=supplier,
        **more,  # type: ignore[arg-type]
    )


LOT = {"tracking": "lot"}
SERIAL = {"tracking": "serial"}

GOODS: tuple[Good, ...] = (
    _good("10021|垫片 A3|Gasket A3|Φ20×2 石墨|10|PCS|2.60|2200|800|B-02-1|JN", pack=("CTN", 240)),
    _good("10022|垫片 B5|Gasket B5|Φ32×3 石墨|10|PCS|3.10|1100|600|B-04-1|JN", starve=True),
    _good(
        "10031|六角螺栓 M8×30|Hex bolt M8×30|8.8 级 镀锌|10|PCS|0.32|6000|2000|B-01-1|JN",
        pack=("CTN", 500),
    ),
    _good(
        "10032|六角螺栓 M10×40|Hex bolt M10×40|8.8 级 镀锌|10|PCS|0.58|4000|1500|B-01-2|JN",
        pack=("CTN", 400),
    ),
    _good("10033|内六角螺钉 M6×20|Socket screw M6×20|12.9 级|10|PCS|0.24|5000|1500|B-03-1|JN"),
    _good("10041|平垫圈 Φ8|Flat washer Φ8|304 不锈钢|10|PCS|0.08|9000|3000|B-03-2|JN"),
    _good("10042|弹簧垫圈 Φ10|Spring washer Φ10|65Mn|10|PCS|0.11|7000|2500|B-02-2|JN"),
    _good("10110|深沟球轴承 6204|Ball bearing 6204|2RS|10|PCS|9.80|420|150|B-05-1|SZ"),
    _good("10111|深沟球轴承 6206|Ball bearing 6206|2RS|10|PCS|14.50|300|120|B-05-2|SZ"),
    _good("10120|直线导轨 20|Linear rail 20|L=1000|10|PCS|128.00|60|20|A-03|SZ"),
    _good("10121|滑块 20|Rail carriage 20|法兰型|10|PCS|76.00|120|40|A-03|SZ"),
    _good("10130|同步带 HTD-5M|Timing belt HTD-5M|宽 25|10|PCS|46.00|90|30|B-06-1|SZ"),
    _good("10131|同步轮 30齿|Timing pulley 30T|孔 14|10|PCS|38.50|110|40|B-06-1|SZ"),
    _good("10140|联轴器 40|Coupling 40|膜片式|10|PCS|62.00|80|30|B-06-2|SZ"),
    _good("10150|铝型材 4040|Aluminium profile 4040|L=3000|10|PCS|96.00|150|50|A-01|JN"),
    _good("10151|铝型材 4080|Aluminium profile 4080|L=3000|10|PCS|168.00|90|30|A-02|JN"),
    _good("10152|角件 40|Corner bracket 40|压铸|10|PCS|2.20|1800|600|B-07-1|JN"),
    _good("10310|冷扣件 L型|Cold clip L|镀锌|10|PCS|3.20|400|150|B-07-2|JN", starve=True),
    _good("10311|冷扣件 M型|Cold clip M|镀锌|10|PCS|3.40|360|120|B-07-2|JN", starve=True),
    _good("10377|蓝卡夹|Blue clamp|尼龙|10|PCS|0.45|3200|1000|B-08-1|JN"),
    _good("10378|红卡夹|Red clamp|尼龙|10|PCS|0.47|2400|900|B-08-1|JN"),
    _good('10390|脚轮 3寸|Castor 3"|带刹|10|PCS|18.60|240|80|B-08-2|JN'),
    _good(
        "10044|电机 24V|Motor 24V|DC 24V 60W|11|PCS|86.00|130|80|C-07|HD",
        **LOT,
        pack=("CTN", 12),
        starve=True,
    ),
    _good(
        "10046|电机 12V|Motor 12V|DC 12V 40W|11|PCS|64.00|120|40|C-08|HD", **LOT, pack=("CTN", 12)
    ),
    _good("10047|减速电机 90W|Gear motor 90W|1:30|11|PCS|215.00|50|20|C-09|HD", **LOT),
    _good(
        "10052|步进电机 57|Stepper motor 57|1.8° 2.2N·m|11|PCS|145.00|44|12|C-10|HD",
        **LOT,
        starve=True,
    ),
    _good("10053|步进电机 57H|Stepper motor 57H|1.8° 3.0N·m|11|PCS|168.00|60|20|C-10|HD", **LOT),
    _good("10054|步进电机 86|Stepper motor 86|8.5N·m|11|PCS|320.00|30|10|C-11|HD", **LOT),
    _good("10061|减速机 40型|Gear reducer 40|1:20|11|PCS|186.00|72|25|A-04|HD"),
    _good("10062|减速机 60型|Gear reducer 60|1:30|11|PCS|298.00|40|15|A-05|HD"),
    _good("10063|三相电机 1.5kW|AC motor 1.5 kW|4 极 380V|11|PCS|540.00|24|8|A-06|HD"),
    _good("10051|伺服电机 750W|Servo motor 750W|带编码器|12|PCS|620.00|30|12|C-12|XF", **SERIAL),
    _good("10055|伺服电机 400W|Servo motor 400W|带编码器|12|PCS|480.00|20|8|C-12|XF", **SERIAL),
    _good("10056|伺服驱动器 750W|Servo drive 750W|EtherCAT|12|PCS|890.00|18|8|C-13|XF", **SERIAL),
    _good("10057|变频器 2.2kW|Inverter 2.2 kW|380V|12|PCS|760.00|14|5|C-13|XF", **SERIAL),
    _good("10058|PLC 主机 32点|PLC unit 32 I/O|晶体管输出|12|PCS|1180.00|12|5|C-14|XF", **SERIAL),
    _good(
        "20310|机油 5L|Machine oil 5 L|ISO VG46|20|BKT|58.00|60|20|D-11|RH", **LOT, shelf_life=540
    ),
    _good(
        "20311|液压油 20L|Hydraulic oil 20 L|HM46|20|BKT|236.00|24|8|D-12|RH", **LOT, shelf_life=720
    ),
    _good("20318|油漆 5L|Paint 5 L|工业灰|20|BKT|72.00|40|15|D-05|RH", **LOT, shelf_life=180),
    _good("20319|稀释剂 5L|Thinner 5 L|通用型|20|BKT|49.00|30|10|D-06|RH", **LOT, shelf_life=365),
    _good(
        "20333|润滑脂 1kg|Grease 1 kg|锂基 2#|20|PCS|33.50|96|40|D-09|RH",
        **LOT,
        shelf_life=720,
        pack=("CTN", 12),
    ),
    _good(
        "20340|螺纹胶 50ml|Thread locker 50 ml|中强度|20|PCS|26.00|80|30|D-03|RH",
        **LOT,
        shelf_life=365,
    ),
    _good(
        "20341|密封胶 300ml|Sealant 300 ml|硅酮|20|PCS|15.80|90|30|D-03|RH", **LOT, shelf_life=300
    ),
    _good(
        "20350|清洗剂 500ml|Cleaner 500 ml|精密电器|20|PCS|21.00|70|25|D-04|RH",
        **LOT,
        shelf_life=730,
    ),
    _good("30010|交流接触器 25A|Contactor 25 A|220V 线圈|30|PCS|58.00|90|30|C-01|XF"),
    _good("30011|断路器 3P 32A|Circuit breaker 3P 32 A|C 型|30|PCS|42.00|110|40|C-01|XF"),
    _good("30012|热继电器 18A|Thermal relay 18 A|可调|30|PCS|36.00|70|25|C-01|XF"),
    _good("30020|中间继电器 24V|Relay 24 V|4 组触点|30|PCS|16.50|260|100|C-02|XF"),
    _good("30021|固态继电器 40A|Solid-state relay 40 A|DC-AC|30|PCS|32.00|80|30|C-02|XF"),
    _good("30030|开关电源 24V 10A|Power supply 24 V 10 A|导轨式|30|PCS|98.00|70|25|C-03|XF"),
    _good("30040|光电传感器|Photo sensor|漫反射 NPN|30|PCS|46.00|160|60|C-04|XF"),
    _good(
        "30041|接近开关 M12|Proximity switch M12|NPN 常开|30|PCS|28.00|200|80|C-04|XF", starve=True
    ),
    _good("30042|编码器 1024线|Encoder 1024|推挽输出|30|PCS|168.00|30|10|C-04|XF"),
    _good("30050|按钮 绿|Push button green|22mm|30|PCS|6.80|300|100|C-05|XF"),
    _good("30051|急停按钮|Emergency stop|22mm 红|30|PCS|14.20|160|60|C-05|XF"),
    _good("30052|指示灯 24V|Pilot lamp 24 V|22mm|30|PCS|5.60|280|100|C-05|XF"),
    _good("30060|接线端子 2.5|Terminal block 2.5|灰色|30|PCS|1.10|3000|1000|C-06|XF"),
    _good('30061|触摸屏 7寸|Touch panel 7"|以太网|30|PCS|460.00|22|8|C-15|XF'),
    _good("30062|电控箱 600×400|Control cabinet 600×400|冷轧板|30|PCS|210.00|20|8|A-05|XF"),
    _good(
        "31010|控制电缆 4×0.75|Control cable 4×0.75|RVV|31|M|3.20|1500|500|C-16|XF",
        pack=("ROLL", 100),
    ),
    _good(
        "31011|动力电缆 4×2.5|Power cable 4×2.5|YJV|31|M|9.60|900|300|C-16|XF", pack=("ROLL", 100)
    ),
    _good(
        "31012|屏蔽电缆 8×0.3|Shielded cable 8×0.3|RVVP|31|M|4.40|1200|400|C-17|XF",
        pack=("ROLL", 100),
    ),
    _good(
        "31013|网线 Cat6|Ethernet cable Cat6|工业级|31|M|2.90|1000|300|C-17|XF", pack=("ROLL", 305)
    ),
    _good("31020|拖链 25×57|Cable chain 25×57|尼龙|31|M|34.00|120|40|C-18|XF"),
    _good("40010|气缸 SC50×100|Cylinder SC50×100|标准型|40|PCS|92.00|60|20|B-05-1|YD"),
    _good("40011|气缸 MAL25×50|Cylinder MAL25×50|迷你型|40|PCS|38.00|80|30|B-05-1|YD"),
    _good("40020|电磁阀 4V210|Solenoid valve 4V210|DC 24V|40|PCS|44.00|90|30|B-05-2|YD"),
    _good("40021|气源三联件|Air unit FRL|1/4|40|PCS|68.00|40|15|B-05-2|YD"),
    _good("40030|气管 PU 8mm|PU tube 8 mm|蓝色|40|M|1.80|1600|500|B-06-2|YD", pack=("ROLL", 100)),
    _good("40031|快插接头 8mm|Push-in fitting 8 mm|直通|40|PCS|1.60|1500|500|B-06-2|YD"),
    _good("40032|消声器 1/4|Silencer 1/4|铜|40|PCS|1.30|600|200|B-06-2|YD"),
    _good("50010|驱动单元 D1|Drive unit D1|57 步进 + 减速机|50|SET|420.00|16|6|P-01|"),
    _good("50011|机架 F1|Frame F1|4040 型材|50|SET|860.00|10|4|A-02|"),
    _good("50012|电控箱总成 E1|Control box E1|PLC + 电源|50|SET|2250.00|8|3|P-02|", **LOT),
    _good("50020|维修包 K1|Repair kit K1|轴承 + 同步带 + 油脂|50|SET|120.00|12|4|P-02|"),
    _good("60010|输送线 A 段|Conveyor section A|2 m|60|SET|3200.00|9|3|P-03|", **LOT),
    _good("60011|输送线 B 段|Conveyor section B|3 m|60|SET|4100.00|7|3|P-04|", **LOT),
    _good("60020|升降台 L2|Lift table L2|200 kg|60|SET|5600.00|5|2|P-05|", **LOT),
    _good("60030|分拣单元 S1|Sorting unit S1|气动|60|SET|6800.00|4|2|P-06|", **LOT),
    _good("70010|防护手套|Work gloves|丁腈涂层|70|PAIR|4.80|600|200|F-01|LB"),
    _good("70011|安全帽|Safety helmet|ABS 黄|70|PCS|28.00|60|20|F-01|LB"),
    _good("70012|防尘口罩|Dust mask|KN95|70|PCS|1.90|900|300|F-02|LB", **LOT, shelf_life=1095),
    _good("70013|劳保鞋|Safety shoes|42 码|70|PAIR|96.00|40|15|F-02|LB"),
    _good("70020|缠绕膜|Stretch film|50cm|70|ROLL|22.00|120|40|F-03|LB"),
    _good("70021|封箱胶带|Packing tape|60mm|70|ROLL|4.20|360|120|F-03|LB"),
    _good("70022|纸箱 5号|Carton no. 5|五层|70|PCS|3.60|800|300|F-04|LB"),
    _good("70023|擦机布|Wiping cloth|全棉|70|KG|6.50|150|50|F-05|LB"),
)


class Firm(NamedTuple):
    """A supplier or customer."""

    code: str
    name: str
    supplier: bool
    contact: str
    phone: str
    address: str
    note: str


FIRMS: tuple[Firm, ...] = (
    Firm("JN", "江南五金", True, "顾宏", "0512-6280 1166", "苏州市相城区", "Jiangnan Hardware"),
    Firm("HD", "华东电机", True, "马跃", "021-5433 8820", "上海市松江区", "Huadong Motors"),
    Firm("XF", "新锋电气", True, "谢丽", "0571-8690 2215", "杭州市滨江区", "Xinfeng Electrics"),
    Firm("RH", "润华化工", True, "范涛", "025-8471 3090", "南京市江宁区", "Runhua Chemicals"),
    Firm("YD", "亿达气动", True, "罗兵", "0574-8822 6171", "宁波市奉化区", "Yida Pneumatics"),
    Firm("SZ", "苏州传动", True, "沈洁", "0512-6761 5520", "苏州市吴江区", "Suzhou Transmissions"),
    Firm("LB", "立邦劳保", True, "丁敏", "0512-6530 7788", "苏州市姑苏区", "Libang Supplies"),
    Firm("C01", "华北客户", False, "高峰", "010-6788 2310", "北京市亦庄", "Huabei"),
    Firm("C02", "苏州精工", False, "唐伟", "0512-6936 0018", "苏州市高新区", "Suzhou Precision"),
    Firm("C03", "北辰设备", False, "韩雪", "022-2681 4430", "天津市北辰区", "Beichen Equipment"),
    Firm("C04", "远景物流", False, "蒋欣", "021-6119 5500", "上海市嘉定区", "Yuanjing Logistics"),
    Firm("C05", "宏图食品", False, "邓斌", "0510-8522 9071", "无锡市新吴区", "Hongtu Foods"),
    Firm("C06", "明辉医药", False, "曹颖", "0513-8101 2266", "南通市崇川区", "Minghui Pharma"),
)

RECIPES: dict[str, tuple[tuple[str, int], ...]] = {
    "50010": (("10052", 1), ("10061", 1), ("10140", 1), ("10031", 8)),
    "50011": (("10150", 6), ("10152", 24), ("10031", 48), ("10390", 4)),
    "50012": (("10058", 1), ("30030", 1), ("30020", 6), ("30062", 1), ("30060", 40)),
    "60010": (("50011", 1), ("10046", 2), ("10130", 2), ("10021", 24), ("31010", 12)),
    "60011": (("50011", 1), ("50010", 1), ("10120", 2), ("10121", 4), ("30040", 3)),
    "60020": (("10151", 4), ("10063", 1), ("10062", 1), ("20333", 1), ("30051", 1)),
    "60030": (("50011", 1), ("40010", 3), ("40020", 3), ("40030", 15), ("40031", 20)),
}
"""What one of a product is made of."""
