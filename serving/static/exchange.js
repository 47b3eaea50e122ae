// Corrections as a file, and articles from one.
import { request } from "./api.js";
import { app } from "./app.js";
import { fieldOf, make, select } from "./elements.js";
import { t } from "./words.js";

/** What the service may write and read; its OpenAPI document says which of them this one does. */
export const FORMATS = ["gold", "label-studio", "doccano", "brat", "conll", "spacy"];

const TYPES = { json: "application/json", jsonl: "application/x-ndjson", zip: "application/zip" };

/** The section with both forms; the form for imports is not there where the service has none. */
export async function exchange(onImported) {
  const { data } = await request("/openapi.json");
  const [writes, reads] = [formats(data, "/export", "get"), formats(data, "/import", "post")];
  if (!writes && !reads) return null;
  return make(
    "section",
    { class: "card", "aria-labelledby": "exchange-title" },
    make("h2", { id: "exchange-title" }, t("exchange.title")),
    make("div", { class: "two" }, writes && exportForm(writes), reads && importForm(reads, onImported)),
  );
}

/** The formats that a path of the service takes, null where it has no such path. */
function formats(document, path, method) {
  const operation = document.paths?.[path]?.[method];
  if (!operation) return null;
  const { schema } = operation.parameters?.find(({ name }) => name === "format") ?? {};
  const known = schema?.enum ?? (schema?.const ? [schema.const] : null);
  return known
    ? [...FORMATS.filter((name) => known.includes(name)), ...known.filter((name) => !FORMATS.includes(name))]
    : FORMATS.slice(0, 1);
}

function formatSelect(names) {
  return select(
    names.map((name) => [name, FORMATS.includes(name) ? t(`format.${name}`) : name]),
    names[0],
    { name: "format" },
  );
}

function exportForm(names) {
  const format = formatSelect(names);
  // By a request and not by a link, because a link cannot send a key.
  const send = guarded(async () => {
    const { data, headers } = await request(`/export?format=${encodeURIComponent(format.value)}`);
    const content =
      data instanceof Blob ? data : new Blob([typeof data === "string" ? data : JSON.stringify(data, null, 1)]);
    const named = /filename="?([\w.-]+)/.exec(headers.get("Content-Disposition") ?? "");
    download(content, named ? named[1] : `raqam-${format.value}`);
    app.say(t("exchange.downloaded"));
  });
  return make(
    "form",
    { class: "export", onsubmit: send },
    make("h3", {}, t("exchange.export")),
    make(
      "div",
      { class: "filters" },
      fieldOf(t("exchange.format"), format),
      make("button", { type: "submit" }, t("exchange.download")),
    ),
  );
}

function download(content, name) {
  const link = make("a", { href: URL.createObjectURL(content), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function importForm(names, onImported) {
  const format = formatSelect(names);
  const file = make("input", { type: "file", name: "file" });
  const outcome = make("div", { role: "status" });
  const form = make(
    "form",
    {
      class: "import",
      onsubmit: guarded(async () => {
        const [chosen] = file.files;
        if (!chosen) return outcome.replaceChildren(make("p", { class: "wrong" }, t("exchange.nofile")));
        try {
          const { data } = await request(`/import?format=${encodeURIComponent(format.value)}`, {
            method: "POST",
            body: chosen,
            headers: { "Content-Type": typeOf(chosen.name) },
          });
          outcome.replaceChildren(...said(data));
          onImported();
        } catch (error) {
          if (error.status !== 404) throw error;
          form.hidden = true;
          app.say(t("exchange.absent"), "error");
        }
      }),
    },
    make("h3", {}, t("exchange.import")),
    make(
      "div",
      { class: "filters" },
      fieldOf(t("exchange.format"), format),
      fieldOf(t("exchange.file"), file),
      make("button", { type: "submit" }, t("exchange.send")),
    ),
    outcome,
  );
  return form;
}

// None of these is what a form of another site could send.
function typeOf(name) {
  return TYPES[name.split(".").pop().toLowerCase()] ?? "application/octet-stream";
}

function said({ imported, rejected = [] }) {
  const done = make("p", {}, t("exchange.imported", { count: imported }));
  if (!rejected.length) return [done];
  return [
    done,
    make("p", { class: "wrong" }, t("exchange.rejected", { count: rejected.length })),
    make(
      "ul",
      {},
      rejected.map(({ place, message }) => make("li", { dir: "auto" }, `${place}: ${message}`)),
    ),
  ];
}

/** A listener that says what went wrong. */
export function guarded(act) {
  return async (event) => {
    event?.preventDefault();
    try {
      await act(event);
    } catch (error) {
      if (error.status === undefined) throw error;
      app.say(error.message, "error");
    }
  };
}
