// The small menu at a selection or at the picked span: one button per label, and for a span its value and its end.
import { button, make } from "./elements.js";
import { KINDS_OF } from "./value-fields.js";
import { LABEL_KEYS, keyCap } from "./label-keys.js";
import { KINDS } from "./view.js";
import { language, t } from "./words.js";
import { valueForm } from "./value-form.js";
import { valueWords } from "./values.js";

const GAP = 8; // pixels between the text and the menu
const SMALL = 260; // pixels of height that it has at least; then one scrolls
const LONG = 60; // characters of the span that the title shows

export class Panel {
  #acts;
  #box = null; // where the text is, as () => [DOMRect…]

  /** *acts*: label(code), remove(), value(value), close(). */
  constructor(acts) {
    this.#acts = acts;
    this.node = make("section", {
      class: "panel",
      role: "dialog",
      hidden: true,
      onkeydown: (event) => this.#key(event),
    });
    document.body.append(this.node);
    addEventListener("resize", () => this.follow());
    document.addEventListener("scroll", () => this.follow(), { capture: true, passive: true });
  }

  get open() {
    return !this.node.hidden;
  }

  /** Show it for *span* (or, without a label, for text to be labelled), below *boxes()*. */
  show(span, boxes, { value = false } = {}) {
    this.#box = boxes;
    const title = t(span.label ? "panel.edit" : "panel.add", { text: short(span.text) });
    this.node.setAttribute("aria-label", title);
    this.node.replaceChildren(
      ...[
        make(
          "div",
          { class: "head" },
          make("b", { dir: "auto" }, short(span.text)),
          button("×", () => this.#acts.close(), {
            class: "plain",
            "aria-label": t("panel.close"),
            title: t("panel.close"),
          }),
        ),
        labels(span.label, (label) => this.#acts.label(label)),
        span.label && this.#actions(span, value),
      ].filter(Boolean),
    );
    this.node.hidden = false;
    this.follow();
  }

  hide() {
    this.node.hidden = true;
    this.#box = null;
  }

  /** Put the focus on the label of the span, else on the first. */
  focus() {
    (this.node.querySelector("[aria-pressed=true]") ?? this.node.querySelector(".labels button")).focus();
  }

  /** Open the form for the value and put the focus there. */
  focusValue() {
    const details = this.node.querySelector("details");
    if (!details) return false;
    details.open = true;
    this.follow();
    details.querySelector("input:checked")?.focus();
    return true;
  }

  /** Stay at the text, below it or, where there is no room, above. */
  follow() {
    if (this.node.hidden || !this.#box) return;
    const boxes = this.#box();
    if (!boxes.length) return;
    const { offsetWidth: width, style } = this.node;
    const top = Math.min(...boxes.map((box) => box.top));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    const [above, below] = [top - 2 * GAP, innerHeight - bottom - 2 * GAP];
    style.maxHeight = "";
    const height = this.node.offsetHeight;
    const under = height <= below || below >= above;
    style.maxHeight = `${Math.max(SMALL, under ? below : above)}px`;
    const first = boxes[0];
    const room = document.documentElement.clientWidth - width - GAP;
    const left = Math.max(GAP, Math.min(first.left + first.width / 2 - width / 2, room));
    style.left = `${left + scrollX}px`;
    style.top = `${(under ? bottom + GAP : top - GAP - this.node.offsetHeight) + scrollY}px`;
  }

  #actions(span, open) {
    const kinds = KINDS_OF[span.label];
    const said = span.value === undefined ? t("value.unread") : valueWords(span.value, language()) || t("value.none");
    const value =
      kinds &&
      make(
        "details",
        { open, ontoggle: () => this.follow() },
        make(
          "summary",
          { "aria-keyshortcuts": "V" },
          t("panel.value"),
          make("kbd", {}, keyCap("KeyV")),
          make("span", { class: "said" }, said, span.check && " ⚠"),
        ),
        span.check && make("p", { class: "note check" }, t("value.check")),
        valueForm(span, (written) => this.#acts.value(written)),
      );
    const remove = button(t("panel.delete"), () => this.#acts.remove(), {
      class: "danger",
      "aria-keyshortcuts": "Delete",
    });
    remove.append(make("kbd", {}, "Del"));
    return make("div", { class: "span-actions" }, remove, value);
  }

  /** Arrows go through the labels as they stand: a table whose rows run in the direction of the page. */
  #key(event) {
    const buttons = [...this.node.querySelectorAll(".labels button")];
    const at = buttons.indexOf(event.target);
    if (at < 0 || event.shiftKey || event.ctrlKey || event.altKey) return;
    const forward = getComputedStyle(this.node).direction === "rtl" ? -1 : 1;
    const across = { ArrowRight: forward, ArrowLeft: -forward }[event.key];
    const row = buttons.filter((one) => one.offsetTop === buttons[0].offsetTop).length;
    const step = across ?? { ArrowDown: row, ArrowUp: -row }[event.key];
    const to = { Home: 0, End: buttons.length - 1 }[event.key] ?? (step === undefined ? undefined : at + step);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[Math.min(Math.max(to, 0), buttons.length - 1)].focus();
  }
}

function labels(current, act) {
  return make(
    "div",
    { class: "labels", role: "group", "aria-label": t("panel.labels") },
    [...LABEL_KEYS].map(([label, code]) => {
      const node = button("", () => act(label), {
        "aria-pressed": String(label === current),
        "aria-keyshortcuts": code.replace("Key", ""),
        "data-label": label,
      });
      node.append(
        make("i", { class: `swatch ${KINDS[label]}`, "aria-hidden": "true" }),
        make("span", {}, t(`label.${label}`)),
        make("kbd", { "aria-hidden": "true" }, keyCap(code)),
      );
      return node;
    }),
  );
}

function short(text) {
  return text.length > LONG ? `${text.slice(0, LONG - 1)}…` : text;
}
