// The two handles at the ends of the picked span. They are for the pointer; keys move edges without them.
import { pointAt } from "./caret.js";
import { make } from "./elements.js";

export class Handles {
  #view;
  #onMove;
  #mark = null;
  #drag = null;

  /** place(edge, offset, exact): the span as it would be with its "start" or "end" there; onMove(edge, offset). */
  constructor(view, place, onMove) {
    this.#view = view;
    this.place = place;
    this.#onMove = onMove;
    this.nodes = Object.fromEntries(
      ["start", "end"].map((edge) => [
        edge,
        make("span", {
          class: `handle ${edge}`,
          "aria-hidden": "true",
          hidden: true,
          onpointerdown: (event) => this.#begin(edge, event),
        }),
      ]),
    );
    document.body.append(...Object.values(this.nodes));
    addEventListener("resize", () => this.follow());
    // What stands above the article may grow, and it may be laid out anew, without a resize of the window.
    const laid = new ResizeObserver(() => this.#drag || this.follow());
    for (const node of document.querySelectorAll("#editor-tools, #result, #status")) laid.observe(node);
    document.addEventListener("scroll", () => this.follow(), { capture: true, passive: true });
    document.addEventListener("pointermove", (event) => this.#move(event));
    document.addEventListener("pointerup", (event) => this.#end(event));
    document.addEventListener("pointercancel", () => this.cancel());
  }

  /** Put the handles at the ends of *mark*, or hide them. */
  show(mark) {
    this.#mark = mark ?? null;
    this.follow();
  }

  follow() {
    const boxes = this.#mark?.isConnected ? [...this.#mark.getClientRects()].filter(({ width }) => width > 0) : [];
    for (const node of Object.values(this.nodes)) node.hidden = !boxes.length;
    if (!boxes.length) return;
    const rtl = getComputedStyle(this.#mark).direction === "rtl";
    this.#put("start", outermost(boxes, Math.min(...boxes.map(({ top }) => top)), rtl), rtl);
    this.#put("end", outermost(boxes, Math.max(...boxes.map(({ top }) => top)), !rtl), !rtl);
  }

  get dragging() {
    return this.#drag !== null;
  }

  /** End a drag without moving anything. */
  cancel() {
    if (!this.#drag) return;
    this.#drag = null;
    document.body.classList.remove("dragging");
    getSelection().removeAllRanges();
    this.follow();
  }

  #put(edge, box, right) {
    const { style } = this.nodes[edge];
    style.left = `${(right ? box.right : box.left) + scrollX}px`;
    style.top = `${box.top + scrollY}px`;
    style.height = `${box.height}px`;
  }

  #begin(edge, event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.#drag = { edge, at: null };
    document.body.classList.add("dragging"); // handles let the pointer through while one is dragged
  }

  #move(event) {
    if (!this.#drag) return;
    const { edge } = this.#drag;
    const [node, offset] = pointAt(event.clientX, event.clientY);
    const at = node && this.#view.offsetAt(node, offset);
    const found = at === null ? null : this.place(edge, at, event.altKey);
    if (!found) return;
    this.#drag.at = found[edge];
    const range = this.#view.rangeOf(found.start, found.end);
    getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    const box = this.#view.rangeOf(...(edge === "start" ? [found.start, found.start + 1] : [found.end - 1, found.end]));
    const rtl = getComputedStyle(this.#mark).direction === "rtl";
    this.#put(edge, box.getBoundingClientRect(), (edge === "start") === rtl);
  }

  #end() {
    if (!this.#drag) return;
    const { edge, at } = this.#drag;
    this.cancel();
    if (at !== null) this.#onMove(edge, at);
  }
}

/** The rightmost or leftmost of the *boxes* on the line at *top*. */
function outermost(boxes, top, right) {
  const line = boxes.filter((box) => Math.abs(box.top - top) < box.height / 2);
  return line.reduce((one, other) => ((right ? other.right > one.right : other.left < one.left) ? other : one));
}
