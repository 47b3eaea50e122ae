// What is open is found again: the address of the page names the stored article that is corrected, and the tab itself
// knows what it shows.
import { app } from "./app.js";
import { fetchArticle } from "./saving.js";
import { forget, note, noted } from "./tab.js";

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

/** Keep the address as what is shown; show what it names, or what the tab showed, where nothing else is. */
export async function followAddress() {
  for (const name of ["open", "view", "saved"]) app.on(name, write);
  for (const name of ["open", "saved", "gone"]) app.on(name, () => note(app));
  if (app.text) return note(app);
  const last = noted();
  const key = keyInAddress() ?? last?.article;
  if (!key) return last && app.read(last.text, last.published);
  try {
    const article = await fetchArticle(key);
    if (!app.text) app.show(article, article.text, article.published);
  } catch (error) {
    if (error.status === undefined) throw error;
    if (error.status === 404) forget();
    if (!app.text) app.say(error.message, "error");
  }
}
