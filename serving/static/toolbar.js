// The bar above the article that is corrected: undo, redo, save, what is saved, the name, and the keys.
import { app } from "./app.js";
import { button, make } from "./elements.js";
import { LABEL_KEYS, keyCap } from "./label-keys.js";
import { askWho, whoAmI } from "./saving.js";
import { momentWords } from "./times.js";
import { t } from "./words.js";

export class Toolbar {
  #editor;
  #parts = {};

  constructor(editor) {
    this.#editor = editor;
    this.node = document.querySelector("#editor-tools");
    this.draw();
  }

  /** Make the bar anew, in the language of the interface. */
  draw() {
    const editor = this.#editor;
    const parts = (this.#parts = {
      undo: button(t("correct.undo"), () => editor.undo(), { "aria-keyshortcuts": "Control+Z", title: "Ctrl+Z" }),
      redo: button(t("correct.redo"), () => editor.redo(), {
        "aria-keyshortcuts": "Control+Shift+Z",
        title: "Ctrl+Shift+Z",
      }),
      save: button("", () => editor.drafting.save(), {
        class: "primary",
        "aria-keyshortcuts": "Control+S",
        title: "Ctrl+S",
      }),
      state: make("span", { class: "state" }),
      who: button("", () => this.#rename(), { class: "plain" }),
    });
    this.notice = make("p", { class: "notice", hidden: true });
    this.bar = make(
      "div",
      { class: "bar", role: "toolbar", "aria-label": t("correct.tools") },
      parts.undo,
      parts.redo,
      parts.save,
      parts.state,
      parts.who,
    );
    this.node.replaceChildren(this.bar, this.notice, help());
    this.refresh();
  }

  /** Show what can be done now. */
  refresh() {
    const { annotation, drafting } = this.#editor;
    const { undo, redo, save, state, who } = this.#parts;
    enable(undo, annotation.canUndo);
    enable(redo, annotation.canRedo);
    enable(save, !drafting.busy);
    const fresh = !annotation.dirty && app.article?.state !== "corrected"; // to save is to say that it is right
    save.textContent = t(drafting.busy ? "correct.saving" : fresh ? "correct.confirm" : "correct.save");
    state.textContent = t(annotation.dirty ? drafting.kept : "correct.clean");
    state.classList.toggle("wrong", annotation.dirty && drafting.kept !== "correct.kept");
    who.textContent = t("correct.who", { who: whoAmI() ?? t("correct.nobody") });
    this.#notice(annotation.dirty ? drafting.restored : null);
  }

  #notice(draft) {
    this.notice.hidden = !draft;
    if (!draft) return;
    this.notice.replaceChildren(
      t("correct.restored", { when: momentWords(draft.when) }),
      " ",
      button(t("correct.discard"), () => this.#editor.drafting.discard()),
    );
  }

  async #rename() {
    await askWho();
    this.refresh();
  }
}

/** A button that cannot be pressed keeps its place in the order of Tab, and the focus where it had it. */
function enable(node, able) {
  node.setAttribute("aria-disabled", String(!able));
}

/** The keys, to look up. */
function help() {
  const keys = (...caps) => caps.flatMap((cap, at) => [at ? " " : "", make("kbd", {}, cap)]);
  const rows = [
    [t("help.select"), []],
    [t("help.words"), keys("←", "→", "↑", "↓")],
    [t("help.extend"), keys("Shift + ←", "Shift + →")],
    [
      t("help.label"),
      [...LABEL_KEYS].flatMap(([label, code]) => [
        make("span", { class: "key" }, make("kbd", {}, keyCap(code)), ` ${t(`label.${label}`)}`),
        " ",
      ]),
    ],
    [t("help.open"), keys("Enter")],
    [t("help.value"), keys(keyCap("KeyV"))],
    [t("help.delete"), keys("Delete")],
    [t("help.marks"), keys("←", "→")],
    [t("help.tab"), keys("Tab")],
    [t("help.end"), keys("Shift + ←", "Shift + →")],
    [t("help.start"), keys("Alt + Shift + ←", "Alt + Shift + →")],
    [t("help.character"), keys("Ctrl + Shift + ←", "Ctrl + Alt + Shift + ←")],
    [t("help.undo"), keys("Ctrl + Z", "Ctrl + Shift + Z")],
    [t("help.save"), keys("Ctrl + S")],
    [t("help.close"), keys("Esc")],
  ];
  return make(
    "details",
    { class: "keyhelp" },
    make("summary", {}, t("correct.help")),
    make(
      "dl",
      { tabIndex: 0 },
      rows.flatMap(([what, caps]) => [make("dt", {}, what), make("dd", {}, caps)]),
    ),
  );
}
