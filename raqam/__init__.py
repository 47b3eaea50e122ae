"""Raqam reads Persian provincial and economic news and returns labelled character spans.

>>> from raqam import Article
>>> Article.checked("استاندار همدان").text
'استاندار همدان'
"""

from raqam.annotator import Annotator
from raqam.errors import InputError, ModelError, RaqamError
from raqam.records import Article, Fact, Record, Span

__all__ = ["Annotator", "Article", "Fact", "InputError", "ModelError", "RaqamError", "Record", "Span", "__version__"]

__version__ = "0.1.0"
