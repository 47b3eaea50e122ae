// What is selected in the article while it is corrected: a stretch of text, by the mouse or by keys, word by word.

/** The selection of *view*; `onSelect(range, {mouse})` gets {start, end}, or null when nothing is selected any more. */
export class Caret {
  #view;
  #words;
  #anchor = 0; // places in the list of words
  #place = 0;
  #range = null;
  #onSelect;

  constructor(view, onSelect) {
    this.#view = view;
    this.#onSelect = onSelect;
  }

  /** Begin anew in a text with *words*. */
  reset(words) {
    this.#words = words;
    this.#anchor = this.#place = 0;
    this.#range = null;
  }

  get range() {
    return this.#range;
  }

  /** Take what the reader has selected with the pointer; *exact* leaves it as it is. Whether there was anything. */
  take(exact) {
    const found = this.#native();
    if (!found) return false;
    const range = exact ? found : this.#words.snap(found.start, found.end);
    if (!range) return false;
    this.#anchor = this.#words.at(range.start);
    this.#place = this.#words.at(range.end - 1);
    this.select(range, { mouse: true });
    return true;
  }

  /** Put the caret on the word at *offset* without selecting it. */
  put(offset) {
    this.#anchor = this.#place = Math.min(this.#words.at(offset), this.#words.length - 1);
  }

  /** Select *range* and show it. */
  select(range, { mouse = false } = {}) {
    this.#range = range;
    const { startContainer, startOffset, endContainer, endOffset } = this.#view.rangeOf(range.start, range.end);
    getSelection().setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);
    this.#onSelect(range, { mouse });
  }

  clear() {
    if (!this.#range) return;
    this.#range = null;
    getSelection().removeAllRanges();
    this.#onSelect(null, {});
  }

  /** Move as *move* says ({by: words} or {line: 1 or -1} or {to: "start" | "end"}); *extend* keeps the other end. */
  move(move, extend) {
    if (!this.#words.length) return;
    const last = this.#words.length - 1;
    const from = this.#range || extend ? this.#place + (move.by ?? 0) : this.#place;
    const to = { by: from, line: this.#beside(move.line), to: move.to === "start" ? 0 : last }[Object.keys(move)[0]];
    this.#place = Math.min(Math.max(to, 0), last);
    if (!extend) this.#anchor = this.#place;
    this.#show();
  }

  /** Move the end of the selection by a single character. */
  nudge(direction) {
    if (!this.#range) return;
    const end = this.#words.nudge(this.#range.end, direction);
    if (end > this.#range.start) this.select({ start: this.#range.start, end });
  }

  #show() {
    const [first, last] = [Math.min(this.#anchor, this.#place), Math.max(this.#anchor, this.#place)];
    this.select({ start: this.#words.range(first).start, end: this.#words.range(last).end });
    this.#reveal(this.#box(this.#place));
  }

  /** The place of the word above or below the caret's. */
  #beside(line) {
    if (!line) return this.#place;
    const box = this.#box(this.#place);
    const middle = box.left + box.width / 2;
    // The next line, or one further where a gap between paragraphs lies.
    for (const lines of [1, 1.6, 2.4, 3.5]) {
      const height = Math.max(box.height, 16) * 1.5 * lines * line;
      const offset = this.#offsetAt(middle, box.top + box.height / 2 + height);
      if (offset === null) continue;
      const place = Math.min(this.#words.at(offset), this.#words.length - 1);
      if (Math.sign(place - this.#place) === line && Math.abs(this.#box(place).top - box.top) > 2) return place;
    }
    return this.#place + line * 8;
  }

  #offsetAt(x, y) {
    const [node, offset] = pointAt(x, y);
    return node ? this.#view.offsetAt(node, offset) : null;
  }

  #box(place) {
    const { start, end } = this.#words.range(place);
    return this.#view.rangeOf(start, end).getBoundingClientRect();
  }

  #reveal(box) {
    const margin = 96; // room for what sticks to the edges of the window, and for the line beside
    if (box.top < margin) scrollBy({ top: box.top - margin });
    else if (box.bottom > innerHeight - margin) scrollBy({ top: box.bottom - innerHeight + margin });
  }

  #native() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const start = this.#view.offsetAt(range.startContainer, range.startOffset);
    const end = this.#view.offsetAt(range.endContainer, range.endOffset);
    if (start === null && end === null) return null;
    const found = { start: start ?? 0, end: end ?? this.#words.text.length };
    return found.start < found.end ? found : null;
  }
}

/** [node, offset] of the text at a point of the window, or [null, 0]. */
export function pointAt(x, y) {
  if (document.caretPositionFromPoint) {
    const found = document.caretPositionFromPoint(x, y);
    return found ? [found.offsetNode, found.offset] : [null, 0];
  }
  const range = document.caretRangeFromPoint?.(x, y); // browsers of before 2025
  return range ? [range.startContainer, range.startOffset] : [null, 0];
}
