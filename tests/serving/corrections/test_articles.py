"""Articles are kept, listed, found again, shown at each revision, and deleted."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from serving.corrections.schemas import ListOut, RevisionsOut, StoredOut
from tests.serving.conftest import Serve
from tests.serving.corrections.conftest import TEXT, Keep, kind, tag


def test_an_article_is_annotated_and_kept(client: httpx.Client) -> None:
    response = client.post("/articles", json={"text": TEXT, "id": "a1", "published": "2025-09-25"})
    assert response.status_code == 201
    kept = response.json()
    StoredOut.model_validate(kept)
    assert (response.headers["etag"], response.headers["location"]) == ('"1"', f"/articles/{kept['article']}")
    assert response.headers["cache-control"] == "no-store"
    record = client.post("/annotate", json={"text": TEXT, "id": "a1", "published": "2025-09-25"}).json()
    assert {name: kept[name] for name in record} == record
    assert (kept["text"], kept["published"], kept["state"]) == (TEXT, "2025-09-25", "open")
    assert (kept["revision"], kept["who"], kept["model"]) == (1, "model", "tiny@1")
    assert kept["sha256"] == client.get("/model").json()["sha256"]
    assert 0 <= kept["uncertainty"] <= 1
    got = client.get(f"/articles/{kept['article']}")
    assert (got.json(), got.headers["etag"]) == (kept, '"1"')


def test_annotate_keeps_nothing(client: httpx.Client) -> None:
    client.post("/annotate", json={"text": TEXT})
    assert client.get("/articles?state=all").json() == {"total": 0, "articles": []}


def test_the_same_text_and_id_are_one_article(client: httpx.Client, keep: Keep) -> None:
    kept = keep(id="a1")
    again = client.post("/articles", json={"text": TEXT, "id": "a1", "published": "2025-09-25"})
    assert (again.status_code, again.json()) == (200, kept)
    assert "location" not in again.headers
    assert len({kept["article"], keep(id="a2")["article"], keep()["article"], keep(TEXT + " ")["article"]}) == 4
    client.put(f"/articles/{kept['article']}/annotation", json={"spans": []}, headers=tag(1))
    assert keep(id="a1")["revision"] == 2


@pytest.mark.parametrize(
    ("text", "start"),
    [("\u0000همدان", 1), ("📈\u200cهمدان", 2), ("\r\n همدان\t", 3), ("\ufeffهمدان\u2028", 1), ("𐎠 همدان 🇮🇷 ", 2)],
)
def test_a_text_comes_back_exactly(client: httpx.Client, keep: Keep, text: str, start: int) -> None:
    kept = keep(text, id="\u0000📈")
    found = client.get(f"/articles/{kept['article']}").json()
    assert (found["text"], found["id"]) == (text, "\u0000📈")
    for span in found["spans"]:
        assert text[span["start"] : span["end"]] == span["text"]
    utf16 = client.get(f"/articles/{kept['article']}?offsets=utf16").json()
    units = text.encode("utf-16-le")
    for span in utf16["spans"]:
        assert units[2 * span["start"] : 2 * span["end"]].decode("utf-16-le") == span["text"]


UNFIT: list[tuple[object, str]] = [
    ({}, "missing-field"),
    ({"text": " "}, "blank-text"),
    ({"text": "a" * 101}, "text-too-long"),
    ({"text": "\ud83d"}, "invalid-unicode"),
    ({"text": 1}, "wrong-type"),
    ({"text": "a", "published": "yesterday"}, "wrong-published"),
    ({"text": "a", "id": "i" * 1001}, "too-long"),
    ({"text": "a", "title": "b"}, "unknown-field"),
    ({"articles": []}, "unknown-field"),
    ([], "wrong-type"),
]


def test_what_cannot_be_kept(serve: Serve, url: str) -> None:
    client = serve(database=url, max_characters=100)
    for body, problem in UNFIT:
        response = client.post("/articles", content=json.dumps(body), headers={"Content-Type": "application/json"})
        assert kind(response) == problem, body
    assert client.get("/articles?state=all").json()["total"] == 0


def test_only_json_is_read(client: httpx.Client) -> None:
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "application/x-ndjson"}, {}):
        response = client.post("/articles", content=b'{"text": "a"}', headers=headers)
        assert kind(response) == "unsupported-media-type"


def test_the_list_has_beginnings_and_never_a_text(client: httpx.Client, keep: Keep) -> None:
    kept = [keep(f"{number} همدان\n" + "استاندار " * 200, id=str(number)) for number in range(3)]
    found = client.get("/articles").json()
    ListOut.model_validate(found)
    assert {row["article"] for row in found["articles"]} == {each["article"] for each in kept}
    for row in found["articles"]:
        assert len(row["preview"]) == 120
        assert row["preview"].startswith(f"{row['id']} همدان استاندار")
        assert "text" not in row


def test_the_list_is_sorted_cut_and_chosen_from(client: httpx.Client, keep: Keep) -> None:
    first, second, third = (keep(text)["article"] for text in ("همدان", "چیزی x", "استاندار همدان"))
    client.put(f"/articles/{first}/annotation", json={"spans": []}, headers=tag(1))

    def listed(query: str) -> list[str]:
        return [row["article"] for row in client.get(f"/articles?{query}").json()["articles"]]

    assert set(listed("")) == {second, third}
    assert listed("state=corrected") == [first]
    assert listed("order=recent&state=all") == [first, third, second]
    assert listed("order=recent&state=all&offset=1&limit=1") == [third]
    assert listed("offset=1000000000") == []
    found = client.get("/articles?state=all&limit=1").json()
    assert (found["total"], len(found["articles"])) == (3, 1)
    rows = client.get("/articles?state=all").json()["articles"]
    assert [row["uncertainty"] for row in rows] == sorted((row["uncertainty"] for row in rows), reverse=True)


def test_a_wrong_parameter(client: httpx.Client) -> None:
    for query in ("order=best", "state=", "offset=-1", "limit=0", "limit=201", "offset=1e9", f"offset={10**30}", "p=2"):
        response = client.get(f"/articles?{query}")
        assert (response.status_code, kind(response)) == (422, "wrong-parameter"), query


def test_an_article_that_is_not_there(client: httpx.Client) -> None:
    for key in ("0" * 32, "x", "0" * 31, "%00", "0" * 32 + "%0a", "ء" * 32):
        for path in (f"/articles/{key}", f"/articles/{key}/revisions", f"/articles/{key}/revisions/1"):
            assert kind(client.get(path)) == "not-found", path
        assert kind(client.delete(f"/articles/{key}", headers=tag(1))) == "not-found"
        put = client.put(f"/articles/{key}/annotation", json={"spans": []}, headers=tag(1))
        assert kind(put) == "not-found"


def test_revisions_keep_who_when_and_the_model(client: httpx.Client, keep: Keep) -> None:
    kept = keep()
    path = f"/articles/{kept['article']}"
    for number, who in enumerate(("مریم", "علی"), start=1):
        client.put(f"{path}/annotation", json={"spans": [], "who": who}, headers=tag(number))
    found = client.get(f"{path}/revisions").json()
    RevisionsOut.model_validate(found)
    rows = found["revisions"]
    assert [(row["revision"], row["who"], row["key"]) for row in rows] == [
        (1, "model", None), (2, "مریم", None), (3, "علی", None),
    ]  # fmt: skip
    assert {(row["model"], row["sha256"]) for row in rows} == {(kept["model"], kept["sha256"])}
    assert [row["when"] for row in rows] == sorted(row["when"] for row in rows)
    first = client.get(f"{path}/revisions/1").json()
    assert first == kept
    third = client.get(f"{path}/revisions/3").json()
    assert third == client.get(path).json()
    for number in (4, 999_999_999):
        assert kind(client.get(f"{path}/revisions/{number}")) == "not-found"
    for wrong in ("0", "x", "-1", "9" * 30):
        assert client.get(f"{path}/revisions/{wrong}").status_code == 422


def test_delete_needs_the_last_revision(client: httpx.Client, keep: Keep) -> None:
    path = f"/articles/{keep()['article']}"
    assert (client.delete(path).status_code, kind(client.delete(path))) == (428, "no-precondition")
    client.put(f"{path}/annotation", json={"spans": []}, headers=tag(1))
    refused = client.delete(path, headers=tag(1))
    assert (refused.status_code, kind(refused), refused.json()["revision"]) == (412, "conflict", 2)
    assert refused.headers["etag"] == '"2"'
    assert client.delete(path, headers=tag(2)).status_code == 204
    assert kind(client.get(path)) == "not-found"
    assert kind(client.delete(path, headers=tag(2))) == "not-found"


def test_what_is_deleted_is_in_no_file_any_more(sqlite: str, client: httpx.Client, keep: Keep, file: Path) -> None:
    keep("همدان")
    secret = "استاندار قزوین " * 3000
    path = f"/articles/{keep(secret, id='secret-name')['article']}"
    client.put(f"{path}/annotation", json={"spans": [], "who": "secret-person"}, headers=tag(1))
    sought = [secret[:40].encode(), b"secret-name", b"secret-person"]

    def there() -> list[bool]:
        content = b"".join(each.read_bytes() for each in sorted(file.parent.iterdir()))
        return [each in content for each in sought]

    assert there() == [True] * 3
    assert client.delete(path, headers=tag(2)).status_code == 204
    assert there() == [False] * 3
    assert client.get("/articles").json()["total"] == 1


def test_a_service_that_keeps_nothing_says_so(serve: Serve) -> None:
    client = serve(database="none")
    for response in (
        client.get("/articles"),
        client.post("/articles", json={"text": "همدان"}),
        client.get(f"/articles/{'0' * 32}"),
        client.get("/export"),
    ):
        assert kind(response) == "not-found"
        assert "RAQAM_DATABASE" in response.json()["detail"]
    assert client.post("/annotate", json={"text": "همدان"}).status_code == 200


def test_an_article_that_comes_again_gives_no_number_twice(client: httpx.Client, keep: Keep) -> None:
    path = f"/articles/{keep()['article']}"
    for revision in (1, 2):
        client.put(f"{path}/annotation", json={"spans": []}, headers=tag(revision))
    assert client.delete(path, headers=tag(3)).status_code == 204
    assert keep()["revision"] == 1
    assert client.put(f"{path}/annotation", json={"spans": [], "who": "a"}, headers=tag(1)).json()["revision"] == 4
    for stale in (1, 2, 3):
        assert client.put(f"{path}/annotation", json={"spans": []}, headers=tag(stale)).status_code == 412
        assert client.delete(path, headers=tag(stale)).status_code == 412
    assert client.put(f"{path}/annotation", json={"spans": []}, headers=tag(4)).json()["revision"] == 5
    rows = client.get(f"{path}/revisions").json()["revisions"]
    assert [row["revision"] for row in rows] == [1, 4, 5]
    assert client.delete(path, headers=tag(5)).status_code == 204
    keep()
    assert client.put(f"{path}/annotation", json={"spans": []}, headers=tag(1)).json()["revision"] == 6
