// Requests to the service. An error becomes an ApiError whose message is the service's own sentence.
import { addWords, t } from "./words.js";

addWords({
  fa: {
    "api.unreachable": "به سرویس دسترسی نیست؛ ببینید روشن است و دوباره بفرستید.",
    "api.odd": "سرویس پاسخی داد که خوانده نمی‌شود ({status}).",
    "api.401": "این کار کلید سرویس می‌خواهد.", "api.403": "این کلید اجازهٔ این کار را ندارد؛ کلید دیگری بیاورید.",
    "api.wrong": "سرویس این کلید را نمی‌شناسد؛ کلید دیگری بیاورید.",
  },
  en: {
    "api.unreachable": "The service cannot be reached; check that it runs, and send again.",
    "api.odd": "The service answered something that cannot be read ({status}).",
    "api.401": "This needs a key of the service.", "api.403": "This key does not allow that; give another one.",
    "api.wrong": "The service does not know this key; give another one.",
  },
});

const KEY = "raqam.key";
let key = recall();
let asking = null; // one question at a time, whatever is sent meanwhile
let ask = async () => null;

/** What went wrong: *status* (0 where there was no answer) and the *problem* that the service sent, or null. */
export class ApiError extends Error {
  constructor(status, problem, message) {
    super(message ?? problem?.detail ?? problem?.title ?? t("api.odd", { status }));
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }
}

/** Let *question* ask for a key: it gets the service's sentence and resolves to a key, or null to give up. */
export function onKeyNeeded(question) {
  ask = question;
}

/**
 * Send *json* (anything), or *body* (a Blob) as it is, or nothing to *path*; resolves to {data, headers, status}, data
 * null without a body.
 *
 * Throws an ApiError for every answer that is not 2xx. Where a key is missing, wrong (401) or not allowed to do this
 * (403), the page asks for another and the request is sent again. Text comes as a string, other types as a Blob.
 */
export async function request(path, { method, json, body, headers = {}, signal } = {}) {
  const sent = { method: method ?? (json === undefined ? "GET" : "POST"), headers: { ...headers }, body, signal };
  if (json !== undefined) {
    sent.body = JSON.stringify(json);
    sent.headers["Content-Type"] = "application/json";
  }
  for (;;) {
    const used = key;
    const answer = await send(path, sent, used);
    if (answer.ok) return { data: await content(answer), headers: answer.headers, status: answer.status };
    const error = new ApiError(answer.status, await problem(answer));
    const refused = answer.status === 401 || (answer.status === 403 && used !== "");
    if (refused) error.message = t(answer.status === 401 && used ? "api.wrong" : `api.${answer.status}`);
    if (!refused || !(await another(error, used))) throw error;
  }
}

async function send(path, sent, used) {
  const headers = used ? { ...sent.headers, Authorization: `Bearer ${used}` } : sent.headers;
  try {
    return await fetch(path, { ...sent, headers, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, null, t("api.unreachable"));
  }
}

async function content(answer) {
  if (answer.status === 204) return null;
  const type = answer.headers.get("Content-Type") ?? "";
  if (/^application\/(\w+\+)?json\b/.test(type)) return answer.json();
  return type.startsWith("text/") ? answer.text() : answer.blob();
}

async function problem(answer) {
  try {
    return await answer.json();
  } catch {
    return null;
  }
}

/** Whether there is now another key than *used*. */
async function another(error, used) {
  if (key !== used) return true;
  asking ??= ask(error.message).finally(() => { asking = null; });
  const given = ((await asking) ?? "").trim();
  // The header of a request holds visible ASCII alone, and so does a key.
  if (!/^[!-~]+$/.test(given)) return false;
  key = given;
  try {
    sessionStorage.setItem(KEY, key);
  } catch {
    // It is kept for as long as the page is open.
  }
  return true;
}

function recall() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
