"""Standard input, which has no suffix: JSON Lines, or one article of plain text."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from itertools import chain

from raqam.readers.encodings import MARK, SAMPLE, Encoding, find_encoding, is_doubtful
from raqam.readers.jsonl import json_cuts
from raqam.readers.lines import read_lines
from raqam.readers.options import Options
from raqam.readers.plain import text_cut
from raqam.readers.rows import Cut, Mark
from raqam.readers.streams import BUFFER, Sampled


def cut_standard_input(stream: io.BufferedReader, options: Options, _start: Mark) -> Iterator[Cut]:
    """JSON Lines where what comes first but for white space is ``{``, else one article of plain text.

    What is found depends on the bytes alone, not on when they come. Lines of UTF-8 are not kept waiting.
    """
    sampled = Sampled(stream)
    encoding = find_encoding(sampled.wait(MARK), options.encoding)
    known = options.encoding is not None or encoding.mark > 0
    buffered: io.BufferedReader = io.BufferedReader(sampled, BUFFER)
    if not _begins_object(sampled, encoding):
        encoding = encoding if known else find_encoding(sampled.wait(SAMPLE))
        yield text_cut(read_lines(buffered, encoding), encoding)
    elif known:
        yield from json_cuts(read_lines(buffered, encoding), encoding, options)
    else:
        yield from _told_cuts(buffered, sampled, options)


def _begins_object(sampled: Sampled, encoding: Encoding) -> bool:
    """Whether what comes first but for white space is a brace; waits for no more than that, in the sample."""
    while True:
        decoder = codecs.getincrementaldecoder(encoding.name)("replace")  # passes over half a character at the end
        text = decoder.decode(sampled.seen[encoding.mark :]).lstrip()
        if text or not sampled.more():
            return text.startswith("{")


def _told_cuts(buffered: io.BufferedReader, sampled: Sampled, options: Options) -> Iterator[Cut]:
    """Lines of UTF-8, up to one that looks like another encoding: from there the sample tells which it is."""
    encoding = Encoding()
    lines = read_lines(buffered, encoding)
    row = 0
    for line in lines:
        rest = [line]
        if line.offset < SAMPLE and is_doubtful(line.raw):
            found = find_encoding(sampled.wait(SAMPLE))
            encoding = found if found.newline == encoding.newline else encoding
            yield from json_cuts(chain(rest, lines), encoding, options, row)
            return
        for cut in json_cuts(rest, encoding, options, row):
            yield cut
            row += 1
