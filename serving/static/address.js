// The address of the page names the stored article that is corrected, so that a reload and the way back find it.
import { app } from "./app.js";
import { fetchArticle } from "./saving.js";

/** The key of the article in "#correct/KEY", or null. */
export function keyInAddress() {
  try {
    return decodeURIComponent(/^#correct\/(.+)$/.exec(location.hash)?.[1] ?? "") || null;
  } catch {
    return null; // no address of this page
  }
}

function write() {
  if (app.name !== "correct" || !app.text) return;
  const hash = app.article ? `#correct/${encodeURIComponent(app.article.article)}` : "#correct";
  // Not as another entry of the history, and without an event: what is shown stays.
  if (location.hash !== hash) history.replaceState(history.state, "", hash);
}

/** Keep the address as what is shown, and show what it names where nothing else is. */
export async function followAddress() {
  for (const name of ["open", "view", "saved"]) app.on(name, write);
  const key = keyInAddress();
  if (!key || app.text) return;
  try {
    const article = await fetchArticle(key);
    if (!app.text) app.show(article, article.text, article.published);
  } catch (error) {
    if (error.status === undefined) throw error;
    if (!app.text) app.say(error.message, "error");
  }
}
