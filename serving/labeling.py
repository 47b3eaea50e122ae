"""The labelling configuration of a project of Label Studio: which of its tags are the labels and the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn
from xml.parsers import expat

from raqam.labels import CODES

_MEASURES: Final = "measures"

#: A tag, in lower case as its attributes, and how many it stands in.
_Element = tuple[str, Mapping[str, str], int]


class LabelingError(Exception):
    """Why articles cannot be annotated for a configuration: a sentence."""


@dataclass(frozen=True, slots=True)
class Labeling:
    """What a configuration says of where spans go.

    ``names`` are those of the tag of the labels and of that of the text; ``field`` is what of a task's data the text
    is; ``labels`` are those of Raqam that there are; ``measures`` says whether there is the relation of this name.
    """

    names: tuple[str, str]
    field: str
    labels: frozenset[str]
    measures: bool


def parse(configuration: str) -> Labeling:
    """Read the XML *configuration*; raises :class:`LabelingError`.

    >>> labels = '<Labels name="l" toName="t"><Label value="LOC"/></Labels>'
    >>> found = parse(f'<View>{labels}<Text name="t" value="$body"/></View>')
    >>> found.names, found.field, found.labels
    (('l', 't'), 'body', frozenset({'LOC'}))
    """
    elements = _elements(configuration)
    texts = {each.get("name"): each.get("value", "") for tag, each, _ in elements if tag == "text"}
    fitting = [
        (_labels(elements, at), each.get("name", ""), each["toname"])
        for at, (tag, each, _) in enumerate(elements)
        if tag == "labels" and each.get("toname") in texts
    ]
    if not fitting:
        raise LabelingError("The labelling configuration has no <Labels> whose toName is a <Text>.")
    labels, name, target = max(fitting, key=lambda each: len(each[0]))
    if not labels:
        raise LabelingError(f"None of the labels in the labelling configuration is one of {', '.join(CODES)}.")
    if not texts[target].startswith("$"):
        raise LabelingError("The value of <Text> in the labelling configuration must be a field, such as $text.")
    measures = any(tag == "relation" and each.get("value") == _MEASURES for tag, each, _ in elements)
    return Labeling((name, target), texts[target][1:], labels, measures)


def _labels(elements: Sequence[_Element], at: int) -> frozenset[str]:
    """The labels of Raqam inside the element *at*."""
    inside: list[str] = []
    for tag, attributes, depth in elements[at + 1 :]:
        if depth <= elements[at][2]:
            break
        if tag == "label":
            inside.append(attributes.get("value", ""))
    return frozenset(inside) & frozenset(CODES)


def _elements(configuration: str) -> list[_Element]:
    """The elements in their order. Nothing is expanded: an entity, or a DTD that could declare one, is refused."""
    found: list[_Element] = []
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        found.append((tag.lower(), {name.lower(): value for name, value in attributes.items()}, depth))
        depth += 1

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*declared: object) -> NoReturn:
        raise LabelingError("The labelling configuration must not have a document type.")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(configuration, True)
    except (expat.ExpatError, ValueError):
        raise LabelingError("The labelling configuration is not valid XML.") from None
    return found
