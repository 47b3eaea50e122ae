"""The ML backend, asked as Label Studio 1.23 asks, its answers checked by the classes of its SDK."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from label_studio_sdk.label_interface.interface import LabelInterface
from label_studio_sdk.label_interface.objects import PredictionValue

from raqam.formats.label_studio import CONFIGURATION
from serving.corrections.command import main
from serving.keys import create
from serving.labeling import LabelingError, parse
from tests.serving.conftest import Serve
from tests.serving.corrections.conftest import kind
from tests.serving.test_fuzz import VALUES

TEXT = "📈 استاندار همدان علی رضایی امروز ۴۷ میلیارد تومان گرفت"
OTHER = """
<View><Header value="بخوانید"/>
  <Choices name="kind" toName="body"><Choice value="a"/></Choices>
  <Labels name="what" toName="body"><Label value="LOC"/><Label value="TTL"/><Label value="Other"/></Labels>
  <Text name="body" value="$story"/>
</View>"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/kept.sqlite3"


@pytest.fixture
def client(serve: Serve, url: str) -> httpx.Client:
    return serve(database=url)


def ask(client: httpx.Client, *tasks: Any, config: str = CONFIGURATION) -> httpx.Response:
    """As ``MLApi.make_predictions`` does."""
    params = {"login": None, "password": None, "context": None}
    body = {"tasks": tasks, "project": "1.1735689600", "label_config": config, "params": params}
    return client.post("/label-studio/predict", content=json.dumps(body), headers={"Content-Type": "application/json"})


def task(text: Any = TEXT, **data: Any) -> dict[str, Any]:
    return {"id": 7, "project": 1, "meta": {}, "data": {"text": text, **data}}


def event(action: str, *regions: Any, config: str = CONFIGURATION, text: str = TEXT, **more: Any) -> dict[str, Any]:
    """The payload of a webhook."""
    annotation = {"id": 5, "task": 7, "completed_by": 1, "was_cancelled": False, "result": [*regions], **more}
    project = {"id": 1, "label_config": config}
    return {"action": action, "annotation": annotation, "task": task(text), "project": project}


def region(start: int, end: int, label: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label]}
    return {"id": "x", "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual", "value": value,
            **more}  # fmt: skip


def test_it_says_that_it_is_up(client: httpx.Client) -> None:
    found = client.get("/label-studio/health").json()
    assert found["status"] == "UP"
    setup = {"project": "1.2", "schema": CONFIGURATION, "hostname": "http://a", "access_token": "b"}
    assert client.post("/label-studio/setup", json=setup).json() == {"model_version": found["model_version"]}


def test_predictions_are_valid_for_the_project(client: httpx.Client) -> None:
    (found,) = ask(client, task()).json()["results"]
    prediction = PredictionValue.model_validate(found)
    assert LabelInterface(CONFIGURATION).validate_prediction(prediction.model_dump(), return_errors=True) == []
    record = client.post("/annotate", json={"text": TEXT}).json()
    values = [each["value"] for each in found["result"] if each["type"] == "labels"]
    assert [(each["start"], each["end"], each["text"], *each["labels"]) for each in values] == [
        (span["start"], span["end"], span["text"], span["label"]) for span in record["spans"]
    ]
    assert values != []
    assert all(TEXT[each["start"] : each["end"]] == each["text"] for each in values)
    assert found["model_version"] == record["model"]
    assert 0 < found["score"] < 1


def test_names_labels_and_field_are_those_of_the_configuration(client: httpx.Client) -> None:
    (found,) = ask(client, {"id": 1, "data": {"story": TEXT, "text": "کرمان"}}, config=OTHER).json()["results"]
    assert {(each["from_name"], each["to_name"]) for each in found["result"]} == {("what", "body")}
    assert {each["value"]["labels"][0] for each in found["result"]} <= {"LOC", "TTL"}
    assert LabelInterface(OTHER).validate_prediction(found, return_errors=True) == []


def test_there_is_one_result_for_each_task_in_their_order(client: httpx.Client) -> None:
    wrong = [task(" "), task(None), task("ا" * 200_001), {"id": 1}, None, task("\ud800"), {"data": {"image": "a.png"}}]
    good = [task(f"{TEXT} {number}") for number in range(3)]
    mixed = [good[0], *wrong, good[1], good[2]]
    answer = ask(client, *mixed).json()
    assert len(answer["results"]) == len(mixed)
    empty = [at for at, each in enumerate(answer["results"]) if not each["result"]]
    assert empty == list(range(1, 1 + len(wrong)))
    assert answer["results"][0] == ask(client, good[0]).json()["results"][0]
    assert ask(client).json()["results"] == []


def test_a_day_that_is_none_costs_nothing(client: httpx.Client) -> None:
    (found,) = ask(client, task(published="پارسال")).json()["results"]
    assert found["result"] != []


@pytest.mark.parametrize(
    "config",
    [
        "<View>", "<View/>", OTHER.replace('value="$story"', 'value="story"'),
        OTHER.replace("LOC", "A").replace("TTL", "B"),
        '<!DOCTYPE a [<!ENTITY b "c">]><View>&b;</View>', OTHER.replace('toName="body"', 'toName="image"'),
    ],
)  # fmt: skip
def test_a_configuration_that_does_not_fit_is_said_at_once(config: str, client: httpx.Client) -> None:
    assert kind(client.post("/label-studio/setup", json={"project": "1.2", "schema": config})) == "wrong-labeling"
    assert kind(ask(client, task(), config=config)) == "wrong-labeling"
    with pytest.raises(LabelingError):
        parse(config)


def test_what_label_studio_shows_to_nobody_is_in_the_log(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.post("/label-studio/setup", json={"project": "1.2", "schema": "<View/>"})
    client.post("/label-studio/webhook", json=event("ANNOTATION_CREATED", region(11, 16, "LOC"), text="همدان"))
    found = [each.getMessage() for each in caplog.records if each.name == "raqam.serving"]
    assert found[-2:] == [
        "A project of Label Studio was refused: The labelling configuration has no <Labels> whose toName is a <Text>.",
        "Annotations of label-studio project 1 were refused: 1.",
    ]


def test_an_export_with_tasks_that_nobody_annotated_takes_nothing_back(client: httpx.Client) -> None:
    client.post("/label-studio/webhook", json=event("ANNOTATION_CREATED", region(11, 16, "LOC")))
    nobody = {"annotator": None, "annotation_id": None, "created_at": None, "updated_at": None, "lead_time": None}
    rows = [{"id": 7, "text": TEXT, **nobody}, {"id": 8, "text": f"{TEXT} رفت", **nobody}]
    assert client.post("/import?format=label-studio&who=a", json=rows).json()["rejected"] == []
    (listed,) = client.get("/articles?state=corrected").json()["articles"]
    found = client.get(f"/articles/{listed['article']}").json()
    assert (found["revision"], [span["label"] for span in found["spans"]]) == (2, ["LOC"])
    assert client.get("/articles?state=all").json()["total"] == 2


def test_what_was_predicted_can_be_corrected_whatever_else_the_task_has(client: httpx.Client) -> None:
    for at, named in enumerate(({"published": "2025-09-25T10:00:00"}, {"published": ""}, {"id": True}, {"id": {}})):
        body = event("ANNOTATION_CREATED", region(11, 16, "LOC"), text=f"{TEXT} {at}")
        body["task"]["data"].update(named)
        assert ask(client, body["task"]).json()["results"][0]["result"] != []
        assert client.post("/label-studio/webhook", json=body).json()["imported"] == 1


def test_no_entity_is_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 9))
    for config in (f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><View>&l8;</View>',
                   '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><View>&a;</View>'):  # fmt: skip
        with pytest.raises(LabelingError, match="document type"):
            parse(config)


def test_an_annotation_becomes_a_correction_and_queues_a_training(client: httpx.Client) -> None:
    response = client.post("/label-studio/webhook", json=event("ANNOTATION_CREATED", region(11, 16, "LOC")))
    assert response.status_code == 201
    assert response.json() == {"status": "ok", "queued": True, "imported": 1, "unchanged": 0, "rejected": []}
    (listed,) = client.get("/articles?state=corrected").json()["articles"]
    found = client.get(f"/articles/{listed['article']}").json()
    assert (found["revision"], found["who"], found["text"]) == (2, "label-studio:1", TEXT)
    assert [(span["label"], span["text"]) for span in found["spans"]] == [("LOC", "همدان")]
    assert client.post("/label-studio/webhook", json=event("ANNOTATION_UPDATED", region(11, 16, "LOC"))).json() == {
        "status": "ok", "queued": False, "imported": 0, "unchanged": 1, "rejected": [],
    }  # fmt: skip
    client.post("/label-studio/webhook", json=event("ANNOTATION_UPDATED", region(11, 16, "FAC")))
    assert client.get(f"/articles/{listed['article']}").json()["revision"] == 3


def test_several_annotations_at_once(client: httpx.Client) -> None:
    body = event("ANNOTATIONS_CREATED", region(11, 16, "LOC"))
    body["annotation"] = [body["annotation"], {**body["annotation"], "id": 6, "task": 8, "result": []}]
    body["task"] = [{**task(f"{TEXT} رفت"), "id": 8}, body["task"]]
    assert client.post("/label-studio/webhook", json=body).json()["imported"] == 2
    assert client.get("/articles?state=corrected").json()["total"] == 2


def test_results_of_other_tags_are_left_alone(client: httpx.Client) -> None:
    choice = {"type": "choices", "from_name": "kind", "to_name": "body", "value": {"choices": ["a"]}}
    drawn = region(11, 16, "LOC", from_name="what", to_name="body")
    body = event("ANNOTATION_CREATED", drawn, choice, config=OTHER)
    body["task"]["data"] = {"story": TEXT}
    assert client.post("/label-studio/webhook", json=body).json()["imported"] == 1


@pytest.mark.parametrize(
    "body",
    [
        event("ANNOTATION_CREATED", region(11, 16, "LOC"), was_cancelled=True),
        {"action": "ANNOTATIONS_DELETED", "annotations": [{"id": 5}], "project": {"id": 1}},
        {"action": "PROJECT_UPDATED", "project": {"id": 1}},
        {},
    ],
)
def test_other_events_change_nothing(body: dict[str, Any], client: httpx.Client) -> None:
    response = client.post("/label-studio/webhook", json=body)
    assert (response.status_code, response.json()["queued"], response.json()["imported"]) == (200, False, 0)


def test_an_annotation_that_does_not_fit_is_said(client: httpx.Client) -> None:
    body = event("ANNOTATION_CREATED", region(11, 16, "LOC"), text="همدان")
    answer = client.post("/label-studio/webhook", json=body).json()
    assert (answer["queued"], [each["place"] for each in answer["rejected"]]) == (False, ["annotation 5"])
    assert kind(client.post("/label-studio/webhook", json=[])) == "wrong-type"
    assert kind(client.post("/label-studio/predict", json={"tasks": 1})) == "wrong-type"


def test_the_queue_is_seen_and_taken_by_the_command(
    client: httpx.Client, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAQAM_DATABASE", url)
    folder = str(tmp_path / "corrections")
    assert main(["queue"]) == 1
    wanted = {"action": "START_TRAINING", "project": {"id": 3}}
    for _ in range(2):
        assert client.post("/label-studio/webhook", json=wanted).json()["queued"]
    assert main(["queue"]) == 0
    assert main(["trained", folder]) == 2
    assert main(["export", folder]) == 0
    assert main(["trained", folder]) == 0
    assert main(["queue"]) == 1
    client.post("/label-studio/webhook", json=wanted)
    assert main(["trained", folder]) == 0  # it was asked for after the export
    assert main(["queue"]) == 0
    said = capsys.readouterr()
    assert "1 training is waiting." in said.out
    assert "export" in said.err


def test_the_key_may_be_a_password(serve: Serve, url: str, tmp_path: Path) -> None:
    text, key = create("correct")
    (tmp_path / "keys").write_text(key.line())
    client = serve(database=url, api_keys=tmp_path / "keys")
    assert client.get("/label-studio/health").status_code == 401
    assert client.get("/label-studio/health", auth=("raqam", text)).status_code == 200
    assert client.get("/label-studio/health", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    for wrong in (text, base64.b64encode(text.encode()).decode(), "é"):
        headers = [(b"Authorization", f"Basic {wrong}".encode())]
        assert client.get("/label-studio/health", headers=headers).status_code == 401
    assert client.get("/articles", auth=("raqam", text)).status_code == 401


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from(["action", "annotation", "task", "project", "result", "value", "data", "id"]), value=VALUES)
def test_whatever_is_sent_is_answered(client: httpx.Client, part: str, value: object) -> None:
    body = event("ANNOTATION_CREATED", region(11, 16, "LOC"))
    for each in (body, body["annotation"], body["annotation"]["result"][0], body["task"], body["project"]):
        if part in each:
            each[part] = value
    for path, content in (("webhook", body), ("predict", {"tasks": [body["task"]]}), ("predict", {"tasks": value})):
        response = client.post(
            f"/label-studio/{path}", content=json.dumps(content), headers={"Content-Type": "application/json"}
        )
        assert response.status_code < 500, response.text
