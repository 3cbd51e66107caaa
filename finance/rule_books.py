"""What each process remembers of the rules of a company; the version in the database tells when it is old."""

from finance.models import Account, AccountRule, Books
from finance.resolving import Book, Rule, group
from stock.models import Category

_books: dict[int, Book] = {}


def remembered(company: int) -> Book | None:
    """What was read before; whoever posts with it makes sure that its version is that of the database."""
    return _books.get(company)


def read(company: int) -> Book | None:
    """The rules as they are now, None for a company without books."""
    books = Books.objects.filter(company=company).values("version", "red_reversals").first()
    if books is None:
        return None
    roles = dict(Account.objects.filter(company=company).exclude(role="").values_list("role", "pk"))
    rules = [
        Rule(*row)
        for row in AccountRule.objects.filter(company=company, archived_at=None).values_list(
            "pk",
            "place_kind",
            "account",
            "category",
            "type",
            "reason",
            "warehouse",
            "department",
        )
    ]
    book = Book(
        company=company,
        version=books["version"],
        red=books["red_reversals"],
        inventory=roles[Account.Role.INVENTORY],
        suspense=roles[Account.Role.SUSPENSE],
        rules=group(rules),
        parents=dict(Category.objects.values_list("pk", "parent")),
        holding=frozenset(
            Account.objects.filter(company=company, is_inventory=True).values_list("pk", flat=True)
        ),
    )
    _books[company] = book
    return book


def now(company: int) -> Book | None:
    """The rules as they are now, read again only if they have changed."""
    book = _books.get(company)
    version = Books.objects.filter(company=company).values_list("version", flat=True).first()
    if book is not None and book.version == version:
        return book
    return read(company)
