"""Without keys: no page but the one served here gets at what is kept, by whatever name it reaches this machine."""

from __future__ import annotations

from itertools import product

import httpx

from tests.serving.conftest import Serve
from tests.serving.corrections.conftest import kind

PATHS = (
    "/articles", "/articles/x", "/articles/x/annotation", "/compare", "/export", "/import", "/label-studio/predict",
)  # fmt: skip
BODY = {"text": "همدان"}


STRANGE = (
    "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "localhost@evil.example",
     "0.0.0.0", "192.168.1.7:8000", "[::2]", "", "127.0.0.1/", "[::1", "2130706433.example",
)  # fmt: skip


def test_a_name_of_others_is_refused(client: httpx.Client) -> None:
    for path, host in product(PATHS, STRANGE):
        for method in ("GET", "POST", "PUT", "DELETE"):
            response = client.request(method, path, headers={"Host": host})
            assert (response.status_code, kind(response)) == (403, "cross-origin"), host
    assert client.post("/annotate", json=BODY, headers={"Host": STRANGE[0]}).status_code == 200


def test_the_names_of_this_machine_are_not(client: httpx.Client) -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:8000", "127.9.9.9", "[::1]:8000", "localhost."):
        assert client.get("/articles", headers={"Host": host}).status_code == 200, host
        same = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        assert client.post("/articles", json=BODY, headers=same).status_code in (200, 201)
        assert client.post("/articles", json=BODY, headers={**same, "Origin": f"HTTPS://{host}"}).status_code == 200


def test_names_can_be_trusted(serve: Serve, url: str) -> None:
    client = serve(database=url, trusted_hosts="news.example, desk.example", host="0.0.0.0", allow_open=True)
    for host, status in (("news.example:80", 200), ("DESK.example", 200), ("x.news.example", 403), ("0.0.0.0", 403)):
        assert client.get("/articles", headers={"Host": host}).status_code == status


FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Origin": "http://127.0.0.1"},
     {"Origin": "http://localhost:1"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
)  # fmt: skip


def test_pages_of_others_are_refused(serve: Serve, url: str) -> None:
    client = serve(database=url, cors_origins="https://evil.example")
    calls = (("POST", "/articles"), ("PUT", "/articles/x/annotation"), ("GET", "/articles"))
    for headers, (method, path) in product(FOREIGN, calls):
        response = client.request(method, path, json=BODY if method != "GET" else None, headers=headers)
        assert (response.status_code, kind(response)) == (403, "cross-origin"), headers
    assert client.get("/articles?state=all").json()["total"] == 0


def test_a_form_is_no_json(client: httpx.Client) -> None:
    """What a page may send to another origin without being asked is one of three types, and JSON is none of them."""
    for sent in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        for path in ("/articles", "/compare"):
            response = client.post(path, content=b'{"text": "a"}', headers={"Content-Type": sent})
            assert kind(response) == "unsupported-media-type"


def test_what_is_refused_is_counted(client: httpx.Client) -> None:
    client.get("/articles", headers={"Host": "evil.example"})
    client.get("/articles/secret", headers={"Host": "evil.example"})
    lines = client.get("/metrics").text
    assert 'raqam_problems_total{type="cross-origin"} 2.0' in lines
    assert 'raqam_requests_total{path="/articles",status="403"} 1.0' in lines
    assert "secret" not in lines
