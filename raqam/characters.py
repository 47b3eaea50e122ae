"""Character tables of the normalizer: what each character of a Persian text stands for, and why.

The tables are data; :mod:`raqam.text` applies them and keeps the alignment. A replacement of ``""`` deletes the
character. Anything in no table follows its Unicode category (see :func:`replacement`). Changing a table changes
what a model sees, so it changes ``NORMALIZER_VERSION`` in :mod:`raqam.text` too.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

#: Letters that Arabic keyboards and old encodings write where Persian has its own code point.
LETTERS: Final[dict[str, str]] = {
    "\N{ARABIC LETTER YEH}": "ی",
    "\N{ARABIC LETTER ALEF MAKSURA}": "ی",
    "\N{ARABIC LETTER YEH BARREE}": "ی",
    "\N{ARABIC LETTER YEH BARREE WITH HAMZA ABOVE}": "ی",
    "\N{ARABIC LETTER KAF}": "ک",
    "\N{ARABIC LETTER SWASH KAF}": "ک",
    "\N{ARABIC LETTER TEH MARBUTA}": "ه",
    "\N{ARABIC LETTER HEH WITH YEH ABOVE}": "ه",  # the ezafe of خانۀ, most often left out
    "\N{ARABIC LETTER HEH GOAL}": "ه",
    "\N{ARABIC LETTER AE}": "ه",
    "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}": "ا",  # تأمین and تامین are one word
    "\N{ARABIC LETTER ALEF WITH HAMZA BELOW}": "ا",
    "\N{ARABIC LETTER ALEF WASLA}": "ا",
}

#: A letter and a combining sign that together are one letter; elsewhere the sign alone is deleted.
COMPOSED: Final[dict[str, str]] = {
    "ا\N{ARABIC MADDAH ABOVE}": "آ",
    "و\N{ARABIC HAMZA ABOVE}": "ؤ",
    "ی\N{ARABIC HAMZA ABOVE}": "ئ",
    "\N{ARABIC LETTER YEH}\N{ARABIC HAMZA ABOVE}": "ئ",
    "\N{ARABIC LETTER ALEF MAKSURA}\N{ARABIC HAMZA ABOVE}": "ئ",
}

#: Joiners. News sites lose them, double them or write others in their place, so the model never sees one.
JOINERS: Final[dict[str, str]] = {
    "\N{ZERO WIDTH NON-JOINER}": "",
    "\N{ZERO WIDTH JOINER}": "",
    "\N{ZERO WIDTH SPACE}": "",
    "\N{NOT SIGN}": "",  # what the non-joiner became in texts of the Windows-1256 era: می¬شود
    "\N{SOFT HYPHEN}": "",
    "\N{ARABIC TATWEEL}": "",
}

#: Punctuation with many shapes.
PUNCTUATION: Final[dict[str, str]] = {
    "\N{ARABIC PERCENT SIGN}": "%",
    "\N{ARABIC DECIMAL SEPARATOR}": ".",
    "\N{ARABIC THOUSANDS SEPARATOR}": ",",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{HYPHEN}": "-",
    "\N{NON-BREAKING HYPHEN}": "-",
    "\N{FIGURE DASH}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{HORIZONTAL BAR}": "-",
    "\N{MINUS SIGN}": "-",
    "\N{FRACTION SLASH}": "/",  # what the parts of ½ are joined with
}

#: Line ends; every other space or control that separates words becomes a plain space.
LINE_ENDS: Final[dict[str, str]] = {
    "\N{LINE SEPARATOR}": "\n",
    "\N{PARAGRAPH SEPARATOR}": "\n",
    "\x85": "\n",
    "\r": " ",
    "\t": " ",
    "\v": " ",
    "\f": " ",
}

TABLE: Final[dict[str, str]] = {**LETTERS, **JOINERS, **PUNCTUATION, **LINE_ENDS}

#: What stays as it is, as the inside of a character class: the fast path over ordinary text.
ORDINARY: Final = r" \n!-~«»،؛؟آءؤئا-بت-غف-قلمنهوپچژکگی"


#: A ligature of more letters than «ریال» (﷼) stays whole: U+FDFA alone would become 18 characters, and a text of it 18
#: times as long as the limit that was checked.
_LONGEST_LIGATURE: Final = 4


@lru_cache(maxsize=4096)
def replacement(character: str) -> str:
    r"""Return what *character* stands for: one or more characters, or ``""`` where it is deleted.

    Digits of every script become ASCII digits, compatibility forms (presentation forms, ligatures, full width)
    what they are made of, marks and format controls nothing, spaces a space.

    >>> replacement("۷"), replacement("ﻻ"), replacement("﷼"), replacement("\u064e")
    ('7', 'لا', 'ریال', '')
    """
    if character in TABLE:
        return TABLE[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    if category in {"Mn", "Me", "Cf", "Cc"} and character != "\n":
        return ""
    return _decomposed(character)


def is_mark(character: str) -> bool:
    """Whether *character* hangs on the one before it, so that a span that ends there takes it in.

    >>> is_mark("\N{ARABIC KASRA}"), is_mark("\N{ZERO WIDTH NON-JOINER}")
    (True, False)
    """
    return character == "\N{ARABIC TATWEEL}" or unicodedata.category(character) in {"Mn", "Me"}


def _decomposed(character: str) -> str:
    """*character* without compatibility forms and Latin accents; Arabic letters keep their dots and hamzas."""
    whole = unicodedata.normalize("NFKC", character)
    if len(whole) > _LONGEST_LIGATURE:
        return character
    if whole != character:
        return "".join(" " if part.isspace() else replacement(part) for part in whole)
    if "\N{ARABIC LETTER HAMZA}" <= character <= "\N{ARABIC LETTER E}":
        return character
    parts = unicodedata.normalize("NFD", character)
    letters = "".join(part for part in parts if unicodedata.category(part) != "Mn")
    return letters if 0 < len(letters) < len(parts) else character
