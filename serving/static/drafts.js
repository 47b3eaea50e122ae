// Unsaved corrections, kept in localStorage so that a reload, a crash or a closed lid loses nothing.

const PREFIX = "raqam.draft.";
const LAST = "raqam.draft-open";

/** This tab, for as long as its page is open: a draft says which one made it. */
export const TAB = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

/** The key of the draft of what *app* shows: the stored article's, else one made of the text. */
export function draftKey({ article, text }) {
  return article ? `article:${article.article}` : `text:${text.length}:${hash(text)}`;
}

/** Keep *draft* under *key*; false where the browser has no storage or no room left. */
export function keepDraft(key, draft) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(draft));
    localStorage.setItem(LAST, key);
    return true;
  } catch {
    return false;
  }
}

/** The draft under *key*, or null. */
export function draftOf(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + key));
    const whole = typeof draft?.text === "string" && [draft.base, draft.spans].every((spans) => fit(spans, draft.text));
    return whole ? draft : null;
  } catch {
    return null;
  }
}

export function dropDraft(key) {
  try {
    localStorage.removeItem(PREFIX + key);
    if (localStorage.getItem(LAST) === key) localStorage.removeItem(LAST);
  } catch {
    // What cannot be kept need not be dropped.
  }
}

/** The draft that was edited last, or null. */
export function lastDraft() {
  try {
    return draftOf(localStorage.getItem(LAST) ?? "");
  } catch {
    return null;
  }
}

/** All drafts as [key, draft], the latest first. */
export function allDrafts() {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => [name.slice(PREFIX.length), draftOf(name.slice(PREFIX.length))])
      .filter(([, draft]) => draft)
      .sort(([, one], [, other]) => other.when - one.when);
  } catch {
    return [];
  }
}

/** Whether *spans* are what can be shown of *text*: storage may hold what another version, or another page, wrote. */
function fit(spans, text) {
  if (!Array.isArray(spans)) return false;
  let last = 0;
  return spans.every((span) => {
    const good =
      Number.isInteger(span?.start) && last <= span.start && span.start < span.end && span.end <= text.length;
    last = span?.end;
    return good && typeof span.label === "string";
  });
}

/** 53 bits that tell texts apart (cyrb53); no secret hangs on them. */
function hash(text) {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
