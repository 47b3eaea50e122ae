// Sends a correction to the service. Nobody's work is overwritten unseen: where somebody else was there first, the
// reader chooses.
import { request } from "./api.js";
import { ask, fieldOf, make } from "./elements.js";
import { conflicts, merged } from "./differences.js";
import { plain } from "./model.js";
import { valueWords } from "./values.js";
import { language, recall, remember, t } from "./words.js";
import { momentWords } from "./times.js";

const WHO = "raqam.who";
const path = (key) => `/articles/${encodeURIComponent(key)}`;

/** The name that corrections are kept under, or null where none was given yet. */
export const whoAmI = () => recall(WHO) || session.who;

const session = { who: null }; // where the browser keeps nothing, for as long as the page is open

/** Ask for the name; resolves to it, or null where the reader gave up. */
export async function askWho() {
  const input = make("input", {
    type: "text",
    value: whoAmI() ?? "",
    maxLength: 100,
    autocomplete: "name",
    dir: "auto",
  });
  const answer = await ask({
    title: t("who.title"),
    body: make("div", {}, fieldOf(t("who.name"), input), make("p", { class: "note" }, t("who.note"))),
    actions: [
      ["save", t("who.save")],
      [null, t("dialog.cancel")],
    ],
    check: () => input.value.trim() !== "" || input.focus(),
  });
  if (answer === null) return null;
  session.who = input.value.trim();
  remember(WHO, session.who);
  return session.who;
}

/** The stored article *key*. */
export async function fetchArticle(key) {
  return (await request(`${path(key)}?offsets=utf16`)).data;
}

/**
 * Store *spans* as the next revision of the article {key, revision} (or of *text*, where `key` is null), in the name of
 * *who*; the service keeps the facts and finds those of new spans, unless it is told to take these (`exact`). `base` is
 * what the correction began with.
 * `onKey(article)` is called once a new text has a key. Resolves to {article, spans}: what is stored, and what it was
 * made of; {theirs} where the reader took the other's, null where the reader gave up.
 */
export async function store({ key, revision, text, published, ...work }, onKey) {
  if (key === null) {
    const body = published ? { text, published } : { text };
    const { data: article } = await request("/articles?offsets=utf16", { json: body });
    onKey(article);
    if (article.revision > 1) return resolve({ theirs: article, revision: null, ...work });
    [key, revision] = [article.article, article.revision];
  }
  return put({ key, revision, ...work });
}

async function put({ key, revision, ...work }) {
  const { spans, facts, exact, who } = work;
  if (revision === null) return resolve({ theirs: await fetchArticle(key), revision, ...work });
  try {
    const { data: article } = await request(`${path(key)}/annotation?offsets=utf16`, {
      method: "PUT",
      json: { spans: spans.map(plain), facts: exact ? facts : undefined, who },
      headers: { "If-Match": `"${revision}"` },
    });
    return { article, spans };
  } catch (error) {
    if (error.status !== 412) throw Object.assign(error, { span: spanOf(error.problem, spans) });
    return resolve({ theirs: await fetchArticle(key), revision, ...work });
  }
}

/** Let the reader compare *spans* with *theirs*, and go on as was chosen. */
async function resolve({ theirs, revision, base, spans, facts, exact, who }) {
  const places = conflicts(base, spans, theirs.spans);
  const answer = await askConflict(theirs, revision, places);
  if (answer === null) return null;
  if (answer === "theirs") return { theirs };
  const sent = answer === "merge" ? merged(spans, places) : spans;
  const now = { key: theirs.article, revision: theirs.revision, base: theirs.spans };
  // Those of theirs stay with a merge; mine are what I had where somebody had corrected the article before.
  const mine = answer === "mine" && (exact || revision > 1);
  return put({ ...now, spans: sent, facts, exact: mine, who });
}

/** The one of *spans* that a problem is about: its field is "spans[4].value", say. */
function spanOf(problem, spans) {
  const place = /^spans\[(\d+)\]/.exec(problem?.field ?? "");
  return place ? spans[Number(place[1])] : undefined;
}

/** Resolves to "theirs", "mine", "merge" (the choices are in *places*) or null. */
async function askConflict(theirs, revision, places) {
  const said = {
    who: theirs.who ?? t("correct.nobody"),
    revision: theirs.revision,
    when: momentWords(theirs.when),
    base: revision,
  };
  const open = make("p", { class: "wrong", role: "alert" });
  const body = make(
    "div",
    {},
    make("p", {}, t(revision === null ? "conflict.stored" : "conflict.who", said)),
    make("p", {}, places.length ? t("conflict.choose", { count: places.length }) : t("conflict.same")),
    places.length ? table(theirs.text, places) : null,
    open,
  );
  return ask({
    title: t("conflict.title"),
    body,
    kind: "broad",
    actions: [
      ["merge", t("conflict.merge")],
      ["mine", t("conflict.takeMine")],
      ["theirs", t("conflict.takeTheirs")],
      [null, t("dialog.cancel")],
    ],
    check: (answer) => {
      const left = answer === "merge" ? places.filter((place) => place.choice === null) : [];
      open.textContent = left.length ? t("conflict.open", { count: left.length }) : "";
      if (left.length) body.querySelector(`[name=conflict-${places.indexOf(left[0])}]`).focus();
      return !left.length;
    },
  });
}

function table(text, places) {
  const head = ["conflict.place", "conflict.mine", "conflict.theirs"].map((key) =>
    make("th", { scope: "col" }, t(key)),
  );
  const first = Math.max(
    0,
    places.findIndex(({ choice }) => choice === null),
  );
  const rows = places.map((place, number) => {
    const words = text.slice(place.start, place.end);
    const radio = (side) =>
      make("input", {
        type: "radio",
        name: `conflict-${number}`,
        checked: place.choice === side,
        onchange: () => {
          place.choice = side;
        },
        "aria-label": `${t(`conflict.${side}`)}, ${words}: ${spansWords(place, side)}`,
        "data-first": number === first && side === (place.choice ?? "mine") ? "" : null,
      });
    return make(
      "tr",
      {},
      make("th", { scope: "row", dir: "auto" }, words),
      ["mine", "theirs"].map((side) =>
        make("td", {}, make("label", { class: "radio" }, radio(side), make("span", {}, spansWords(place, side)))),
      ),
    );
  });
  return make(
    "div",
    { class: "scroll" },
    make("table", {}, make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows)),
  );
}

/** «مکان» for a span of the whole *place*, «استان همدان: مکان» for a part of it, each with its value. */
function spansWords(place, side) {
  if (!place[side].length) return t("conflict.none");
  return place[side]
    .map((span) => {
      const value = valueWords(span.value, language());
      const whole = span.start === place.start && span.end === place.end;
      // Marks keep the words of the article apart from those of the interface, which may run the other way.
      return `${whole ? "" : `\u2068${span.text}\u2069: `}${t(`label.${span.label}`)}${value ? ` (${value})` : ""}`;
    })
    .join(language() === "fa" ? "؛ " : "; ");
}
