// An article with its spans as marks. Text from outside only ever becomes text nodes: nothing in it is read as HTML.
import { arrange, match, paragraphsOf } from "./paragraphs.js";
import { addWords, t } from "./words.js";

addWords({
  fa: {
    "label.PER": "شخص", "label.TTL": "سمت", "label.ORG": "سازمان", "label.LOC": "مکان", "label.FAC": "تأسیسات",
    "label.EVT": "رویداد", "label.PLN": "برنامه", "label.DAT": "تاریخ", "label.TIM": "زمان", "label.MON": "پول",
    "label.PCT": "درصد", "label.QTY": "کمیت", "label.CNT": "شمار", "label.RNK": "رتبه", "label.IND": "شاخص",
  },
  en: {
    "label.PER": "person", "label.TTL": "title", "label.ORG": "organization", "label.LOC": "location",
    "label.FAC": "facility", "label.EVT": "event", "label.PLN": "plan", "label.DAT": "date", "label.TIM": "time",
    "label.MON": "money", "label.PCT": "percent", "label.QTY": "quantity", "label.CNT": "count", "label.RNK": "rank",
    "label.IND": "indicator",
  },
});

/** The class of the mark of each label: its colours are in page.css, its names are the words "label.CODE". */
export const KINDS = {
  PER: "person", TTL: "title", ORG: "organization", LOC: "location", FAC: "facility", EVT: "event", PLN: "plan",
  DAT: "date", TIM: "time", MON: "money", PCT: "percent", QTY: "quantity", CNT: "count", RNK: "rank", IND: "indicator",
};

const LINE = 75; // characters, about
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/g;
const LTR = /[A-Za-z\u00c0-\u024f\u0370-\u052f]/g;

/** "rtl" or "ltr", whichever most letters of *text* have: «date 2025-09-25 آیین …» reads from the right. */
export function directionOf(text) {
  return (text.match(LTR)?.length ?? 0) > (text.match(RTL)?.length ?? 0) ? "ltr" : "rtl";
}

/**
 * Shows a text in *container* with one <mark> per span; `container.textContent === text`, always. Offsets are UTF-16
 * units. Labels are written by the style sheet from data-name. One mark is in the order of Tab, arrow keys go on.
 */
export class ArticleView {
  #container;
  #text = "";
  #spans = [];
  #paragraphs = []; // {start, end, element}, in order
  #marks = []; // by index of the span
  #starts = new WeakMap(); // where the text of a text node begins
  #current = 0; // the index of the mark that Tab reaches

  /** onPick(index, event): click or Enter on a mark; onHover(index | null): pointer or focus on one, or on none. */
  constructor(container, { onPick = () => {}, onHover = () => {} } = {}) {
    this.#container = container;
    const at = (event) => indexOf(event.target);
    container.addEventListener("click", (event) => at(event) !== null && onPick(at(event), event));
    container.addEventListener("pointerover", (event) => onHover(at(event)));
    container.addEventListener("pointerleave", () => onHover(null));
    container.addEventListener("focusin", (event) => {
      if (at(event) !== null) this.#makeCurrent(at(event));
      onHover(at(event));
    });
    container.addEventListener("focusout", () => onHover(null));
    container.addEventListener("keydown", (event) => this.#key(event, onPick));
  }

  get text() {
    return this.#text;
  }

  get spans() {
    return this.#spans;
  }

  /** Show *text* with *spans*, which are in order and do not overlap. */
  show(text, spans) {
    this.#text = text;
    this.#spans = spans;
    this.#marks = [];
    this.#current = 0;
    this.#paragraphs = paragraphsOf(text, spans);
    let at = 0;
    for (const paragraph of this.#paragraphs) {
      const from = at;
      while (at < spans.length && spans[at].start < paragraph.end) at += 1;
      paragraph.element = document.createElement("div");
      paragraph.element.className = "paragraph";
      paragraph.element.dir = directionOf(text.slice(paragraph.start, paragraph.end));
      const lines = Math.ceil((paragraph.end - paragraph.start) / LINE); // what it takes before it is laid out
      paragraph.element.style.containIntrinsicBlockSize = `auto ${lines}lh`;
      this.#fill(paragraph, from, at);
    }
    this.#container.replaceChildren(...this.#paragraphs.map(({ element }) => element));
  }

  /** Show other *spans* of the same text. Marks that stay are kept, and with them focus and what the pointer holds. */
  update(spans) {
    const crossing = spans.some((span) => span.end > this.#paragraphAt(span.start).end);
    if (crossing) return this.show(this.#text, spans);
    this.#spans = spans;
    this.#marks.length = spans.length;
    let at = 0;
    for (const paragraph of this.#paragraphs) {
      const from = at;
      while (at < spans.length && spans[at].start < paragraph.end) at += 1;
      if (this.#same(paragraph, from, at)) this.#describe(paragraph, from);
      else this.#fill(paragraph, from, at);
    }
    this.#makeCurrent(Math.min(this.#current, spans.length - 1));
  }

  /** The names of the labels anew, after a change of language. */
  rename() {
    for (const mark of this.#marks) mark.dataset.name = t(`label.${mark.dataset.label}`);
  }

  /** The offset in the text of *offset* in *node*, as a Range or Selection has them; null outside of the article. */
  offsetAt(node, offset) {
    if (!this.#container.contains(node)) return null;
    if (node.nodeType === Node.TEXT_NODE) return this.#starts.get(node) + Math.min(offset, node.length);
    const range = document.createRange();
    range.setStart(this.#container, 0);
    range.setEnd(node, offset);
    return range.toString().length;
  }

  /** A Range over the text from *start* to *end*. */
  rangeOf(start, end) {
    const range = document.createRange();
    range.setStart(...this.#place(start, true));
    range.setEnd(...this.#place(end, false));
    return range;
  }

  /** The mark of span *index*, or undefined. */
  markOf(index) {
    return this.#marks[index];
  }

  /** Put the focus on span *index* and bring it into view. */
  focus(index) {
    const mark = this.#marks[index];
    if (!mark) return;
    mark.focus({ preventScroll: true });
    mark.scrollIntoView({ block: "center", inline: "nearest" });
  }

  #key(event, onPick) {
    const index = indexOf(event.target);
    if (index === null || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    const forward = event.target.parentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const to = {
      ArrowLeft: index + (forward === "ArrowLeft" ? 1 : -1),
      ArrowRight: index + (forward === "ArrowRight" ? 1 : -1),
      Home: 0,
      End: this.#spans.length - 1,
    }[event.key];
    if (event.key === "Enter" || event.key === " ") onPick(index, event);
    else if (to === undefined) return;
    else this.focus(to);
    event.preventDefault();
  }

  #makeCurrent(index) {
    this.#marks[this.#current]?.setAttribute("tabindex", "-1");
    this.#current = Math.max(0, index);
    this.#marks[this.#current]?.setAttribute("tabindex", "0");
  }

  #paragraphAt(offset) {
    let [low, high] = [0, this.#paragraphs.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#paragraphs[middle].end <= offset) low = middle + 1;
      else high = middle;
    }
    return this.#paragraphs[low];
  }

  /** Whether the marks of *paragraph* are those of the spans *from* to *to*, but for what #describe writes. */
  #same(paragraph, from, to) {
    const { marks } = paragraph;
    return marks.length === to - from && marks.every((mark, at) => {
      const span = this.#spans[from + at];
      const text = mark.firstChild;
      return this.#starts.get(text) === span.start && text.length === span.end - span.start;
    });
  }

  #describe(paragraph, from) {
    paragraph.marks.forEach((mark, at) => this.#name(mark, from + at));
  }

  /** Write what a mark says of span *index*; an attribute that is right already is not touched. */
  #name(mark, index) {
    const { label } = this.#spans[index];
    this.#marks[index] = mark;
    if (mark.dataset.index !== String(index)) mark.dataset.index = index;
    const order = index === this.#current ? 0 : -1;
    if (mark.getAttribute("tabindex") !== String(order)) mark.tabIndex = order;
    if (mark.dataset.label === label) return;
    mark.className = KINDS[label] ?? "";
    mark.dataset.label = label;
    mark.dataset.name = t(`label.${label}`);
  }

  /** Make the nodes of *paragraph* say its text with the spans *from* to *to*, with as many of the old as fit. */
  #fill(paragraph, from, to) {
    const old = paragraph.marks ?? [];
    const spans = this.#spans.slice(from, to);
    const kept = match(spans, old.map((mark) => {
      const start = this.#starts.get(mark.firstChild);
      return { start, end: start + mark.firstChild.length };
    }));
    const nodes = [];
    let at = paragraph.start;
    paragraph.marks = spans.map((span, number) => {
      if (span.start > at) nodes.push(this.#textNode(at, span.start));
      const mark = this.#mark(old[kept[number]], span, from + number);
      nodes.push(mark);
      at = span.end;
      return mark;
    });
    if (paragraph.end > at) nodes.push(this.#textNode(at, paragraph.end));
    arrange(paragraph.element, nodes);
  }

  #mark(mark = document.createElement("mark"), span, index) {
    const text = this.#text.slice(span.start, span.end);
    if (!mark.firstChild) mark.append(text);
    else if (mark.firstChild.data !== text) mark.firstChild.data = text;
    this.#starts.set(mark.firstChild, span.start);
    this.#name(mark, index);
    return mark;
  }

  #textNode(start, end) {
    const node = document.createTextNode(this.#text.slice(start, end));
    this.#starts.set(node, start);
    return node;
  }

  /** The text node and the offset in it where the text has *offset*; at a border, of what comes *after* or before. */
  #place(offset, after) {
    const { element } = this.#paragraphAt(after ? offset : Math.max(0, offset - 1));
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let [node, found] = [walker.nextNode(), null];
    while (node && (after ? this.#starts.get(node) <= offset : this.#starts.get(node) < offset || !found)) {
      [found, node] = [node, walker.nextNode()];
    }
    return found ? [found, Math.min(offset - this.#starts.get(found), found.length)] : [element, 0];
  }
}

function indexOf(target) {
  const mark = target.closest?.("mark[data-index]");
  return mark ? Number(mark.dataset.index) : null;
}
