"""Numbers written out in words by num2words, an independent writer, and read back.

Integers are drawn log-uniformly below 10^15, and a third of the groups of three digits of every other one are emptied,
as in round numbers. Each is read as num2words writes it and in spellings made of that: with lost joiners, without
any space, with Arabic letters, with some groups in digits, and all in digits. Decimals have one to three places and
are read where num2words writes them so that they have one reading: it says «و نیم» of every single 5 after the point
(3.05 too), and its «صد و هفتاد و پنج صدم» is 100.75 as well as 1.75.

Needs the extra ``dev`` (num2words). Run from the root of a checkout::

    python -m benchmarks.numerals --count 100000
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from num2words import num2words  # type: ignore[import-untyped]

from benchmarks.report import table
from raqam.figures.digits import Style
from raqam.figures.numerals import integer, lex, read_numeral
from raqam.text import normalize

Number = TypeVar("Number", int, Decimal)
Miss = tuple[str, object, str, object]

LIMIT: Final = 10**15
AND: Final = " و "
SCALES: Final = ("", " هزار", " میلیون", " میلیارد", " تریلیون")
DIGITS: Final = ("0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")
SEPARATORS: Final = ("", ",", "٬", "،")
ARABIC: Final = str.maketrans("یک", "يك")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read as many numbers as asked for in every spelling; 0 when none is read wrong or left unread."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, metavar="N", help="how many numbers (default: 100,000)")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers (default: 0)")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="how many misses to print (default: 20)")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    chance = random.Random(options.seed)
    integers = list(draw_integers(options.count, chance))
    counts: dict[str, Counter[str]] = {}
    misses: list[Miss] = []
    for name, spell in SPELLINGS.items():
        counts[name] = check(name, integers, _by(spell, chance), integer, misses)
    decimals = list(draw_decimals(options.count, chance))
    counts["decimals in words"] = check("decimals in words", decimals, decimal_words, decimal, misses)
    print(report(counts))
    print(f"\n{options.count:,} numbers of each kind in {time.perf_counter() - began:,.0f} s.")
    for spelling, value, text, found in misses[: options.show]:
        print(f"{spelling}: {value} «{text}» was read as {found}")
    return 1 if misses else 0


def _by(spell: Callable[[int, random.Random], str], chance: random.Random) -> Callable[[int], str]:
    return lambda value: spell(value, chance)


def check(
    name: str,
    values: Sequence[Number],
    spell: Callable[[Number], str],
    read: Callable[[str], Number | None],
    misses: list[Miss],
) -> Counter[str]:
    """Spell every one of *values* and read it back; what does not come back is added to *misses*."""
    counts: Counter[str] = Counter()
    for value in values:
        text = spell(value)
        found = read(normalize(text).text)
        counts["right" if found == value else "unread" if found is None else "wrong"] += 1
        if found != value:
            misses.append((name, value, text, found))
    return counts


def report(counts: Mapping[str, Counter[str]]) -> str:
    """The table of what was read in each spelling."""
    rows = [(name, *(f"{found[key]:,}" for key in ("right", "wrong", "unread"))) for name, found in counts.items()]
    return table(["spelling", "right", "wrong", "unread"], rows)


def draw_integers(count: int, chance: random.Random) -> Iterator[int]:
    """Whole numbers from 1 below :data:`LIMIT`, as many of each length; every other one rounder than that."""
    for at in range(count):
        value = min(int(10 ** chance.uniform(0, 15)), LIMIT - 1)
        yield value if at % 2 else _rounded(value, chance) or value


def _rounded(value: int, chance: random.Random) -> int:
    """*value* with some of its groups of three digits emptied."""
    kept = [(group, at) for at, group in groups(value) if chance.random() > 1 / 3]
    return sum(group * 1000**at for group, at in kept)


def draw_decimals(count: int, chance: random.Random) -> Iterator[Decimal]:
    """Numbers with one to three places that num2words writes well: see :func:`is_written_well`."""
    while count:
        places = chance.choice((1, 1, 2, 3))
        value = Decimal(int(10 ** chance.uniform(0, 6))) + Decimal(chance.randrange(1, 10**places)).scaleb(-places)
        if is_written_well(value := value.normalize()):
            count -= 1
            yield value


def is_written_well(value: Decimal) -> bool:
    """Whether the words of num2words for the decimal *value* have one reading.

    >>> [is_written_well(Decimal(text)) for text in ("4.8", "4.5", "3.05", "100.75")]
    [True, True, False, False]
    """
    whole, _, fraction = str(value).partition(".")
    if not fraction or whole.endswith("0"):  # «بیست و هشت دهم» is 20.8 and 2.8
        return False
    return fraction == "5" or fraction.lstrip("0") != "5"


def groups(value: int) -> Iterator[tuple[int, int]]:
    """The groups of three digits of *value* that are not zero, from the largest, each after its power of 1000.

    >>> list(groups(12_000_345))
    [(2, 12), (0, 345)]
    """
    for at in reversed(range(len(SCALES))):
        if group := value // 1000**at % 1000:
            yield at, group


def words(value: int, chance: random.Random) -> str:
    """*value* as num2words writes it."""
    return str(num2words(value, lang="fa"))


def joined(value: int, chance: random.Random) -> str:
    """In words, each group of three digits in one word: its joiners were lost."""
    return AND.join(_group(each, at).replace(AND, "و") for at, each in groups(value))


def glued(value: int, chance: random.Random) -> str:
    """In words without any space."""
    return words(value, chance).replace(" ", "")


def arabic(value: int, chance: random.Random) -> str:
    """In words with joiners, and Arabic letters for Persian ones."""
    return words(value, chance).replace(AND, "\N{ZERO WIDTH NON-JOINER}و\N{ZERO WIDTH NON-JOINER}").translate(ARABIC)


def formal(value: int, chance: random.Random) -> str:
    """In words that say one hundred and one thousand."""
    return AND.join(_with_one(_group(each, at)) for at, each in groups(value))


def mixed(value: int, chance: random.Random) -> str:
    """Each group of three digits in words, or in digits of any script."""
    spelled = [
        _group(each, at) if chance.random() < 1 / 2 else in_digits(str(each), chance) + SCALES[at]
        for at, each in groups(value)
    ]
    return AND.join(spelled)


def digits(value: int, chance: random.Random) -> str:
    """In digits of any script, with or without separators of thousands."""
    return in_digits(f"{value:,}".replace(",", chance.choice(SEPARATORS)), chance)


def in_digits(text: str, chance: random.Random) -> str:
    """*text* with the digits of one script."""
    return text.translate(str.maketrans(DIGITS[0], chance.choice(DIGITS)))


def _group(value: int, at: int) -> str:
    """The group *value* with its scale; a single thousand is «هزار»."""
    return SCALES[at].strip() if (value, at) == (1, 1) else f"{num2words(value, lang='fa')}{SCALES[at]}"


def _with_one(group: str) -> str:
    """«صد و دو هزار» as «یکصد و دو هزار», «هزار» as «یک هزار»."""
    return f"یک{group}" if group.startswith("صد") else f"یک {group}" if group.startswith("هزار") else group


def decimal_words(value: Decimal) -> str:
    """*value* as num2words writes it; it takes no Decimal, but a float of so few digits is the same."""
    return str(num2words(float(value), lang="fa"))


def decimal(text: str) -> Decimal | None:
    """The number that *text* is, whole or not."""
    lexemes = lex(text)
    found = read_numeral(lexemes, 0, Style()) if lexemes else None
    return found.value if found is not None and found.end == len(lexemes) else None


#: How a whole number is spelled; the generator is for spellings that vary.
SPELLINGS: Final[Mapping[str, Callable[[int, random.Random], str]]] = {
    "in words": words,
    "each group joined": joined,
    "without spaces": glued,
    "with joiners and Arabic letters": arabic,
    "with «یک»": formal,
    "words and digits": mixed,
    "digits": digits,
}


if __name__ == "__main__":
    sys.exit(main())
