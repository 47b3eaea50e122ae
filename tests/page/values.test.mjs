// The forms of values without a page: `node --test`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { daysOf, fieldsOf, numberOf, valueOf } from "../../serving/static/value-fields.js";

for (const [written, number] of [
  ["۴۷", "47"],
  ["٣٫٥", "3.5"],
  ["1,234,567.50", "1234567.50"],
  ["۶٬۶۰۰", "6600"],
  ["−۹٫۷", "-9.7"],
  ["007", "7"],
  ["0.5", "0.5"],
  ["", null],
  ["1.2.3", null],
  ["1,23", null],
  ["1e3", null],
  ["چند", null],
  ["12 345", "12345"],
  ["123456789012345678901234567890", "123456789012345678901234567890"],
]) {
  test(`«${written}» is the number ${number}`, () => assert.equal(numberOf(written), number));
}

const EXACT = { bound: "exact" };
for (const value of [
  { kind: "money", number: "6600000000000", currency: "IRT", irr: "66000000000000", bound: "more_than" },
  { kind: "money", low: "2", high: "1000.55", currency: "IRT", irr: { low: "20", high: "10005.5" }, ...EXACT },
  { kind: "money", number: "100", currency: "IRR", irr: "100", ...EXACT },
  { kind: "money", number: "12000000000", currency: "USD", irr: null, ...EXACT },
  { kind: "money", currency: "IRT", irr: null, ...EXACT },
  { kind: "percent", number: "-9.7", bound: "about" },
  { kind: "ratio", number: "2", ...EXACT },
  { kind: "quantity", number: "3000000", unit: "bbl/day", ...EXACT },
  { kind: "count", number: "30", of: "معدن", ...EXACT },
  { kind: "count", number: "30", of: null, ...EXACT },
  { kind: "rank", number: "6", ...EXACT },
  { kind: "date", calendar: "jalali", date: "1404-06-16", start: "2025-09-07", end: "2025-09-07" },
  { kind: "date", calendar: "jalali", relative: true },
  { kind: "date", calendar: "islamic", date: "1445-09" },
  { kind: "place", country: "IR", province: "IR-13" },
  { kind: "place", country: "AZ", province: null },
]) {
  test(`a form keeps ${JSON.stringify(value)}`, () => {
    assert.deepEqual(valueOf(value.kind, fieldsOf(value)), { value });
  });
}

for (const [kind, fields, wrong] of [
  ["percent", { form: "number", number: "چند", ...EXACT }, ["number"]],
  ["percent", { form: "range", low: "5", high: "3", ...EXACT }, ["high"]],
  ["rank", { form: "number", number: "2.5", ...EXACT }, ["number"]],
  ["money", { form: "number", number: "5", currency: "toman", ...EXACT }, ["currency"]],
  ["quantity", { form: "vague", unit: "", ...EXACT }, ["unit"]],
  ["place", { country: "IR", province: "AZ-12" }, ["province"]],
  ["place", { country: "Iran", province: "" }, ["country"]],
  ["date", { calendar: "jalali", when: "date", date: "1404-13" }, ["date"]],
  ["date", { calendar: "jalali", when: "date", date: "" }, ["date"]],
  ["date", { calendar: "jalali", when: "date", date: "1404", start: "2025-01-01" }, ["end"]],
  ["date", { calendar: "jalali", when: "relative", start: "2025-02-01", end: "2025-01-01" }, ["end"]],
]) {
  test(`a ${kind} of ${JSON.stringify(fields)} is refused`, () => {
    assert.deepEqual(Object.keys(valueOf(kind, fields).errors), wrong);
  });
}

test("toman become rials exactly, also beyond what a float holds", () => {
  const { value } = valueOf("money", {
    form: "number",
    number: "12345678901234567890.05",
    currency: "irt",
    bound: "exact",
  });
  assert.equal(value.irr, "123456789012345678900.5");
  assert.equal(valueOf("money", { form: "number", number: "0.5", currency: "IRT", bound: "exact" }).value.irr, "5");
});

test("rials lose the zeros behind their point, as the service writes them", () => {
  const fields = { form: "number", number: "۱۵۰۰٫۵۰", currency: "IRR", bound: "exact" };
  assert.equal(valueOf("money", fields).value.irr, "1500.5");
});

for (const [calendar, date] of [
  ["jalali", "1404-12-30"],
  ["jalali", "1404-07-31"],
  ["jalali", "--07-31"],
  ["jalali", "1404-01-01 تا 1404-12-30"],
  ["gregorian", "2023-02-29"],
  ["islamic", "1446-09-31"],
]) {
  test(`${calendar} has no ${date}`, () => {
    assert.deepEqual(valueOf("date", { calendar, when: "date", date }).errors, { date: "value.wrong.day" });
  });
}

test("a day that is in leap years alone is one", () => {
  for (const [calendar, date] of [["jalali", "1403-12-30"], ["jalali", "--12-30"], ["gregorian", "--02-29"]]) {
    assert.equal(valueOf("date", { calendar, when: "date", date }).value.date, date);
  }
});

for (const [calendar, date, days] of [
  ["jalali", "1404-06-16", ["2025-09-07", "2025-09-07"]],
  ["jalali", "1403", ["2024-03-20", "2025-03-20"]],
  ["jalali", "1404-12", ["2026-02-20", "2026-03-20"]],
  ["jalali", "1398..1403", ["2019-03-21", "2025-03-20"]],
  ["gregorian", "2024-02", ["2024-02-01", "2024-02-29"]],
  ["gregorian", "2023-02-30", null],
  ["jalali", "1404-12-30", null],
  ["jalali", "--06-16", null],
  ["islamic", "1445-09", null],
  ["jalali", "?", null],
]) {
  test(`${date} in ${calendar} is ${days}`, () => {
    assert.deepEqual(daysOf(calendar, date), days && { start: days[0], end: days[1] });
  });
}
