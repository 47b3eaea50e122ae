from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from serving.offsets import utf16_offsets


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("📈𐎠\u200c")))
def test_an_offset_counts_the_units_before_it(text: str) -> None:
    convert = utf16_offsets(text)
    for offset in range(len(text) + 1):
        assert convert(offset) == len(text[:offset].encode("utf-16-le")) // 2


def test_text_without_astral_characters_keeps_its_offsets() -> None:
    text = "۴۷ درصد سرمایه‌گذاری"
    assert [utf16_offsets(text)(offset) for offset in range(len(text) + 1)] == list(range(len(text) + 1))
