"""Label Studio: tasks with annotations and predictions (its JSON), and its JSON-MIN, where that is unambiguous."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any, Final

from raqam.errors import PublishedError
from raqam.formats.reading.drafts import (
    ABSENT,
    Author,
    Draft,
    Drawn,
    Read,
    RefusedError,
    Rejection,
    assemble,
    clean,
    known_value,
)
from raqam.formats.reading.files import Files, arrays, parse
from raqam.formats.reading.records import object_of
from raqam.records import check_published

_TYPES: Final = ("labels", "hypertextlabels")
_DATA: Final = "text"


def read_label_studio(files: Files) -> Iterator[Read | Rejection]:
    """An array of tasks, or one task, in each file."""
    for found in arrays(files):
        if isinstance(found, Rejection):
            yield found
            continue
        name, tasks = found
        for at, task in enumerate(tasks):
            place = f"{name}[{at}]" if name else f"[{at}]"
            yield read_task(task, f"{place} (task {task['id']})" if _numbered(task) else place)


def read_task(task: Any, place: str, data: str | None = None) -> Read | Rejection:
    """The article of *task*, whose text is the field *data* of its data: ``text`` or, without that, what fits.

    Of several annotations that which was marked as the ground truth counts, else the one that was changed last; those
    that were skipped do not. Without any, the last prediction counts.
    """
    try:
        row = object_of(task)
        fields = row.get("data")
        if not isinstance(fields, dict):
            return _fitting(place, row, _minimal(row), data)
        return _fitting(place, fields, _draft(row), data)
    except RefusedError as error:
        return Rejection(clean(place), str(error))


def _numbered(task: Any) -> bool:
    return isinstance(task, dict) and type(task.get("id")) is int


def _fitting(place: str, fields: Mapping[str, Any], draft: Draft, data: str | None) -> Read | Rejection:
    """*draft* with the text of *fields*: the only one that its spans fit, where no field is named."""
    if data is not None or isinstance(fields.get(_DATA), str):
        return assemble(replace(draft, text=fields.get(data or _DATA)), place)
    known = ("id", "published", "created_at", "updated_at")
    fits = []
    for name, value in fields.items():
        if isinstance(value, str) and name not in known:
            try:
                fits.append(assemble(replace(draft, text=value), place))
            except RefusedError:
                continue
    if len(fits) != 1:
        raise RefusedError("Its data have no 'text', and not just one other field that the spans fit.")
    return fits[0]


def _draft(task: Mapping[str, Any]) -> Draft:
    """The spans of *task*, without its text."""
    data = task["data"]
    id = _id_of(data["id"] if "id" in data else task.get("id"))
    prediction = _prediction(task)
    model = prediction.get("model_version") if prediction else None
    annotation = _annotation(task)
    chosen = prediction if annotation is None else annotation
    author: Author = "model" if annotation is None else "person"
    empty = Draft(None, (), id, _published_of(data.get("published")), model, author="nobody")
    return empty if chosen is None else _with_results(empty, chosen, author)


def _with_results(empty: Draft, chosen: Mapping[str, Any], author: Author) -> Draft:
    """*empty* with the spans of the annotation or prediction *chosen*."""
    results = _results(chosen)
    regions = [each for each in results if _is_region(each)]
    if len({str(each.get("to_name")) for each in regions}) > 1:
        raise RefusedError("It has spans of several texts; one task must have one.")
    at = {str(each.get("id")): number for number, each in enumerate(regions)}
    facts = []
    for each in results:
        one, other = at.get(str(each.get("from_id"))), at.get(str(each.get("to_id")))
        if str(each.get("type")).lower() == "relation" and one is not None and other is not None:
            facts.append((one, other) if _label(regions[one]) == "IND" else (other, one))
    spans = [_drawn(each) for each in regions]
    model = empty.model or chosen.get("model_version")
    return replace(empty, spans=spans, model=model, facts=facts or None, author=author, who=_who(chosen), lenient=True)


def _id_of(found: Any) -> str | None:
    """The id that *found* is. A project may have a field of this name, and of the next, for anything else."""
    if isinstance(found, int | float) and not isinstance(found, bool) and isfinite(found):
        return str(found)
    return found if isinstance(found, str) else None


def _published_of(found: Any) -> Any:
    """The day that *found* is."""
    try:
        check_published(found)
    except PublishedError:
        return None
    return found


def _prediction(task: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = [each for each in _list(task, "predictions") if isinstance(each, dict)]
    return found[-1] if found else None


def _annotation(task: Mapping[str, Any]) -> Mapping[str, Any] | None:
    every = _list(task, "annotations") or _list(task, "completions")
    found = [each for each in every if isinstance(each, dict)]
    if every and not found:
        raise RefusedError("It names its annotations only; export the tasks with them.")
    done = [each for each in found if not each.get("was_cancelled")]
    truth = [each for each in done if each.get("ground_truth")]
    return max(truth or done, key=_changed, default=None)


def _changed(annotation: Mapping[str, Any]) -> str:
    return str(annotation.get("updated_at") or annotation.get("created_at") or "")


def _list(task: Mapping[str, Any], name: str) -> list[Any]:
    found = task.get(name)
    return found if isinstance(found, list) else []


def _results(chosen: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = chosen.get("result")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise RefusedError("The 'result' of its annotation must be an array of objects.")
    return found


def _is_region(each: Mapping[str, Any]) -> bool:
    return str(each.get("type")).lower() in _TYPES and isinstance(each.get("value"), dict)


def _label(region: Mapping[str, Any]) -> Any:
    value = region["value"]
    labels = value.get("labels", value.get("hypertextlabels"))
    if isinstance(labels, list) and len(labels) > 1:
        raise RefusedError(f"The span from {value.get('start')} has several labels; a span has one.")
    return labels[0] if isinstance(labels, list) and labels else None


def _drawn(region: Mapping[str, Any]) -> Drawn:
    """A span; the note of one that a person changed is of what it was before."""
    value, label = region["value"], _label(region)
    offsets = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
    note = ABSENT if region.get("origin") == "prediction-changed" else _note(region, label)
    quote = value["text"] if isinstance(value.get("text"), str) else None
    return Drawn(offsets.get("start"), offsets.get("end"), label, quote, region.get("score", 1.0), note)


def _note(region: Mapping[str, Any], label: Any) -> Any:
    """The value in the note of *region*, which is written here as JSON; other notes are the annotators'."""
    meta = region.get("meta")
    texts = meta.get("text") if isinstance(meta, dict) else None
    for text in texts if isinstance(texts, list) else [texts]:
        try:
            found = parse(text) if isinstance(text, str) else None
        except RefusedError:
            continue
        if isinstance(found, dict):
            return known_value(label, found)
    return ABSENT


def _who(chosen: Mapping[str, Any]) -> str | None:
    """The address or number of whoever made the annotation."""
    by = chosen.get("completed_by")
    by = by.get("email") or by.get("id") if isinstance(by, dict) else by
    return clean(f"label-studio:{by}"[:100]) if isinstance(by, str | int) and not isinstance(by, bool) else None


def _minimal(row: Mapping[str, Any]) -> Draft:
    """What JSON-MIN says: regions in a field that is called after the labels of the project.

    A task that nobody has annotated is in it too, where all tasks were asked for: its ``annotation_id`` is null.
    """
    fields = [value for value in row.values() if isinstance(value, list) and value and all(map(_is_minimal, value))]
    if len(fields) > 1:
        raise RefusedError("Several of its fields hold spans; export the tasks as JSON.")
    if "annotation_id" not in row:
        raise RefusedError("It has no 'data', so it is no task of Label Studio, and no 'annotation_id' of JSON-MIN.")
    spans = [_drawn({"value": each}) for each in (fields[0] if fields else [])]
    who = _who({"completed_by": row.get("annotator")})
    author: Author = "nobody" if row["annotation_id"] is None and not spans else "person"
    return Draft(None, spans, _id_of(row.get("id")), _published_of(row.get("published")), author=author, who=who)


def _is_minimal(each: Any) -> bool:
    return isinstance(each, dict) and {"start", "end", "labels"} <= each.keys()
