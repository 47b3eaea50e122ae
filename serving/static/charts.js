// Charts of what one looks at rather than reads, drawn by Chart.js, each with a table that says the same.
import { make } from "./elements.js";
import { extent, family, figureRows, figuresByProvince, normalized } from "./facts.js";
import { province, unit, valueWords } from "./values.js";
import { KINDS } from "./view.js";
import { addWords, count, direction, language, locale, t } from "./words.js";

addWords({
  fa: {
    "charts.indicators": "ارقام هر شاخص", "charts.provinces": "ارقام هر استان", "charts.family": "واحد",
    "charts.table": "همین نمودار در جدول", "charts.none": "دو رقم که بتوان سنجید در متن نیست.",
    "charts.noprovince": "هیچ رقمی در جملهٔ نام‌دار از یک استان نیست.",
    "charts.what": "نمودار میله‌ای، {bars} میله: {title}", "charts.province": "استان", "charts.figures": "ارقام",
    "charts.more": "{bars} رقم بزرگ‌تر از {all} رقم", "charts.rial": "ریال", "charts.rank": "رتبه",
    "charts.broken": "نمودار کشیده نشد؛ جدول همان را می‌گوید.",
  },
  en: {
    "charts.indicators": "Figures of each indicator", "charts.provinces": "Figures of each province",
    "charts.family": "Unit", "charts.table": "The same as a table",
    "charts.none": "No two figures of the text can be compared.",
    "charts.noprovince": "No figure stands in a sentence that names a province.",
    "charts.what": "Bar chart with {bars} bars: {title}", "charts.province": "Province", "charts.figures": "Figures",
    "charts.more": "The {bars} largest of {all} figures", "charts.rial": "rial", "charts.rank": "rank",
    "charts.broken": "The chart could not be drawn; the table says the same.",
  },
});

const LIBRARY = "./vendor/chart.js/chart.umd.min.js";
const MOST = 24; // bars of a chart
const BAR = 30; // pixels for each
const LABELS = ["MON", "PCT", "QTY", "CNT", "RNK"];

let library = null;

/** The charts of *app*, in #charts. They are drawn once they come into view, so that nobody waits for the library. */
export class Charts {
  #app;
  #drawn = [];
  #family = null;
  #seen;

  constructor(app) {
    this.#app = app;
    this.#seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) this.#draw(target);
    }, { rootMargin: "300px" });
    addEventListener("beforeprint", () => this.#drawn.forEach(({ chart }) => chart?.resize()));
  }

  fill() {
    for (const { chart } of this.#drawn) chart?.destroy();
    this.#seen.disconnect();
    this.#drawn = [];
    const rows = figureRows(this.#app);
    document.getElementById("charts").replaceChildren(this.#indicators(rows), this.#provinces(rows));
  }

  #indicators(rows) {
    const families = [...Map.groupBy(rows.filter(({ value }) => family(value)), ({ value }) => family(value))]
      .filter(([, members]) => members.length > 1)
      .sort(([, one], [, other]) => measured(other) - measured(one) || other.length - one.length);
    const section = make("section", { class: "chart" }, make("h3", {}, t("charts.indicators")));
    if (!families.length) {
      section.append(make("p", { class: "none" }, t("charts.none")));
      return section;
    }
    const chosen = families.find(([name]) => name === this.#family) ?? families[0];
    section.append(this.#choice(families, chosen), ...this.#bars(chosen[1]));
    return section;
  }

  #choice(families, [chosen]) {
    const options = families.map(([name, members]) => make("option", { value: name, selected: name === chosen },
      `${familyName(members[0].value)} (${count(members.length)})`));
    const choose = (event) => {
      this.#family = event.target.value;
      this.fill();
      document.querySelector("#charts select").focus();
    };
    return make("label", { class: "choice" }, t("charts.family"), make("select", { onchange: choose }, options));
  }

  #bars(members) {
    // A bar is as long as a float can say; the words beside it are exact.
    const all = members.map((row) => ({ row, ends: extent(row.value).map(Number) }));
    const shown = [...all].sort((one, other) => other.ends[1] - one.ends[1]).slice(0, MOST);
    const names = shown.map(({ row }) => this.#name(row));
    const title = familyName(members[0].value);
    const found = [this.#canvas({
      title: `${t("charts.indicators")} (${title})`, lines: 2,
      labels: names, stacked: false, words: shown.map(({ row }) => valueWords(row.value, language())),
      sets: [{
        label: title, data: shown.map(({ ends: [low, high] }) => (low === high ? high : [low, high])),
        colours: shown.map(({ row }) => KINDS[row.span.label]),
      }],
    }), this.#table([t("figures.indicator"), t("figures.value")],
      shown.map(({ row }) => [this.#name(row).join(" – "), valueWords(row.value, language())]))];
    if (shown.length < all.length) {
      found.unshift(make("p", { class: "none" }, t("charts.more", { bars: shown.length, all: all.length })));
    }
    return found;
  }

  /** The two lines at a bar: what is measured, and the figure as it was said. */
  #name(row) {
    const indicator = this.#app.spans[row.indicators[0]]?.text;
    // Isolated, so that a line keeps its own direction on the canvas.
    return [indicator, row.span.text].filter(Boolean).map((words) => `\u2068${shortened(normalized(words))}\u2069`);
  }

  #provinces(rows) {
    const found = [...figuresByProvince(rows, this.#app.spans)]
      .map(([code, counts]) => ({ code, counts, total: Object.values(counts).reduce((sum, one) => sum + one, 0) }))
      .sort((one, other) => other.total - one.total);
    const section = make("section", { class: "chart" }, make("h3", {}, t("charts.provinces")));
    if (!found.length) {
      section.append(make("p", { class: "none" }, t("charts.noprovince")));
      return section;
    }
    const used = LABELS.filter((label) => found.some(({ counts }) => counts[label]));
    const names = found.map(({ code }) => province(code, language()));
    section.append(this.#canvas({
      title: t("charts.provinces"), lines: 1, labels: names, stacked: true, words: null,
      sets: used.map((label) => ({
        label: t(`label.${label}`), data: found.map(({ counts }) => counts[label] ?? 0), colours: KINDS[label],
      })),
    }), this.#table(
      [t("charts.province"), ...used.map((label) => t(`label.${label}`))],
      found.map(({ counts }, at) => [names[at], ...used.map((label) => count(counts[label] ?? 0))]),
    ));
    return section;
  }

  #canvas(chart) {
    const canvas = make("canvas", { role: "img" });
    canvas.setAttribute("aria-label", t("charts.what", { bars: chart.labels.length, title: chart.title }));
    const box = make("div", { class: "canvas" }, canvas);
    box.style.height = `${Math.max(2, chart.labels.length) * BAR * (1 + (chart.lines - 1) / 2) + 70}px`;
    this.#drawn.push({ box, canvas, settings: chart, chart: null });
    this.#seen.observe(box);
    return box;
  }

  #table(head, rows) {
    return make("details", { class: "alternative" }, make("summary", {}, t("charts.table")), make("table", {},
      make("thead", {}, make("tr", {}, head.map((words) => make("th", { scope: "col" }, words)))),
      make("tbody", {}, rows.map(([first, ...rest]) => make("tr", {}, make("th", { scope: "row" }, first),
        rest.map((words) => make("td", {}, words)))))));
  }

  async #draw(box) {
    const drawn = this.#drawn.find((one) => one.box === box);
    this.#seen.unobserve(box);
    if (!drawn || drawn.chart) return;
    try {
      library ??= import(LIBRARY);
      await library;
      await document.fonts.ready;
      if (this.#drawn.includes(drawn)) drawn.chart = new globalThis.Chart(drawn.canvas, options(drawn));
    } catch {
      box.replaceChildren(make("p", { class: "none" }, t("charts.broken")));
    }
  }
}

const measured = (rows) => rows.filter(({ indicators }) => indicators.length).length;
const shortened = (words) => (words.length > 34 ? `${words.slice(0, 33)}…` : words);

function familyName(value) {
  if (value.kind === "money" && value.irr) return t("charts.rial");
  return unit(value, language()) || t(value.kind === "rank" ? "charts.rank" : "label.CNT");
}

/** The settings of Chart.js for one chart, in the colours of the page and the direction of its language. */
function options({ box, settings }) {
  const style = getComputedStyle(box);
  const [text, line] = [style.color, style.getPropertyValue("--line-colour") || style.borderColor];
  const reader = direction();
  const font = { family: style.fontFamily, size: 12 };
  const short = new Intl.NumberFormat(locale(), { notation: "compact", maximumFractionDigits: 1 });
  return {
    type: "bar",
    data: {
      labels: settings.labels,
      datasets: settings.sets.map(({ label, data, colours }) => ({
        label, data, maxBarThickness: 18, borderWidth: 1, borderSkipped: false,
        backgroundColor: inks(colours, box), borderColor: inks(colours, box),
      })),
    },
    options: {
      indexAxis: "y", maintainAspectRatio: false, animation: false, locale: locale(), color: text, font,
      scales: {
        x: {
          reverse: reader === "rtl", stacked: settings.stacked, beginAtZero: true, grid: { color: line },
          ticks: { color: text, font, precision: 0, maxTicksLimit: 6, callback: (value) => short.format(value) },
        },
        y: {
          position: reader === "rtl" ? "right" : "left", stacked: settings.stacked, grid: { display: false },
          ticks: { color: text, font, autoSkip: false },
        },
      },
      plugins: {
        legend: { display: settings.stacked, rtl: reader === "rtl", labels: { color: text, font, boxWidth: 14 } },
        tooltip: {
          rtl: reader === "rtl", textDirection: reader, titleFont: font, bodyFont: font,
          callbacks: settings.words ? { label: (item) => settings.words[item.dataIndex] } : {},
        },
      },
    },
  };
}

/** The strong colours of one kind of mark, or of several, as the style sheet has them in this scheme. */
function inks(kinds, box) {
  const probe = make("i", { class: "probe" });
  box.append(probe);
  const found = [kinds].flat().map((kind) => {
    probe.className = `probe ${kind}`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return Array.isArray(kinds) ? found : found[0];
}
