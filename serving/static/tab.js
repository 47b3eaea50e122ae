// What this tab shows, in its sessionStorage until it is closed: the key of a stored article, or the text of another.
const OPEN = "raqam.open";

/** Remember what *app* shows. */
export function note({ text, published, article }) {
  forget(); // where there is no room for this text, the one before it is not to come back
  try {
    const open = article ? { article: article.article } : { text, published };
    sessionStorage.setItem(OPEN, JSON.stringify(open));
  } catch {
    // A browser without storage, or without room, forgets.
  }
}

/** What was shown before the page was loaded again: {article} or {text, published}, or null. */
export function noted() {
  try {
    const found = JSON.parse(sessionStorage.getItem(OPEN));
    if (typeof found?.article === "string") return { article: found.article };
    return typeof found?.text === "string" && found.text.trim() ? found : null;
  } catch {
    return null;
  }
}

export function forget() {
  try {
    sessionStorage.removeItem(OPEN);
  } catch {
    // What cannot be kept need not be dropped.
  }
}
