// The annotation of one text while somebody corrects it. Nothing here knows of the page.
//
// A state is never changed: every edit makes a new one, so that undo is a list of states, and a state that was saved is
// known again by being the same object. A span is {id, start, end, label, text, score?, value?, own?}: `id` stays while
// it is edited; without the key `value` the service reads the value when the annotation is saved. `own` says that
// somebody wrote it, `held` that it is stored and may be of somebody's making, `check` that its words changed since.

import { Words, bare } from "./edges.js";

const STEPS = 500;

export class Annotation {
  #state;
  #saved;
  #past = [];
  #future = [];
  #next = 0;
  #before = false; // whether undo went behind what is saved

  /** *spans* and *facts* as in a record, offsets in UTF-16 units. */
  constructor(text, spans = [], facts = []) {
    this.text = text;
    this.words = new Words(text);
    this.reset(spans, facts);
  }

  get spans() {
    return this.#state.spans;
  }

  /** Pairs of indexes into `spans`; a fact goes with its spans. */
  get facts() {
    const places = new Map(this.spans.map((span, place) => [span.id, place]));
    return this.#state.facts
      .map(({ indicator, figure }) => ({ indicator: places.get(indicator), figure: places.get(figure) }))
      .filter(({ indicator, figure }) => indicator !== undefined && figure !== undefined);
  }

  /** What is shown now, for `stored`. */
  get state() {
    return this.#state;
  }

  get dirty() {
    return this.#state !== this.#saved;
  }

  /** Whether undo has gone behind what is stored: its facts are then those that are shown, and no others. */
  get isBefore() {
    return this.#before;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  indexOf(id) {
    return this.spans.findIndex((span) => span.id === id);
  }

  find(id) {
    return this.spans[this.indexOf(id)] ?? null;
  }

  /** The span that holds the character at *offset*, else null. */
  spanAt(offset) {
    return this.spans.find((span) => span.start <= offset && offset < span.end) ?? null;
  }

  /** Begin anew with *spans* as they are stored: nothing to undo, nothing to save. */
  reset(spans, facts = []) {
    this.#saved = this.#made(spans, facts);
    this.#state = this.#saved;
    this.#past = [];
    this.#future = [];
    this.#before = false;
  }

  /** Put *spans* in the place of all others as one edit: a draft that is restored, a merge. */
  replace(spans, facts = []) {
    this.#move(this.#made(spans, facts));
  }

  /**
   * Say that the service has stored *state* as *spans* and *facts*. Where nothing was edited meanwhile these are shown,
   * with the values it read; edits made since stay, and stay to be saved. What came before can be undone still.
   */
  stored(state, spans, facts = []) {
    this.#saved = state;
    this.#before = false;
    if (this.#state !== state) return;
    this.#state = this.#saved = this.#made(spans, facts, state.spans);
  }

  /**
   * Label [start, end), without white space at its edges, and return the id; null where there is nothing else. Other
   * spans give way: they are cut, or go where nothing of them is left.
   */
  add(from, to, label) {
    this.#check(from, to);
    const { start, end } = bare(this.text, from, to);
    if (start === end) return null;
    const same = this.spans.find((span) => span.start === start && span.end === end);
    if (same) return this.relabel(same.id, label);
    const span = { id: this.#name(), start, end, label, text: this.text.slice(start, end) };
    this.#put(span, this.spans);
    return span.id;
  }

  remove(id) {
    if (this.indexOf(id) < 0) return;
    this.#change(this.spans.filter((span) => span.id !== id));
  }

  /** Another label; a value belonged to the old one and goes. */
  relabel(id, label) {
    const span = this.find(id);
    if (!span || span.label === label) return id;
    const { start, end, text } = span;
    this.#swap({ id, start, end, label, text });
    return id;
  }

  /** Move the "start" or "end" of a span to *offset*; what is there gives way. False where the span would vanish. */
  moveEdge(id, edge, offset) {
    const span = this.find(id);
    const wide = { ...span, [edge]: offset };
    if (!span || wide.start >= wide.end || wide.start < 0 || wide.end > this.text.length) return false;
    const { start, end } = bare(this.text, wide.start, wide.end);
    if (start === end || (start === span.start && end === span.end)) return false;
    const moved = { id, start, end, label: span.label, text: this.text.slice(start, end) };
    if (span.own) Object.assign(moved, { value: span.value, own: true });
    else if (span.held) Object.assign(moved, { value: span.value, held: true, check: true });
    this.#put(
      moved,
      this.spans.filter((other) => other.id !== id),
    );
    return true;
  }

  /** Write the value of a span; undefined leaves it to the service, null says that it has none. */
  setValue(id, value) {
    const found = this.find(id);
    if (!found) return;
    const { value: _, own: __, held: ___, check: ____, ...span } = found;
    this.#swap(value === undefined ? span : { ...span, value, own: true });
  }

  undo() {
    return this.#travel(this.#past, this.#future);
  }

  redo() {
    return this.#travel(this.#future, this.#past);
  }

  /** The spans as the service takes them; it links the facts itself. */
  toJSON() {
    return { spans: this.spans.map(plain) };
  }

  #travel(from, to) {
    const state = from.pop();
    if (!state) return false;
    to.push(this.#state);
    if (from === this.#past && this.#state === this.#saved) this.#before = true;
    this.#state = state;
    if (state === this.#saved) this.#before = false;
    return true;
  }

  /** Put *span* among *others*, which give way. */
  #put(span, others) {
    const rest = others.flatMap((other) => this.#cut(other, span));
    const place = rest.findIndex((other) => other.start >= span.end);
    rest.splice(place < 0 ? rest.length : place, 0, span);
    this.#change(rest);
  }

  /** What is left of *span* beside *taken*: itself, a part on either side, both parts, or nothing. */
  #cut(span, taken) {
    if (span.end <= taken.start || taken.end <= span.start) return [span];
    const sides = [
      [span.start, taken.start],
      [taken.end, span.end],
    ];
    const parts = sides.map(([start, end]) => start < end && this.words.trim(start, end)).filter(Boolean);
    return parts.map(({ start, end }, number) => ({
      id: number ? this.#name() : span.id,
      start,
      end,
      label: span.label,
      text: this.text.slice(start, end),
    }));
  }

  #swap(changed) {
    this.#change(this.spans.map((span) => (span.id === changed.id ? changed : span)));
  }

  #change(spans) {
    const kept = new Map(spans.map((span) => [span.id, span.label]));
    const facts = this.#state.facts.filter(
      (fact) => kept.get(fact.indicator) === "IND" && FIGURES.has(kept.get(fact.figure)),
    );
    this.#move({ spans, facts });
  }

  #move(state) {
    this.#past.push(this.#state);
    if (this.#past.length > STEPS) this.#past.shift();
    this.#future = [];
    this.#state = state;
  }

  /** A state of *spans*; those at the place of one of *known* have its id. */
  #made(spans, facts, known = []) {
    const olds = new Map(known.map((span) => [`${span.start} ${span.end}`, span]));
    const named = spans.map((span) => {
      const old = olds.get(`${span.start} ${span.end}`);
      const made = { ...span, id: old?.id ?? this.#name(), text: this.text.slice(span.start, span.end) };
      if (old?.own) made.own = true; // what somebody wrote and the service has taken is theirs still
      if (old?.held && span.value) made.held = true;
      return made;
    });
    const pairs = facts.map(({ indicator, figure }) => ({
      indicator: named[indicator]?.id,
      figure: named[figure]?.id,
    }));
    return { spans: named.sort((one, other) => one.start - other.start), facts: pairs };
  }

  #check(start, end) {
    if (!(start >= 0 && start < end && end <= this.text.length)) {
      throw new RangeError(`A span must lie in the text of ${this.text.length} units, not ${start} to ${end}.`);
    }
  }

  #name() {
    this.#next += 1;
    return this.#next;
  }
}

/** Labels whose spans carry a figure: the only ones that an indicator can be joined to. */
export const FIGURES = new Set(["MON", "PCT", "QTY", "CNT", "RNK"]);

/** A span as the service takes it. */
export function plain({ start, end, label, text, value }) {
  return value === undefined ? { start, end, label, text } : { start, end, label, text, value };
}
