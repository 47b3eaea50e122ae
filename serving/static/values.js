"use strict";

// The value of a span in words: `valueWords(value)`. Only strings are made here; numbers are never read as floats.
const BOUNDS = {
  exact: "", about: "حدود", at_least: "دست‌کم", more_than: "بیش از", at_most: "حداکثر", less_than: "کمتر از",
};
const CURRENCIES = { IRT: "تومان", IRR: "ریال" };
const UNITS = {
  mg: "میلی‌گرم", g: "گرم", kg: "کیلوگرم", t: "تن",
  kW: "کیلووات", MW: "مگاوات", GW: "گیگاوات", kWh: "کیلووات‌ساعت", MWh: "مگاوات‌ساعت", GWh: "گیگاوات‌ساعت",
  V: "ولت", kV: "کیلوولت",
  mm: "میلی‌متر", cm: "سانتی‌متر", m: "متر", km: "کیلومتر", m2: "متر مربع", km2: "کیلومتر مربع", ha: "هکتار",
  L: "لیتر", bbl: "بشکه", m3: "متر مکعب",
  second: "ثانیه", s: "ثانیه", minute: "دقیقه", hour: "ساعت", day: "روز", week: "هفته", month: "ماه", year: "سال",
  degC: "درجه سلسیوس", GB: "گیگابایت", TB: "ترابایت", Mbps: "مگابیت در ثانیه", point: "واحد",
  horsepower: "اسب بخار", newtonmeter: "نیوتن‌متر", inch: "اینچ", ounce: "اونس", pound: "پوند", decade: "دهه",
};
const MONTHS = {
  jalali: "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند",
  gregorian: "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
  islamic: "محرم صفر ربیع‌الاول ربیع‌الثانی جمادی‌الاول جمادی‌الثانی رجب شعبان رمضان شوال ذی‌القعده ذی‌الحجه",
};
const ERAS = { jalali: "", gregorian: "میلادی", islamic: "قمری" };

const join = (...words) => words.filter(Boolean).join(" ");
const persian = (text) => text.replace(/[0-9]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]);

/** "1234.5" as «۱٬۲۳۴٫۵»; the mark keeps a minus on the left of its number. */
function number(text) {
  const [whole, fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=([0-9]{3})+$)/g, "٬").replace("-", "\u200e−");
  return persian(fraction ? `${grouped}٫${fraction}` : grouped);
}

function figure(value) {
  if (value.number !== undefined) return number(value.number);
  return value.low === undefined ? "" : `${number(value.low)} تا ${number(value.high)}`;
}

function currency(code) {
  return CURRENCIES[code] ?? new Intl.DisplayNames("fa", { type: "currency" }).of(code);
}

function unit(code) {
  return UNITS[code] ?? code.split("/").map((part) => UNITS[part] ?? part).join(" در ");
}

function money(value) {
  const rials = typeof value.irr === "string" ? { number: value.irr } : value.irr;
  const also = value.currency === "IRT" && rials ? `(${figure(rials)} ریال)` : "";
  return join(figure(value), currency(value.currency), also);
}

/** "1404-06-16" as «۱۶ شهریور ۱۴۰۴», "--06" as «شهریور», "1404" as it is. */
function day(text, months) {
  const [year, month, date] = text.replace(/^-(?=-)/, "").split("-");
  return join(date && persian(String(Number(date))), month && months[Number(month) - 1], year && persian(year));
}

function date(value) {
  const months = MONTHS[value.calendar].split(" ");
  const said = value.relative ? "نسبی" : value.date.split("..").map((end) => day(end, months)).join(" تا ");
  // Marks keep the digits and dashes of ISO dates in their order.
  const days = [...new Set([value.start, value.end])].filter(Boolean).map((end) => `\u2066${end}\u2069`);
  return join(said, value.relative ? "" : ERAS[value.calendar], days.length && `(${days.join(" تا ")})`);
}

function place(value) {
  const country = new Intl.DisplayNames("fa", { type: "region" }).of(value.country);
  return value.province ? `${country}، \u2066${value.province}\u2069` : country;
}

const WORDS = {
  money,
  percent: (value) => join(figure(value), "درصد"),
  ratio: (value) => join(figure(value), "برابر"),
  quantity: (value) => join(figure(value), unit(value.unit)),
  count: (value) => join(figure(value), value.of),
  rank: (value) => join("رتبه", figure(value)),
  date,
  place,
};

/** «بیش از ۶٬۶۰۰٬۰۰۰٬۰۰۰٬۰۰۰ تومان (…)»; a kind that is not known here has no words. */
function valueWords(value) {
  if (!value || !(value.kind in WORDS)) return "";
  const vague = "bound" in value && value.number === undefined && value.low === undefined;
  return join(BOUNDS[value.bound], WORDS[value.kind](value), vague && "(نامعین)");
}
