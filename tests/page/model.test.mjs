// The annotation of a text, the edges of words and the differences of two corrections, without a page: `node --test`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { conflicts, differences, merged } from "../../serving/static/differences.js";
import { Words } from "../../serving/static/edges.js";
import { Annotation } from "../../serving/static/model.js";

const TEXT = "استاندار همدان گفت: سرمایه‌گذاری ۴۷ درصد و ۳٫۵ میلیارد تومان در معدن.";
const at = (words, text = TEXT) => ({ start: text.indexOf(words), end: text.indexOf(words) + words.length });
const span = (words, label, more = {}) => ({ ...at(words), label, text: words, ...more });
const shown = (annotation) => annotation.spans.map(({ text, label }) => `${text} ${label}`);

function annotated(...spans) {
  return new Annotation(TEXT, spans);
}

function add(annotation, words, label) {
  const { start, end } = at(words, annotation.text);
  return annotation.add(start, end, label);
}

// Words

const snapped = (part, text = TEXT) => {
  const { start, end } = at(part, text);
  const found = new Words(text).snap(start, end);
  return found && text.slice(found.start, found.end);
};

for (const [part, whole, text] of [
  ["مدا", "همدان"],
  ["ندار همد", "استاندار همدان"],
  ["گذار", "سرمایه‌گذاری"], // the half-space stays inside
  ["سرمایه", "سرمایه‌گذاری"],
  ["٫۵ م", "۳٫۵ میلیارد"], // and so does the mark within a number
  [" همدان ", "همدان"],
  ["گفت: ", "گفت"],
  [": ", null],
  ["معدن.", "معدن"],
  ["«همدان»", "همدان", "در «همدان» و"],
  ["معصومه (س)", "معصومه (س)", "حرم معصومه (س) در قم"],
  ["معصومه (س", "معصومه (س", "حرم معصومه (س) در قم"],
  ["47%", "47%", "رشد 47% بود"],
  ["7", "47", "رشد 47% بود"],
  ["6", "1404/06/16", "روز 1404/06/16"],
  ["همد", "همدان", "📈همدان📈"],
]) {
  test(`«${part}» snaps to «${whole}»`, () => assert.equal(snapped(part, text), whole));
}

test("a text without words has nothing to snap to", () => {
  assert.equal(new Words("").snap(0, 0), null);
  assert.equal(new Words("، ؟").snap(0, 3), null);
});

test("steps go from edge to edge and stop at the ends", () => {
  const words = new Words("یک دو، سه");
  assert.equal(words.step(0, 1, "end"), 2);
  assert.equal(words.step(2, 1, "end"), 5);
  assert.equal(words.step(9, 1, "end"), 9);
  assert.equal(words.step(7, -1, "start"), 5); // the comma is a word of its own
  assert.equal(words.step(3, -1, "start"), 0);
  assert.equal(words.step(0, -1, "start"), 0);
});

test("a step by one character takes a surrogate pair whole", () => {
  const words = new Words("📈قم");
  assert.equal(words.nudge(0, 1), 2);
  assert.equal(words.nudge(2, -1), 0);
  assert.equal(words.nudge(0, -1), 0);
  assert.equal(words.nudge(4, 1), 4);
});

for (const blank of ["\x1c", "\x85", "\u2028", "\xa0"]) {
  const code = blank.charCodeAt(0).toString(16);
  test(`U+${code} is white space: no word, and at no edge of a span`, () => {
    const text = `همدان${blank}گفت`;
    assert.equal(new Words(text).length, 2);
    const annotation = new Annotation(text);
    annotation.add(0, 6, "LOC");
    assert.deepEqual(shown(annotation), ["همدان LOC"]);
    assert.equal(annotation.add(5, 6, "LOC"), null);
    assert.equal(annotation.moveEdge(annotation.spans[0].id, "end", 6), false);
    assert.equal(new Words(text).nudge(5, 1), 7); // so that keys get over it
  });
}

// Edits

test("a new span stands in order, without a value of its own", () => {
  const annotation = annotated(span("همدان", "LOC"));
  add(annotation, "استاندار", "TTL");
  add(annotation, "۴۷ درصد", "PCT");
  assert.deepEqual(shown(annotation), ["استاندار TTL", "همدان LOC", "۴۷ درصد PCT"]);
  assert.equal("value" in annotation.toJSON().spans[0], false);
});

test("a span that is covered goes, one that is cut keeps the rest, and one step brings both back", () => {
  const annotation = annotated(span("استاندار همدان", "PER"), span("۴۷ درصد", "PCT"));
  add(annotation, "همدان گفت: سرمایه‌گذاری ۴۷ درصد", "EVT");
  assert.deepEqual(shown(annotation), ["استاندار PER", "همدان گفت: سرمایه‌گذاری ۴۷ درصد EVT"]);
  annotation.undo();
  assert.deepEqual(shown(annotation), ["استاندار همدان PER", "۴۷ درصد PCT"]);
});

test("a span within another leaves what is on both sides of it", () => {
  const annotation = annotated(span("استاندار همدان گفت: سرمایه‌گذاری", "EVT"));
  add(annotation, "همدان", "LOC");
  assert.deepEqual(shown(annotation), ["استاندار EVT", "همدان LOC", "گفت: سرمایه‌گذاری EVT"]);
  assert.equal(new Set(annotation.spans.map(({ id }) => id)).size, 3);
});

test("nothing is left of a span where only marks would be", () => {
  const annotation = annotated(span("گفت:", "EVT"));
  add(annotation, "گفت", "IND");
  assert.deepEqual(shown(annotation), ["گفت IND"]);
});

test("spans that only touch both stay", () => {
  const annotation = new Annotation("ازسمنان", [{ start: 0, end: 2, label: "IND" }]);
  annotation.add(2, 7, "LOC");
  assert.equal(annotation.spans.length, 2);
});

test("the same place again is another label, and the same label no edit", () => {
  const annotation = annotated(span("همدان", "LOC", { value: { kind: "place" }, score: 0.9 }));
  const id = add(annotation, "همدان", "ORG");
  assert.deepEqual(shown(annotation), ["همدان ORG"]);
  assert.equal(annotation.find(id).value, undefined);
  assert.equal(annotation.find(id).score, undefined);
  annotation.undo();
  add(annotation, "همدان", "LOC");
  assert.equal(annotation.dirty, false);
});

test("a span must lie in the text", () => {
  const annotation = annotated();
  for (const [start, end] of [
    [-1, 2],
    [3, 3],
    [0, 1000],
  ])
    assert.throws(() => annotation.add(start, end, "LOC"), RangeError);
});

test("an edge moves over its neighbour, and not over the other edge", () => {
  const annotation = annotated(span("استاندار", "TTL"), span("همدان", "LOC"));
  const { id } = annotation.spans[0];
  assert.equal(annotation.moveEdge(id, "end", at("استاندار همدان").end), true);
  assert.deepEqual(shown(annotation), ["استاندار همدان TTL"]);
  assert.equal(annotation.find(id).text, "استاندار همدان");
  assert.equal(annotation.moveEdge(id, "end", 0), false);
  assert.equal(annotation.moveEdge(id, "start", -1), false);
  assert.equal(annotation.moveEdge(999, "start", 3), false);
  annotation.undo();
  assert.equal(annotation.dirty, false);
});

test("a value that somebody wrote stays when the edge moves, one that was read is read anew", () => {
  const value = { kind: "percent", number: "47", bound: "exact" };
  const annotation = annotated(span("۴۷ درصد", "PCT", { value }));
  const { id } = annotation.spans[0];
  annotation.moveEdge(id, "start", at("سرمایه‌گذاری ۴۷").start);
  assert.equal("value" in annotation.find(id), false);
  annotation.setValue(id, value);
  annotation.moveEdge(id, "start", at("۴۷").start);
  assert.deepEqual(annotation.find(id).value, value);
  annotation.setValue(id, undefined);
  assert.equal("value" in annotation.toJSON().spans[0], false);
  annotation.setValue(id, null);
  assert.equal(annotation.toJSON().spans[0].value, null);
});

test("undo and redo go as far as there are edits, and an edit ends what could be redone", () => {
  const annotation = annotated();
  add(annotation, "همدان", "LOC");
  add(annotation, "استاندار", "TTL");
  assert.equal(annotation.undo() && annotation.undo(), true);
  assert.equal(annotation.undo(), false);
  assert.equal(annotation.dirty, false);
  annotation.redo();
  assert.deepEqual(shown(annotation), ["همدان LOC"]);
  assert.equal(annotation.canRedo, true);
  annotation.remove(annotation.spans[0].id);
  assert.equal(annotation.canRedo, false);
  assert.equal(annotation.redo(), false);
});

test("facts go with their spans: indexes move, and a pair whose end is gone or relabelled goes", () => {
  const facts = [
    { indicator: 0, figure: 1 },
    { indicator: 0, figure: 2 },
  ];
  const spans = [span("سرمایه‌گذاری", "IND"), span("۴۷ درصد", "PCT"), span("۳٫۵ میلیارد تومان", "MON")];
  const annotation = new Annotation(TEXT, spans, facts);
  add(annotation, "استاندار", "TTL");
  assert.deepEqual(annotation.facts, [
    { indicator: 1, figure: 2 },
    { indicator: 1, figure: 3 },
  ]);
  annotation.remove(annotation.spans[2].id);
  assert.deepEqual(annotation.facts, [{ indicator: 1, figure: 2 }]);
  annotation.relabel(annotation.spans[2].id, "ORG");
  assert.deepEqual(annotation.facts, []);
  annotation.undo();
  annotation.undo();
  assert.equal(annotation.facts.length, 2);
});

test("what was saved is clean, also after edits were undone to it, and edits made meanwhile stay to be saved", () => {
  const annotation = annotated();
  const id = add(annotation, "همدان", "LOC");
  const sent = annotation.state;
  add(annotation, "استاندار", "TTL");
  annotation.stored(sent, [span("همدان", "LOC", { value: null })]);
  assert.equal(annotation.dirty, true);
  annotation.undo();
  assert.equal(annotation.dirty, false);
  annotation.stored(annotation.state, [span("همدان", "LOC", { value: { kind: "place" } })]);
  assert.equal(annotation.dirty, false);
  assert.deepEqual(annotation.find(id).value, { kind: "place" }); // known by its place
  annotation.undo();
  assert.equal(annotation.dirty, true);
});

test("a draft is one edit", () => {
  const annotation = annotated(span("همدان", "LOC"));
  annotation.replace([span("معدن", "FAC"), span("استاندار", "TTL")]);
  assert.deepEqual(shown(annotation), ["استاندار TTL", "معدن FAC"]);
  annotation.undo();
  assert.deepEqual(shown(annotation), ["همدان LOC"]);
});

test("spans never overlap and never lose their text, whatever is done", () => {
  let seed = 7;
  const random = (limit) => {
    seed = (seed * 48271) % 2147483647;
    return seed % limit;
  };
  const annotation = annotated();
  const labels = ["PER", "LOC", "IND", "MON"];
  for (let step = 0; step < 3000; step += 1) {
    const some = annotation.spans[random(annotation.spans.length || 1)];
    const start = random(TEXT.length);
    const what = random(6);
    if (what < 2 || !some) annotation.add(start, start + 1 + random(TEXT.length - start), labels[random(4)]);
    else if (what === 2) annotation.remove(some.id);
    else if (what === 3) annotation.moveEdge(some.id, random(2) ? "start" : "end", start);
    else if (what === 4) annotation.relabel(some.id, labels[random(4)]);
    else if (random(2)) annotation.undo();
    else annotation.redo();
    let last = 0;
    for (const { start: from, end, text } of annotation.spans) {
      assert.ok(last <= from && from < end && end <= TEXT.length);
      assert.equal(text, TEXT.slice(from, end));
      last = end;
    }
    assert.equal(new Set(annotation.spans.map(({ id }) => id)).size, annotation.spans.length);
  }
});

// Differences

const [title, place, both] = [span("استاندار", "TTL"), span("همدان", "LOC"), span("استاندار همدان", "PER")];
const share = span("۴۷ درصد", "PCT", { value: { kind: "percent", number: "47" } });

test("equal spans are no difference, whatever order the keys of a value have", () => {
  const turned = { ...share, value: { number: "47", kind: "percent" }, score: 0.5 };
  assert.deepEqual(differences([title, share], [title, turned]), []);
});

test("spans that overlap are one difference, others each their own", () => {
  const found = differences([title, place, share], [both]);
  assert.deepEqual(
    found.map(({ mine, theirs }) => [mine.length, theirs.length]),
    [
      [2, 1],
      [1, 0],
    ],
  );
  assert.deepEqual([found[0].start, found[0].end], [both.start, both.end]);
});

test("another value is a difference", () => {
  const other = { ...share, value: { kind: "percent", number: "48" } };
  assert.equal(differences([share], [other]).length, 1);
});

test("what only one of two changed is settled, what both changed is asked for", () => {
  const mill = span("معدن", "FAC");
  const places = conflicts([title, share], [title, share, mill], [both]);
  assert.deepEqual(
    places.map(({ choice }) => choice),
    ["theirs", "theirs", "mine"],
  );
  const mine = { ...share, label: "CNT" };
  const theirs = { ...share, label: "QTY" };
  assert.equal(conflicts([share], [mine], [theirs])[0].choice, null);
});

test("a merge takes the side that was chosen and keeps what nobody changed", () => {
  const mine = [title, place, share];
  const theirs = [both, share];
  const [difference] = differences(mine, theirs);
  assert.deepEqual(merged(mine, [{ ...difference, choice: "theirs" }]), [both, share]);
  assert.deepEqual(merged(mine, [{ ...difference, choice: "mine" }]), mine);
  assert.deepEqual(merged(mine, [{ ...difference, choice: null }]), mine);
});

test("a value that is stored stays while an edge moves, to be looked at", () => {
  const annotation = annotated(span("۴۷ درصد", "PCT", { value: { kind: "percent", number: "48" }, held: true }));
  const [{ id, start }] = annotation.spans;
  annotation.moveEdge(id, "end", start + 2);
  assert.deepEqual([annotation.find(id).value.number, annotation.find(id).check], ["48", true]);
  annotation.setValue(id, null);
  assert.equal(annotation.find(id).check, undefined);
});

test("what somebody wrote is theirs still once it is stored", () => {
  const annotation = annotated(span("۴۷ درصد", "PCT"));
  const [{ id, start }] = annotation.spans;
  annotation.setValue(id, { kind: "percent", number: "48" });
  annotation.stored(annotation.state, [span("۴۷ درصد", "PCT", { value: { kind: "percent", number: "48" } })]);
  annotation.moveEdge(id, "end", start + 2);
  assert.equal(annotation.find(id).value.number, "48");
});
