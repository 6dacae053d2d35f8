// Inline queries: what a bot proposes while a person types "@bot …" in a chat.

import { ask, el } from "./parts.js";

/** How long a pause in typing is, in milliseconds: real apps ask the bot at each pause, too. */
const PAUSE = 350;

let lists = 0;

export class Inline {
  constructor(chat) {
    this.chat = chat;
    this.asked = 0;
    this.shown = null; // {text, bot, results, button, …}
    this.at = -1;
    this.id = `results-${++lists}`;
    this.box = el("div", { class: "results", role: "listbox", id: this.id, "aria-label": "What the bot proposes", hidden: true });
  }

  /** The bot whose name the text begins with, if that makes it an inline query. */
  bot(text) {
    const name = /^@(\w+)\s/.exec(text)?.[1]?.toLowerCase();
    return this.chat.person.world.bots.find((bot) => bot.username?.toLowerCase() === name);
  }

  typed(text) {
    clearTimeout(this.pause);
    if (!this.bot(text)) return this.close();
    if (!this.shown) this.draw({ waiting: true });
    this.pause = setTimeout(() => this.query(text), PAUSE);
  }

  async query(text, offset) {
    clearTimeout(this.pause);
    const bot = this.bot(`${text} `);
    if (!bot) return;
    const asked = ++this.asked;
    if (!this.shown) this.draw({ waiting: true });
    this.box.setAttribute("aria-busy", "true");
    const query = `@${bot.username} ${text.replace(/^@\w+\s*/, "").trim()}`;
    const answer = await this.chat.doing(() => ask(`${this.chat.person.path}/inline`, { chat: this.chat.id, query, ...(offset ? { offset } : {}) }));
    if (asked !== this.asked) return;
    this.box.removeAttribute("aria-busy");
    if (!answer) return this.close();
    const before = offset ? this.shown.results : [];
    this.draw({ ...answer, results: [...before, ...answer.results], continued: Boolean(offset), text, query, bot });
  }

  draw(shown) {
    this.shown = shown;
    this.at = -1;
    const { results = [], button, waiting, timed_out: late, next_offset: more } = shown;
    const nodes = results.map((result) => this.option(result.title, result.description, () => this.choose(result)));
    if (button) nodes.unshift(this.option(button.text, "", () => { this.close(); this.chat.person.startBot(shown.bot.id, button.start_parameter); }));
    if (more) nodes.push(this.option("More…", "", () => this.query(shown.text, more)));
    if (!nodes.length) nodes.push(el("div", { class: "note" }, waiting ? "Asking the bot…" : late ? "The bot did not answer." : "The bot proposes nothing for this."));
    nodes.forEach((node, index) => { if (node.role) node.id = `${this.id}-${index}`; });
    const scrolled = this.box.scrollTop;
    this.box.replaceChildren(...nodes);
    this.box.scrollTop = shown.continued ? scrolled : 0;
    this.box.hidden = false;
    this.tell();
  }

  option(title, description, act) {
    return el("div", { role: "option", "aria-selected": "false", class: "option", onclick: act }, el("div", { class: "title" }, title), description && el("div", { class: "description" }, description));
  }

  close() {
    clearTimeout(this.pause);
    this.asked += 1;
    this.shown = null;
    this.at = -1;
    this.box.hidden = true;
    this.box.replaceChildren();
    this.tell();
  }

  /** Up and down through the proposals. */
  move(step) {
    const options = this.box.querySelectorAll(".option");
    if (!options.length) return;
    // Down goes to the first proposal, past the button above them.
    const first = this.shown.button && options.length > 1 ? 1 : 0;
    this.at = this.at < 0 ? (step > 0 ? first : options.length - 1) : (this.at + step + options.length) % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", index === this.at));
    options[this.at].scrollIntoView({ block: "nearest" });
    this.tell();
  }

  /** Takes the marked proposal, if one is. */
  take() {
    const option = this.box.querySelectorAll(".option")[this.at];
    option?.click();
    return option !== undefined;
  }

  choose(result) {
    const { query } = this.shown;
    this.close();
    this.chat.clear();
    return this.chat.doing(() => ask(`${this.chat.person.path}/choose`, { chat: this.chat.id, query, result_id: result.id }));
  }

  /** Tells readers of the screen which proposal is marked. */
  tell() {
    const { input } = this.chat;
    input.setAttribute("aria-expanded", `${!this.box.hidden}`);
    if (this.at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
  }
}
