"""What two spellings of a name have in common, and how alike two names are; pure, nothing is looked up here."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from intake.understanding.traditional import simplified
from stock import search_keys

_LIKE = str.maketrans({"φ": "φ", "Φ": "φ", "∅": "φ", "ø": "φ", "Ø": "φ", "×": "x", "✕": "x"})
_TIMES = re.compile(r"(?<=\d)[x*](?=\d)")
_DROPPED = re.compile(r"[\s()\[\]{}【】〔〕<>《》「」'\"“”‘’、,，;；:：_\-–—/\\.·]+")
_LOOKS = str.maketrans(
    {"o": "0", "q": "0", "i": "1", "l": "1", "|": "1", "s": "5", "b": "8", "z": "2"}
)
LEAST = 0.72
"""Names less alike than this are not proposed."""
_MOST = 5
_NEAR = 60
"""So many names that share most pairs of letters are compared closely."""


@lru_cache(maxsize=100_000)
def same_code(text: str) -> str:
    """What two spellings of a code have in common: width, case and outer blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).upper()


@lru_cache(maxsize=100_000)
def canonical(text: str) -> str:
    """What two spellings of a name have in common: φ20 and Φ20, 25*30 and 25×30, brackets, blanks, 個 and 个."""
    plain = unicodedata.normalize("NFKC", text.translate(_LIKE)).translate(_LIKE).lower()
    return _DROPPED.sub("", _TIMES.sub("x", simplified(plain)))


def looks(text: str) -> str:
    """What two codes have in common that a reader's eye confuses: 1O021 and 10021."""
    return canonical(text).translate(_LOOKS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be meant; ``score`` from 0 to 1."""

    code: str
    label: str
    score: float
    why: str = "similar"


@dataclass(slots=True)
class Likeness:
    """Finds names that are like a text among many, by the pairs of letters they share."""

    names: Mapping[str, str]
    """Code → name."""
    _pairs: dict[str, list[str]] = field(default_factory=dict)
    _looks: dict[str, str] = field(default_factory=dict)
    _sounds: dict[str, list[str]] = field(default_factory=dict)

    def near(self, texts: Iterable[str]) -> list[Candidate]:
        """The records most like any of the texts, best first."""
        if not self._pairs:
            self._index()
        found: dict[str, Candidate] = {}
        for text in texts:
            for one in self._near(text):
                if one.code not in found or found[one.code].score < one.score:
                    found[one.code] = one
        return sorted(found.values(), key=lambda one: -one.score)[:_MOST]

    def _index(self) -> None:
        pairs: dict[str, list[str]] = defaultdict(list)
        sounds: dict[str, list[str]] = defaultdict(list)
        for code, name in self.names.items():
            self._looks.setdefault(looks(code), code)
            for pair in _pairs(canonical(code)) | _pairs(canonical(name)):
                pairs[pair].append(code)
            if len(name) <= 2:
                for sound in search_keys.readings(name):
                    sounds[sound].append(code)
        self._pairs, self._sounds = pairs or {"": []}, sounds

    def _near(self, text: str) -> list[Candidate]:
        key = canonical(text)
        seen = self._looks.get(looks(text))
        found = [Candidate(seen, self.names[seen], 0.95, "looks")] if seen else []
        if len(key) <= 2:
            usual = _sound(text)
            for sound in search_keys.readings(text):
                for code in self._sounds.get(sound, ()) if len(sound) > 1 else ():
                    score = 0.92 if usual == _sound(self.names[code]) else 0.8
                    found.append(Candidate(code, self.names[code], score, "sounds"))
        shared: dict[str, int] = defaultdict(int)
        for pair in _pairs(key):
            for code in self._pairs.get(pair, ()):
                shared[code] += 1
        best = sorted(shared, key=lambda code: -shared[code])[:_NEAR]
        for code in best:
            score = max(_alike(key, canonical(code)), _alike(key, canonical(self.names[code])))
            if score >= LEAST:
                found.append(Candidate(code, self.names[code], round(score, 2)))
        return found


def _sound(text: str) -> str:
    """The usual reading of a short Chinese word."""
    # Its dictionary takes half a second to load, and few sheets need it.
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text))


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(max(len(text) - 1, 1))} if text else set()


def _alike(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
