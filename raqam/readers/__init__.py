"""Readers of articles: text, JSON Lines, CSV and TSV, Parquet, HTML, packed or not, folders and standard input.

Everything is read in constant memory, as a stream of rows. A row is either an article or the reason why there is
none, so that one bad row never costs its neighbours. The text of an article is exactly the decoded content: line
ends stay as they are, and only a byte order mark at the start of a file is left out.
"""

from __future__ import annotations

from raqam.readers.failures import MACHINE
from raqam.readers.finding import find_sources
from raqam.readers.options import Options
from raqam.readers.rows import Mark, Row
from raqam.readers.source import Source

__all__ = ["MACHINE", "Mark", "Options", "Row", "Source", "find_sources"]
