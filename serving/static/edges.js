// Where words begin and end in a text. Offsets count UTF-16 units and are half-open, as everywhere in the page.

// Format characters (the half-space, direction marks) join letters and never stand at an edge; a separator between
// digits stays in its number: ۷:۲۷, ۳٫۵, 1404/06/16. Every other character that is seen is a word of its own.
const LETTERS = "[\\p{L}\\p{M}\\p{N}]+";
const INSIDE = "(?:\\p{Cf}+|(?<=\\p{N})[.,:/٫٬](?=\\p{N}))";
// White space as the service knows it (that of Python), which no span has at its edges.
const BLANKS = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const BLANK = new RegExp(`[${BLANKS}]`);
const WORD = new RegExp(`${LETTERS}(?:${INSIDE}${LETTERS})*|[^${BLANKS}\\p{Cf}]`, "gu");
const LETTER = /[\p{L}\p{M}\p{N}%٪]/u;
const PAIRS = { ")": "(", "]": "[", "}": "{", "»": "«", "”": "“", "’": "‘" };

/** [start, end) without the white space at its edges; where there is nothing else, it is empty. */
export function bare(text, start, end) {
  while (end > start && BLANK.test(text[end - 1])) end -= 1;
  while (start < end && BLANK.test(text[start])) start += 1;
  return { start, end };
}

/** The words of a text, found once, and the ways to step and snap by them. */
export class Words {
  constructor(text) {
    this.text = text;
    this.starts = [];
    this.ends = [];
    for (const found of text.matchAll(WORD)) {
      this.starts.push(found.index);
      this.ends.push(found.index + found[0].length);
    }
  }

  get length() {
    return this.starts.length;
  }

  /** The place in the list of the word that holds *offset*, else of the next one; `length` after the last. */
  at(offset) {
    return firstAbove(this.ends, offset);
  }

  range(place) {
    return { start: this.starts[place], end: this.ends[place] };
  }

  /** The next end (or "start") of a word beyond *offset* in the direction 1 or -1; else the same offset. */
  step(offset, direction, edge) {
    const edges = edge === "start" ? this.starts : this.ends;
    const place = direction > 0 ? firstAbove(edges, offset) : firstAbove(edges, offset - 1) - 1;
    return edges[place] ?? offset;
  }

  /** The same by a single character, and by the white space before it; a surrogate pair is one. */
  nudge(offset, direction) {
    const next = (at) => (direction > 0 ? at : at - 1);
    while (BLANK.test(this.text[next(offset)] ?? "")) offset += direction;
    const code = direction > 0 ? this.text.codePointAt(offset) : this.text.codePointAt(offset - 2);
    const to = offset + direction * (code > 0xffff ? 2 : 1);
    return Math.min(Math.max(to, 0), this.text.length);
  }

  /** [start, end) as whole words, without white space and stray marks at its edges; null if nothing is left. */
  snap(start, end) {
    let first = this.at(start);
    let last = firstAbove(this.starts, end - 1) - 1;
    while (first <= last && !this.#holds(first)) first += 1;
    while (last >= first && !this.#holds(last) && !this.#closes(first, last)) last -= 1;
    return first <= last ? { start: this.starts[first], end: this.ends[last] } : null;
  }

  /** The same, but never wider than it is: for what is left of a span that was cut. */
  trim(start, end) {
    const found = this.snap(start, end);
    if (!found) return null;
    const inner = { start: Math.max(found.start, start), end: Math.min(found.end, end) };
    while (/^[\s\p{Cf}]/u.test(this.text.slice(inner.start, inner.end))) inner.start += 1;
    while (/[\s\p{Cf}]$/u.test(this.text.slice(inner.start, inner.end))) inner.end -= 1;
    return inner.start < inner.end ? inner : null;
  }

  #holds(place) {
    return LETTER.test(this.text.slice(this.starts[place], this.ends[place]));
  }

  /** Whether the mark at *last* closes one that was opened after *first*: «معصومه (س)» keeps it. */
  #closes(first, last) {
    const open = PAIRS[this.text[this.starts[last]]];
    if (!open) return false;
    const inside = this.text.slice(this.starts[first], this.starts[last]);
    return inside.lastIndexOf(open) > inside.lastIndexOf(this.text[this.starts[last]]);
  }
}

/** The first place in the ascending *numbers* that holds more than *limit*. */
function firstAbove(numbers, limit) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
