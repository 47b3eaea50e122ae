"""Persian endings of the nouns that figures are measured in, and the keys their tables are looked up by.

A text loses its joiners when it is normalized, and news sites lose spaces too, so «کیلومتر مربعی», «کیلومترمربعی» and
«کیلومتر  مربع» are one key. Tables hold every inflected form: a look-up, not a stemmer, reads them, so that an ending
is never taken off a word that has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: A longer phrase is no unit and no currency, whatever it begins with.
LONGEST: Final = 80

_GAPS: Final = re.compile(r"[\s.-]+")

#: Plurals; the indefinite and adjectival ی as the last letter of the noun asks for it («بشکه‌ای», «یورویی»), and both.
_PLURAL: Final = ("", "ها", "های", "هایی")
_CONSONANT: Final = (*_PLURAL, "ی", "یها", "یهای")
_SILENT_HE: Final = (*_PLURAL, "ای", "ی", "ایها", "ایهای")
_VOWEL: Final = (*_PLURAL, "یی", "ئی", "ی", "ییها", "ییهای")
_YE: Final = (*_PLURAL, "ای", "ایها", "ایهای")
_BY_LAST_LETTER: Final = {"ه": _SILENT_HE, "ا": _VOWEL, "و": _VOWEL, "ی": _YE}


def key(words: str) -> str:
    r"""Return *words*, normalized, as the tables spell it: without spaces, line ends, dots and hyphens.

    Empty when *words* are longer than any entry of a table.

    >>> key(" متر \n مربع"), key("سی.سی"), key("کیلووات-ساعت")
    ('مترمربع', 'سیسی', 'کیلوواتساعت')
    """
    return "" if len(words) > LONGEST else _GAPS.sub("", words)


def inflected(noun: str) -> Iterator[str]:
    """Yield the keys of *noun* with each ending that it may take.

    >>> {"تنی", "تنها", "تن"} <= set(inflected("تن")), "بشکهای" in set(inflected("بشکه"))
    (True, True)
    """
    stem = key(noun)
    if len(stem) == 1:
        yield stem
        return
    for ending in _BY_LAST_LETTER.get(stem[-1], _CONSONANT):
        yield stem + ending
