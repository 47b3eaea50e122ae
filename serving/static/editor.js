// Correcting the article that the page shows: what mouse and keys do to its annotation.
import "./correct-words.js";
import { app } from "./app.js";
import { Caret } from "./caret.js";
import { Drafting } from "./drafting.js";
import { make } from "./elements.js";
import { Handles } from "./handles.js";
import { pressed } from "./keyboard.js";
import { Annotation } from "./model.js";
import { Panel } from "./panel.js";
import { Toolbar } from "./toolbar.js";
import { onLanguage, t } from "./words.js";

class Editor {
  annotation = new Annotation("");
  #picked = null; // the id of the span that is picked
  #pressed = false; // the pointer is down in the article

  constructor(container) {
    this.container = container;
    this.caret = new Caret(app.view, (range, { mouse }) => this.#selected(range, mouse));
    this.panel = new Panel({
      label: (label) => this.label(label),
      remove: () => this.remove(),
      value: (value) => this.write(value),
      close: () => this.close(),
    });
    this.handles = new Handles(
      app.view,
      (edge, at, exact) => this.#edgeAt(edge, at, exact),
      (edge, at) => this.moveEdge(edge, at),
    );
    this.voice = make("p", { class: "only-heard", role: "log", "aria-live": "polite" });
    document.body.append(this.voice);
    this.drafting = new Drafting(this);
    this.toolbar = new Toolbar(this);
    this.#listen();
    this.#opened();
    this.#mode();
  }

  get active() {
    return app.name === "correct" && app.text !== "";
  }

  get picked() {
    return this.#picked === null ? null : this.annotation.find(this.#picked);
  }

  // Edits

  /** Label the selection, or the picked span. */
  label(label) {
    const { range } = this.caret;
    const id = range
      ? this.annotation.add(range.start, range.end, label)
      : this.picked && this.annotation.relabel(this.#picked, label);
    if (!id) return;
    this.#edited(id);
    this.say(t(range ? "correct.added" : "correct.relabelled", { text: this.picked.text, label: t(`label.${label}`) }));
  }

  remove() {
    const span = this.picked;
    if (!span) return;
    this.annotation.remove(span.id);
    this.#edited(null);
    this.caret.put(span.start);
    this.container.focus({ preventScroll: true });
    this.say(t("correct.removed", { text: span.text }));
  }

  write(value) {
    if (!this.picked) return;
    this.annotation.setValue(this.#picked, value);
    this.#edited(this.#picked);
  }

  moveEdge(edge, offset) {
    if (!this.picked || !this.annotation.moveEdge(this.#picked, edge, offset)) return;
    this.#edited(this.#picked, { open: this.panel.open });
    this.say(t("correct.moved", { text: this.picked.text }));
  }

  undo() {
    this.#travelled(this.annotation.undo(), "correct.undone");
  }

  redo() {
    this.#travelled(this.annotation.redo(), "correct.redone");
  }

  /** Put *spans* in the place of all others, as one edit. */
  replace(spans, facts) {
    this.annotation.replace(spans, facts);
    this.#edited(null);
  }

  /** Show the annotation as it is now: after an edit, and after it was stored. */
  refresh() {
    app.change(this.annotation.spans, this.annotation.facts);
    this.#mark();
    this.toolbar.refresh();
  }

  // What is picked

  /** Pick span *id* (null: none); *open* shows its menu, *focus* puts the focus on its mark. */
  pick(id, { open = false, focus = true } = {}) {
    this.#picked = id;
    if (id !== null) this.caret.clear();
    if (id !== null && focus) this.markNode()?.focus({ preventScroll: true });
    this.#mark();
    if (open && this.picked) this.panel.show(this.picked, () => boxesOf(this.markNode()));
    else this.panel.hide();
  }

  /** Close what is open: the menu first, then what is selected or picked. */
  close() {
    if (this.handles.dragging) return this.handles.cancel();
    const within = this.panel.node.contains(document.activeElement);
    const open = this.panel.open;
    this.panel.hide();
    if (this.picked && (open || within)) return this.markNode()?.focus({ preventScroll: true });
    const at = this.picked?.start ?? this.caret.range?.start;
    this.caret.clear();
    if (at !== undefined) this.caret.put(at);
    this.pick(null);
    this.container.focus({ preventScroll: true });
  }

  /** Say *sentence* to screen readers. */
  say(sentence) {
    this.voice.textContent = sentence;
  }

  #edited(id, { open = false } = {}) {
    this.caret.clear();
    app.change(this.annotation.spans, this.annotation.facts);
    app.emit("hover", null); // what was said of a span may not be so any more
    this.pick(id, { open });
    this.drafting.keep();
    this.toolbar.refresh();
  }

  #travelled(went, words) {
    if (went) this.#edited(this.picked ? this.#picked : null);
    this.say(t(went ? words : "correct.nothing"));
  }

  #selected(range, mouse) {
    if (!range) return this.panel.hide();
    this.pick(null);
    const text = app.text.slice(range.start, range.end);
    const span = this.annotation.spanAt(range.start);
    this.say(span ? `${text} (${t(`label.${span.label}`)})` : text);
    const whole = span && span.start === range.start && span.end === range.end ? span : { text };
    const several = /\s/.test(text);
    if (mouse || several)
      this.panel.show({ ...whole, value: null, label: undefined, text }, () => this.#selectionBoxes());
  }

  #selectionBoxes() {
    const { range } = this.caret;
    return range ? [...app.view.rangeOf(range.start, range.end).getClientRects()] : [];
  }

  /** The mark of the picked span. */
  markNode() {
    return app.view.markOf(this.annotation.indexOf(this.#picked));
  }

  #mark() {
    const node = this.active && this.picked ? this.markNode() : null;
    for (const other of this.container.querySelectorAll("[aria-current]"))
      if (other !== node) other.removeAttribute("aria-current");
    node?.setAttribute("aria-current", "true");
    this.handles.show(node);
  }

  /** The span as it would be with its *edge* at offset *at*, or null. */
  #edgeAt(edge, at, exact) {
    const { words } = this.annotation;
    const word = words.at(edge === "end" ? Math.max(0, at - 1) : at);
    if (word >= words.length) return null;
    const range = { start: this.picked.start, end: this.picked.end, [edge]: exact ? at : words.range(word)[edge] };
    return range.start < range.end ? range : null;
  }

  // Where edits come from

  #listen() {
    app.on("open", () => this.#opened());
    app.on("view", () => this.#mode());
    app.on("pick", (index, event) => this.#pickedByReader(index, event));
    onLanguage(() => {
      this.toolbar.draw();
      this.pick(this.#picked, { focus: false });
      this.#mode();
    });
    document.addEventListener("keydown", (event) => pressed(this, event), { capture: true });
    document.addEventListener("pointerdown", (event) => this.#down(event), { capture: true });
    document.addEventListener("pointerup", (event) => this.#up(event));
    document.addEventListener("pointercancel", () => {
      this.#pressed = false;
    });
    this.container.addEventListener("focusin", (event) => this.#focused(event));
    document.addEventListener("selectionchange", () => this.#touched());
  }

  #opened() {
    this.drafting.leave();
    this.annotation = new Annotation(app.text, heldSpans(app), app.facts);
    this.caret.reset(this.annotation.words);
    this.pick(null);
    this.drafting.open();
    this.toolbar.refresh();
  }

  #mode() {
    if (this.active) {
      this.container.tabIndex = 0;
      this.container.setAttribute("role", "application"); // screen readers leave it the arrows and letters
      this.drafting.restore();
    } else {
      this.drafting.leave();
      this.container.tabIndex = -1;
      this.container.removeAttribute("role");
      this.caret.clear();
      this.pick(null);
    }
    this.toolbar.refresh();
  }

  #pickedByReader(index, event) {
    if (!this.active || this.caret.range) return; // what was selected within a mark is for a new span
    const span = this.annotation.spans[index];
    if (!span) return;
    this.pick(span.id, { open: true });
    if (event?.type === "keydown") this.panel.focus();
  }

  #focused({ target }) {
    if (!this.active || this.#pressed || target.dataset.index === undefined) return;
    const span = this.annotation.spans[Number(target.dataset.index)];
    if (span && span.id !== this.#picked) this.pick(span.id, { focus: false });
  }

  #down(event) {
    if (!this.active || event.button !== 0) return;
    this.#pressed = this.container.contains(event.target);
    if (this.panel.node.contains(event.target) || event.target.closest(".handle")) return;
    if (this.#pressed) {
      this.caret.clear();
      this.pick(null);
    } else if (!event.target.closest("#editor-tools, dialog")) {
      this.panel.hide();
    }
  }

  #up(event) {
    if (!this.#pressed) return;
    this.#pressed = false;
    if (!this.active || this.caret.take(event.altKey)) return;
    const found = getSelection();
    const at = found.anchorNode ? app.view.offsetAt(found.anchorNode, found.anchorOffset) : null;
    if (at !== null) this.caret.put(at);
  }

  /** A selection that was made by touch, with the handles of the system, has no end but a pause. */
  #touched() {
    clearTimeout(this.pause);
    if (!this.active || this.#pressed || this.handles.dragging || !matchMedia("(pointer: coarse)").matches) return;
    this.pause = setTimeout(() => {
      const { range } = this.caret;
      const shown = range && app.text.slice(range.start, range.end);
      if (!getSelection().isCollapsed && String(getSelection()) !== shown) this.caret.take(false);
    }, 400);
  }

  /** Open the form for the value of the picked span. */
  openValue() {
    this.pick(this.#picked, { open: true });
    if (!this.panel.focusValue()) this.say(t("value.none"));
  }

  /** Enter opens the menu of the selection; on a word of a span, that of the span. */
  openMenu() {
    const { range } = this.caret;
    const span = this.annotation.spanAt(range.start);
    if (span && range.end <= span.end) this.pick(span.id, { open: true });
    else this.panel.show({ text: app.text.slice(range.start, range.end) }, () => this.#selectionBoxes());
    this.panel.focus();
  }
}

/** The spans of what is shown; values that somebody has corrected, or may have, are said to be `held`. */
function heldSpans({ spans, article }) {
  const corrected = article?.revision > 1;
  return corrected ? spans.map((span) => (span.value ? { ...span, held: true } : span)) : spans;
}

function boxesOf(node) {
  return node?.isConnected ? [...node.getClientRects()] : [];
}

export const editor = new Editor(document.querySelector("#result"));
