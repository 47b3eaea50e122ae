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
  node.title = `${span.label} · ${span.score}`;
  label.textContent = span.label;
  node.append(span.text, label);
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
}

async function annotate(text) {
  const response = await fetch("/annotate?offsets=utf16", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

async function submit(event) {
  event.preventDefault();
  const text = element("text").value;
  element("status").textContent = "…";
  try {
    const record = await annotate(text);
    show(text, record.spans);
    element("status").textContent = `${record.spans.length} · ${record.model}`;
  } catch (error) {
    element("result").replaceChildren();
    element("status").textContent = error.message;
  }
}

async function fillExample() {
  element("text").value = (await (await fetch("/example")).json()).text;
}

element("form").addEventListener("submit", submit);
element("example").addEventListener("click", fillExample);
