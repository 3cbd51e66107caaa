"""What an item or a partner is found by: codes, names, pinyin and initials, filled in automatically."""

import re
import unicodedata
from collections.abc import Iterable

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from stock.models import Item, Partner

_HAN = re.compile(r"[\u3400-\u9fff]+")
_READINGS = 3
"""A word with several readings is found by any of the first few."""


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

    One letter or digit matches beginnings only. One pass over the keys, and only what matches is ranked.
    """
    word = plain(text).replace("|", " ").strip()
    if not word:
        return rows
    single = len(word) == 1 and word.isascii()
    matches = Q()
    for part in word.split():
        matches &= Q(search_key__contains=f"|{part}" if single else part)
    code = text.strip()
    named = Item.objects.order_by().filter(code__iexact=code)
    return (
        rows.filter(matches | Q(pk__in=named.values("pk")))
        .annotate(
            rank=Case(
                When(code__iexact=code, then=Value(0)),
                When(search_key__contains=f"|{word}|", then=Value(1)),
                When(code__istartswith=code, then=Value(2)),
                When(search_key__contains=f"|{word}", then=Value(3)),
                default=Value(4),
                output_field=IntegerField(),
            )
        )
        .order_by("rank", "code")
    )
