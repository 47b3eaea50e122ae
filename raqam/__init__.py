"""Raqam reads Persian provincial and economic news and returns labelled character spans.

>>> from raqam import Article
>>> Article.checked("استاندار همدان").text
'استاندار همدان'
"""

from typing import TYPE_CHECKING

from raqam.errors import InputError, ModelError, RaqamError
from raqam.records import Article, Fact, Record, Span

if TYPE_CHECKING:
    from raqam.annotator import Annotator
else:

    def __getattr__(name: str) -> object:
        """Import the annotator where it is asked for: raqam.client needs neither a model nor what runs one."""
        if name != "Annotator":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from raqam.annotator import Annotator

        globals()[name] = Annotator
        return Annotator


__all__ = ["Annotator", "Article", "Fact", "InputError", "ModelError", "RaqamError", "Record", "Span", "__version__"]

__version__ = "0.1.0"
