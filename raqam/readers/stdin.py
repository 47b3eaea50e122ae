"""Standard input, which has no suffix: JSON Lines, or one article of plain text."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

from raqam.readers.encodings import find_encoding
from raqam.readers.jsonl import is_blank, json_cuts
from raqam.readers.lines import Line, read_lines
from raqam.readers.options import Options
from raqam.readers.plain import text_cut
from raqam.readers.rows import Cut, Mark
from raqam.records import MAX_CHARACTERS


def cut_standard_input(stream: io.BufferedReader, options: Options, _start: Mark) -> Iterator[Cut]:
    """JSON Lines where the first line that is not blank begins with ``{``, else one article of plain text."""
    encoding = find_encoding(stream.peek(), options.encoding)
    rest = read_lines(stream, encoding)
    lead: list[Line] = []
    for line in rest:
        lead.append(line)
        if line.error is not None or not is_blank(line, encoding) or len(lead) > MAX_CHARACTERS:
            break
    lines = itertools.chain(lead, rest)
    if lead and encoding.shape(lead[-1].raw, lead[-1].offset).lstrip().startswith("{"):
        yield from json_cuts(lines, encoding, options)
    else:
        yield text_cut(lines, encoding)
