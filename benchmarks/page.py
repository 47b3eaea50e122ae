"""How fast the page is with a long article: milliseconds to show it, to point at a span, and to correct one.

An article of 20,000 characters is made of the seed articles, with some 1,000 spans where words are. The real page in
the system's chromium shows it, is pointed at, and has spans relabelled, moved and added, many times over; printed are
the medians and the 95th percentiles from the call to the next frame on the screen. Nothing is annotated: the time of
the model is what `benchmarks.service` prints.

Needs the extra ``dev`` (playwright) and chromium in PATH. Run from the root of a checkout::

    python -m benchmarks.page
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from raqam.labels import CODES
from serving.seeds import SEEDS
from tests.page.conftest import ARGUMENTS, BROWSERS, served

#: What is timed, in the page: from the call to the frame that shows what it did.
_SCRIPT: Final = """async ([text, spans, times]) => {
  const { app } = await import("/static/app.js");
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const timed = async (work) => {
    await frame();
    const began = performance.now();
    await work();
    await frame();
    return performance.now() - began;
  };
  const found = { show: [], everything: [], point: [], relabel: [], move: [], add: [], language: [] };
  const settled = () => new Promise((done) => setTimeout(done, 200));
  const record = { spans, facts: [], model: "none" };
  for (let round = 0; round < 7; round += 1) {
    found.show.push(await timed(() => app.show(record, text)));
    await settled();
    found.everything.push(await timed(async () => {
      app.show(record, text);
      const box = document.querySelector("#dates");
      const old = box.firstChild;
      while (box.firstChild === old) await new Promise((done) => setTimeout(done, 1));
    }));
    await settled();
  }
  const changed = (index, change) => app.spans.map((span, at) => (at === index ? { ...span, ...change(span) } : span));
  for (let round = 0; round < times; round += 1) {
    const index = (round * 7919) % spans.length;
    const mark = app.view.markOf(index);
    mark.scrollIntoView({ block: "center" });
    await settled();
    found.point.push(await timed(() => mark.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }))));
    found.relabel.push(await timed(() => app.view.update(changed(index, ({ label }) => (
      { label: label === "PER" ? "ORG" : "PER" })))));
    found.move.push(await timed(() => app.view.update(changed(index, ({ end }) => ({ end: end - 1 })))));
    found.add.push(await timed(() => app.view.update(spans.toSpliced(index, 1))));
    await timed(() => app.view.update(spans));
  }
  const { setLanguage } = await import("/static/words.js");
  for (const code of ["en", "fa", "en", "fa", "en"]) found.language.push(await timed(() => setLanguage(code)));
  return found;
}"""

_MEANING: Final = {
    "show": "the text with its marks",
    "everything": "the same, and tables and lists",
    "point": "what a span says, pointed at",
    "relabel": "another label of a span",
    "move": "an edge of a span moved",
    "add": "a span less",
    "language": "the other language",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each step; 2 where there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--characters", type=int, default=20_000, metavar="N", help="of the article (default: 20,000)")
    parser.add_argument("--spans", type=int, default=1000, metavar="N", help="of the article (default: 1,000)")
    parser.add_argument("--times", type=int, default=40, metavar="N", help="how often each step (default: 40)")
    parser.add_argument("--one-paragraph", action="store_true", help="an article without line ends")
    options = parser.parse_args(arguments)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"A browser is needed: none of {', '.join(BROWSERS)} is in PATH.", file=sys.stderr)
        return 2
    text = article(options.characters, options.one_paragraph)
    spans = spread(text, options.spans)
    print(f"{len(text):,} characters, {len(spans):,} spans; milliseconds, median and 95th percentile:")
    for step, times in measure(browser, text, spans, options.times).items():
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"  {_MEANING[step]:<32} {statistics.median(times):7.1f} {p95:7.1f}")
    return 0


def article(characters: int, one_paragraph: bool) -> str:
    """The seed articles, one after the other, as often as it takes."""
    seeds = "\n\n".join(path.read_bytes().decode("utf-8") for path in sorted(SEEDS.glob("*.txt")))
    text = (seeds * (characters // len(seeds) + 1))[:characters]
    return re.sub(r"\s+", " ", text) if one_paragraph else text


def spread(text: str, count: int) -> list[dict[str, Any]]:
    """About *count* spans over words of *text*, of all labels in turn, figures with a value."""
    words = list(re.finditer(r"\w+", text))
    step = max(1, len(words) // count)
    value = {"kind": "money", "number": "6600000000000", "currency": "IRT", "irr": "66000000000000", "bound": "about"}
    return [
        {
            "start": word.start(), "end": word.end(), "label": CODES[at % len(CODES)], "text": word[0], "score": 0.9,
            "value": value if CODES[at % len(CODES)] == "MON" else None,
        }
        for at, word in enumerate(words[::step])
    ]  # fmt: skip


def measure(browser: str, text: str, spans: list[dict[str, Any]], times: int) -> dict[str, list[float]]:
    """Milliseconds of each step, each time it was done."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser, args=ARGUMENTS)
        page = launched.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(300_000)
        page.goto(address)
        found: dict[str, list[float]] = page.evaluate(_SCRIPT, [text, spans, times])
        launched.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
