"""Corrections as files of other tools, and files of other tools as corrections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from raqam.formats import KINDS
from raqam.formats.reading import GOLD, READABLE
from serving.corrections.exchange import In, Out
from serving.keys import create
from tests.serving.conftest import Serve
from tests.serving.corrections.conftest import TEXT, Keep, kind, tag

#: In code points of TEXT, as a person has drawn them.
PERCENT = {"kind": "money", "number": "47000000000", "currency": "IRT", "irr": "470000000000", "bound": "about"}
SPANS = [
    {"start": 9, "end": 14, "label": "LOC", "value": None},
    {"start": 17, "end": 26, "label": "PER"},
    {"start": 33, "end": 49, "label": "MON", "value": PERCENT},
]
TYPE = {"Content-Type": "application/octet-stream"}


def correct(client: httpx.Client, key: str, spans: list[dict[str, Any]] = SPANS, revision: int = 1) -> dict[str, Any]:
    response = client.put(f"/articles/{key}/annotation", json={"spans": spans, "who": "a"}, headers=tag(revision))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def export(client: httpx.Client, format: str) -> bytes:
    response = client.get(f"/export?format={format}")
    assert response.status_code == 200, response.text
    assert f'filename="raqam-{format}' in response.headers["content-disposition"]
    return response.content


def take(client: httpx.Client, format: str, content: bytes, **more: str) -> dict[str, Any]:
    response = client.post("/import", params={"format": format, **more}, content=content, headers=TYPE)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def spans_of(article: dict[str, Any]) -> list[Any]:
    return [(span["start"], span["end"], span["label"], span["text"], span["value"]) for span in article["spans"]]


def tasks(*texts: str, **more: Any) -> bytes:
    region = {"from_name": "label", "to_name": "text", "type": "labels"}
    value = {"start": 9, "end": 14, "text": TEXT[9:14], "labels": ["LOC"]}
    annotation = {"id": 1, "result": [{"id": "a", **region, "value": value}], **more}
    return json.dumps([{"id": at, "data": {"text": text}, "annotations": [annotation]}
                       for at, text in enumerate(texts)]).encode()  # fmt: skip


def test_the_formats_are_those_of_the_library() -> None:
    assert set(get_args(Out)) == {GOLD, *KINDS}
    assert get_args(In) == READABLE


@pytest.mark.parametrize("format", get_args(Out))
def test_every_format_is_written_and_the_same_again(format: str, client: httpx.Client, keep: Keep) -> None:
    correct(client, keep(id="الف")["article"])
    assert export(client, format) == export(client, format) != b""


@pytest.mark.parametrize("format", get_args(Out))
def test_without_corrections_there_is_an_empty_file_of_it(format: str, client: httpx.Client, keep: Keep) -> None:
    keep()
    export(client, format)
    if format in get_args(In):
        assert take(client, format, export(client, format))["imported"] == 0


@pytest.mark.parametrize("format", get_args(In))
def test_what_is_exported_is_not_doubled(format: str, client: httpx.Client, keep: Keep) -> None:
    for id in ("الف", None):
        correct(client, keep(f"{TEXT}\r\n{id}", id=id)["article"])
    assert take(client, format, export(client, format)) == {"imported": 0, "unchanged": 2, "rejected": []}


@pytest.mark.parametrize("format", get_args(In))
def test_what_is_exported_is_taken_by_another_service(
    format: str, client: httpx.Client, keep: Keep, serve: Serve, tmp_path: Path
) -> None:
    article = correct(client, keep(id="الف")["article"])
    content = export(client, format)
    other = serve(database=f"sqlite:///{tmp_path}/other.sqlite3")
    assert take(other, format, content, who="مریم") == {"imported": 1, "unchanged": 0, "rejected": []}
    (listed,) = other.get("/articles?state=all").json()["articles"]
    found = other.get(f"/articles/{listed['article']}").json()
    assert (found["state"], found["revision"], found["who"]) == ("corrected", 2, "مریم")
    assert [span[:4] for span in spans_of(found)] == [span[:4] for span in spans_of(article)]
    if format != "conll":
        assert found["text"] == TEXT
    if format not in ("conll", "label-studio"):
        assert spans_of(found) == spans_of(article)
    assert other.get(f"/articles/{listed['article']}/revisions/1").json()["who"] == "model"
    assert take(other, format, content) == {"imported": 0, "unchanged": 1, "rejected": []}


def test_an_edited_conll_file_finds_its_article_and_keeps_its_values(client: httpx.Client, keep: Keep) -> None:
    article = correct(client, keep(id="الف")["article"])
    edited = export(client, "conll").replace("همدان\tB-LOC".encode(), "همدان\tB-ORG".encode())
    assert take(client, "conll", edited)["imported"] == 1
    found = client.get(f"/articles/{article['article']}").json()
    assert found["revision"] == 3
    assert spans_of(found) == [(9, 14, "ORG", "همدان", None), *spans_of(article)[1:]]


def test_what_cannot_be_taken_is_listed_and_costs_no_other(client: httpx.Client) -> None:
    found = take(client, "label-studio", tasks(TEXT, "استاندار کرمان آمد", " ", f"{TEXT} رفت", "ا" * 200_001))
    assert (found["imported"], [each["place"] for each in found["rejected"]]) == (
        2, ["[1] (task 1)", "[2] (task 2)", "[4] (task 4)"],
    )  # fmt: skip
    assert "does not have the text that it quotes" in found["rejected"][0]["message"]
    assert "کرمان" not in json.dumps(found, ensure_ascii=False)


def test_an_annotation_of_what_is_there_is_a_revision_of_it(client: httpx.Client, keep: Keep) -> None:
    article = keep(id="الف")
    assert take(client, "label-studio", tasks(TEXT, completed_by={"email": "a@b.c"}))["imported"] == 1
    found = client.get(f"/articles/{article['article']}").json()
    assert (found["revision"], found["who"], found["id"]) == (2, "label-studio:a@b.c", "الف")
    assert [span["label"] for span in found["spans"]] == ["LOC"]
    assert client.get("/articles?state=all").json()["total"] == 1


def test_predictions_and_bare_tasks_stay_open(client: httpx.Client) -> None:
    region = {"from_name": "l", "to_name": "t", "type": "labels", "value": {"start": 9, "end": 14, "labels": ["ORG"]}}
    content = [
        {"data": {"text": TEXT}, "predictions": [{"model_version": "other@2", "result": [{**region, "score": 0.25}]}]},
        {"data": {"text": f"{TEXT} رفت"}},
    ]
    assert take(client, "label-studio", json.dumps(content).encode())["imported"] == 2
    assert take(client, "label-studio", json.dumps(content).encode())["unchanged"] == 2
    listed = client.get("/articles?state=open").json()["articles"]
    found = [client.get(f"/articles/{each['article']}").json() for each in listed]
    other = next(each for each in found if each["text"] == TEXT)
    assert (other["model"], other["uncertainty"], other["revision"]) == ("other@2", 0.75, 1)
    assert [span["label"] for span in other["spans"]] == ["ORG"]
    assert next(each for each in found if each is not other)["spans"] != []


def test_only_types_that_no_page_may_send_elsewhere_are_taken(client: httpx.Client) -> None:
    for sent in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""):
        response = client.post("/import?format=doccano", content=b"{}", headers={"Content-Type": sent})
        assert kind(response) == "unsupported-media-type"
    for sent in ("application/json", "application/x-ndjson", "application/zip; x=y"):
        response = client.post("/import?format=doccano", content=b"{}", headers={"Content-Type": sent})
        assert response.json()["imported"] == 0


def test_a_body_of_lines_has_the_limit_of_any_other(serve: Serve, url: str) -> None:
    client = serve(database=url, max_body_bytes=4096)
    for headers in ({"Content-Type": "application/x-ndjson"}, TYPE):
        for content in (b" " * 5000, iter([b" " * 3000, b" " * 3000])):
            response = client.post("/import?format=doccano", content=content, headers=headers)
            assert kind(response) == "body-too-large"


def test_a_parameter_that_is_wrong(client: httpx.Client) -> None:
    for path in ("/import", "/import?format=docx", "/import?format=csv", "/import?format=gold&a=b",
                 f"/import?format=gold&who={'a' * 101}"):  # fmt: skip
        assert kind(client.post(path, content=b"{}", headers=TYPE)) == "wrong-parameter"
    assert kind(client.get("/export?format=docx")) == "wrong-parameter"


def test_a_key_that_may_correct_is_needed(serve: Serve, url: str, tmp_path: Path) -> None:
    (annotate, one), (may, other) = create("annotate"), create("correct")
    (tmp_path / "keys").write_text(f"{one.line()}\n{other.line()}\n")
    client = serve(database=url, api_keys=tmp_path / "keys")
    for key, status in ((None, 401), (annotate, 403), (may, 200)):
        headers = {**TYPE, **({"Authorization": f"Bearer {key}"} if key else {})}
        assert client.get("/export", headers=headers).status_code == status
        response = client.post("/import?format=label-studio", content=tasks(TEXT), headers=headers)
        assert response.status_code == status
    (listed,) = client.get("/articles?state=all", headers=headers).json()["articles"]
    revisions = client.get(f"/articles/{listed['article']}/revisions", headers=headers).json()["revisions"]
    assert [(each["who"], each["key"]) for each in revisions][1] == (other.id, other.id)
