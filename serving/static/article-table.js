// Articles as rows: what they begin with, how sure the model was, and what can be done with them.
import { button, make } from "./elements.js";
import { guarded } from "./exchange.js";
import { momentWords } from "./times.js";
import { directionOf } from "./view.js";
import { language, t } from "./words.js";

/** A table of listed *articles*; *acts* has what can be done with one: open, history, compare, delete. */
export function articleTable(articles, acts) {
  const head = ["preview", "is", "doubt", "when", "doings"].map((name) =>
    make("th", { scope: "col" }, t(`list.${name}`)),
  );
  return make(
    "div",
    { class: "wide" },
    make(
      "table",
      { class: "articles" },
      make("thead", {}, make("tr", {}, head)),
      make(
        "tbody",
        {},
        articles.map((article) => row(article, acts)),
      ),
    ),
  );
}

function row(article, acts) {
  const { preview, state, revision, uncertainty, when } = article;
  const percent = new Intl.NumberFormat(language() === "fa" ? "fa-IR" : "en", {
    style: "percent",
    maximumFractionDigits: 1,
  }).format(uncertainty);
  const act = (name, more = {}) => {
    const words = t(`list.${name}`);
    const does = guarded(() => acts[name](article));
    return button(words, does, { "aria-label": `${words}: ${preview.slice(0, 60)}`, ...more });
  };
  return make(
    "tr",
    { "data-article": article.article },
    previewCell(preview),
    make("td", {}, t(`list.state.${state}`), make("div", { class: "note" }, t("list.revision", { revision }))),
    make(
      "td",
      {},
      make(
        "span",
        { class: "doubt" },
        make("meter", { min: 0, max: 1, value: uncertainty, "aria-label": t("list.doubt") }),
        percent,
      ),
    ),
    make("td", {}, momentWords(when)),
    make(
      "td",
      {},
      make(
        "div",
        { class: "doings" },
        act("open", { class: "primary" }),
        act("history"),
        act("compare"),
        act("delete", { class: "danger" }),
      ),
    ),
  );
}

/** The beginning of an article as a cell, in the direction of its letters. */
export function previewCell(text) {
  return make("td", { class: "preview", dir: directionOf(text) }, make("p", {}, text));
}
