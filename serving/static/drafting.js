// What becomes of a correction: a draft while it is made, a revision once it is saved.
//
// What is corrected is a piece of work {text, published, article, annotation, base, links, revision, restored}. An
// answer that comes late belongs to the work that it was asked for, which need not be the one that is shown by then.
import { app } from "./app.js";
import { keyInAddress } from "./address.js";
import { TAB, draftKey, draftOf, dropDraft, keepDraft, lastDraft } from "./drafts.js";
import { ask, make } from "./elements.js";
import { askWho, store, whoAmI } from "./saving.js";
import { noted } from "./tab.js";
import { momentWords } from "./times.js";
import { t } from "./words.js";

const PAUSE = 250; // milliseconds after an edit until its draft is kept
const NAMED = 30; // characters of a text that stand for it in a sentence

export class Drafting {
  #editor;
  #work = null;
  #waiting = null; // the draft of what is shown, until it is corrected: to read is to see what is stored
  #timer = 0;
  #kept = "correct.kept"; // what became of the last draft, as a key of words
  busy = false;

  constructor(editor) {
    this.#editor = editor;
    addEventListener("pagehide", () => this.#flush());
    document.addEventListener("visibilitychange", () => document.hidden && this.#flush());
    addEventListener("beforeunload", (event) => {
      this.#flush();
      if (this.#lost) event.preventDefault();
    });
    app.mayLeave = () => this.#mayLeave();
    this.#resume();
  }

  /** Whether the edits are in a draft, as a key of words. */
  get kept() {
    return this.#kept;
  }

  /** The draft that was restored into what is shown. */
  get restored() {
    return this.#work.restored;
  }

  /** A text was opened. */
  open() {
    this.#wait(0);
    this.#kept = "correct.kept";
    const { text, published, article, facts } = app;
    const { annotation } = this.#editor;
    const began = { base: annotation.spans, links: facts, revision: article?.revision ?? null, restored: null };
    this.#work = { text, published, article, annotation, ...began };
    const draft = text ? draftOf(draftKey(app)) : null;
    this.#waiting = draft?.text === text ? draft : null;
    if (this.#editor.active) this.restore();
  }

  /** What was left of it in this browser is shown in the place of what is stored. */
  restore() {
    const [work, draft] = [this.#work, this.#waiting];
    this.#waiting = null;
    if (!draft) return;
    const revision = work.article ? draft.revision : null;
    Object.assign(work, { base: draft.base, links: draft.links ?? work.links, revision, restored: draft });
    this.#editor.replace(draft.spans, draft.facts);
    this.#wait(0); // it is kept already, as of when it was made
    app.say(t("correct.restored", { when: momentWords(draft.when) }));
  }

  /** Another text or view comes: keep what is still to be kept. */
  leave() {
    if (this.#timer) this.#flush();
  }

  /** Keep the draft, a little later; without edits there is none. */
  keep() {
    this.#wait(setTimeout(() => this.#flush(), PAUSE));
  }

  /** Forget the draft that was restored, and show what the correction began with. */
  discard() {
    this.#wait(0);
    const { article, base, links, text, published } = this.#work;
    this.#drop(draftKey(this.#work), this.#work);
    app.show({ ...(article ?? { model: app.model }), spans: base, facts: links }, text, published);
    app.say(t("correct.discarded"));
  }

  /** For who stores the text that is shown as it came: call what this returns with the article that it has become. */
  stored() {
    this.restore();
    const work = this.#work;
    return (article) => {
      // Somebody corrected it before: where nothing was edited here, that is what there is to go on with.
      const theirs = article.revision > 1 && !work.annotation.dirty && work === this.#work;
      if (theirs) app.show(article, article.text, article.published);
      else this.#named(work, article);
    };
  }

  /** Store the correction; the annotation as it is, where nothing was edited: it is right. */
  async save() {
    if (this.busy || !app.text) return;
    if (!this.#editor.annotation.dirty && app.article?.state === "corrected") return app.say(t("correct.clean"));
    const work = this.#work;
    const who = whoAmI() ?? (await askWho());
    if (who === null || work !== this.#work) return;
    this.busy = true;
    this.#flush();
    this.#editor.toolbar.refresh();
    try {
      await this.#send(work, who);
    } catch (error) {
      this.#failed(work, error);
    } finally {
      this.busy = false;
      this.#editor.toolbar.refresh();
    }
  }

  async #send(work, who) {
    const { annotation, article, text, published, base, revision } = work;
    const sent = annotation.state;
    const { spans, facts } = annotation;
    const found = await store(
      { key: article?.article ?? null, revision, text, published, base, spans, facts, exact: annotation.isBefore, who },
      (named) => this.#named(work, named),
    );
    if (found?.theirs) this.#took(work, found.theirs);
    else if (found) this.#stored(work, sent, found);
  }

  #stored(work, sent, { article, spans }) {
    const { annotation } = work;
    const untouched = annotation.state === sent;
    const whole = spans === sent.spans;
    if (!untouched && !whole) {
      // What was merged is not what was edited since: the next save asks again, so that neither is lost.
      this.#say(work, t("correct.partly", { revision: article.revision }));
      return app.emit("saved", article);
    }
    if (!whole) annotation.replace(spans); // an edit that undo takes back
    annotation.stored(untouched ? annotation.state : sent, article.spans, article.facts);
    Object.assign(work, { article, base: article.spans, links: article.facts, revision: article.revision });
    this.#flush(work); // drops the draft, where nothing was edited since
    if (work === this.#work) {
      app.article = article;
      work.restored = null;
      this.#editor.refresh();
    }
    this.#say(work, t("correct.saved", { revision: article.revision }));
    app.emit("saved", article);
  }

  #took(work, article) {
    this.#drop(draftKey({ article }), work);
    this.#say(work, t("conflict.took", { revision: article.revision }));
    if (work === this.#work) {
      this.#wait(0);
      app.show(article, article.text, article.published);
    }
    app.emit("saved", article);
  }

  /** The text of *work* has a key now, and its draft goes by that. */
  #named(work, article) {
    const old = draftKey(work);
    Object.assign(work, { article, revision: article.revision > 1 ? null : article.revision });
    if (work === this.#work) app.article = article;
    if (work.annotation.dirty) this.#flush(work);
    this.#drop(old, work);
  }

  #failed(work, error) {
    if (error.status === undefined) throw error;
    if (error.status === 0) return this.#say(work, t("correct.offline"), "error");
    if (error.status === 404 && work.article) {
      const old = draftKey(work);
      Object.assign(work, { article: null, revision: null });
      if (work === this.#work) {
        app.article = null;
        app.emit("gone");
      }
      this.#flush(work);
      this.#drop(old, work);
      return this.#say(work, t("correct.gone"), "error");
    }
    const absent = [404, 405, 501].includes(error.status);
    this.#say(work, absent ? t("correct.absent") : t("correct.failed", { reason: reasonOf(error) }), "error");
    const wrong = error.span && work === this.#work && work.annotation.spanAt(error.span.start);
    if (wrong && this.#editor.active) this.#editor.pick(wrong.id, { open: true });
  }

  /** Say what became of *work*; of which, where another one is shown. */
  #say(work, sentence, kind) {
    const about = work === this.#work ? "" : `«\u2068${work.text.trim().slice(0, NAMED)}…\u2069» `;
    app.say(about + sentence, kind);
  }

  /** Wait for *timer* from now on, 0 for none. */
  #wait(timer) {
    clearTimeout(this.#timer);
    this.#timer = timer;
  }

  /** Whether the draft under *key* is free, or of this tab's making: others leave theirs here too. */
  #own(key, work) {
    // An answer may come for what was opened anew meanwhile; that has this draft now.
    if (work !== this.#work && key === draftKey(this.#work)) return false;
    const { restored } = work;
    const there = draftOf(key);
    return !there || there.tab === TAB || (there.tab === restored?.tab && there.when === restored?.when);
  }

  #drop(key, work) {
    if (this.#own(key, work)) dropDraft(key);
  }

  #flush(work = this.#work) {
    const shown = work === this.#work;
    if (shown) this.#wait(0);
    if (!work?.text || (shown && this.#waiting)) return;
    const { annotation, article, text, published, revision, base, links } = work;
    const key = draftKey(work);
    if (!annotation.dirty) {
      this.#drop(key, work);
      if (shown) this.#kept = "correct.kept";
      return;
    }
    const own = this.#own(key, work);
    const summary = article && { ...article, text: undefined, spans: undefined, facts: undefined };
    const { spans, facts } = annotation;
    const draft = { text, published, article: summary, revision, base, links, model: app.model, spans, facts };
    const kept = own && keepDraft(key, { ...draft, tab: TAB, when: Date.now() });
    if (!shown) return;
    this.#kept = kept ? "correct.kept" : own ? "correct.unkept" : "correct.elsewhere";
    this.#editor.toolbar?.refresh();
  }

  get #lost() {
    return this.#editor.annotation.dirty && this.#kept !== "correct.kept";
  }

  /** Whether another text may be shown: where the edits of this one are in no draft, the reader is asked. */
  async #mayLeave() {
    this.#flush();
    if (!this.#lost) return true;
    const answer = await ask({
      title: t("leave.title"),
      body: make("p", {}, t(this.#kept)),
      actions: [
        [null, t("leave.stay")],
        ["leave", t("leave.go")],
      ],
    });
    return answer === "leave";
  }

  /** After a reload: show again what was corrected last, where the page shows nothing else. */
  #resume() {
    const draft = app.text ? null : lastDraft();
    const named = keyInAddress() ?? noted()?.article;
    if (!draft || (named && named !== draft.article?.article)) return;
    const { text } = noted() ?? {};
    if (text !== undefined && text !== draft.text) return; // the draft is of another tab
    queueMicrotask(() => app.text || openDraft(draft));
  }
}

/** Show the text of *draft*; where it is corrected, its draft is restored. */
export function openDraft(draft) {
  const { article, text, published, base, links = [], model } = draft;
  app.show({ ...(article ? { ...article, text } : { model }), spans: base, facts: links }, text, published);
}

/** Why the service refused a correction, in words of the interface where it has some. */
function reasonOf(error) {
  const kind = error.problem?.type?.split("/").pop();
  return KNOWN.has(kind) ? t(`problem.${kind}`) : error.message;
}

const KNOWN = new Set(["wrong-span", "wrong-value", "wrong-fact", "too-long", "text-too-long", "no-database"]);
