// One person's Telegram: a column with the list of chats or an open chat.

import { Chat } from "./chat.js";
import { MiniApp } from "./miniapp.js";
import { Phone } from "./phone.js";
import { Sheets } from "./sheets.js";
import { ask, avatar, clockText, el, icon, keep } from "./parts.js";

export class Person {
  /** `world` holds the `people`, `bots` and `hints` of the page. */
  constructor(user, world) {
    this.user = user;
    this.world = world;
    this.path = `/sim/users/${user.id}`;
    this.chats = [];
    this.chat = null; // the chat on the screen
    this.drafts = new Map();
    this.places = new Map(); // how far each chat was scrolled
    this.stage = el("div", { class: "stage" });
    this.phone = world.phone ? new Phone(this) : null;
    this.tongue = el("button", { class: "icon", onclick: () => this.language() });
    this.root = el("section", { class: "person", "aria-label": user.name, "data-person": user.username ?? user.id },
      el("div", { class: "who" }, avatar(user.id, user.name),
        el("div", {}, el("h2", { class: "name" }, user.name), el("div", { class: "about" }, [user.about, user.username && `@${user.username}`].filter(Boolean).join(" · "))),
        el("div", { class: "tools" }, this.phone?.button, this.tongue)),
      this.welcome(), this.phone?.panel, this.stage);
    this.sheets = new Sheets(this.root);
    this.list = el("ul", { class: "list", "aria-label": `Chats of ${user.name}` });
    this.showLanguage();
  }

  /** What to try first, until it is dismissed. Pressing the words in `code` types them. */
  welcome() {
    const text = this.world.hints[this.user.username];
    const kept = `hint:${text}`;
    if (!text || localStorage.getItem(kept)) return null;
    const parts = text.split("`").map((part, index) => (index % 2 ? el("button", { class: "try", title: "Type this", onclick: () => this.chat?.fill(part) }, part) : part));
    const strip = el("div", { class: "welcome", role: "note" }, el("span", {}, ...parts),
      el("button", { class: "icon", "aria-label": "Dismiss the hint", title: "Dismiss", onclick: () => { localStorage.setItem(kept, "read"); strip.remove(); } }, icon("close")));
    return strip;
  }

  get visible() {
    return this.root.offsetParent !== null && document.visibilityState === "visible";
  }

  /** Reads again what may have changed; of the open chat only if that is the one, or if it is not known which. */
  async refresh(changed) {
    // Changes come faster than answers: one request at a time, and once more if something changed meanwhile.
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    try {
      const chats = await ask(`${this.path}/chats`);
      const { chat } = this;
      const view = chat && (changed === undefined || changed === chat.id) && (await ask(`${this.path}/chats/${chat.id}`));
      this.tell(chats);
      this.chats = chats;
      if (view && chat === this.chat) chat.update(view);
      this.draw();
    } catch (error) {
      this.sheets.toast(error.message);
    } finally {
      this.busy = false;
      if (this.again) { this.again = false; this.refresh(); }
    }
  }

  /** News of a chat that is not on the screen. */
  tell(chats) {
    if (!this.chats.length || !this.chat) return;
    const news = chats.find((it) => it.chat !== this.chat.id && it.unread > (this.chats.find((old) => old.chat === it.chat)?.unread ?? 0));
    if (news) this.sheets.news(news, () => this.show(news.chat));
  }

  draw() {
    const others = this.chats.filter((it) => it.chat !== this.chat?.id).reduce((sum, it) => sum + it.unread, 0);
    const here = this.chats.find((it) => it.chat === this.chat?.id)?.unread ?? 0;
    this.chat?.others(others);
    if (here && this.visible) ask(`${this.path}/read`, { chat: this.chat.id }).catch(() => {});
    this.onunread?.(others + (this.visible ? 0 : here));
    if (!this.chat) keep(this.list, [...this.chats, { chat: "new" }], (it) => it.chat, (it) => (it.chat === "new" ? this.newGroupEntry() : this.entry(it)));
  }

  entry(chat) {
    const last = chat.last ? chat.last.text : chat.kind === "bot" ? "Press Start to begin" : "No messages yet";
    return el("li", {}, el("button", { onclick: () => this.show(chat.chat), "data-chat": chat.username ?? chat.chat },
      avatar(chat.chat, chat.title),
      el("span", { class: "text" },
        el("span", { class: "top" }, el("span", { class: "title" }, chat.title, chat.kind === "person" ? "" : el("small", {}, ` ${chat.kind}`)), chat.last && el("time", {}, clockText(chat.last.date))),
        el("span", { class: "top" }, el("span", { class: "last" }, last), chat.unread ? el("span", { class: "badge", "aria-label": `${chat.unread} unread` }, `${chat.unread}`) : ""))));
  }

  newGroupEntry() {
    return el("li", {}, el("button", { class: "new", onclick: () => this.newGroup() }, el("span", { class: "avatar plain" }, icon("plus")), "New group with everybody"));
  }

  async newGroup() {
    const title = await this.sheets.line("Name of the group", "Office");
    if (!title) return;
    const members = this.world.people.filter((it) => it !== this).map((it) => it.user.id);
    const group = await this.doing(() => ask(`${this.path}/groups`, { title, members, bots: this.world.bots.map((it) => it.id) }));
    if (group) await this.show(group.chat);
  }

  // Going from one place to another

  async show(id) {
    if (this.chat) {
      this.drafts.set(this.chat.id, this.chat.input.value);
      this.places.set(this.chat.id, this.chat.atEnd ? null : this.chat.list.scrollTop);
    }
    this.sheets.quiet();
    const asked = (this.shows = (this.shows ?? 0) + 1);
    const view = id === null ? null : await this.doing(() => ask(`${this.path}/chats/${id}`));
    if (asked !== this.shows || view === undefined) return;
    const focused = this.stage.contains(document.activeElement);
    this.chat = view && new Chat(this, view);
    this.stage.replaceChildren(...(this.chat?.nodes ?? [this.list]));
    if (this.chat) this.arrive(this.chat, focused);
    else if (focused) this.list.querySelector("button")?.focus({ preventScroll: true });
    this.draw();
    await this.refresh();
  }

  arrive(chat, focused) {
    const place = this.places.get(chat.id);
    chat.atEnd = place == null;
    if (place != null) chat.list.scrollTop = place;
    chat.toEnd();
    chat.grow();
    if (chat.input.value) chat.typed();
    // On a phone the keyboard would cover half of what one came to see.
    if (focused && !matchMedia("(pointer: coarse)").matches) (chat.start.hidden ? chat.input : chat.start).focus({ preventScroll: true });
  }

  async showName(username) {
    const chat = this.chats.find((it) => it.username?.toLowerCase() === username.toLowerCase());
    if (chat) await this.show(chat.chat);
    else this.sheets.toast(`There is no @${username} here.`);
  }

  async type(chat, query) {
    if (chat !== this.chat?.id) await this.show(chat);
    this.chat?.fill(query.endsWith(" ") ? query : `${query} `);
  }

  async startBot(bot, payload) {
    if (this.chat?.id !== bot) await this.show(bot);
    if (this.chat) this.chat.atEnd = true;
    await this.doing(() => ask(`${this.path}/start`, { bot, ...(payload ? { payload } : {}) }));
  }

  /** Opens a Mini App over everything of this person; one at a time. */
  openApp(url, title) {
    this.app?.close();
    // The web phone takes the place of this page's own.
    this.phone?.rest(Boolean(this.world.phone && url.startsWith(this.world.phone)));
    const app = new MiniApp(this, url, title, () => {
      if (this.app === app) this.app = null;
      this.phone?.rest(false);
    });
    this.app = app;
  }

  // Small things

  async doing(what) {
    try { return await what(); } catch (error) { this.sheets.toast(error.message); return undefined; }
  }

  choose(title, ids, max = 1) {
    const name = (id) => this.chats.find((chat) => chat.chat === id)?.title ?? this.world.people.find((it) => it.user.id === id)?.user.name ?? `${id}`;
    if (max > 1) return this.sheets.askMany(title, ids.map((id) => [id, name(id)]), max);
    return this.sheets.ask(title, (done) => ids.map((id) => el("button", { onclick: () => done(id), "data-choice": id }, avatar(id, name(id)), name(id))),
      "There is nothing that fits. Groups are made in the list of chats.");
  }

  async language() {
    const next = this.user.language_code?.startsWith("ru") ? "en" : "ru";
    const user = await this.doing(() => ask(`${this.path}/language`, { language_code: next }));
    if (!user) return;
    this.user = user;
    this.showLanguage();
    if (this.phone?.client) this.phone.client.language = next;
    this.sheets.toast(`The Telegram of ${user.name} is in ${next === "ru" ? "Russian" : "English"} now`);
  }

  showLanguage() {
    const code = this.user.language_code ?? "en";
    this.tongue.textContent = code.toUpperCase();
    this.tongue.title = `The language of this person's Telegram. Press for ${code.startsWith("ru") ? "English" : "Russian"}.`;
    this.tongue.setAttribute("aria-label", `Language: ${code}`);
  }
}
