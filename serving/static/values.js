// Values of spans in words. Only strings are made here; numbers are never read as floats, for they are exact.
import { BOUNDS, CURRENCIES, ERAS, MONTHS, PROVINCES, UNITS } from "./names.js";

const LANGUAGES = ["fa", "en"];
const PERSIAN = "۰۱۲۳۴۵۶۷۸۹";
const nth = (names, language) => names?.[LANGUAGES.indexOf(language)];
const join = (...words) => words.filter(Boolean).join(" ");
const to = { fa: "تا", en: "to" };
const digits = (text, language) => (language === "fa" ? text.replace(/[0-9]/g, (digit) => PERSIAN[digit]) : text);

/** "1234.5" as «۱٬۲۳۴٫۵» or "1,234.5"; the mark keeps a minus on the left of its number. */
export function number(text, language = "fa") {
  const [comma, point] = language === "fa" ? ["٬", "٫"] : [",", "."];
  const [whole, fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=([0-9]{3})+$)/g, comma).replace("-", "\u200e−");
  return digits(fraction ? grouped + point + fraction : grouped, language);
}

/** The number of a figure, or its range; "" where it is vague. */
export function figure(value, language = "fa") {
  if (value.number !== undefined) return number(value.number, language);
  if (value.low === undefined) return "";
  return `${number(value.low, language)} ${to[language]} ${number(value.high, language)}`;
}

/** «حدود» or "about"; "" where the figure is exact. */
export const bound = (value, language = "fa") => nth(BOUNDS[value.bound], language) ?? "";

/** What a figure counts in: «تومان», «درصد», «بشکه در روز», «معدن»; "" of a rank. */
export function unit(value, language = "fa") {
  const words = { percent: ["درصد", "percent"], ratio: ["برابر", "times"] };
  if (value.kind === "money") return currency(value.currency, language);
  if (value.kind === "quantity") return measure(value.unit, language);
  if (value.kind === "count") return value.of ?? "";
  return nth(words[value.kind], language) ?? "";
}

/** An amount in rials, "" where it is foreign, vague, or no money. */
export function rials(value, language = "fa") {
  if (!value.irr) return "";
  return figure(typeof value.irr === "string" ? { number: value.irr } : value.irr, language);
}

function currency(code, language) {
  return nth(CURRENCIES[code], language) ?? display("currency", code, language);
}

function measure(code, language) {
  const [first, ...per] = code.split("/");
  const name = (part) => nth(UNITS[part], language) ?? part;
  if (language === "fa") return [first, ...per].map(name).join(" در ");
  return [name(first), ...per].join("/"); // bbl/day, not bbl/days
}

function display(type, code, language) {
  try {
    return new Intl.DisplayNames(language, { type }).of(code);
  } catch {
    return code; // what a browser does not take for a code
  }
}

function money(value, language) {
  const exact = value.currency === "IRT" && rials(value, language);
  return join(figure(value, language), unit(value, language),
    exact && `(${exact} ${nth(CURRENCIES.IRR, language)})`);
}

/** "1404-06-16" as «۱۶ شهریور ۱۴۰۴», "--06" as «شهریور», "1404" as it is. */
function day(text, calendar, language) {
  const months = nth(MONTHS[calendar], language).split(" ");
  const [year, month, date] = text.replace(/^-(?=-)/, "").split("-");
  return digits(join(date && String(Number(date)), month && months[Number(month) - 1], year), language);
}

/** A date as it was said, in its own calendar; "" where it hangs on the day of writing. */
export function said(value, language = "fa") {
  if (!value.date) return "";
  const ends = value.date.split("..").map((end) => day(end, value.calendar, language));
  return join(ends.join(` ${to[language]} `), nth(ERAS[value.calendar], language));
}

/** The days from value.start to value.end in *calendar* ("jalali" or "gregorian"); "" where they are not known. */
export function days(value, calendar, language = "fa") {
  if (!value.start) return "";
  const ends = [...new Set([value.start, value.end])].map((end) => (calendar === "jalali" ? jalali(end) : end));
  return ends.map((end) => day(end, calendar, language)).join(` ${to[language]} `);
}

/** "2025-09-07" as "1404-06-16". */
export function jalali(text) {
  const format = new Intl.DateTimeFormat("en-u-ca-persian-nu-latn", {
    timeZone: "UTC", year: "numeric", month: "2-digit", day: "2-digit",
  });
  const parts = format.formatToParts(new Date(`${text}T00:00:00Z`));
  const part = (type) => parts.find((one) => one.type === type).value.padStart(2, "0");
  return `${part("year")}-${part("month")}-${part("day")}`;
}

function date(value, language) {
  const relative = language === "fa" ? "نسبی" : "relative";
  // Marks keep the digits and dashes of ISO dates in their order.
  const ends = [...new Set([value.start, value.end])].filter(Boolean).map((end) => `\u2066${end}\u2069`);
  return join(value.relative ? relative : said(value, language), ends.length && `(${ends.join(` ${to[language]} `)})`);
}

/** The name of a province by its code, or the code. */
export const province = (code, language = "fa") => nth(PROVINCES[code], language) ?? `\u2066${code}\u2069`;

function place(value, language) {
  const country = display("region", value.country, language);
  return value.province ? country + (language === "fa" ? "، " : ", ") + province(value.province, language) : country;
}

const measured = (value, language) => join(figure(value, language), unit(value, language));
const WORDS = {
  money, percent: measured, ratio: measured, quantity: measured, count: measured, date, place,
  rank: (value, language) => join(language === "fa" ? "رتبه" : "rank", figure(value, language)),
};

/** «بیش از ۶٬۶۰۰٬۰۰۰٬۰۰۰٬۰۰۰ تومان (…)»; a kind that is not known here has no words. */
export function valueWords(value, language = "fa") {
  if (!value || !Object.hasOwn(WORDS, value.kind)) return "";
  const vague = "bound" in value && value.number === undefined && value.low === undefined;
  return join(bound(value, language), WORDS[value.kind](value, language),
    vague && (language === "fa" ? "(نامعین)" : "(vague)"));
}

/** Where figures are compared: negative, 0 or positive, for two exact decimals as strings. */
export function compareNumbers(one, other) {
  const places = Math.max(...[one, other].map((text) => (text.split(".")[1] ?? "").length));
  const [a, b] = [one, other].map((text) => {
    const [whole, fraction = ""] = text.split(".");
    return BigInt(whole + fraction.padEnd(places, "0"));
  });
  return a < b ? -1 : Number(a > b);
}
