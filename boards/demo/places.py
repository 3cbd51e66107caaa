"""Only data: the warehouses of the demo company with their zones and bins."""

from typing import NamedTuple


class Zone(NamedTuple):
    """A group of bins."""

    code: str
    name: str
    bins: tuple[str, ...]
    kind: str = "storage"


class House(NamedTuple):
    """A warehouse; ``own_area`` False shares the costs of the first one."""

    code: str
    name: str
    address: str
    zones: tuple[Zone, ...]


def _row(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}-{number:02d}" for number in range(1, count + 1))


def _shelf(prefix: str, rows: int, levels: int) -> tuple[str, ...]:
    return tuple(
        f"{prefix}-{row:02d}-{level}"
        for row in range(1, rows + 1)
        for level in range(1, levels + 1)
    )


HOUSES: tuple[House, ...] = (
    House(
        "MAIN",
        "主仓 Main warehouse",
        "苏州市工业园区星湖街 218 号",
        (
            Zone("R", "收货区 Receiving", ("R-01", "R-02")),
            Zone("A", "A 区 重型 Heavy goods", _row("A", 6)),
            Zone("B", "B 区 五金 Hardware", _shelf("B", 8, 2)),
            Zone("C", "C 区 电机电气 Motors and electrics", _row("C", 18)),
            Zone("D", "D 区 油料 Oils and paints", _row("D", 12)),
            Zone("P", "P 区 成品 Finished goods", _row("P", 6)),
            Zone("Q", "待检区 Quarantine", ("Q-01", "Q-02"), "quarantine"),
        ),
    ),
    House(
        "WH2",
        "2 号仓 Warehouse 2",
        "苏州市吴中区东方大道 77 号",
        (
            Zone("E", "E 区 备货 Reserve stock", _row("E", 10)),
            Zone("F", "F 区 低值品 Supplies", _row("F", 6)),
        ),
    ),
    House(
        "AS",
        "售后备件仓 Service parts",
        "上海市闵行区华宁路 3355 号",
        (Zone("S", "S 区 备件 Spare parts", _row("S", 8)),),
    ),
)
