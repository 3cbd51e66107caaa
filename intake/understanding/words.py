"""Normalises what people type, for comparing: headers, labels and words; the raw text is kept elsewhere."""

import re
import unicodedata
from functools import lru_cache

from intake.understanding.traditional import simplified

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200d\u2060\ufeff]")
BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing: they make a text look like another."""
OVERRIDE = "\u202e"
"""The mark that shows digits the other way round."""
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
"""Control characters: nobody can see what was meant."""
_PROTECTED = re.compile(r'="(.*)"', re.DOTALL)
_BRACKETS = re.compile(r"[(\[{【〔〈《「]([^()\[\]{}【】〔〕〈〉《》「」]*)[)\]}】〕〉》」]")
_MARKS = re.compile(r"[\s*:：_\-–—/\\、,，.。·'\"“”‘’|＊★▲△※]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def cleaned(text: str) -> str:
    """Without outer blanks, invisible characters and the ="…" or ' that protects codes."""
    text = _INVISIBLE.sub("", text).strip()
    protected = _PROTECTED.fullmatch(text)
    if protected:
        text = protected[1].strip()
    return text[1:] if text.startswith("'") and len(text) > 1 else text


def folded(text: str) -> str:
    """One width, one blank between words, no direction marks; letters keep their case."""
    return " ".join(unicodedata.normalize("NFKC", BIDI.sub("", cleaned(text))).split())


@lru_cache(maxsize=50_000)
def header_key(text: str) -> str:
    """What two spellings of a header have in common; brackets and what is in them do not count."""
    plain = simplified(folded(text))
    without = _BRACKETS.sub("", plain)
    return _key(without if _key(without) else plain)


@lru_cache(maxsize=20_000)
def full_key(text: str) -> str:
    """Like ``header_key``, but with what stands in brackets."""
    return _key(
        simplified(folded(text)).translate(str.maketrans("", "", "()[]{}【】〔〕〈〉《》「」"))
    )


def _key(text: str) -> str:
    return _MARKS.sub("", text).casefold()


def bracketed(text: str) -> list[str]:
    """What stands in the brackets of a header: its unit, perhaps."""
    return [part.strip() for part in _BRACKETS.findall(simplified(folded(text))) if part.strip()]


def tokens(text: str) -> list[str]:
    """The English words of a header, camel case taken apart, in lower case."""
    plain = _CAMEL.sub(" ", _BRACKETS.sub(" ", folded(text)))
    return [word for word in re.split(r"[^0-9A-Za-z#%]+", plain.casefold()) if word]


def is_chinese(text: str) -> bool:
    """Whether a Chinese character stands in the text."""
    return any("\u3400" <= letter <= "\u9fff" for letter in text)
