// What a span says, beside it: label, score and value, while the pointer or the focus is on it.
import { addWords, language, locale, t } from "./words.js";
import { valueWords } from "./values.js";

addWords({
  fa: { "tip.score": "اطمینان {score}", "tip.unread": "مقدارش خوانده نشد", "tip.person": "از سوی کاربر" },
  en: { "tip.score": "score {score}", "tip.unread": "its value could not be read", "tip.person": "set by a person" },
});

const GAP = 6; // pixels between the mark and what is said of it
const LINGER = 150; // milliseconds in which the pointer may cross to it
const UNREAD = new Set(["MON", "PCT", "QTY", "CNT", "RNK", "DAT"]);

/** The tooltip of the marks of *view*; one element, which the mark that it is about names in aria-describedby. */
export class Tip {
  #node;
  #view;
  #mark = null;
  #timer = 0;

  constructor(node, view) {
    this.#node = node;
    this.#view = view;
    node.addEventListener("pointerenter", () => clearTimeout(this.#timer));
    node.addEventListener("pointerleave", () => this.hide());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.hide());
    const follow = () => this.#mark && requestAnimationFrame(() => this.#mark && this.#place(this.#mark));
    addEventListener("scroll", follow, { passive: true, capture: true });
  }

  /** Say what span *index* is; for null, a little later, what has the focus, or nothing. */
  show(index) {
    clearTimeout(this.#timer);
    if (index !== null) return this.#describe(index);
    this.#timer = setTimeout(() => {
      const focused = this.#focused();
      if (focused === null) this.hide();
      else this.#describe(focused);
    }, LINGER);
  }

  hide() {
    clearTimeout(this.#timer);
    this.#mark?.removeAttribute("aria-describedby");
    this.#mark = null;
    this.#node.hidden = true;
  }

  #describe(index) {
    const [span, mark] = [this.#view.spans[index], this.#view.markOf(index)];
    if (!span || !mark) return this.hide();
    if (mark !== this.#mark) this.#mark?.removeAttribute("aria-describedby");
    this.#mark = mark;
    this.#write(span);
    this.#node.hidden = false;
    mark.setAttribute("aria-describedby", this.#node.id);
    this.#place(mark);
  }

  /** The index of the span that has the focus, where the keyboard put it there. */
  #focused() {
    const mark = document.activeElement;
    return mark?.matches("mark:focus-visible") && this.#view.markOf(Number(mark.dataset.index)) === mark
      ? Number(mark.dataset.index) : null;
  }

  #write(span) {
    const said = valueWords(span.value, language());
    const score = new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 });
    const lines = [
      ["strong", `${t(`label.${span.label}`)} (${span.label})`],
      ["span", said || (span.value === null && UNREAD.has(span.label) ? t("tip.unread") : "")],
      ["span", typeof span.score === "number" ? t("tip.score", { score: score.format(span.score) }) : t("tip.person")],
    ];
    this.#node.replaceChildren(...lines.filter(([, text]) => text).map(([tag, text]) => {
      const line = document.createElement(tag);
      line.textContent = text;
      return line;
    }));
  }

  #place(mark) {
    const [first] = mark.getClientRects();
    if (!first) return;
    const { width, height } = this.#node.getBoundingClientRect();
    const left = first.left + first.width / 2 - width / 2;
    const above = first.top - height - GAP;
    const bottom = [...mark.getClientRects()].at(-1).bottom;
    this.#node.style.left = `${Math.max(GAP, Math.min(left, document.documentElement.clientWidth - width - GAP))}px`;
    this.#node.style.top = `${above >= GAP ? above : bottom + GAP}px`;
  }
}
