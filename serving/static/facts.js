// What an article says in figures: rows, groups and sentences made of its spans, for the tables and charts.
import { compareNumbers } from "./values.js";

export const FIGURES = new Set(["MON", "PCT", "QTY", "CNT", "RNK"]);
const SENTENCE_END = /(?:[.!?؟…]+["'»)\]]*\s+|\n+)/g;

/** The start of every sentence of *text*, in order; none begins inside of one of *spans*. */
export function sentenceStarts(text, spans) {
  const starts = [0];
  let at = 0;
  for (const found of text.matchAll(SENTENCE_END)) {
    const start = found.index + found[0].length;
    while (at < spans.length && spans[at].end <= start) at += 1;
    if (at < spans.length && spans[at].start < start && spans[at].end > found.index) continue;
    starts.push(start);
  }
  return starts;
}

/** {start, end} of the sentence around *offset*, without the blanks at its ends. */
export function sentenceAt(text, starts, offset) {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  const [start, end] = [starts[low], starts[low + 1] ?? text.length];
  const sentence = text.slice(start, end);
  return { start: end - sentence.trimStart().length, end: start + sentence.trimEnd().length };
}

/** One row per figure: {index, span, value, indicators: [span index…], sentence: {start, end}}, in order. */
export function figureRows({ text, spans, facts }) {
  const starts = sentenceStarts(text, spans);
  const measured = Map.groupBy(facts, (fact) => fact.figure);
  return [...spans.entries()].filter(([, span]) => FIGURES.has(span.label)).map(([index, span]) => ({
    index, span, value: span.value ?? null,
    indicators: (measured.get(index) ?? []).map((fact) => fact.indicator),
    sentence: sentenceAt(text, starts, span.start),
  }));
}

/** What a value can be compared within: "money:IRR", "quantity:MW", "count:معدن"; null without a number. */
export function family(value) {
  if (!value || (value.number ?? value.low) === undefined) return null;
  if (value.kind === "money") return value.irr ? "money:IRR" : `money:${value.currency}`;
  return `${value.kind}:${value.unit ?? value.of ?? ""}`;
}

/** [low, high] of a value in the unit of its family, as exact decimals. */
export function extent(value) {
  const inUnit = value.irr ? (typeof value.irr === "string" ? { number: value.irr } : value.irr) : value;
  return [inUnit.number ?? inUnit.low, inUnit.number ?? inUnit.high];
}

/** Order of two values: by what they count in, then by size; those without a number last. */
export function compareValues(one, other) {
  const [a, b] = [family(one), family(other)];
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a === b ? compareNumbers(extent(one)[0], extent(other)[0]) : a < b ? -1 : 1;
}

/** A name as it is counted: blanks and half-spaces alike, Arabic ي and ك as Persian ones. */
export function normalized(text) {
  return text.replace(/ي/g, "ی").replace(/ك/g, "ک").replace(/[\s\u200c]+/g, " ").trim();
}

/** Spans of *label* by name: [{name, indexes: [span index…]}], the most frequent first. */
export function namesOf(spans, label) {
  const found = new Map();
  spans.forEach((span, index) => {
    if (span.label !== label) return;
    const name = normalized(span.text);
    if (!found.has(name)) found.set(name, { name, span, indexes: [] });
    found.get(name).indexes.push(index);
  });
  return [...found.values()].sort((one, other) => other.indexes.length - one.indexes.length);
}

/** How many figures of each label stand in a sentence that names a province: Map of code → {label: count}. */
export function figuresByProvince(rows, spans) {
  const found = new Map();
  const places = spans.filter((span) => span.label === "LOC" && span.value?.province?.startsWith("IR-"));
  for (const { span, sentence } of rows) {
    const named = places.filter((place) => place.start >= sentence.start && place.end <= sentence.end);
    for (const code of new Set(named.map((place) => place.value.province))) {
      if (!found.has(code)) found.set(code, {});
      found.get(code)[span.label] = (found.get(code)[span.label] ?? 0) + 1;
    }
  }
  return found;
}
