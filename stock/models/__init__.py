"""The tables of stock: master data, the book and what is derived from it."""

from stock.models.balances import Availability, Balance, MonthBalance, Reservation
from stock.models.book import Movement, Posting, Seal, SealedPosting
from stock.models.costs import CostLayer, CostMethodChange, CostPool
from stock.models.items import Barcode, Category, Item, ItemUnit, Unit
from stock.models.lots import Lot
from stock.models.partners import Partner
from stock.models.periods import Period
from stock.models.places import Place, ValuationArea, Warehouse
from stock.models.reasons import Reason

__all__ = [
    "Availability",
    "Balance",
    "Barcode",
    "Category",
    "CostLayer",
    "CostMethodChange",
    "CostPool",
    "Item",
    "ItemUnit",
    "Lot",
    "MonthBalance",
    "Movement",
    "Partner",
    "Period",
    "Place",
    "Posting",
    "Reason",
    "Reservation",
    "Seal",
    "SealedPosting",
    "Unit",
    "ValuationArea",
    "Warehouse",
]
