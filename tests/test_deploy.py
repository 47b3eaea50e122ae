"""The files in deploy/ please their tools, agree with the settings, and work: nginx in front of real services."""

from __future__ import annotations

import gzip
import http.client
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

import httpx
import pytest

from serving.metrics import STAGES, Metrics
from serving.problems import KINDS
from serving.routes import router
from serving.settings import PREFIX, Settings

ROOT: Final = Path(__file__).resolve().parents[1]
DEPLOY: Final = ROOT / "deploy"
NGINX_CONF: Final = DEPLOY / "nginx" / "raqam.conf"
SYSTEM_PATH: Final = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
NGINX: Final = shutil.which("nginx", path=SYSTEM_PATH)
SETTINGS: Final = Settings.model_construct()  # the defaults, whatever the environment says
HIDDEN: Final = ("/metrics", "/reload")
MANIFESTS: Final = sorted(set((DEPLOY / "kubernetes").glob("*.yaml")) - {DEPLOY / "kubernetes" / "kustomization.yaml"})
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def run(*command: str | Path) -> str:
    """Run a tool, which must accept what it is given; return what it says."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def module(name: str, *arguments: str | Path) -> str:
    """Run a tool that is a Python package, or skip the test."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"the package {name} is not installed")
    return run(sys.executable, "-W", "ignore", "-m", name, *arguments)


def program(name: str) -> str:
    """The path of a tool of the system, or skip the test."""
    found = shutil.which(name, path=SYSTEM_PATH)
    return found or pytest.skip(f"{name} is not installed")


def content(path: Path) -> Any:
    yaml: Any = pytest.importorskip("yaml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


# What the tools say


def test_yaml_is_tidy() -> None:
    rules = "{line-length: {max: 130}, document-start: disable}"
    module("yamllint", "--strict", "-d", f"{{extends: default, rules: {rules}}}", DEPLOY)


def test_the_compose_file_follows_its_schema() -> None:
    module("check_jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_follows_the_schema_of_its_kind(path: Path) -> None:
    module("kubernetes_validate", "--strict", path)


def test_the_unit_is_one_to_systemd() -> None:
    assert run(program("systemd-analyze"), "verify", DEPLOY / "systemd" / "raqam@.service") == ""


def test_prometheus_takes_the_rules() -> None:
    run(program("promtool"), "check", "rules", DEPLOY / "prometheus" / "raqam.rules.yaml")


# What follows from the settings, and from each other


def directive(name: str) -> str:
    """The value that the server of raqam.conf gives a directive."""
    found = re.findall(rf"^    {name} ([^;]+);", NGINX_CONF.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(set(found)) == 1, (name, found)
    return str(found[0])


def test_nginx_has_the_limits_of_the_service() -> None:
    assert directive("client_max_body_size") == f"{SETTINGS.max_body_bytes // 1024**2}m"
    assert seconds(directive("client_header_timeout")) == SETTINGS.header_seconds
    assert seconds(directive("client_body_timeout")) == SETTINGS.body_seconds
    assert seconds(directive("proxy_next_upstream_timeout")) == SETTINGS.deadline_seconds
    assert seconds(directive("proxy_read_timeout")) == SETTINGS.deadline_seconds + 5
    own = NGINX_CONF.read_text(encoding="utf-8").partition("upstream raqam {")[2].partition("}")[0]
    kept = re.search(r"keepalive_timeout (\d+)s", own)
    assert kept
    assert int(kept[1]) < SETTINGS.keep_alive_seconds


def test_the_problems_of_nginx_are_those_of_the_service() -> None:
    found = re.findall(r"return (\d+) '(\{.*\})';", NGINX_CONF.read_text(encoding="utf-8"))
    problems = {status: json.loads(text) for status, text in found}
    assert set(problems) == {"400", "404", "408", "413", "429", "500", "503", "504"}
    assert problems.pop("400")["type"] == "about:blank"
    for status, problem in problems.items():
        kind = KINDS[problem["type"].removeprefix("/problems/")]
        assert (problem["status"], kind.status, problem["title"]) == (int(status), int(status), kind.title)
    assert problems["413"]["limit"] == SETTINGS.max_body_bytes
    assert f"{SETTINGS.max_body_bytes:,}" in problems["413"]["detail"]
    assert f"{SETTINGS.body_seconds:.0f} seconds" in problems["408"]["detail"]


def test_whoever_stops_the_service_waits_for_it_to_drain() -> None:
    needed = SETTINGS.drain_seconds + 5
    unit = (DEPLOY / "systemd" / "raqam@.service").read_text(encoding="utf-8")
    assert f"\nTimeoutStopSec={needed:.0f}\n" in unit
    services = content(DEPLOY / "compose.yaml")["services"]
    assert [seconds(services[name]["stop_grace_period"]) for name in ("raqam-1", "raqam-2")] == [needed, needed]
    assert seconds(services["nginx"]["stop_grace_period"]) > seconds(directive("proxy_read_timeout"))
    pod = content(DEPLOY / "kubernetes" / "deployment.yaml")["spec"]["template"]["spec"]
    pause = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] == pause + needed
    assert content(DEPLOY / "kubernetes" / "configmap.yaml")["data"]["RAQAM_DRAIN_SECONDS"] == "30"


def test_only_settings_there_are_are_set() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    compose = content(DEPLOY / "compose.yaml")
    found = set(compose["services"]["raqam-1"]["environment"])
    found |= set(content(DEPLOY / "kubernetes" / "configmap.yaml")["data"])
    pod = content(DEPLOY / "kubernetes" / "deployment.yaml")["spec"]["template"]["spec"]
    found |= {variable["name"] for variable in pod["containers"][0]["env"]}
    for path in (DEPLOY / "systemd" / "raqam.env", DEPLOY / "systemd" / "raqam@.service", NGINX_CONF):
        found |= set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
    assert found <= known


def test_the_user_and_the_port_are_those_of_the_image() -> None:
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    user, port = re.search(r"^USER (\d+):\d+$", image, re.M), re.search(r"^EXPOSE (\d+)$", image, re.M)
    assert user
    assert port
    pod = content(DEPLOY / "kubernetes" / "deployment.yaml")["spec"]["template"]["spec"]
    assert str(pod["securityContext"]["runAsUser"]) == user[1]
    assert str(pod["containers"][0]["ports"][0]["containerPort"]) == port[1]
    replicas = content(DEPLOY / "compose.yaml")["configs"]["replicas"]["content"]
    assert re.findall(r":(\d+) ", replicas) == [port[1]] * 4


def test_the_rules_and_the_docs_ask_for_metrics_there_are() -> None:
    families = re.findall(r"^# TYPE (raqam_[a-z_]+) (\w+)", Metrics().render().decode(), re.MULTILINE)
    ends = {"histogram": ("_bucket", "_sum", "_count")}
    known = {name + end for name, kind in families for end in ends.get(kind, ("",))}
    rules = (DEPLOY / "prometheus" / "raqam.rules.yaml").read_text(encoding="utf-8")
    page = "".join(re.findall(r"```promql\n(.*?)```", (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8"), re.S))
    assert page
    assert set(re.findall(r"\braqam_[a-z_]+\b", rules + page)) <= known
    assert set(re.findall(r'type="([a-z-]+)"', rules + page)) <= KINDS.keys()
    assert set(re.findall(r'stage="([a-z]+)"', rules + page)) <= set(STAGES)


# nginx as it is shipped, but for the addresses


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def configure(folder: Path, site: str, replicas: str) -> list[str]:
    """Lay the configuration out in *folder* as it is shipped, with these two files; return the command for nginx."""
    shutil.copytree(DEPLOY / "nginx", folder, dirs_exist_ok=True)
    (folder / "raqam" / "site.conf").write_text(site, encoding="utf-8")
    (folder / "raqam" / "replicas.conf").write_text(replicas, encoding="utf-8")
    user = "user root root;" if os.geteuid() == 0 else ""  # the folder is the user's own
    command = [str(NGINX), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    return [*command, "-g", f"daemon off; {user}"]


def in_compose() -> tuple[str, str]:
    """The two files that differ from place to place, as the compose file has them."""
    configs = content(DEPLOY / "compose.yaml")["configs"]
    site, replicas = (
        re.sub(r"\$\{RAQAM_NETWORK:-([\d.]+)\}", r"\1", configs[name]["content"]) for name in ("site", "replicas")
    )
    return site, replicas


def shipped() -> tuple[str, str]:
    site, replicas = ((DEPLOY / "nginx" / "raqam" / name).read_text("utf-8") for name in ("site.conf", "replicas.conf"))
    return site, replicas


def with_tls() -> tuple[str, str]:
    site, replicas = shipped()
    plain = re.sub(r"^listen .*\n", "", site, flags=re.M)
    return re.sub(r"^# (?=[a-z_]+ .*;$)", "", plain, flags=re.M), replicas


def relocated(site: str, folder: Path) -> str:
    """*site* on another port and with files below *folder*."""
    port = free_port()
    site = re.sub(r"listen (?:\[::\]:)?\d+", f"listen 127.0.0.1:{port}", site)
    site = re.sub(r"access_log \S+", f"access_log {folder / 'access.log'}", site)
    lines = dict.fromkeys(site.splitlines())  # the two addresses are one now
    return re.sub(r"/etc/letsencrypt/live/raqam.example.org", str(folder), "\n".join(lines))


@needs_nginx
@pytest.mark.parametrize("variant", [shipped, in_compose, with_tls])
def test_nginx_takes_the_configuration(variant: Callable[[], tuple[str, str]], tmp_path: Path) -> None:
    site, replicas = variant()
    if variant is with_tls:
        run(program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=raqam.example.org",
            "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem")  # fmt: skip
        assert "listen 443 ssl" in site
    said = run(*configure(tmp_path, relocated(site, tmp_path), replicas), "-t")
    assert "test is successful" in said
    assert not re.search(r"\[(warn|emerg|alert|error)\]", said), said


@pytest.mark.parametrize("variant", [shipped, in_compose])
def test_a_parser_takes_the_configuration(variant: Callable[[], tuple[str, str]], tmp_path: Path) -> None:
    """Where nginx is not installed either."""
    configure(tmp_path, *variant())
    found = json.loads(module("crossplane", "parse", "--strict", tmp_path / "nginx.conf"))
    in_a_map = re.compile(r'unknown directive "(default"|~)')  # where it expects directives
    assert [error["error"] for error in found["errors"] if not in_a_map.match(error["error"])] == []
    assert {Path(file["file"]).name for file in found["config"]} == {
        "nginx.conf", "raqam.conf", "replicas.conf", "site.conf",
    }  # fmt: skip


@dataclass(slots=True)
class Replica:
    """A process of the service on a port that it keeps."""

    model: Path
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        settings = {"model": self.model, "port": self.port, "log_level": "warning"}
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environment |= {PREFIX + name.upper(): str(value) for name, value in settings.items()}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "serving"], cwd=ROOT, env=environment, stderr=log)
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", self.log.read_text("utf-8"))):
            assert self.process.poll() is None, self.log.read_text("utf-8")
            time.sleep(0.01)
        self.port = int(found[1])
        assert httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=300).status_code == 200

    def stop(self, number: signal.Signals) -> None:
        """End it, and wait for that."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(300)


@dataclass(frozen=True, slots=True)
class Proxy:
    """nginx, and the two replicas behind it."""

    client: httpx.Client
    replicas: tuple[Replica, Replica]
    log: Path

    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def proxy(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """nginx with the shipped configuration in front of two services with the tiny model."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    with ExitStack() as stack:
        replicas = (Replica(tiny_model, folder / "1.log"), Replica(tiny_model, folder / "2.log"))
        for replica in replicas:
            replica.start()
            stack.callback(replica.stop, signal.SIGKILL)
        port, log = free_port(), folder / "access.log"
        site = f"listen 127.0.0.1:{port};\naccess_log {log} raqam;\n"
        servers = shipped()[1].replace(":8001 ", f":{replicas[0].port} ").replace(":8002 ", f":{replicas[1].port} ")
        stack.enter_context(_running(configure(folder, site, servers), port))
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=300))
        yield Proxy(client, replicas, log)


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command) as process:
        try:
            while process.poll() is None:
                with socket.socket() as connection:
                    if connection.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.01)
            assert process.poll() is None
            yield
        finally:
            process.terminate()


ARTICLE: Final = {"id": "a1", "text": "استاندار همدان"}


def test_an_article_goes_through(proxy: Proxy) -> None:
    answer = proxy.client.post("/annotate", json=ARTICLE)
    assert answer.status_code == 200
    assert [span["label"] for span in answer.json()["spans"]] == ["TTL", "LOC"]
    direct = httpx.post(f"http://127.0.0.1:{proxy.replicas[0].port}/annotate", json=ARTICLE, timeout=300)
    assert answer.json() == direct.json()
    own = {name for name in direct.headers if name.startswith("raqam-")}
    assert own <= set(answer.headers)


def test_parameters_go_through(proxy: Proxy) -> None:
    text = "📈 استاندار"
    for kind, body in (("json", json.dumps({"text": text})), ("x-ndjson", json.dumps({"text": text}) + "\n")):
        headers = {"Content-Type": f"application/{kind}"}
        answer = proxy.client.post("/annotate?offsets=utf16", content=body, headers=headers)
        assert answer.json()["spans"][0]["start"] == 3


def test_the_id_of_a_request_goes_through_from_end_to_end(proxy: Proxy) -> None:
    answer = proxy.client.post("/annotate", json=ARTICLE, headers={"X-Request-Id": "mine-7"})
    assert answer.headers.get_list("X-Request-Id") == ["mine-7"]
    assert "mine-7" in {line["request_id"] for line in proxy.logged()}


@pytest.mark.parametrize("sent", [None, b"two words", b"x" * 129, "ب".encode()])
def test_an_id_is_made_where_none_is_sent_that_could_be_one(proxy: Proxy, sent: bytes | None) -> None:
    headers = {} if sent is None else {b"X-Request-Id": sent}
    answer = proxy.client.get("/livez", headers=headers)
    (made,) = answer.headers.get_list("X-Request-Id")
    assert re.fullmatch("[0-9a-f]{32}", made)


def test_neither_the_text_nor_a_key_is_logged(proxy: Proxy) -> None:
    headers = {"Authorization": "Bearer canary-key"}
    proxy.client.post("/annotate", json={"text": "canary-text"}, headers=headers)
    assert proxy.logged()[-1]["uri"] == "/annotate"
    assert "canary" not in proxy.log.read_text(encoding="utf-8")


def asked(proxy: Proxy, method: str, target: str) -> tuple[int, str | None, Any]:
    """Ask for *target* as it is spelled, which no client library would."""
    place = proxy.client.base_url
    connection = http.client.HTTPConnection(place.host, place.port, timeout=300)
    with closing(connection):
        connection.request(method, target)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], json.loads(answer.read())


@pytest.mark.parametrize("path", HIDDEN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_for_callers_is_hidden(proxy: Proxy, path: str, method: str) -> None:
    for spelled in (path, f"/{path}", f"/.{path}", f"/x/..{path}", f"{path}?x", path[:-1] + f"%{ord(path[-1]):x}"):
        status, kind, problem = asked(proxy, method, spelled)
        assert (status, kind) == (404, "application/problem+json"), spelled
        assert problem["type"] == "/problems/not-found"


def test_every_other_path_is_reachable(proxy: Proxy) -> None:
    paths = {route.path for route in router.routes if hasattr(route, "path")}
    assert set(HIDDEN) <= paths
    for path in paths - set(HIDDEN) - {"/annotate"}:
        assert proxy.client.get(path.replace("{kind}", "not-found")).status_code == 200, path
    assert proxy.client.get("/annotate-lines").status_code == 404


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit(proxy: Proxy, kind: str, chunked: bool) -> None:
    piece = b" " * 1_048_577
    body: Any = iter([piece] * 8) if chunked else piece * 8
    try:
        answer = proxy.client.post("/annotate", content=body, headers={"Content-Type": kind})
    except httpx.WriteError:  # nginx has answered and closed while the rest was being sent
        return
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem["limit"]) == (413, "/problems/body-too-large", 8_388_608)
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("number", "padding", "chunked"),
    [(200, 1, False), (200, 1, True), (200, 30_000, True)],
    ids=["short", "short-chunked", "more-than-any-buffer"],
)
def test_lines_are_answered_line_by_line(proxy: Proxy, number: int, padding: int, chunked: bool) -> None:
    ids = [f"{at}{'-' * padding}" for at in range(number)]
    sent = "".join(json.dumps({"id": each, "text": "استاندار"}) + "\n" for each in ids).encode()
    assert len(sent) < SETTINGS.max_body_bytes
    body: Any = (sent[at : at + 65_536] for at in range(0, len(sent), 65_536)) if chunked else sent
    headers = {"Content-Type": "application/x-ndjson"}
    with proxy.client.stream("POST", "/annotate", content=body, headers=headers) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert [json.loads(line)["id"] for line in answer.iter_lines()] == ids


def test_answers_are_packed_for_those_who_can_unpack_them(proxy: Proxy) -> None:
    body = {"articles": [ARTICLE] * 50}
    with proxy.client.stream("POST", "/annotate", json=body, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(json.loads(gzip.decompress(b"".join(answer.iter_raw())))["articles"]) == 50


@contextmanager
def load(proxy: Proxy, clients: int = 6) -> Iterator[list[int]]:
    """Keep sending articles while the context lasts; yields the statuses, all of which are there when it has ended."""
    over, statuses = Event(), list[int]()

    def send(client: httpx.Client) -> None:
        while not over.is_set():
            statuses.append(client.post("/annotate", json=ARTICLE).status_code)

    with ThreadPoolExecutor(clients) as pool, httpx.Client(base_url=proxy.client.base_url, timeout=300) as client:
        sending = [pool.submit(send, client) for _ in range(clients)]
        try:
            _until(lambda: len(statuses) > 50)
            yield statuses
            enough = len(statuses) + 50
            _until(lambda: len(statuses) > enough or any(sender.done() for sender in sending))
        finally:
            over.set()
        for sender in sending:
            sender.result()


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


def test_no_request_fails_when_the_replicas_are_replaced_one_by_one(proxy: Proxy) -> None:
    with load(proxy) as statuses:
        for replica in proxy.replicas:
            replica.stop(signal.SIGTERM)
            replica.start()
            seen = len(statuses)
            _until(lambda seen=seen: len(statuses) > seen + 50)  # type: ignore[misc]
    assert set(statuses) == {200}


def test_without_a_replica_the_answer_is_that_it_is_not_ready(proxy: Proxy) -> None:
    for replica in proxy.replicas:
        replica.stop(signal.SIGKILL)
    answer = proxy.client.post("/annotate", json=ARTICLE)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
    assert answer.headers["Retry-After"] == "1"
    assert len(answer.headers.get_list("X-Request-Id")) == 1
    for replica in proxy.replicas:
        replica.start()
    _until(lambda: proxy.client.get("/readyz").status_code == 200)
