// Makes elements. Words from outside only ever become text nodes and attributes, never HTML.

/**
 * An element with *properties* and *children* (nodes or strings; what is null or false is left out): `on…` is a
 * listener, `class`, `for`, `data-…`, `aria-…` and `role` are attributes (null leaves one out), anything else is set on
 * the element.
 */
export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (/^(class|for|role|list|pattern|dir|(data|aria)-.*)$/.test(name)) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A button that does *act*. */
export function button(words, act, properties = {}) {
  return make("button", { type: "button", onclick: act, ...properties }, words);
}

/** A field with its label above: `fieldOf("Name", input)`. */
export function fieldOf(words, input, ...more) {
  return make("label", { class: "field" }, make("span", {}, words), input, ...more);
}

/** A <select> of [value, words] pairs. */
export function select(pairs, value, properties = {}) {
  const node = make(
    "select",
    properties,
    pairs.map(([code, words]) => make("option", { value: code }, words)),
  );
  node.value = value;
  return node;
}

let dialogs = 0;

/**
 * Ask in a modal dialog, with the focus on its first field, or on what has data-first. *actions* are [answer, words]
 * pairs, the first one that Enter takes; resolves to the answer of the button that was pressed, null for Escape.
 * `check(answer)` may keep the dialog open by returning false.
 */
export function ask({ title, body, actions, kind = "", check = () => true }) {
  dialogs += 1;
  const heading = make("h2", { id: `dialog-${dialogs}` }, title);
  return new Promise((resolve) => {
    let answer = null;
    const finish = (given, leave = false) => {
      if (!leave && !check(given)) return;
      answer = given;
      dialog.close();
    };
    const buttons = actions.map(([given, words], place) =>
      make(
        "button",
        {
          type: place ? "button" : "submit",
          class: place ? null : "primary",
          onclick: (event) => {
            event.preventDefault();
            finish(given, given === null);
          },
        },
        words,
      ),
    );
    const form = make(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          finish(actions[0][0]);
        },
      },
      heading,
      body,
      make("p", { class: "actions" }, buttons),
    );
    const dialog = make("dialog", { class: `ask ${kind}`, "aria-labelledby": heading.id }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    (form.querySelector("[data-first]") ?? form.querySelector("input, button")).focus();
  });
}
