// The lists beside an article: figures, names and dates. A click on any of them goes to its place in the text.
import { make } from "./elements.js";
import { compareValues, family, figureRows, namesOf } from "./facts.js";
import { bound, days, figure, province, rials, said, unit } from "./values.js";
import { KINDS, directionOf } from "./view.js";
import { addWords, count, language, t } from "./words.js";

addWords({
  fa: {
    "figures.text": "در متن", "figures.indicator": "شاخص", "figures.value": "مقدار",
    "figures.western": "با ارقام لاتین",
    "figures.unit": "واحد", "figures.rials": "به ریال", "figures.bound": "حد", "figures.sentence": "جمله",
    "figures.none": "هیچ رقمی در متن نیست.", "figures.vague": "نامعین", "bound.exact": "دقیق",
    "dates.text": "در متن", "dates.solar": "خورشیدی", "dates.gregorian": "میلادی", "dates.hijri": "قمری",
    "dates.none": "هیچ تاریخی در متن نیست.", "dates.unknown": "نامعلوم",
    "dates.relative": "به روز انتشار بسته است", "entities.none": "هیچ نامی در متن نیست.",
    "entities.times": "{name}، {times} بار",
  },
  en: {
    "figures.text": "In the text", "figures.indicator": "Indicator", "figures.value": "Value",
    "figures.western": "Western digits", "figures.unit": "Unit", "figures.rials": "In rials", "figures.bound": "Bound",
    "figures.sentence": "Sentence", "figures.none": "There is no figure in the text.", "figures.vague": "vague",
    "bound.exact": "exact", "dates.text": "In the text", "dates.solar": "Solar Hijri", "dates.gregorian": "Gregorian",
    "dates.hijri": "Lunar Hijri", "dates.none": "There is no date in the text.", "dates.unknown": "unknown",
    "dates.relative": "hangs on the day of publication", "entities.none": "There is no name in the text.",
    "entities.times": "{name}, {times} times",
  },
});

const NAMED = ["PER", "TTL", "ORG", "LOC", "FAC", "EVT", "PLN", "TIM", "IND"];
const COLUMNS = ["text", "indicator", "value", "western", "unit", "rials", "bound", "sentence"];
const NUMBERS = new Set(["value", "western", "rials"]);

/** The tables of *app*, filled into #figures, #entities and #dates. */
export class Tables {
  #app;
  #order = { column: null, descending: false };

  constructor(app) {
    this.#app = app;
  }

  fill() {
    this.fillFigures();
    this.fillEntities();
    this.#fill("dates", this.#dates(), "dates.none");
  }

  fillEntities() {
    this.#fill("entities", this.#entities(), "entities.none");
  }

  fillFigures() {
    this.#fill("figures", this.#figures(), "figures.none");
  }

  #fill(id, content, none) {
    document.getElementById(id).replaceChildren(content ?? make("p", { class: "none", textContent: t(none) }));
  }

  #figures() {
    const rows = figureRows(this.#app);
    if (!rows.length) return null;
    const { text, spans } = this.#app;
    const indicator = (row) => row.indicators.map((at) => spans[at]?.text).filter(Boolean).join("، ");
    const words = {
      text: (row) => row.span.text, indicator, sentence: (row) => row.sentence.start,
      unit: (row) => (row.value ? unit(row.value, language()) : ""),
      bound: (row) => (row.value ? boundWords(row.value) : ""),
    };
    const ordered = this.#sorted(rows, words);
    const body = make("tbody");
    for (const row of ordered) {
      const { value, span, sentence } = row;
      const cells = {
        indicator: indicator(row), unit: words.unit(row), bound: words.bound(row),
        value: value && (figure(value, "fa") || t("figures.vague")), western: value && figure(value, "en"),
        rials: value && rials(value, language()),
      };
      const line = make("tr", {}, [make("th", { scope: "row" }, [this.#link(span.text, [row.index], span.label)])]);
      for (const column of COLUMNS.slice(1, -1)) {
        line.append(make("td", { class: column, textContent: cells[column] || "", dir: textual(column, cells) }));
      }
      line.append(make("td", { class: "sentence", dir: directionOf(text.slice(sentence.start, sentence.end)) }, [
        text.slice(sentence.start, span.start), make("b", {}, span.text), text.slice(span.end, sentence.end),
      ]));
      body.append(line);
    }
    return make("table", {}, [this.#head(), body]);
  }

  #sorted(rows, words) {
    const { column, descending } = this.#order;
    if (!column) return rows;
    const collator = new Intl.Collator(language());
    const compare = NUMBERS.has(column)
      ? (one, other) => compareValues(one.value, other.value)
      : (one, other) => (column === "sentence" ? words.sentence(one) - words.sentence(other)
        : collator.compare(words[column](one), words[column](other)));
    // What has no number comes last, either way.
    const unread = (row) => Number(NUMBERS.has(column) && family(row.value) === null);
    return [...rows].sort((one, other) => unread(one) - unread(other)
      || (descending ? -1 : 1) * compare(one, other) || one.index - other.index);
  }

  #head() {
    const { column: sorted, descending } = this.#order;
    const cells = COLUMNS.map((column) => {
      const button = make("button", { type: "button", class: "sort", textContent: t(`figures.${column}`) });
      button.addEventListener("click", () => this.#sortBy(column));
      const cell = make("th", { scope: "col", class: column }, [button]);
      if (column === sorted) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      return cell;
    });
    return make("thead", {}, [make("tr", {}, cells)]);
  }

  /** By *column* upwards, then downwards, then in the order of the text again. */
  #sortBy(column) {
    const { column: old, descending } = this.#order;
    if (column !== old) this.#order = { column, descending: false };
    else this.#order = descending ? { column: null, descending: false } : { column, descending: true };
    this.fillFigures();
    document.querySelector(`#figures th.${column} button`).focus();
  }

  #entities() {
    const groups = NAMED.map((label) => [label, namesOf(this.#app.spans, label)]).filter(([, names]) => names.length);
    if (!groups.length) return null;
    return make("div", { class: "groups" }, groups.map(([label, names]) => {
      const total = names.reduce((sum, { indexes }) => sum + indexes.length, 0);
      return make("section", { class: "group" }, [
        make("h3", {}, [make("span", { class: `chip ${KINDS[label]}`, textContent: t(`label.${label}`) }),
          make("span", { class: "times", textContent: count(total) })]),
        make("ul", {}, names.map(({ name, span, indexes }) => this.#entity(name, span, indexes))),
      ]);
    }));
  }

  #entity(name, span, indexes) {
    const link = this.#link(name, indexes);
    const code = span.value?.province;
    const where = code && province(code, language());
    const line = make("li", {}, [link]);
    if (indexes.length > 1) {
      line.append(make("span", { class: "times", textContent: `×${count(indexes.length)}`, "aria-hidden": "true" }));
      link.setAttribute("aria-label", t("entities.times", { name, times: indexes.length }));
    }
    if (where && !name.includes(where)) line.append(make("small", { textContent: where }));
    return line;
  }

  #dates() {
    const rows = [...this.#app.spans.entries()].filter(([, span]) => span.label === "DAT");
    if (!rows.length) return null;
    const hijri = rows.some(([, { value }]) => value?.calendar === "islamic");
    const columns = ["text", "solar", "gregorian", ...(hijri ? ["hijri"] : [])];
    const head = columns.map((column) => make("th", { scope: "col", textContent: t(`dates.${column}`) }));
    return make("table", {}, [
      make("thead", {}, [make("tr", {}, head)]),
      make("tbody", {}, rows.map(([index, span]) => make("tr", {}, [
        make("th", { scope: "row" }, [this.#link(span.text, [index], span.label)]),
        ...dateCells(span.value ?? null).slice(0, columns.length - 1),
      ]))),
    ]);
  }

  /** A button that goes to the spans *indexes*, one after the other. */
  #link(text, indexes, label) {
    const button = make("button", { type: "button", class: `link ${KINDS[label] ?? ""}`, textContent: text });
    button.dir = directionOf(text);
    let next = 0;
    button.addEventListener("click", () => {
      this.#app.view.focus(indexes[next]);
      next = (next + 1) % indexes.length;
    });
    return button;
  }
}

function boundWords(value) {
  return value.bound === "exact" ? t("bound.exact") : bound(value, language());
}

function textual(column, cells) {
  return column === "indicator" && cells.indicator ? directionOf(cells.indicator) : null;
}

/** The cells of a date: solar, Gregorian, lunar. What was said stands in its own calendar, as precise as that. */
function dateCells(value) {
  const own = (calendar) => (value?.calendar === calendar && said(value, language()))
    || (value && calendar !== "islamic" && days(value, calendar, language()));
  const cells = ["jalali", "gregorian", "islamic"].map((calendar) => own(calendar) || "");
  if (cells.some(Boolean)) return cells.map((textContent) => make("td", { textContent: textContent || "–" }));
  const why = value?.relative ? t("dates.relative") : t("dates.unknown");
  return [make("td", { class: "none", textContent: why }), make("td", { textContent: "–" }), make("td")];
}
