// The articles' view: what is kept, what the model is least sure of first; each with its revisions, and with what
// models say of it.
import "./articles-words.js";
import { request } from "./api.js";
import { followAddress } from "./address.js";
import { app } from "./app.js";
import { articleTable, previewCell } from "./article-table.js";
import { comparison, history } from "./detail.js";
import { openDraft } from "./drafting.js";
import { editor } from "./editor.js";
import { allDrafts, dropDraft } from "./drafts.js";
import { ask, button, fieldOf, make, select } from "./elements.js";
import { exchange, guarded } from "./exchange.js";
import { readFile } from "./reading.js";
import { fetchArticle } from "./saving.js";
import { momentWords } from "./times.js";
import { directionOf } from "./view.js";
import { onLanguage, t } from "./words.js";

const PAGE = 20;
const ORDERS = ["uncertain", "recent"];
const STATES = ["open", "corrected", "all"];

class Articles {
  #asked = { order: "uncertain", state: "open", offset: 0 };
  #turn = 0; // of several lists that were asked for, the last one is shown

  constructor(container) {
    this.parts = Object.fromEntries(["drafts", "list", "detail", "exchange"].map((name) => [name, make("div")]));
    container.replaceChildren(...Object.values(this.parts));
    const here = () => app.name === "articles" && this.load();
    for (const name of ["view", "saved"]) app.on(name, here);
    onLanguage(() => {
      this.parts.detail.replaceChildren();
      this.parts.exchange.replaceChildren();
      here();
    });
    here();
  }

  #acts = {
    open: (article) => this.#open(article),
    history: (article) => this.#show(history, article),
    compare: (article) => this.#show(comparison, article),
    delete: (article) => this.#delete(article),
  };

  load = guarded(async () => {
    this.#turn += 1;
    const turn = this.#turn;
    this.#showDrafts();
    const query = new URLSearchParams({ ...this.#asked, limit: PAGE });
    try {
      const { data } = await request(`/articles?${query}`);
      if (turn !== this.#turn) return;
      if (!data.articles.length && this.#asked.offset)
        return this.#ask({ offset: Math.max(0, this.#asked.offset - PAGE) });
      this.#showList(data);
    } catch (error) {
      if (turn === this.#turn && error.status === 404) {
        return this.parts.list.replaceChildren(make("p", { class: "card" }, t("list.absent")));
      }
      if (turn === this.#turn) this.#showFailure(error);
      throw error;
    }
    if (!this.parts.exchange.firstChild) {
      const section = await exchange(() => this.load());
      if (section) this.parts.exchange.replaceChildren(section);
    }
  });

  /** Nothing to list, and a way to ask again. */
  #showFailure({ message }) {
    const again = button(t("list.again"), () => this.load());
    this.parts.list.replaceChildren(
      make("section", { class: "card" }, make("p", {}, message), make("p", { class: "actions" }, again)),
    );
  }

  #ask(changes) {
    Object.assign(this.#asked, changes);
    return this.load();
  }

  #showDrafts() {
    const drafts = allDrafts();
    this.parts.drafts.replaceChildren(
      ...(drafts.length
        ? [
            make(
              "section",
              { class: "card", "aria-labelledby": "drafts-title" },
              make("h2", { id: "drafts-title" }, t("drafts.title")),
              make(
                "table",
                {},
                make(
                  "tbody",
                  {},
                  drafts.map(([key, draft]) =>
                    make(
                      "tr",
                      {},
                      previewCell(draft.text.trim().slice(0, 200)),
                      make("td", {}, momentWords(draft.when)),
                      make(
                        "td",
                        {},
                        make(
                          "div",
                          { class: "doings" },
                          button(t("drafts.open"), async () => {
                            if (!(await app.mayLeave())) return;
                            openDraft(draft);
                            location.hash = "#correct";
                          }),
                          button(t("drafts.drop"), () => this.#dropDraft(key), {
                            class: "danger",
                          }),
                        ),
                      ),
                    ),
                  ),
                ),
              ),
            ),
          ]
        : []),
    );
  }

  async #dropDraft(key) {
    const answer = await ask({
      title: t("drafts.sure"),
      body: make("p", {}, t("drafts.note")),
      actions: [
        ["drop", t("drafts.drop")],
        [null, t("dialog.cancel")],
      ],
    });
    if (!answer) return;
    dropDraft(key);
    this.#showDrafts();
  }

  #showList({ total, articles }) {
    const { order, state, offset } = this.#asked;
    const chosen = document.activeElement?.name; // a filter that was changed keeps the focus
    const choice = (name, names, value) =>
      fieldOf(
        t(`list.${name}`),
        select(
          names.map((code) => [code, t(`list.${name}.${code}`)]),
          value,
          {
            name: `list-${name}`,
            onchange: (event) => this.#ask({ [name]: event.target.value, offset: 0 }),
          },
        ),
      );
    this.parts.list.replaceChildren(
      make(
        "section",
        { class: "card", "aria-labelledby": "list-title" },
        make("h2", { id: "list-title", tabIndex: -1 }, t("list.title")),
        make(
          "div",
          { class: "filters" },
          choice("order", ORDERS, order),
          choice("state", STATES, state),
          ...this.#senders(),
        ),
        articles.length ? articleTable(articles, this.#acts) : make("p", { class: "note" }, t("list.none")),
        total > PAGE && this.#pages(total, offset, articles.length),
      ),
    );
    if (chosen?.startsWith("list-")) this.parts.list.querySelector(`[name=${chosen}]`)?.focus();
  }

  #pages(total, offset, shown) {
    const turn = (to, name) =>
      button(t(`list.${name}`), () => this.#ask({ offset: to }), { disabled: to < 0 || to >= total });
    return make(
      "nav",
      { class: "pages", "aria-label": t("list.title") },
      turn(offset - PAGE, "previous"),
      t("list.total", { from: offset + 1, to: offset + shown, total }),
      turn(offset + PAGE, "next"),
    );
  }

  /** Ways to keep articles without correcting them, so that the list says which are worth it. */
  #senders() {
    const keep =
      app.text &&
      !app.article &&
      button(
        t("list.keep"),
        guarded(async () => {
          const { text, published } = app;
          const stored = editor.drafting.stored();
          const json = published ? { text, published } : { text };
          const { data } = await request("/articles?offsets=utf16", { json });
          stored(data);
          app.say(t("list.kept"));
          app.emit("saved", data);
        }),
      );
    const files = make("input", {
      type: "file",
      multiple: true,
      accept: ".txt,text/plain",
      name: "list-files",
      onchange: () => this.#send([...files.files]),
    });
    return [keep, make("label", { class: "file pick" }, files, make("span", {}, t("list.send")))].filter(Boolean);
  }

  #send = async (files) => {
    const failed = [];
    for (const [done, file] of files.entries()) {
      app.say(t("list.sending", { done, count: files.length }));
      try {
        const { text, published } = await readFile(file);
        const id = file.name.replace(/\.txt$/, "");
        await request("/articles", { json: published ? { text, published, id } : { text, id } });
      } catch (error) {
        failed.push(t("list.unsent", { name: file.name, reason: error.message }));
      }
    }
    const sent = t("list.sent", { count: files.length - failed.length });
    app.say([sent, ...failed].join(" "), failed.length ? "error" : "");
    this.load();
  };

  async #open({ article }) {
    const stored = await fetchArticle(article);
    if (!(await app.mayLeave())) return;
    app.say(t("list.opened", { revision: stored.revision }));
    app.show(stored, stored.text, stored.published);
    location.hash = "#correct";
  }

  async #show(what, article) {
    const close = () => {
      this.parts.detail.replaceChildren();
      this.parts.list.querySelector(`[data-article="${CSS.escape(article.article)}"] button`)?.focus();
    };
    const section = await what(article, close);
    this.parts.detail.replaceChildren(section);
    section.querySelector("h2").focus();
    section.scrollIntoView({ block: "start" });
  }

  async #delete({ article, preview, revision }) {
    const answer = await ask({
      title: t("delete.title"),
      body: make(
        "div",
        {},
        make("p", { dir: directionOf(preview) }, preview),
        make("p", { class: "note" }, t("delete.note")),
      ),
      actions: [
        [null, t("dialog.cancel")],
        ["delete", t("delete.do")],
      ],
    });
    if (answer !== "delete") return;
    try {
      await request(`/articles/${encodeURIComponent(article)}`, {
        method: "DELETE",
        headers: { "If-Match": `"${revision}"` },
      });
      app.say(t("delete.done"));
      if (app.article?.article === article) {
        app.article = null;
        app.emit("gone");
      }
      this.parts.detail.replaceChildren();
    } catch (error) {
      if (error.status !== 412) throw error;
      app.say(t("delete.changed"), "error");
    }
    await this.load();
    this.parts.list.querySelector("#list-title")?.focus();
  }
}

export const articles = new Articles(document.querySelector("#articles-view"));
queueMicrotask(followAddress); // after a draft has been shown again
