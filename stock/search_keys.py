"""What an item or a partner is found by: codes, names, pinyin and initials, filled in automatically."""

import re
import unicodedata
from collections.abc import Iterable

from django.db import connection
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from stock import search_index
from stock.models import Item, Partner

_HAN = re.compile(r"[\u3400-\u9fff]+")
_READINGS = 3
"""A word with several readings is found by any of the first few."""
_RANKED = 500
"""So many of those that hold a text are ranked for a list of the best."""


def plain(text: str) -> str:
    """Lower case, full-width characters as ordinary ones, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def readings(text: str) -> set[str]:
    """Full pinyin and initials of the Chinese parts; 重庆 gives chongqing, zhongqing, cq and zq."""
    found: set[str] = set()
    parts = _HAN.findall(text)
    if not parts:
        return found
    # Its dictionary takes half a second to load, and few processes ever read Chinese.
    from pypinyin import Style, pinyin

    for part in parts:
        every = pinyin(part, style=Style.NORMAL, heteronym=True)
        found |= _join(every)
        found |= _join([sorted({syllable[:1] for syllable in syllables}) for syllables in every])
        proper = pinyin(part, style=Style.NORMAL)
        found.add("".join(syllables[0] for syllables in proper))
        found.add("".join(syllables[0][:1] for syllables in proper))
    return {text for text in found if text}


def _join(syllables: Iterable[Iterable[str]]) -> set[str]:
    words = {""}
    for options in syllables:
        words = {word + option for word in words for option in list(options)[:_READINGS]}
        if len(words) > 24:
            words = set(sorted(words)[:24])
    return words


def item_key(item: Item, barcodes: Iterable[str]) -> str:
    """Everything an item is found by, each part between bars."""
    words = [item.code, item.name, item.other_name, item.specification, *barcodes]
    parts = {plain(word) for word in words if word}
    parts |= readings(item.name) | readings(item.other_name) | readings(item.specification)
    parts |= {part.replace(" ", "") for part in parts}
    return "|" + "|".join(sorted(parts)) + "|"


def partner_key(partner: Partner) -> str:
    """Everything a partner is found by."""
    parts = {plain(partner.code), plain(partner.name)} | readings(partner.name)
    return "|" + "|".join(sorted(parts)) + "|"


def refresh_items(items: Iterable[Item]) -> None:
    """Bring the search keys of items up to date; writes no history, the key is derived."""
    items = list(items)
    codes: dict[int, list[str]] = {}
    rows = Item.objects.filter(pk__in=[item.pk for item in items], barcodes__isnull=False)
    for pk, code in rows.values_list("pk", "barcodes__code"):
        codes.setdefault(pk, []).append(code)
    for item in items:
        item.search_key = item_key(item, codes.get(item.pk, ()))
    Item.objects.bulk_update(items, ["search_key"], batch_size=500)


def refresh_partners(partners: Iterable[Partner]) -> None:
    """Bring the search keys of partners up to date."""
    partners = list(partners)
    for partner in partners:
        partner.search_key = partner_key(partner)
    Partner.objects.bulk_update(partners, ["search_key"], batch_size=500)


def search(rows: QuerySet[Item], text: str) -> QuerySet[Item]:
    """Items that match every word of the text, best first: exact code or barcode, beginning of a word, anywhere.

    One letter or digit matches beginnings only. Every match is ranked; ``best`` is for the first few.
    """
    word = plain(text).replace("|", " ").strip()
    if not word:
        return rows
    matches = Q()
    for part in _parts(word):
        matches &= Q(search_key__holds=part)
    named = Item.objects.order_by().filter(code__iexact=text.strip())
    return (
        rows.filter(matches | Q(pk__in=named.values("pk")))
        .annotate(rank=_rank(text.strip(), word))
        .order_by("rank", "code")
    )


def best(text: str, limit: int) -> list[Item]:
    """The first so many items in use that ``search`` would find, with their units; one statement, whatever they are many.

    Of a text that more than so many items hold, not all are ranked: those that it names in full or whose code begins
    like it are never left out.
    """
    word = plain(text).replace("|", " ").strip()
    rows = Item.objects.filter(archived_at=None).select_related("base_unit")
    if not word:
        return list(rows.order_by("code")[:limit])
    vendor, code = connection.vendor, text.strip()
    asked = [
        search_index.beginning(vendor, code, limit),
        search_index.holding(vendor, [f"|{word}|"], _RANKED),
        search_index.holding(vendor, [f"|{word}"], _RANKED),
        search_index.holding(vendor, _parts(word), _RANKED),
    ]
    ids = " UNION ".join(f"SELECT * FROM ({sql}) a{n}" for n, (sql, _values) in enumerate(asked))
    values = [value for _sql, more in asked for value in more]
    found = rows.filter(pk__in=RawSQL(ids, values))  # noqa: S611 - the texts are parameters
    return list(found.annotate(rank=_rank(code, word)).order_by("rank", "code")[:limit])


def _parts(word: str) -> list[str]:
    if len(word) == 1 and word.isascii():
        return [f"|{word}"]
    return word.split()


def _rank(code: str, word: str) -> Case:
    return Case(
        When(code__iexact=code, then=Value(0)),
        When(search_key__contains=f"|{word}|", then=Value(1)),
        When(code__istartswith=code, then=Value(2)),
        When(search_key__contains=f"|{word}", then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )


Item._meta.get_field("search_key").register_lookup(search_index.Holds)
