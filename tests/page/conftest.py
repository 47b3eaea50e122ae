"""The real service as a process of its own, with the committed model, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, sync_playwright

from raqam.annotator import DEFAULT_MODEL

ROOT: Final = Path(__file__).resolve().parents[2]
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE: Final = 60_000  # milliseconds that a step may take on a busy machine

#: Says on the console what the policy of a page refused, so that a test sees it.
_LISTEN: Final = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`))"""

Serve = Callable[..., str]


@dataclass
class Faults:
    """What went wrong on the pages of a test: errors on the console, exceptions, dialogs, what the policy refused.

    A test that means to cause one calls :meth:`expect` with a part of what it says.
    """

    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        self.expected.append(part)

    @property
    def unexpected(self) -> list[str]:
        return [fault for fault in self.seen if not any(part in fault for part in self.expected)]

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"exception: {error}"))
        page.on("crash", lambda _: self.seen.append("crash"))
        page.on("dialog", self._dialog)

    def _dialog(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(f"{message.type}: {message.text} {message.location.get('url', '')}")


@pytest.fixture(scope="module")  # not of the session: while it lasts, no other test could run an event loop
def browser() -> Iterator[Browser]:
    """The system's chromium, without a window."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"A browser is needed: none of {', '.join(BROWSERS)} is in PATH")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def model() -> Path:
    folder = ROOT / DEFAULT_MODEL
    if not (folder / "manifest.json").is_file():
        pytest.skip("The default model is not in this checkout")
    return folder


@pytest.fixture(scope="session")
def service(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the service with the default model, a database of its own, and no keys."""
    with served(tmp_path_factory.mktemp("service"), model=model) as address:
        yield address


@pytest.fixture
def serve(model: Path, tmp_path: Path) -> Iterator[Serve]:
    """Call it with settings for the address of another service, which lasts as long as the test."""
    stack: list[Iterator[str]] = []

    def start(**settings: object) -> str:
        folder = tmp_path / f"service{len(stack)}"
        folder.mkdir()
        running = iterate(folder, **{"model": model, **settings})
        stack.append(running)
        return next(running)

    yield start
    for running in stack:
        next(running, None)


def iterate(folder: Path, **settings: object) -> Iterator[str]:
    with served(folder, **settings) as address:
        yield address


@contextmanager
def served(folder: Path, **settings: object) -> Iterator[str]:
    """Run the service on a free port, with its log and its database in *folder*; yields its address."""
    settings = {"port": 0, "database": f"sqlite:///{folder}/corrections.sqlite3", "grace_seconds": 0, **settings}
    variables = {name: value for name, value in os.environ.items() if not name.startswith("RAQAM_")}
    variables |= {f"RAQAM_{name.upper()}": str(value) for name, value in settings.items()}
    log = folder / "service.log"
    with (
        log.open("wb") as output,
        subprocess.Popen([sys.executable, "-m", "serving"], cwd=ROOT, env=variables, stderr=output) as process,
    ):
        try:
            yield announced(process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def announced(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the service says it serves."""
    while process.poll() is None:
        if found := re.search(r"Raqam serves .* on (http://\S+)", log.read_text("utf-8")):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"The service ended: {log.read_text('utf-8')}")


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What goes wrong on the pages of the test, which fails where that was not expected."""
    found = Faults()
    yield found
    assert found.unexpected == []


@pytest.fixture
def open_page(browser: Browser, faults: Faults) -> Iterator[Callable[..., Page]]:
    """Call it with an address (and settings of a browser context) for a page of a fresh browser profile, watched."""
    contexts: list[BrowserContext] = []

    def opened(address: str, **settings: object) -> Page:
        context = browser.new_context(
            **{"locale": "fa-IR", "viewport": {"width": 1280, "height": 900}, **settings}  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(_LISTEN)
        contexts.append(context)
        page = context.new_page()
        faults.watch(page)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(service: str, open_page: Callable[..., Page]) -> Page:
    """The page of the service, in Persian, with nothing remembered."""
    return open_page(service)
