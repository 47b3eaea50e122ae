// What is shown of one article below the list: its revisions, or what two models say of it.
import { request } from "./api.js";
import { changedText, sideBySide } from "./difference-view.js";
import { differences } from "./differences.js";
import { button, fieldOf, make, select } from "./elements.js";
import { fetchArticle } from "./saving.js";
import { momentWords } from "./times.js";
import { t } from "./words.js";

const path = (key) => `/articles/${encodeURIComponent(key)}/revisions`;
const isolated = (text) => `\u2068${text}\u2069`; // words of an article among those of the interface
const whoWords = (who) => (who === "model" ? t("history.themodel") : who);

/** The revisions of a listed *article* as a section, with what changed from one to another. */
export async function history(article, onClose) {
  const { data } = await request(path(article.article));
  const { revisions } = data;
  const last = revisions.at(-1).revision;
  const rows = revisions.map(({ revision, who, when, model }) =>
    make(
      "tr",
      {},
      make("td", {}, t("list.revision", { revision })),
      make("td", {}, make("bdi", {}, whoWords(who))),
      make("td", {}, momentWords(when)),
      make("td", {}, make("bdi", { dir: "ltr" }, model)),
    ),
  );
  const head = ["history.revision", "history.who", "history.when", "history.model"];
  const changes = make("div", { "aria-live": "polite" });
  const pairs = revisions.map(({ revision, who }) => [
    revision,
    t("list.revision", { revision }) + ` · ${whoWords(who)}`,
  ]);
  const draw = async () => {
    const [before, after] = await Promise.all(
      [from, to].map(async ({ value }) => (await request(`${path(article.article)}/${value}?offsets=utf16`)).data),
    );
    const count = differences(before.spans, after.spans).length;
    changes.replaceChildren(
      make("p", {}, count ? t("history.count", { count }) : t("history.same")),
      changedText(after.text, before.spans, after.spans),
    );
  };
  const from = select(pairs, String(Math.max(1, last - 1)), { onchange: draw });
  const to = select(pairs, String(last), { onchange: draw });
  await draw();
  return section(
    t("history.title", { text: isolated(article.preview) }),
    onClose,
    make(
      "div",
      { class: "wide" },
      make(
        "table",
        {},
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            head.map((key) => make("th", { scope: "col" }, t(key))),
          ),
        ),
        make("tbody", {}, rows),
      ),
    ),
    revisions.length > 1 &&
      make("div", { class: "filters" }, fieldOf(t("history.from"), from), fieldOf(t("history.to"), to)),
    revisions.length > 1 ? changes : make("p", { class: "note" }, t("history.one")),
  );
}

/** What two models say of a listed *article*, as a section. */
export async function comparison(article, onClose) {
  const stored = await fetchArticle(article.article);
  const json = {
    text: stored.text,
    article: stored.article,
    ...(stored.published ? { published: stored.published } : {}),
  };
  const {
    data: { models, records },
  } = await request("/compare?offsets=utf16", { json });
  const titles = models[0] === models[1] ? [models[0], t("compare.earlier", { model: models[1] })] : models;
  const [now, before] = records.map(({ spans }) => spans);
  const count = differences(before, now).length;
  const shown = make("div");
  const draw = () =>
    shown.replaceChildren(
      how.value === "side"
        ? sideBySide(
            stored.text,
            records.map(({ spans }, number) => ({ title: titles[number], spans })),
          )
        : changedText(stored.text, before, now),
    );
  const how = select(
    ["side", "inline"].map((name) => [name, t(`compare.${name}`)]),
    "side",
    { onchange: draw },
  );
  draw();
  return section(
    t("compare.title", { text: isolated(article.preview) }),
    onClose,
    make("p", {}, count ? t("compare.count", { count }) : t("compare.same")),
    count > 0 && make("div", { class: "filters" }, fieldOf(t("compare.show"), how)),
    count > 0 && shown,
  );
}

function section(title, onClose, ...content) {
  const heading = make("h2", { tabIndex: -1 }, title);
  return make(
    "section",
    { class: "card detail", "aria-label": title },
    heading,
    ...content.filter(Boolean),
    make("p", { class: "actions" }, button(t("detail.close"), onClose)),
  );
}
