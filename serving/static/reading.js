// The form: a text that is written, pasted, dropped as a file or taken from the seeds, and sent to be annotated.
import { request } from "./api.js";
import { make } from "./elements.js";
import { addWords, t } from "./words.js";

addWords({
  fa: {
    "read.working": "در حال خواندن …", "read.done": "{spans} بازه، {facts} واقعیت · {model}",
    "read.blank": "متنی نیست که خوانده شود.", "read.large": "پرونده از ۲ مگابایت بزرگ‌تر است؛ متن یک خبر را بیاورید.",
    "read.coding": "«{name}» متن UTF-8 یا UTF-16 نیست؛ با یکی از این دو ذخیره کنید و دوباره بیاورید.",
    "read.file": "«{name}» خوانده شد.", "read.noseed": "نمونه‌ای برنگزیده‌اید",
  },
  en: {
    "read.working": "Reading …", "read.done": "Spans: {spans}, facts: {facts} · {model}",
    "read.blank": "There is no text to read.",
    "read.large": "The file has more than 2 MB; take the text of one article.",
    "read.coding": "“{name}” is no text in UTF-8 or UTF-16; save it as one of them and take it again.",
    "read.file": "“{name}” was read.", "read.noseed": "No sample chosen",
  },
});

const LARGEST = 2_000_000; // bytes of a file
const DATED = /^\s*date (\d{4}-\d\d-\d\d)\b/; // how a seed says the day of its publication
const element = (id) => document.getElementById(id);

/** The text of *bytes* in UTF-8 or UTF-16, without a byte order mark; throws a TypeError for anything else. */
export function decode(bytes) {
  return new TextDecoder(coding(new Uint8Array(bytes)), { fatal: true }).decode(bytes);
}

function coding(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  // Without a mark: in UTF-16 blanks and line ends, of which every text has some, have a byte that is zero.
  const zeros = [0, 0];
  bytes.subarray(0, 4096).forEach((byte, at) => { if (byte === 0) zeros[at % 2] += 1; });
  if (zeros[1] > zeros[0]) return "utf-16le";
  return zeros[0] > zeros[1] ? "utf-16be" : "utf-8";
}

/** {text, published} of a text *file*; throws an Error that says what is wrong with it. */
export async function readFile(file) {
  if (file.size > LARGEST) throw new Error(t("read.large"));
  const bytes = await file.arrayBuffer();
  try {
    const text = decode(bytes);
    return { text, published: DATED.exec(text)?.[1] ?? null };
  } catch {
    throw new Error(t("read.coding", { name: file.name }));
  }
}

export class Reading {
  #app;
  #exact = ""; // a text as it came; the text area knows no line end but "\n"
  #running = null;

  constructor(app) {
    this.#app = app;
    element("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.annotate();
    });
    element("file").addEventListener("change", async ({ target }) => {
      await this.#open(target.files[0]);
      target.value = ""; // so that the same file can be chosen again
    });
    element("seed").addEventListener("change", ({ target }) => target.value && this.#openSeed(target.value));
    element("text").addEventListener("input", () => this.#typed());
    const drag = (event) => this.#drag(event);
    for (const type of ["dragenter", "dragover", "dragleave", "drop"]) addEventListener(type, drag);
  }

  /** The text that would be sent, exactly as it came where it was not written over. */
  get text() {
    const { value } = element("text");
    return value === this.#exact.replace(/\r\n?/g, "\n") ? this.#exact : value;
  }

  /** Put *text* into the form, with the day of its publication where that is known, or can be *guessed* from it. */
  put(text, published = null, guessed = true) {
    this.#exact = text;
    element("text").value = text;
    element("published").value = published ?? (guessed ? DATED.exec(text)?.[1] : null) ?? "";
  }

  /** Send the text of the form, and show what comes back. */
  async annotate() {
    const { text } = this;
    const published = element("published").value || null;
    if (!text.trim()) return this.#app.say(t("read.blank"), "error");
    this.#running?.abort();
    const { signal } = (this.#running = new AbortController());
    this.#app.say(t("read.working"));
    element("form").setAttribute("aria-busy", "true");
    try {
      const { data } = await request("/annotate?offsets=utf16", { json: { text, published }, signal });
      if (!(await this.#app.mayLeave())) return this.#app.say("");
      if (signal.aborted) return;
      this.#app.show(data, text, published);
      this.#app.say(t("read.done", { spans: data.spans.length, facts: data.facts.length, model: data.model }));
      element("compose").open = false;
      element("result").focus({ preventScroll: true });
    } catch (error) {
      if (error.name !== "AbortError") this.#app.say(error.message, "error");
    } finally {
      if (!signal.aborted) element("form").removeAttribute("aria-busy");
    }
  }

  /** Fill the list of seeds; without any it stays away. */
  async listSeeds() {
    try {
      const { data: { seeds } } = await request("/seeds");
      element("seed").replaceChildren(
        make("option", { value: "", "data-t": "read.noseed" }, t("read.noseed")),
        ...seeds.map(({ name, preview }) => make("option", { value: name }, preview)),
      );
      element("seeds").hidden = !seeds.length;
    } catch {
      element("seeds").hidden = true;
    }
  }

  async #openSeed(name) {
    try {
      const { data } = await request(`/seeds/${encodeURIComponent(name)}`);
      this.put(data);
      await this.annotate();
    } catch (error) {
      this.#app.say(error.message, "error");
    }
  }

  async #open(file) {
    if (!file) return;
    let found;
    try {
      found = await readFile(file);
    } catch (error) {
      return this.#app.say(error.message, "error");
    }
    this.put(found.text, found.published);
    element("seed").value = "";
    this.#app.say(t("read.file", { name: file.name }));
    await this.annotate();
  }

  /** The day belongs to the text it came with. */
  #typed() {
    element("seed").value = "";
    if (this.#exact && this.text !== this.#exact) {
      this.#exact = "";
      element("published").value = "";
    }
  }

  #drag(event) {
    const { types, files } = event.dataTransfer ?? {};
    if (!types?.includes("Files") || event.defaultPrevented) return;
    event.preventDefault(); // else the browser leaves the page for the file
    const here = this.#app.name === "read";
    event.dataTransfer.dropEffect = here ? "copy" : "none";
    element("compose").classList.toggle("over", here && (event.type === "dragenter" || event.type === "dragover"));
    if (event.type === "drop" && here) this.#open(files[0]);
  }
}
