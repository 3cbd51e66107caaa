"""In which language the books of a company are written: memos and vouchers are kept as they are, whoever makes them."""

from contextlib import AbstractContextManager

from django.utils import translation

from finance.models import Books


def language(company: int) -> str:
    """Chinese for a Chinese chart of accounts, else English."""
    books = Books.objects.filter(company=company).first()
    return "zh-hans" if books and books.chart == Books.Chart.PRC else "en"


def of_books(company: int) -> AbstractContextManager[None]:
    """Inside, texts are those of the books of the company."""
    return translation.override(language(company))
