// One open chat of one person: its messages, and everything below them.

import { ask, avatar, el, icon, keep } from "./parts.js";
import { Inline } from "./inline.js";
import { messageNode } from "./message.js";

/** How near the end of a chat counts as its end, in pixels. */
const NEAR = 60;

/** How long "typing…" stays, in milliseconds. */
const TYPING = 5000;

export class Chat {
  constructor(person, view) {
    this.person = person;
    this.id = view.chat.chat;
    this.view = view;
    this.replyTo = null;
    this.atEnd = true;
    this.build();
    this.update(view);
  }

  build() {
    const { chat } = this.view;
    const bot = chat.kind === "bot";
    this.input = el("textarea", { rows: 1, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-label": `Message to ${chat.title}` });
    this.input.value = this.person.drafts.get(this.id) ?? "";
    this.inline = new Inline(this);
    this.input.setAttribute("aria-controls", this.inline.id);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list = el("div", { class: "messages", role: "log", "aria-live": "polite", "aria-label": `Chat with ${chat.title}`, tabindex: "0" });
    this.list.addEventListener("scroll", () => { this.atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR; });
    new ResizeObserver(() => this.toEnd()).observe(this.list);
    this.commands = el("div", { class: "commands", role: "menu", "aria-label": "Commands", hidden: true });
    this.commandsButton = bot && el("button", { class: "icon", title: "Commands", "aria-label": "Commands", "aria-expanded": "false", onclick: () => this.menu(this.commands.hidden) }, icon("slash"));
    this.appButton = bot && el("button", { class: "app-button", hidden: true, onclick: () => this.openMenuApp() });
    this.answering = el("div", { class: "answering", hidden: true });
    this.write = el("div", { class: "write" }, this.appButton, this.commandsButton,
      el("button", { class: "icon", title: "Send a file or a contact", "aria-label": "Attach", onclick: () => this.attach() }, icon("plus")),
      this.input,
      el("button", { class: "icon send", title: "Send", "aria-label": "Send", onclick: () => this.send() }, icon("send")));
    this.start = el("button", { class: "wide", onclick: () => this.person.startBot(this.id) });
    this.board = el("div", { class: "board", role: "group", "aria-label": "The bot's keyboard", hidden: true });
    this.badge = el("span", { class: "badge", hidden: true });
    this.sub = el("div", { class: "sub" });
    this.blocker = bot && el("button", { class: "icon end", onclick: () => this.block() }, icon("block"));
    this.nodes = [
      el("div", { class: "head" },
        el("button", { class: "icon back", "aria-label": "Back to chats", title: "Back to chats", onclick: () => this.person.show(null) }, icon("back"), this.badge),
        avatar(chat.chat, chat.title), el("div", {}, el("div", { class: "title" }, chat.title), this.sub), this.blocker),
      this.list,
      el("div", { class: "below" }, this.inline.box, this.commands, this.answering, this.write, this.start, this.board),
    ];
  }

  /** Draws what the server says of this chat now. */
  update(view) {
    this.view = view;
    const { messages, bot, chat } = view;
    this.subtitle();
    keep(this.list, messages.length ? messages : [{ id: "hint", hint: bot?.description || (chat.kind === "bot" ? "Press Start to talk to this bot." : "No messages here yet.") }], (it) => it.id,
      (it) => (it.hint ? el("div", { class: "hint" }, it.hint) : messageNode(this, it)));
    this.drawBelow();
    this.toEnd();
  }

  drawBelow() {
    const { chat, reply_keyboard: keyboard, force_reply: force } = this.view;
    const silent = chat.kind === "bot" && (!chat.started || chat.blocked);
    this.start.hidden = !silent;
    this.start.textContent = chat.blocked ? "Restart bot" : "Start";
    this.write.hidden = silent;
    if (this.blocker) {
      this.blocker.hidden = !chat.started && !chat.blocked;
      this.blocker.title = chat.blocked ? "Unblock the bot" : "Block the bot";
      this.blocker.setAttribute("aria-label", this.blocker.title);
    }
    if (this.appButton) {
      const app = this.view.bot?.menu_app;
      this.appButton.hidden = !app;
      this.appButton.textContent = app ?? "";
    }
    if (force && this.forced !== force.message) {
      this.forced = force.message;
      this.replyTo = force.message;
      // The person whose turn it is types on; nobody else's typing is disturbed.
      if (this.person.root.contains(document.activeElement) || document.activeElement === document.body) this.input.focus({ preventScroll: true });
    }
    if (!force && this.forced) {
      if (this.replyTo === this.forced) this.replyTo = null;
      this.forced = null;
    }
    this.input.placeholder = force?.placeholder ?? keyboard?.placeholder ?? "Message";
    this.drawReply();
    keep(this.board, keyboard && !silent ? keyboard.buttons.map((row, index) => ({ row, index, message: keyboard.message })) : [], (it) => it.index, ({ row, message }) =>
      el("div", { class: "row" }, ...row.map((button) => el("button", { class: "key", "data-button": button.id, onclick: (event) => this.press(message, button, event.currentTarget) }, button.text))));
    this.board.hidden = !keyboard || silent;
    this.grow(); // what was hidden had no height
  }

  drawReply() {
    const answered = this.replyTo && this.view.messages.find((it) => it.id === this.replyTo);
    this.answering.hidden = !this.replyTo || this.write.hidden;
    this.answering.replaceChildren(
      el("span", {}, `Reply to: ${answered?.text ?? ""}`),
      el("button", { class: "icon", "aria-label": "Do not reply", onclick: () => { this.replyTo = null; this.drawReply(); this.input.focus(); } }, icon("close")));
  }

  subtitle(doing) {
    const { chat } = this.view;
    clearTimeout(this.typingEnd);
    this.sub.textContent = doing ? "typing…" : chat.blocked ? "blocked" : chat.kind === "person" ? (chat.username ? `@${chat.username}` : "") : chat.kind;
    if (doing) this.typingEnd = setTimeout(() => this.subtitle(), TYPING);
  }

  /** Unread messages in this person's other chats. */
  others(count) {
    this.badge.textContent = `${count}`;
    this.badge.hidden = count === 0;
    this.badge.parentElement.setAttribute("aria-label", count ? `Back to chats, ${count} unread` : "Back to chats");
  }

  toEnd() {
    if (this.atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  // Typing

  typed() {
    this.grow();
    this.inline.typed(this.input.value);
  }

  key(event) {
    const open = !this.inline.box.hidden;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (!this.inline.take()) this.send();
    } else if (event.key === "Escape") {
      if (open) this.inline.close();
      else if (!this.commands.hidden) this.menu(false);
      else if (this.replyTo) { this.replyTo = null; this.drawReply(); }
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.inline.move(event.key === "ArrowDown" ? 1 : -1);
    }
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }

  clear() {
    this.input.value = "";
    this.grow();
    this.atEnd = true;
  }

  /** Puts a text where messages are typed, as if it had been typed. */
  fill(text) {
    this.input.value = text;
    this.input.focus();
    this.grow();
    this.inline.query(text);
  }

  // Doing things

  doing(what) {
    return this.person.doing(what);
  }

  send() {
    const text = this.input.value.trim();
    if (!text) return;
    if (this.inline.bot(`${text} `)) { this.inline.query(text); return; } // a question to the bot, not a message
    this.clear();
    this.say(text);
  }

  say(text) {
    const reply = this.replyTo;
    this.replyTo = null;
    this.atEnd = true;
    this.drawReply();
    return this.doing(() => ask(`${this.person.path}/message`, { chat: this.id, text, ...(reply ? { reply_to: reply } : {}) }));
  }

  menu(open) {
    const commands = this.view.bot?.commands ?? [];
    this.commands.hidden = !open || !commands.length;
    this.commandsButton.setAttribute("aria-expanded", `${!this.commands.hidden}`);
    this.commands.replaceChildren(...commands.map((it) => el("button", { role: "menuitem", onclick: () => { this.menu(false); this.say(`/${it.command}`); } }, el("b", {}, `/${it.command}`), el("span", {}, it.description))));
  }

  async openMenuApp() {
    const shown = await this.doing(() => ask(`${this.person.path}/open`, { bot: this.id }));
    if (shown) this.person.openApp(shown.url, this.view.bot.menu_app);
  }

  async press(message, button, node) {
    if (node.getAttribute("aria-busy")) return;
    if (button.kind.startsWith("request_")) { await this.pick(message, button); return; }
    node.setAttribute("aria-busy", "true");
    const shown = await this.doing(() => ask(`${this.person.path}/press`, { message, button: button.id }));
    node.removeAttribute("aria-busy");
    if (shown) await this.shown(message, button, shown);
  }

  /** What pressing a button shows. */
  async shown(message, button, shown) {
    const { person } = this;
    if (shown.shown === "toast") person.sheets.toast(shown.text);
    else if (shown.shown === "alert") await person.sheets.alert(shown.text);
    else if (shown.shown === "timeout") person.sheets.toast("The bot did not answer.");
    else if (shown.shown === "copied") this.copy(shown.text);
    else if (shown.shown === "web_app") person.openApp(shown.url, button.text);
    else if (shown.shown === "pick") await this.pick(message, { ...button, ...shown });
    else if (shown.shown === "url") {
      if (shown.deep_link) await person.startBot(shown.deep_link.bot, shown.deep_link.payload);
      else window.open(shown.url, "_blank", "noopener");
    } else if (shown.shown === "inline") {
      if (shown.chat !== undefined || !shown.choose_from) { await person.type(shown.chat ?? this.id, shown.query); return; }
      const choice = await person.choose("Send to…", shown.choose_from);
      if (choice === undefined) return;
      const next = await this.doing(() => ask(`${person.path}/pick`, { message, button: button.id, choice }));
      if (next) await person.type(next.chat ?? choice, next.query ?? shown.query);
    }
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.person.sheets.toast("Copied");
    } catch {
      await this.person.sheets.alert(text); // this browser does not let pages copy: at least show it
    }
  }

  async pick(message, button) {
    let choice;
    if (button.kind !== "request_contact") {
      choice = await this.person.choose(button.text, button.choose_from ?? [], button.max);
      if (choice === undefined) return;
    }
    this.atEnd = true;
    await this.doing(() => ask(`${this.person.path}/pick`, { message, button: button.id, ...(choice === undefined ? {} : { choice }) }));
  }

  block() {
    return this.doing(() => ask(`${this.person.path}/${this.view.chat.blocked ? "unblock" : "block"}`, { bot: this.id }));
  }

  async attach() {
    const what = await this.person.sheets.ask("Send…", (done) => [
      el("button", { onclick: () => done("file") }, icon("file"), "A file"),
      el("button", { onclick: () => done("contact") }, icon("contact"), "A contact"),
    ]);
    if (what === "file") this.file();
    if (what === "contact") {
      const user = await this.person.choose("Whose contact?", this.person.world.people.map((it) => it.user.id));
      if (user !== undefined) await this.doing(() => ask(`${this.person.path}/contact`, { chat: this.id, user }));
    }
  }

  file() {
    const input = el("input", { type: "file" });
    input.addEventListener("change", () => this.doing(async () => {
      const file = input.files[0];
      if (!file) return;
      const reader = new FileReader();
      const read = new Promise((resolve, reject) => { reader.onload = resolve; reader.onerror = () => reject(new Error("The file can't be read.")); });
      reader.readAsDataURL(file);
      await read;
      const reply = this.replyTo;
      this.atEnd = true;
      await ask(`${this.person.path}/message`, { chat: this.id, document: { name: file.name, content_base64: reader.result.split(",")[1] ?? "" }, ...(reply ? { reply_to: reply } : {}) });
    }));
    input.click();
  }
}
