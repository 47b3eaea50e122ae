// Two annotations of one text as the reader sees them: the places that differ, in the text or beside each other.
import { differences } from "./differences.js";
import { make } from "./elements.js";
import { valueWords } from "./values.js";
import { ArticleView, directionOf } from "./view.js";
import { language, t } from "./words.js";

/** *text* with what was changed from *before* to *after*: labels that went are struck out, new ones follow. */
export function changedText(text, before, after) {
  const node = make("div", {
    class: "plain-article",
    dir: directionOf(text),
    tabIndex: 0,
    role: "group",
    "aria-label": t("history.changes"),
  });
  let at = 0;
  for (const place of differences(before, after)) {
    const words = make("ins", { class: "difference" }, text.slice(place.start, place.end));
    node.append(text.slice(at, place.start), words, ...labels(place));
    at = place.end;
  }
  node.append(text.slice(at));
  return node;
}

function labels({ mine, theirs, start, end }) {
  const said = (span, kind) => {
    const whole = span.start === start && span.end === end;
    const value = valueWords(span.value, language());
    const part = whole ? "" : `\u2068${span.text}\u2069: `;
    const words = `${part}${t(`label.${span.label}`)}${value ? ` (${value})` : ""}`;
    return make(
      kind === "was" ? "del" : "ins",
      { class: kind },
      make("span", { class: "only-heard" }, `${t(`diff.${kind}`)} `),
      words,
    );
  };
  return [...mine.map((span) => said(span, "was")), ...theirs.map((span) => said(span, "is"))];
}

/** Two columns [{title, spans}] over one *text*; marks that the other has not are outlined. */
export function sideBySide(text, columns) {
  const places = differences(columns[0].spans, columns[1].spans);
  const unlike = [new Set(places.flatMap(({ mine }) => mine)), new Set(places.flatMap(({ theirs }) => theirs))];
  return make(
    "div",
    { class: "two" },
    columns.map(({ title, spans }, number) => {
      const article = make("div", { class: "plain-article", dir: directionOf(text) });
      const view = new ArticleView(article);
      view.show(text, spans);
      spans.forEach((span, index) => unlike[number].has(span) && view.markOf(index).classList.add("unlike"));
      return make("section", { "aria-label": title }, make("h3", {}, make("bdi", {}, title)), article);
    }),
  );
}
