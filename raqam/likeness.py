"""Whether two texts are one article: what the model cannot tell apart, and white space, make no difference."""

from __future__ import annotations

import unicodedata

from raqam.text import normalize


def likeness(text: str) -> str:
    """What *text* has in common with every copy of it, however that writes letters, digits, joiners and white space.

    >>> likeness("سرمايه‌گذاري ۴۷ ") == likeness("سرمایه گذاری\\n47")
    True
    """
    seen = normalize(text).text
    return "".join(each for each in seen if not each.isspace() and unicodedata.category(each) != "Cf")
