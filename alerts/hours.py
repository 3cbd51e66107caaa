"""Which working calendar a case runs on: that of the company whose warehouse it is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from people.models import Company
from stock.models import Warehouse
from workflows import clock


@dataclass(frozen=True, slots=True)
class Hours:
    """The working time of a company."""

    calendar: clock.Calendar

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return self.calendar[2]

    def after(self, start: datetime, working_hours: int) -> datetime:
        """The moment at which so many working hours have passed."""
        return clock.add(start, timedelta(hours=working_hours), *self.calendar)


def of(warehouse: Warehouse | None) -> Hours:
    """The hours of the warehouse's company, or of the first company where no warehouse is concerned."""
    company = warehouse.area.company if warehouse is not None else Company.objects.first()
    if company is None:
        return Hours((clock.read_week({}), {}, ZoneInfo("UTC")))
    return Hours(clock.calendar_of_company(company))
