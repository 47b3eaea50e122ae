// The values of spans as fields of a form, and back: `fieldsOf(value)`, `valueOf(kind, fields)`. Numbers stay strings.

export const BOUNDS = ["exact", "about", "at_least", "more_than", "at_most", "less_than"];
export const CALENDARS = ["jalali", "gregorian", "islamic"];

/** The kinds of value that the spans of a label can have. */
export const KINDS_OF = {
  MON: ["money"],
  PCT: ["percent", "ratio"],
  QTY: ["quantity"],
  CNT: ["count"],
  RNK: ["rank"],
  DAT: ["date"],
  LOC: ["place"],
};

const FIGURES = new Set(["money", "percent", "ratio", "quantity", "count", "rank"]);
const RIALS = { IRR: 0, IRT: 1 }; // zeros to add for the amount in rials

export const isFigure = (kind) => FIGURES.has(kind);

/** What the form shows of *value*. */
export function fieldsOf(value) {
  const fields = { form: "number", bound: "exact", calendar: "jalali", when: "date", country: "IR", currency: "IRT" };
  for (const [name, part] of Object.entries(value ?? {})) if (typeof part === "string") fields[name] = part;
  if (value && isFigure(value.kind)) {
    fields.form = value.number !== undefined ? "number" : value.low !== undefined ? "range" : "vague";
  }
  if (value?.relative) fields.when = "relative";
  return fields;
}

/** {value} of *kind* from what was written, or {errors: {field: reason}}; a reason is a key of words. */
export function valueOf(kind, fields) {
  const errors = {};
  const read = { ...(isFigure(kind) ? figure(kind, fields, errors) : {}), ...READERS[kind](fields, errors) };
  return Object.keys(errors).length ? { errors } : { value: { kind, ...read } };
}

/** "۱٬۲۳۴٫۵۰" as "1234.50"; null where it is no decimal number. */
export function numberOf(text) {
  const plain = digits(text)
    .replace(/[\s\u200e\u200f\u2066-\u2069]/g, "")
    .replace(/[−‐–]/g, "-")
    .replace(/(?<=\d)[٬،,](?=\d{3}(?!\d))/g, "")
    .replace("٫", ".");
  return /^-?\d+(\.\d+)?$/.test(plain) ? plain.replace(/^(-?)0+(?=\d)/, "$1") : null;
}

/** *text* with Western digits. */
export function digits(text) {
  return text.replace(/[۰-۹٠-٩]/g, (digit) => digit.charCodeAt(0) & 15);
}

function figure(kind, fields, errors) {
  const names = { number: ["number"], range: ["low", "high"], vague: [] }[fields.form];
  const found = Object.fromEntries(names.map((name) => [name, numberOf(fields[name] ?? "")]));
  for (const name of names) {
    if (found[name] === null) errors[name] = "value.wrong.number";
    else if (kind === "rank" && !/^\d+$/.test(found[name])) errors[name] = "value.wrong.rank";
  }
  if (!errors.low && !errors.high && fields.form === "range" && Number(found.low) > Number(found.high)) {
    errors.high = "value.wrong.range";
  }
  return { ...found, bound: fields.bound };
}

function money(fields, errors) {
  const currency = (fields.currency ?? "").trim().toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) errors.currency = "value.wrong.currency";
  const part = (name) => rials(numberOf(fields[name] ?? ""), RIALS[currency]);
  const irr = {
    number: () => part("number"),
    range: () => ({ low: part("low"), high: part("high") }),
    vague: () => null,
  };
  return { currency, irr: currency in RIALS ? irr[fields.form]() : null };
}

/** *number* with its point moved by *zeros* to the right, exactly. */
function rials(number, zeros) {
  if (!number) return number;
  const [, minus, whole, fraction] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(number);
  const moved = (fraction ?? "").padEnd(zeros, "0");
  const rest = moved.slice(zeros).replace(/0+$/, "");
  return minus + (whole + moved.slice(0, zeros)).replace(/^0+(?=\d)/, "") + (rest && `.${rest}`);
}

function quantity(fields, errors) {
  const unit = (fields.unit ?? "").trim();
  if (!/^[A-Za-z0-9/%]+$/.test(unit)) errors.unit = "value.wrong.unit";
  return { unit };
}

function place(fields, errors) {
  const country = (fields.country ?? "").trim().toUpperCase();
  const province = (fields.province ?? "").trim().toUpperCase() || null;
  if (!/^[A-Z]{2}$/.test(country)) errors.country = "value.wrong.country";
  if (province && !(/^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(province) && province.startsWith(`${country}-`))) {
    errors.province = "value.wrong.province";
  }
  return { country, province };
}

function date(fields, errors) {
  const found = { calendar: fields.calendar };
  if (fields.when === "relative") found.relative = true;
  else
    found.date = dateOf(fields.date ?? "");
  if (found.date !== undefined && !isDate(found.date)) errors.date = "value.wrong.date";
  else if (found.date !== undefined && !isThere(found.calendar, found.date)) errors.date = "value.wrong.day";
  const [start, end] = [fields.start || "", fields.end || ""];
  if (!start !== !end) errors[start ? "end" : "start"] = "value.wrong.days";
  else if (start > end) errors.end = "value.wrong.order";
  return start ? { ...found, start, end } : found;
}

/** "۱۴۰۳ تا ۱۴۰۴" as "1403..1404", "1404/06/16" as "1404-06-16". */
export function dateOf(text) {
  return digits(text)
    .trim()
    .replaceAll("/", "-")
    .replace(/\s*(\.\.|تا)\s*/, "..");
}

/** Whether *calendar* has the days that a date names; one without a year, whether some year has it. */
function isThere(calendar, date) {
  return date.split("..").every((end) => {
    const [year, month, day] = end.replace(/^-(?=-)/, "").split("-").map(Number);
    if (!day) return true;
    if (year && calendar !== "islamic") return dayOf(calendar, year, month, day) !== null;
    return day <= LONGEST[calendar][month - 1];
  });
}

/** The days of each month in the longest year of a calendar. */
const LONGEST = {
  jalali: [31, 31, 31, 31, 31, 31, 30, 30, 30, 30, 30, 30],
  gregorian: [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31],
  islamic: Array(12).fill(30),
};

function isDate(text) {
  const ends = text.split("..");
  return (
    ends.length <= 2 &&
    ends.every((end) => {
      const parts = /^(?:\d{4}|-)(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(end);
      const within = (part, limit) => part === undefined || (Number(part) >= 1 && Number(part) <= limit);
      return parts && end !== "-" && within(parts[1], 12) && within(parts[2], 31);
    })
  );
}

const READERS = {
  money,
  percent: () => ({}),
  ratio: () => ({}),
  quantity,
  count: (fields) => ({ of: (fields.of ?? "").trim() || null }),
  rank: () => ({}),
  date,
  place,
};

/** The first and last Gregorian day of a *date* in *calendar*, as in a value; null where they are not known here. */
export function daysOf(calendar, date) {
  if (!isDate(date) || calendar === "islamic" || /(^|\.\.)-/.test(date)) return null;
  const ends = date.split("..");
  const found = [first(calendar, ends[0]), last(calendar, ends.at(-1))];
  return found.every(Boolean) ? { start: found[0], end: found[1] } : null;
}

function first(calendar, text) {
  const [year, month = 1, day = 1] = text.split("-").map(Number);
  return iso(dayOf(calendar, year, month, day));
}

function last(calendar, text) {
  const [year, month, day] = text.split("-").map(Number);
  if (day) return iso(dayOf(calendar, year, month, day));
  const next = month && month < 12 ? dayOf(calendar, year, month + 1, 1) : dayOf(calendar, year + 1, 1, 1);
  return next === null ? null : iso(next - DAY);
}

const DAY = 86_400_000;
const PARTS = new Intl.DateTimeFormat("en-u-ca-persian-nu-latn", {
  timeZone: "UTC",
  year: "numeric",
  month: "numeric",
  day: "numeric",
});

/** Midnight of a day, in milliseconds; null where the calendar has no such day. */
function dayOf(calendar, year, month, day) {
  if (calendar === "gregorian") {
    const time = new Date(0).setUTCFullYear(year, month - 1, day);
    return new Date(time).getUTCMonth() === month - 1 ? time : null;
  }
  const passed = (month - 1) * 31 - Math.max(0, month - 7) + day - 1;
  const guess = new Date(0).setUTCFullYear(year + 621, 2, 21) + passed * DAY;
  const wanted = `${year} ${month} ${day}`;
  return [guess, guess - DAY, guess + DAY].find((time) => jalali(time) === wanted) ?? null;
}

function jalali(time) {
  const parts = Object.fromEntries(PARTS.formatToParts(time).map(({ type, value }) => [type, value]));
  return `${parts.year} ${parts.month} ${parts.day}`;
}

function iso(time) {
  return time === null ? null : new Date(time).toISOString().slice(0, 10);
}
