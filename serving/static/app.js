// The page: what is shown, which view of it, and who wants to know. Editor and lists build on `app`.
import { startAccess } from "./access.js";
import { Charts } from "./charts.js";
import { Reading } from "./reading.js";
import { Tables } from "./tables.js";
import { Tip } from "./tip.js";
import { ArticleView } from "./view.js";
import { addWords, onLanguage, remember, rememberedLanguage, setLanguage, t } from "./words.js";

addWords({
  fa: {
    "page.title": "رقم: نام‌ها و ارقام خبر", "page.skip": "پرش به متن", "page.brand": "رقم",
    "page.views": "نماها", "page.read": "خواندن", "page.correct": "تصحیح", "page.articles": "خبرها",
    "page.docs": "مستندات API", "page.language": "زبان", "page.theme": "پوسته", "theme.auto": "خودکار",
    "theme.light": "روشن", "theme.dark": "تیره", "form.compose": "متن خبر",
    "form.hint": "متن را بنویسید یا بچسبانید، یا پروندهٔ \u2066.txt\u2069 را این‌جا رها کنید.",
    "form.published": "روز انتشار (میلادی)، اگر معلوم است",
    "form.seed": "نمونه‌ها", "form.file": "پرونده …", "form.submit": "نشان بده",
    "page.result": "متن با برچسب‌ها", "page.keys": "با کلیدهای چپ و راست از بازه‌ای به بازهٔ دیگر بروید.",
    "page.figures": "ارقام", "page.entities": "نام‌ها", "page.dates": "تاریخ‌ها", "page.charts": "نمودارها",
    "page.empty": "هنوز متنی باز نیست؛ نخست متنی بخوانید یا خبری را باز کنید.",
  },
  en: {
    "page.title": "Raqam: names and figures of the news", "page.skip": "Skip to the text", "page.brand": "Raqam",
    "page.views": "Views", "page.read": "Read", "page.correct": "Correct", "page.articles": "Articles",
    "page.docs": "API documentation", "page.language": "Language", "page.theme": "Theme", "theme.auto": "auto",
    "theme.light": "light", "theme.dark": "dark", "form.compose": "Text of the article",
    "form.hint": "Write or paste a text, or drop a .txt file here.",
    "form.published": "Day of publication, if known",
    "form.seed": "Samples", "form.file": "File …", "form.submit": "Show",
    "page.result": "Text with labels", "page.keys": "The left and right arrow keys go from span to span.",
    "page.figures": "Figures", "page.entities": "Names", "page.dates": "Dates", "page.charts": "Charts",
    "page.empty": "No text is open yet: read one first, or open an article.",
  },
});

const LONG = 8000; // characters from which on only what is near the screen is laid out
const listeners = new Map();
const element = (id) => document.getElementById(id);

/** What the page shows. Offsets are UTF-16 units. */
export const app = {
  text: "", published: null, spans: [], facts: [], model: null,
  article: null, // the stored article this is, as GET /articles/KEY gives it, or null
  view: null, // the ArticleView in #result

  /** Annotate *text*, and show it in the form and with what comes back. */
  read: async (text, published) => {},

  /** Whether another text may be shown in the place of this one; the editor asks where edits would be lost. */
  mayLeave: async () => true,

  /** Call *listener*: "open" a text is shown, "change" its spans or facts are others, "pick" (index), "hover" (index
   *  or null), "view" (name), "language" (code). */
  on(name, listener) {
    listeners.set(name, [...(listeners.get(name) ?? []), listener]);
  },

  emit(name, ...values) {
    for (const listener of listeners.get(name) ?? []) listener(...values);
  },

  /** Show *text* with the spans and facts of *record*, which may be a stored article. */
  show(record, text, published = null) {
    const { spans, facts = [], model = null } = record;
    Object.assign(app, { text, published, spans, facts, model });
    app.article = record.article === undefined ? null : record;
    document.body.classList.toggle("long", text.length > LONG);
    app.view.show(text, app.spans);
    app.emit("open");
  },

  /** Show other spans and facts of the same text. */
  change(spans, facts) {
    Object.assign(app, { spans, facts });
    app.view.update(spans);
    app.emit("change");
  },

  /** Say *sentence* where the reader, and a screen reader, finds it; *kind* is "" or "error". */
  say(sentence, kind = "") {
    element("status").textContent = sentence;
    element("status").className = kind;
  },

  /** The view that is open: "read", "correct" or "articles". */
  get name() {
    const [name] = location.hash.slice(1).split("/");
    return ["read", "correct", "articles"].includes(name) ? name : "read";
  },
};

const tables = new Tables(app);
const charts = new Charts(app);
let waiting = 0;
let stale = false; // what only the view "read" shows is older than the spans

/** The tables and charts follow once the text is drawn; of several changes the last one counts. */
function fillLater() {
  document.body.dataset.state = "open";
  clearTimeout(waiting);
  waiting = setTimeout(fill, 30);
}

function fill() {
  stale = app.name !== "read";
  if (stale) return tables.fillEntities();
  tables.fill();
  charts.fill();
}

function openView() {
  document.body.dataset.view = app.name;
  for (const link of document.querySelectorAll("#views a")) {
    if (link.hash === `#${app.name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (stale) fillLater();
  app.emit("view", app.name);
}

function startChoices() {
  const [languages, themes] = [element("language"), element("theme")];
  languages.addEventListener("change", () => setLanguage(languages.value));
  themes.value = document.documentElement.dataset.theme ?? "auto";
  themes.addEventListener("change", () => {
    remember("raqam.theme", themes.value);
    if (themes.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = themes.value;
    charts.fill();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.fill());
  onLanguage((code) => {
    languages.value = code;
    document.title = t("page.title");
    app.view.rename();
    if (app.text) fillLater();
    app.emit("language", code);
  });
}

function start() {
  app.view = new ArticleView(element("result"), {
    onPick: (index, event) => app.emit("pick", index, event),
    onHover: (index) => app.emit("hover", index),
  });
  const tip = new Tip(element("tip"), app.view);
  app.on("hover", (index) => tip.show(index));
  app.on("open", () => tip.hide());
  for (const name of ["open", "change"]) app.on(name, fillLater);
  startChoices();
  startAccess();
  setLanguage(rememberedLanguage());
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the hash is the name of the view
    element("main").focus();
  });
  addEventListener("hashchange", openView);
  openView();
  const reading = new Reading(app);
  app.read = (text, published) => {
    reading.put(text, published, false);
    return reading.annotate();
  };
  reading.listSeeds();
}

start();
