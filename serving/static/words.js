// The words of the interface, in Persian and English. Each module adds its own with addWords; nothing here is HTML.
const LANGUAGES = { fa: "rtl", en: "ltr" };
const KEY = "raqam.language";
const words = { fa: {}, en: {} };
const listeners = [];
let current = "fa";

/** "fa" or "en". */
export const language = () => current;

/** "rtl" or "ltr", of the interface; an article has the direction of its own letters. */
export const direction = () => LANGUAGES[current];

/** Add words of the form {fa: {key: "…"}, en: {key: "…"}}. */
export function addWords(added) {
  for (const code of Object.keys(LANGUAGES)) Object.assign(words[code], added[code]);
}

/** The words of *key* in the language of the interface; `{name}` stands for values.name, numbers in its digits. */
export function t(key, values = {}) {
  const text = words[current][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name] ?? whole;
    return typeof value === "number" ? count(value) : String(value);
  });
}

/** The locale of numbers and names in the interface. */
export const locale = () => (current === "fa" ? "fa-IR" : "en");

/** A whole number in the digits of the interface: ۱٬۲۳۴ or 1,234. */
export const count = (value) => new Intl.NumberFormat(locale()).format(value);

/** Call *listener* whenever the language has changed. */
export const onLanguage = (listener) => listeners.push(listener);

/** Put the interface into *code*, and remember it. */
export function setLanguage(code) {
  current = code in LANGUAGES ? code : "fa";
  remember(KEY, current);
  document.documentElement.lang = current;
  document.documentElement.dir = direction();
  translate(document);
  for (const listener of listeners) listener(current);
}

/** Fill in the elements below *root* that name their words: data-t for the text, data-t-NAME for an attribute. */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const [name, attribute] of [["label", "aria-label"], ["placeholder", "placeholder"], ["title", "title"]]) {
    for (const node of root.querySelectorAll(`[data-t-${name}]`)) {
      node.setAttribute(attribute, t(node.getAttribute(`data-t-${name}`)));
    }
  }
}

/** The language that was chosen before, or Persian. */
export const rememberedLanguage = () => recall(KEY) ?? "fa";

/** Keep a choice of this reader in localStorage, where the browser has one. */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser without storage forgets; nothing else depends on it.
  }
}

/** What *remember* kept, or null. */
export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
