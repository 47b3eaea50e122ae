// Moments in words of the interface.
import { language } from "./words.js";

/** "2025-11-22T09:30:00Z" (or milliseconds) as a date and a time of day; what is no moment stays as it is. */
export function momentWords(moment) {
  const time = new Date(moment);
  if (moment === null || moment === undefined || Number.isNaN(time.getTime())) return String(moment ?? "");
  const locale = language() === "fa" ? "fa-IR" : "en-GB";
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(time);
}
