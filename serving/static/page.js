"use strict";

// Text from outside only ever becomes text nodes: nothing in an article is read as HTML.
const KINDS = {
  PER: "person", TTL: "person", ORG: "organization", LOC: "place", FAC: "place", EVT: "event", PLN: "event",
  DAT: "time", TIM: "time", MON: "figure", PCT: "figure", QTY: "figure", CNT: "figure", RNK: "figure", IND: "indicator",
};
const element = (id) => document.getElementById(id);

function mark(span) {
  const node = document.createElement("mark");
  const label = document.createElement("small");
  node.className = KINDS[span.label];
  node.title = [span.label, span.score, valueWords(span.value)].filter(Boolean).join(" · ");
  label.textContent = span.label;
  node.append(span.text, label);
  return node;
}

/** What each span with a value says, once. */
function values(spans) {
  const rows = new Map();
  for (const span of spans) {
    const words = valueWords(span.value);
    if (words) rows.set(`${span.text}\n${words}`, [span.text, words]);
  }
  return [...rows.values()];
}

function row(cells) {
  const node = document.createElement("tr");
  cells.forEach((text) => {
    node.insertCell().textContent = text;
  });
  return node;
}

function show(text, spans) {
  const nodes = [];
  let at = 0;
  for (const span of spans) {
    nodes.push(text.slice(at, span.start), mark(span));
    at = span.end;
  }
  element("result").replaceChildren(...nodes, text.slice(at));
  element("values").replaceChildren(...values(spans).map(row));
}

async function annotate(text, published) {
  const key = element("key").value.trim();
  const response = await fetch("/annotate?offsets=utf16", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ text, published: published || null }),
  });
  if (response.status === 401) {
    element("access").hidden = false;
    element("key").focus();
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

async function submit(event) {
  event.preventDefault();
  const text = element("text").value;
  element("status").textContent = "…";
  try {
    const record = await annotate(text, element("published").value);
    show(text, record.spans);
    element("status").textContent = `${record.spans.length} · ${record.model}`;
  } catch (error) {
    show("", []);
    element("status").textContent = error.message;
  }
}

async function fillExample() {
  const article = await (await fetch("/example")).json();
  element("text").value = article.text;
  element("published").value = article.published;
  // The day is the example's: it does not stay for another text.
  element("text").addEventListener("input", () => { element("published").value = ""; }, { once: true });
}

element("form").addEventListener("submit", submit);
element("example").addEventListener("click", fillExample);
