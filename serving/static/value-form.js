// The form for the value of a span: as the service reads it, none, or written here.
import { fieldOf, make, select } from "./elements.js";
import { BOUNDS as BOUND_NAMES, CURRENCIES, PROVINCES, UNITS } from "./names.js";
import { BOUNDS, CALENDARS, KINDS_OF, dateOf, daysOf, digits, fieldsOf, isFigure, valueOf } from "./value-fields.js";
import { language, t } from "./words.js";

const named = (names) => names[language() === "fa" ? 0 : 1];
const CODES = ["USD", "EUR", "AED", "CNY", "GBP", "IQD", "TRY", "RUB"];
let lists = 0;

/** A form for the value of *span*; onApply(value) gets undefined for what the service reads, null for none. */
export function valueForm(span, onApply) {
  const kinds = KINDS_OF[span.label];
  const state = { kind: kinds.includes(span.value?.kind) ? span.value.kind : kinds[0], fields: fieldsOf(span.value) };
  const source = span.value === undefined ? "read" : span.value === null ? "none" : "own";
  const fields = make("div", { class: "value-fields" });
  const draw = () => {
    fields.replaceChildren(...drawn(kinds, state, draw));
    fields.hidden = chosen() !== "own";
  };
  const radios = ["read", "none", "own"].map((name) =>
    make(
      "label",
      { class: "radio" },
      make("input", {
        type: "radio",
        name: "value-source",
        value: name,
        checked: name === source,
        onchange: () => {
          draw();
          if (name === "own") fields.querySelector("input, select")?.focus();
        },
      }),
      t(`value.${name}`),
    ),
  );
  const chosen = () => form.querySelector("[name=value-source]:checked").value;
  const form = make(
    "form",
    {
      class: "value-form",
      noValidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        if (chosen() !== "own") onApply(chosen() === "read" ? undefined : null);
        else apply(fields, state, onApply);
      },
    },
    make("fieldset", { class: "radios" }, make("legend", {}, t("value.source")), radios),
    fields,
    make("p", { class: "actions" }, make("button", { type: "submit", class: "primary" }, t("value.apply"))),
  );
  draw();
  return form;
}

function apply(fields, state, onApply) {
  const { value, errors } = valueOf(state.kind, state.fields);
  for (const input of fields.querySelectorAll("[name]")) {
    const reason = errors?.[input.name];
    const said = input.closest(".field").querySelector(".wrong");
    said.textContent = reason ? t(reason) : "";
    if (reason) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  if (errors) fields.querySelector("[aria-invalid]")?.focus();
  else onApply(value);
}

/** The fields of the kind in *state*, which they write to; *redraw* is called where others must show. */
function drawn(kinds, state, redraw) {
  const { fields } = state;
  const write = (name) => (event) => {
    fields[name] = event.target.value;
  };
  const both = (name) => (event) => {
    fields[name] = event.target.value;
    redraw();
    refocus(name);
  };
  const refocus = (name) => document.querySelector(`.value-fields [name=${name}]`)?.focus();
  const text = (name, more = {}) =>
    field(
      name,
      make("input", {
        name,
        type: "text",
        value: fields[name] ?? "",
        dir: "ltr",
        autocomplete: "off",
        spellcheck: false,
        oninput: write(name),
        ...more,
      }),
    );
  const choice = (name, pairs, on = write(name)) => field(name, select(pairs, fields[name], { name, onchange: on }));

  const parts = {
    number: () => ({ number: [text("number")], range: [text("low"), text("high")], vague: [] })[fields.form],
    money: () => [
      listed(
        "currency",
        [
          ...Object.entries(CURRENCIES).map(([code, names]) => [code, named(names)]),
          ...CODES.map((code) => [code, new Intl.DisplayNames(language(), { type: "currency" }).of(code)]),
        ],
        text,
      ),
    ],
    quantity: () => [
      listed(
        "unit",
        Object.entries(UNITS).map(([code, names]) => [code, named(names)]),
        text,
      ),
    ],
    count: () => [text("of", { dir: "rtl" })],
    place: () => [text("country", { maxLength: 2, onchange: both("country") }), province(fields, text, choice)],
    date: () => [
      choice(
        "calendar",
        CALENDARS.map((code) => [code, t(`value.calendar.${code}`)]),
        (event) => {
          fields.calendar = event.target.value;
          derive(fields);
          redraw();
          refocus("calendar");
        },
      ),
      choice(
        "when",
        ["date", "relative"].map((code) => [code, t(`value.when.${code}`)]),
        both("when"),
      ),
      fields.when === "date" &&
        text("date", {
          placeholder: t("value.date.hint"),
          onchange: (event) => {
            fields.date = digits(event.target.value);
            derive(fields);
            for (const name of ["start", "end"]) {
              event.target.form.querySelector(`[name=${name}]`).value = fields[name] ?? "";
            }
          },
        }),
      text("start", { type: "date" }),
      text("end", { type: "date" }),
    ],
  };
  const chosen =
    kinds.length > 1 &&
    field(
      "kind",
      select(
        kinds.map((kind) => [kind, t(`value.kind.${kind}`)]),
        state.kind,
        {
          name: "kind",
          onchange: (event) => {
            state.kind = event.target.value;
          },
        },
      ),
    );
  const figure = isFigure(state.kind) && [
    choice(
      "form",
      ["number", "range", "vague"].map((form) => [form, t(`value.form.${form}`)]),
      both("form"),
    ),
    ...parts.number(),
    choice(
      "bound",
      BOUNDS.map((bound) => [bound, named(BOUND_NAMES[bound]) || t("value.bound.exact")]),
    ),
  ];
  return [chosen, figure, parts[state.kind]?.()].flat().filter(Boolean);
}

/** The days of a date that was written anew. */
function derive(fields) {
  const { start, end } = daysOf(fields.calendar, dateOf(fields.date ?? "")) ?? {};
  Object.assign(fields, { start, end });
}

function province(fields, text, choice) {
  if (fields.country.trim().toUpperCase() !== "IR") return text("province");
  const known = Object.entries(PROVINCES).map(([code, names]) => [code, named(names)]);
  fields.province = fields.province in PROVINCES ? fields.province : "";
  return choice("province", [["", t("value.province.none")], ...known]);
}

/** A text field with a list of codes to take from. */
function listed(name, pairs, text) {
  lists += 1;
  const list = make(
    "datalist",
    { id: `codes-${lists}` },
    pairs.map(([code, words]) => make("option", { value: code, label: words })),
  );
  const node = text(name, { list: list.id });
  node.append(list);
  return node;
}

function field(name, input) {
  lists += 1;
  const wrong = make("span", { class: "wrong", id: `wrong-${lists}`, role: "alert" });
  input.setAttribute("aria-describedby", wrong.id);
  return fieldOf(t(`value.${name}`), input, wrong);
}
