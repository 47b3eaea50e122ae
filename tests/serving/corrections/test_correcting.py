"""Corrections: what is accepted, what is refused and where, and that nobody overwrites another's."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.corrections import checking
from serving.corrections.schemas import StoredOut
from serving.keys import create
from tests.serving.conftest import Serve
from tests.serving.corrections.conftest import TEXT, Keep, kind, tag

MONEY = {"kind": "money", "number": "5", "currency": "IRT", "irr": "50", "bound": "exact"}


def at(piece: str, label: str, text: str = TEXT, **more: object) -> dict[str, Any]:
    """The span of *piece* in *text*."""
    start = text.index(piece)
    return {"start": start, "end": start + len(piece), "label": label, **more}


def put(client: httpx.Client, article: str, body: object, revision: int = 1, query: str = "") -> httpx.Response:
    headers = {**tag(revision), "Content-Type": "application/json"}
    return client.put(f"/articles/{article}/annotation{query}", content=json.dumps(body), headers=headers)


def test_a_correction_is_a_new_revision(client: httpx.Client, keep: Keep) -> None:
    kept = keep(published="2025-09-25")
    body = {"spans": [at("علی رضایی", "PER"), at("استاندار همدان", "ORG", text=TEXT)], "who": "  مریم\n"}
    response = put(client, kept["article"], body)
    assert (response.status_code, response.headers["etag"]) == (200, '"2"')
    found = response.json()
    StoredOut.model_validate(found)
    assert found == client.get(f"/articles/{kept['article']}").json()
    assert (found["state"], found["revision"], found["who"], found["model"]) == ("corrected", 2, "مریم", "tiny@1")
    assert [(span["label"], span["text"]) for span in found["spans"]] == [
        ("ORG", "استاندار همدان"), ("PER", "علی رضایی"),
    ]  # fmt: skip
    assert found["uncertainty"] == kept["uncertainty"]
    assert client.get(f"/articles/{kept['article']}/revisions/1").json() == kept


def test_the_score_is_the_models_where_the_span_is(client: httpx.Client, keep: Keep) -> None:
    kept = keep()
    scores = {span["text"]: span["score"] for span in kept["spans"]}
    body = {"spans": [at("همدان", "LOC"), at("علی", "PER")]}
    found = put(client, kept["article"], body).json()
    assert [span["score"] for span in found["spans"]] == [scores["همدان"], 1.0]


def test_spans_can_be_sent_back_as_they_came(client: httpx.Client, keep: Keep) -> None:
    for query in ("?offsets=utf16", ""):
        kept = keep(id=query)
        got = client.get(f"/articles/{kept['article']}{query}").json()
        body = {"spans": got["spans"], "facts": got["facts"]}
        found = put(client, kept["article"], body, query=query).json()
        assert (found["spans"], found["facts"]) == (got["spans"], got["facts"])


def test_a_value_that_is_left_out_is_read_and_null_is_none(client: httpx.Client, keep: Keep) -> None:
    kept = keep("صادرات ۴۷ میلیارد تومان و ۵ تومان بود")
    text = kept["text"]
    spans = [at("صادرات", "IND", text), at("۴۷ میلیارد تومان", "MON", text), at("۵ تومان", "MON", text)]
    found = put(client, kept["article"], {"spans": spans}).json()
    assert [span["value"] and span["value"]["number"] for span in found["spans"]] == [None, "47000000000", "5"]
    assert found["facts"] == [{"indicator": 0, "figure": 1}, {"indicator": 0, "figure": 2}]
    spans[1]["value"], spans[2]["value"] = None, {**MONEY, "bound": "about"}
    found = put(client, kept["article"], {"spans": spans, "facts": []}, 2).json()
    assert [span["value"] for span in found["spans"]] == [None, None, {**MONEY, "bound": "about"}]
    assert found["facts"] == []


def test_relative_dates_know_the_day_of_publication(client: httpx.Client, keep: Keep) -> None:
    kept = keep("امروز آمد", published="2025-09-25")
    found = put(client, kept["article"], {"spans": [at("امروز", "DAT", kept["text"])]}).json()
    assert found["spans"][0]["value"]["start"] == "2025-09-25"


def test_facts_name_the_spans_as_they_were_sent(client: httpx.Client, keep: Keep) -> None:
    kept = keep("صادرات ۴۷ میلیارد تومان بود")
    text = kept["text"]
    body = {
        "spans": [at("۴۷ میلیارد تومان", "MON", text), at("صادرات", "IND", text)],
        "facts": [{"indicator": 1, "figure": 0}],
    }
    assert put(client, kept["article"], body).json()["facts"] == [{"indicator": 0, "figure": 1}]


def facts_after(client: httpx.Client, key: str, spans: list[dict[str, Any]], revision: int) -> list[tuple[str, str]]:
    """The facts, as words, of a correction that sends no facts."""
    found = put(client, key, {"spans": spans}, revision).json()
    words = [span["text"] for span in found["spans"]]
    return [(words[fact["indicator"]], words[fact["figure"]]) for fact in found["facts"]]


def test_facts_that_somebody_set_stay_and_new_spans_get_theirs(client: httpx.Client, keep: Keep) -> None:
    kept = keep("نرخ بیکاری ۷ درصد و رشد اقتصادی ۴ درصد و صادرات ۹ میلیون دلار و واردات ۲ میلیون دلار بود.")
    key, text = kept["article"], kept["text"]
    jobless, seven = at("نرخ بیکاری", "IND", text), at("۷ درصد", "PCT", text)
    growth, four = at("رشد اقتصادی", "IND", text), at("۴ درصد", "PCT", text)
    exports, nine = at("صادرات", "IND", text), at("۹ میلیون دلار", "MON", text)
    imports, two = at("واردات", "IND", text), at("۲ میلیون دلار", "MON", text)
    spans = [jobless, seven, growth, four, nine]
    assert put(client, key, {"spans": spans, "facts": [{"indicator": 0, "figure": 3}]}).is_success
    # Of the figures that were there, ۷ and ۹ measured nothing.
    pair = ("نرخ بیکاری", "۴ درصد")
    assert facts_after(client, key, spans, 2) == [pair]
    # A new figure, and a new indicator of a figure that was there.
    assert facts_after(client, key, [*spans, imports, two], 3) == [pair, ("واردات", "۲ میلیون دلار")]
    assert facts_after(client, key, [*spans, exports, imports, two], 4) == [
        pair, ("صادرات", "۹ میلیون دلار"), ("واردات", "۲ میلیون دلار"),
    ]  # fmt: skip
    # An edge and a label that change are the same figure; one whose indicator is deleted gets another.
    wider = {**four, "label": "QTY", "end": four["end"] - 1}
    assert facts_after(client, key, [jobless, seven, growth, wider], 5) == [("نرخ بیکاری", "۴ درص")]
    assert facts_after(client, key, [seven, growth, four], 6) == [("رشد اقتصادی", "۴ درصد")]


def test_facts_that_nobody_set_follow_the_spans(client: httpx.Client, keep: Keep) -> None:
    kept = keep("رشد تولید و صادرات ۹ میلیون دلار بود.")
    key, text = kept["article"], kept["text"]
    output, exports = at("تولید", "IND", text), at("صادرات", "IND", text)
    nine = at("۹ میلیون دلار", "MON", text)
    assert facts_after(client, key, [output, nine], 1) == [("تولید", "۹ میلیون دلار")]
    assert facts_after(client, key, [output, exports, nine], 2) == [("صادرات", "۹ میلیون دلار")]


def test_two_figures_that_become_one_keep_the_fact_of_either(client: httpx.Client, keep: Keep) -> None:
    kept = keep("درآمد و سود از ۳ به ۵ میلیارد تومان رسید.")
    key, text = kept["article"], kept["text"]
    income, profit = at("درآمد", "IND", text), at("سود", "IND", text)
    three, five = at("۳", "CNT", text), at("۵ میلیارد تومان", "MON", text)
    body = {"spans": [income, profit, three, five], "facts": [{"indicator": 0, "figure": 3}]}
    assert put(client, key, body).is_success
    both = {**five, "start": three["start"]}
    found = put(client, key, {"spans": [income, profit, both]}, 2)
    assert found.json()["facts"] == [{"indicator": 0, "figure": 2}]


def test_after_a_model_all_facts_are_found(client: httpx.Client, keep: Keep) -> None:
    kept = keep("صادرات ۹ میلیون دلار بود.")
    spans = [at("صادرات", "IND", kept["text"]), at("۹ میلیون دلار", "MON", kept["text"])]
    assert facts_after(client, kept["article"], spans, 1) == [("صادرات", "۹ میلیون دلار")]


def test_offsets_in_utf16(client: httpx.Client, keep: Keep) -> None:
    kept = keep("📈📈 می\u200cرود همدان 🇮🇷")
    text = kept["text"]
    units = text.encode("utf-16-le").index("همدان".encode("utf-16-le")) // 2
    span = {"start": units, "end": units + 5, "label": "FAC", "text": "همدان"}
    found = put(client, kept["article"], {"spans": [span]}, query="?offsets=utf16").json()
    assert (found["spans"][0]["start"], found["spans"][0]["text"]) == (units, "همدان")
    plain = client.get(f"/articles/{kept['article']}").json()["spans"][0]
    assert (plain["start"], plain["end"]) == (text.index("همدان"), text.index("همدان") + 5)
    for start, end in ((1, 4), (0, 1), (0, 10_000), (-1, 4), (0, 2**70)):
        wrong = {"spans": [{"start": start, "end": end, "label": "FAC"}]}
        response = put(client, kept["article"], wrong, 2, "?offsets=utf16")
        assert kind(response) == "wrong-span"
        assert response.json()["field"].startswith("spans[0].")
    joined = {"spans": [at("می\u200cرود", "EVT", text)]}
    assert put(client, kept["article"], joined, 2).json()["spans"][0]["text"] == "می\u200cرود"


SPAN = {"start": 0, "end": 8, "label": "TTL"}
IND, MON = at("علی", "IND"), at("۴۷ میلیارد تومان", "MON")
WRONG: list[tuple[object, str, str | None]] = [
    ([], "wrong-type", None),
    ({}, "missing-field", "spans"),
    ({"spans": None}, "wrong-type", "spans"),
    ({"spans": [], "facts": 1}, "wrong-type", "facts"),
    ({"spans": [], "text": "a"}, "unknown-field", "text"),
    ({"spans": [1]}, "wrong-type", "spans[0]"),
    ({"spans": [{"start": 0, "end": 1}]}, "missing-field", "spans[0].label"),
    ({"spans": [{**SPAN, "colour": "red"}]}, "unknown-field", "spans[0].colour"),
    ({"spans": [{**SPAN, "start": 0.0}]}, "wrong-type", "spans[0].start"),
    ({"spans": [{**SPAN, "end": True}]}, "wrong-type", "spans[0].end"),
    ({"spans": [{**SPAN, "label": "XYZ"}]}, "wrong-span", "spans[0].label"),
    ({"spans": [{**SPAN, "label": ["TTL"]}]}, "wrong-span", "spans[0].label"),
    ({"spans": [{**SPAN, "end": 0}]}, "wrong-span", "spans[0]"),
    ({"spans": [{**SPAN, "start": -1}]}, "wrong-span", "spans[0]"),
    ({"spans": [{**SPAN, "end": 10_000}]}, "wrong-span", "spans[0]"),
    ({"spans": [{**SPAN, "end": 9}]}, "wrong-span", "spans[0]"),
    ({"spans": [{**SPAN, "text": "شهردار"}]}, "wrong-span", "spans[0].text"),
    ({"spans": [{**SPAN, "text": None}]}, "wrong-span", "spans[0].text"),
    ({"spans": [SPAN, {**SPAN, "start": 7}]}, "wrong-span", "spans[1]"),
    ({"spans": [{**SPAN, "start": 7}, SPAN]}, "wrong-span", "spans[0]"),
    ({"spans": [SPAN, SPAN]}, "wrong-span", "spans[1]"),
    ({"spans": [{**SPAN, "value": MONEY}]}, "wrong-value", "spans[0].value"),
    ({"spans": [{**MON, "value": "47"}]}, "wrong-value", "spans[0].value"),
    ({"spans": [{**MON, "value": {**MONEY, "irr": "49"}}]}, "wrong-value", "spans[0].value"),
    ({"spans": [{**MON, "value": {**MONEY, "number": 5}}]}, "wrong-value", "spans[0].value"),
    ({"spans": [{**MON, "value": {**MONEY, "low": "1"}}]}, "wrong-value", "spans[0].value"),
    ({"spans": [at("۴۷", "CNT", value={"kind": "count", "number": "1", "bound": "exact", "of": "\ud83d"})]},
     "invalid-unicode", None),
    ({"spans": [IND, MON], "facts": [{"indicator": 0}]}, "missing-field", "facts[0].figure"),
    ({"spans": [IND, MON], "facts": [{"indicator": 0, "figure": 2}]}, "wrong-fact", "facts[0].figure"),
    ({"spans": [IND, MON], "facts": [{"indicator": -1, "figure": 1}]}, "wrong-fact", "facts[0].indicator"),
    ({"spans": [IND, MON], "facts": [{"indicator": 1, "figure": 1}]}, "wrong-fact", "facts[0].indicator"),
    ({"spans": [IND, MON], "facts": [{"indicator": 0, "figure": 0}]}, "wrong-fact", "facts[0].figure"),
    ({"spans": [IND, MON], "facts": [{"indicator": 0, "figure": 1}] * 2}, "wrong-fact", "facts[1]"),
    ({"spans": [IND, MON], "facts": [{"indicator": 0, "figure": "1"}]}, "wrong-type", "facts[0].figure"),
    ({"spans": [], "who": 1}, "wrong-type", "who"),
    ({"spans": [], "who": "w" * 101}, "too-long", "who"),
]  # fmt: skip


def test_what_is_wrong_is_named_and_changes_nothing(client: httpx.Client, keep: Keep) -> None:
    kept = keep()
    for body, problem, field in WRONG:
        response = put(client, kept["article"], body)
        assert (kind(response), response.json().get("field")) == (problem, field), body
    assert client.get(f"/articles/{kept['article']}").json() == kept


def test_a_body_that_is_too_deep(client: httpx.Client, keep: Keep) -> None:
    path, headers = f"/articles/{keep()['article']}/annotation", {**tag(1), "Content-Type": "application/json"}
    for depth in (400, 900, 980, 100_000):
        deep = b'{"spans": [{"start": 0, "end": 8, "label": "MON", "value": %s}]}' % (b"[" * depth + b"]" * depth)
        assert kind(client.put(path, content=deep, headers=headers)) in ("wrong-value", "too-deep")


def test_if_match_must_be_one_etag(client: httpx.Client, keep: Keep) -> None:
    path = f"/articles/{keep()['article']}/annotation"
    for sent in ("2", '"x"', "*", '"1", "2"', '"01"', "", "'1'"):
        response = client.put(path, json={"spans": []}, headers={"If-Match": sent})
        assert (response.status_code, kind(response), response.json()["field"]) == (422, "wrong-parameter", "If-Match")


def test_a_proxy_that_compresses_makes_the_etag_weak(client: httpx.Client, keep: Keep) -> None:
    path = f"/articles/{keep()['article']}/annotation"
    assert client.put(path, json={"spans": []}, headers={"If-Match": 'W/"1"'}).status_code == 200


def test_without_if_match_nothing_is_changed(client: httpx.Client, keep: Keep) -> None:
    kept = keep()
    response = client.put(f"/articles/{kept['article']}/annotation", json={"spans": []})
    assert (response.status_code, kind(response)) == (428, "no-precondition")
    assert client.get(f"/articles/{kept['article']}").json()["revision"] == 1


def test_an_old_revision_is_a_conflict_that_names_the_new_one(client: httpx.Client, keep: Keep) -> None:
    kept = keep()
    assert put(client, kept["article"], {"spans": []}).status_code == 200
    response = put(client, kept["article"], {"spans": [SPAN]})
    assert (response.status_code, kind(response), response.json()["revision"]) == (412, "conflict", 2)
    assert response.headers["etag"] == '"2"'
    assert client.get(f"/articles/{kept['article']}").json()["spans"] == []


def test_of_many_at_the_same_time_one_is_kept(client: httpx.Client, keep: Keep) -> None:
    article = keep()["article"]
    for revision in range(1, 6):
        names = [f"{revision}-{number}" for number in range(8)]
        bodies = [{"spans": [SPAN], "who": name} for name in names]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda body: put(client, article, body, revision), bodies))  # noqa: B023
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] + [412] * 7
        (won,) = (answer.json() for answer in answers if answer.status_code == 200)
        lost = [answer.json() for answer in answers if answer.status_code == 412]
        assert all(problem["revision"] == revision + 1 for problem in lost)
        assert client.get(f"/articles/{article}").json() == won
    rows = client.get(f"/articles/{article}/revisions").json()["revisions"]
    assert [row["revision"] for row in rows] == [1, 2, 3, 4, 5, 6]


def test_a_correction_and_a_deletion_at_the_same_time(client: httpx.Client, keep: Keep) -> None:
    for number in range(8):
        article = keep(id=str(number))["article"]
        with ThreadPoolExecutor(2) as pool:
            corrected = pool.submit(put, client, article, {"spans": []})
            deleted = pool.submit(client.delete, f"/articles/{article}", headers=tag(1))
        statuses = (corrected.result().status_code, deleted.result().status_code)
        assert statuses in ((200, 412), (404, 204))
        assert client.get(f"/articles/{article}").status_code == (404 if statuses[1] == 204 else 200)


def test_an_article_sent_many_times_at_once_is_kept_once(client: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post("/articles", json={"text": TEXT}), range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert client.get("/articles").json()["total"] == 1


def test_keys_need_the_scope_correct_and_are_remembered(serve: Serve, url: str, tmp_path: Path) -> None:
    made = {scope: create(scope) for scope in ("annotate", "correct", "admin")}
    (tmp_path / "keys").write_text("".join(f"{key.line()}\n" for _, key in made.values()), "utf-8")
    client = serve(database=url, api_keys=tmp_path / "keys")
    bearer = {scope: {"Authorization": f"Bearer {text}"} for scope, (text, _) in made.items()}
    kept = client.post("/articles", json={"text": TEXT}, headers=bearer["correct"]).json()
    path = f"/articles/{kept['article']}"
    everything = [
        ("POST", "/articles"), ("GET", "/articles"), ("GET", path), ("DELETE", path), ("PUT", f"{path}/annotation"),
        ("GET", f"{path}/revisions"), ("GET", f"{path}/revisions/1"), ("POST", "/compare"), ("GET", "/export"),
        ("GET", "/articles/"), ("GET", "/articles/x/y"),
    ]  # fmt: skip
    for method, place in everything:
        assert client.request(method, place).status_code == 401
        refused = client.request(method, place, headers=bearer["annotate"])
        assert (refused.status_code, kind(refused)) == (403, "forbidden")
        assert "'correct'" in refused.json()["detail"]
        assert 'scope="correct"' in refused.headers["www-authenticate"]
    assert client.post("/annotate", json={"text": TEXT}, headers=bearer["correct"]).status_code == 200
    assert client.post("/reload", headers=bearer["correct"]).status_code == 403
    elsewhere = {"Host": "raqam.example", "Origin": "https://other.example", "Sec-Fetch-Site": "cross-site"}
    for number, (scope, who) in enumerate((("correct", None), ("admin", "مریم")), start=1):
        sent = {**bearer[scope], **elsewhere, **tag(number)}
        put_ = client.put(f"{path}/annotation", json={"spans": [], "who": who}, headers=sent)
        assert put_.status_code == 200
    rows = client.get(f"{path}/revisions", headers=bearer["admin"]).json()["revisions"]
    ids = {scope: key.id for scope, (_, key) in made.items()}
    assert [(row["who"], row["key"]) for row in rows] == [
        ("model", None), (ids["correct"], ids["correct"]), ("مریم", ids["admin"]),
    ]  # fmt: skip


def test_who_says_nothing_is_anonymous(client: httpx.Client, keep: Keep) -> None:
    assert put(client, keep()["article"], {"spans": [], "who": " "}).json()["who"] == "anonymous"


def test_a_correction_of_too_many_spans(client: httpx.Client, keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MAX_SPANS", 2)
    kept = keep()
    spans = [at(piece, "PER") for piece in ("علی", "رضایی", "همدان")]
    response = put(client, kept["article"], {"spans": spans})
    assert (kind(response), response.json()["field"], response.json()["limit"]) == ("wrong-span", "spans", 2)
    assert put(client, kept["article"], {"spans": spans[:2]}).status_code == 200


def test_a_text_full_of_figures_is_corrected(client: httpx.Client, keep: Keep) -> None:
    """What the values and facts of a figure need is near it: many figures take as long as their number."""
    kept = keep("۷ م " * 10_000)
    figures = [{"start": start, "end": start + 1, "label": "CNT"} for start in range(0, 40_000, 2)]
    assert len(put(client, kept["article"], {"spans": figures}).json()["spans"]) == 20_000


def test_the_name_of_the_model_is_taken(client: httpx.Client, keep: Keep) -> None:
    response = put(client, keep()["article"], {"spans": [], "who": " model\n"})
    assert (kind(response), response.json()["field"]) == ("wrong-name", "who")
    sent = {"content": b"{}", "headers": {"Content-Type": "application/json"}}
    response = client.post("/import?format=gold&who=model", **sent)  # type: ignore[arg-type]
    assert (kind(response), response.json()["field"]) == ("wrong-parameter", "who")
