// The chat page: a column for each person, each a small Telegram over the API of docs/emulator.md.

const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "html") node.innerHTML = value; // made safe by the server: see docs/emulator.md
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return node;
};

const ask = async (path, body) => {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `${response.status}`);
  return answer;
};

const hue = (id) => (Math.abs(id) * 47) % 360;
const avatar = (id, name) => el("span", { class: "avatar", style: `--hue:${hue(id)}`, "aria-hidden": "true" }, (name ?? "?").slice(0, 1).toUpperCase());
const clockText = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const MARKS = { url: "↗", copy: "⧉", switch_inline: "↪", switch_inline_current: "↪", switch_inline_chosen: "↪" };

let people = [];
let bots = [];

/** One person's Telegram. */
class Person {
  constructor(user) {
    this.user = user;
    this.path = `/sim/users/${user.id}`;
    this.chats = [];
    this.open = null; // the chat on the screen
    this.view = null; // what the server says of it
    this.drafts = new Map();
    this.replyTo = null;
    this.results = null;
    this.asked = 0;
    this.root = el("section", { class: "person", "aria-label": user.name, "data-person": user.username ?? user.id });
    this.root.append(
      el("div", { class: "who" }, avatar(user.id, user.name),
        el("div", {}, el("div", { class: "name" }, user.name), el("div", { class: "about" }, [user.about, user.username && `@${user.username}`].filter(Boolean).join(" · "))),
        el("div", { class: "tools" }, el("button", { class: "icon", title: "Language of this person's Telegram", "aria-label": "Language", onclick: () => this.language() }, (user.language_code ?? "en").toUpperCase()))),
      (this.stage = el("div", { style: "display:flex;flex-direction:column;flex:1;min-height:0" })),
    );
    this.follow();
  }

  follow() {
    const events = new EventSource(`${this.path}/events`);
    events.addEventListener("hello", () => { lost(this, false); this.refresh(); });
    events.addEventListener("change", (event) => {
      const { chat } = JSON.parse(event.data);
      this.refresh(chat);
    });
    events.onerror = () => lost(this, true);
  }

  async refresh(chat) {
    // Changes come faster than answers: one request at a time, and once more if something changed meanwhile.
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    try {
      this.chats = await ask(`${this.path}/chats`);
      if (this.open !== null && (chat === undefined || chat === this.open)) this.view = await ask(`${this.path}/chats/${this.open}`);
      this.draw();
      if (this.open !== null && this.chats.find((it) => it.chat === this.open)?.unread) ask(`${this.path}/read`, { chat: this.open }).catch(() => {});
    } catch (error) {
      this.toast(error.message);
    } finally {
      this.busy = false;
      if (this.again) { this.again = false; this.refresh(); }
    }
  }

  async show(chat) {
    this.keepDraft();
    this.open = chat;
    this.view = null;
    this.replyTo = null;
    this.results = null;
    this.menu = false;
    if (chat !== null) this.view = await ask(`${this.path}/chats/${chat}`);
    this.stick = true;
    this.built = null;
    this.draw();
    this.refresh();
  }

  keepDraft() {
    if (this.input && this.open !== null) this.drafts.set(this.open, this.input.value);
  }

  draw() {
    if (this.open === null || !this.view) this.drawList();
    else this.drawChat();
  }

  // The list of chats

  drawList() {
    this.built = null;
    const entry = (chat) => el("li", {}, el("button", { onclick: () => this.show(chat.chat), "data-chat": chat.username ?? chat.chat },
      avatar(chat.chat, chat.title),
      el("span", { class: "text" },
        el("span", { class: "top" }, el("span", { class: "title" }, chat.title, chat.kind === "bot" ? el("small", { class: "about" }, " bot") : ""), chat.last && el("time", {}, clockText(chat.last.date))),
        el("span", { class: "top" }, el("span", { class: "last" }, chat.last ? chat.last.text : chat.kind === "bot" ? "Press Start to begin" : "No messages yet"), chat.unread ? el("span", { class: "badge", "aria-label": `${chat.unread} unread` }, `${chat.unread}`) : ""))));
    this.stage.replaceChildren(el("ul", { class: "list", "aria-label": "Chats" }, ...this.chats.map(entry)));
  }

  // One chat

  drawChat() {
    if (this.built !== this.open) this.buildChat();
    const { chat, messages, bot } = this.view;
    const stick = this.stick || this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;
    const nodes = messages.map((message) => this.message(message));
    if (!nodes.length) nodes.push(el("div", { class: "hint" }, bot?.description || (chat.kind === "bot" ? "What can this bot do? Press Start." : `No messages here yet. To share an account, type @${bots[0]?.username ?? "bot"} and its settings.`)));
    this.list.replaceChildren(...nodes);
    if (stick) this.list.scrollTop = this.list.scrollHeight;
    this.stick = false;
    this.drawBelow();
  }

  buildChat() {
    const { chat } = this.view;
    this.built = this.open;
    this.list = el("div", { class: "messages", role: "log", "aria-live": "polite", "aria-label": `Chat with ${chat.title}` });
    this.input = el("textarea", { rows: 1, placeholder: "Message", "aria-label": `Message to ${chat.title}` });
    this.input.value = this.drafts.get(this.open) ?? "";
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.above = el("div");
    this.write = el("div", { class: "write" },
      chat.kind === "bot" && el("button", { class: "icon", title: "Commands", "aria-label": "Commands", onclick: () => { this.menu = !this.menu; this.drawBelow(); } }, "/"),
      el("button", { class: "icon", title: "Send a file or a contact", "aria-label": "Attach", onclick: () => this.attach() }, "＋"),
      this.input,
      el("button", { class: "icon send", title: "Send", "aria-label": "Send", onclick: () => this.send() }, "➤"));
    this.start = el("button", { class: "wide", onclick: () => this.doing(() => ask(`${this.path}/start`, { bot: this.open })) }, "Start");
    this.board = el("div", { class: "board" });
    this.stage.replaceChildren(
      el("div", { class: "head" },
        el("button", { class: "icon", "aria-label": "Back to chats", title: "Back to chats", onclick: () => this.show(null) }, "‹"),
        avatar(chat.chat, chat.title),
        el("div", {}, el("div", { class: "title" }, chat.title), (this.sub = el("div", { class: "sub" }))),
        chat.kind === "bot" && el("button", { class: "icon", style: "margin-left:auto", title: "Block or unblock the bot", "aria-label": "Block or unblock the bot", onclick: () => this.block() }, "⊘")),
      this.list,
      el("div", { class: "below" }, this.above, this.write, this.start, this.board));
    this.grow();
  }

  drawBelow() {
    const { chat, bot, reply_keyboard: keyboard, force_reply: force } = this.view;
    this.sub.textContent = chat.blocked ? "blocked" : chat.kind === "bot" ? "bot" : chat.kind === "group" ? "group" : "";
    const silent = chat.kind === "bot" && (!chat.started || chat.blocked);
    this.start.hidden = !silent;
    this.start.textContent = chat.blocked ? "Restart bot" : "Start";
    this.write.hidden = silent;
    if (force && this.forced !== force.message) { this.forced = force.message; this.replyTo = force.message; this.input.focus({ preventScroll: true }); }
    if (!force && this.forced) { if (this.replyTo === this.forced) this.replyTo = null; this.forced = null; }
    this.input.placeholder = force?.placeholder ?? keyboard?.placeholder ?? "Message";
    const above = [];
    if (this.menu && bot?.commands?.length) {
      above.push(el("div", { class: "commands" }, ...bot.commands.map((it) => el("button", { onclick: () => { this.menu = false; this.say(`/${it.command}`); } }, `/${it.command}`, el("span", {}, it.description)))));
    }
    if (this.results) above.push(this.drawResults());
    if (this.replyTo) {
      const answered = this.view.messages.find((it) => it.id === this.replyTo);
      above.push(el("div", { class: "answering" }, el("span", {}, `Reply to: ${answered?.text ?? ""}`), el("button", { "aria-label": "Do not reply", onclick: () => { this.replyTo = null; this.drawBelow(); } }, "✕")));
    }
    this.above.replaceChildren(...above);
    this.board.hidden = !keyboard || silent;
    if (keyboard) this.board.replaceChildren(...keyboard.buttons.map((row) => el("div", { class: "row" }, ...row.map((button) => el("button", { class: "key", onclick: (event) => this.press(keyboard.message, button, event.currentTarget) }, button.text)))));
  }

  message(message) {
    if (message.service) return el("div", { class: "service" }, message.service);
    const file = message.document ?? message.photo ?? message.audio ?? message.voice;
    const body = el("div", { class: "body", html: message.html ?? "" });
    body.addEventListener("click", (event) => this.inside(event));
    const deep = this.view.chat.kind === "group" && !message.outgoing;
    return el("article", { class: `message${message.outgoing ? " mine" : ""}`, "data-message": message.id },
      el("div", { class: "bubble" },
        deep && el("div", { class: "from" }, message.from.name),
        message.via_bot && el("div", { class: "via" }, `via @${message.via_bot.username}`),
        message.reply_to && el("div", { class: "quote" }, `${message.reply_to.name}: ${message.reply_to.text}`),
        file && el("a", { class: "file", href: file.url, download: message.protected ? null : file.name, target: "_blank", rel: "noopener" }, el("span", { class: "sheet", "aria-hidden": "true" }, "▤"), el("span", {}, file.name ?? "file")),
        message.contact && el("div", { class: "file" }, avatar(message.contact.user ?? 7, message.contact.name), el("span", {}, message.contact.name, el("br"), message.contact.phone)),
        message.html && body,
        el("div", { class: "foot" }, message.protected && el("span", { title: "Can't be forwarded or copied" }, "protected"), message.edited && el("span", {}, "edited"), el("time", {}, clockText(message.date)))),
      message.buttons?.length && el("div", { class: "keys" }, ...message.buttons.map((row) => el("div", { class: "row" }, ...row.map((button) => this.button(message, button))))));
  }

  button(message, button) {
    return el("button", { class: `key ${button.style ?? ""}`, onclick: (event) => this.press(message.id, button, event.currentTarget) },
      button.text, MARKS[button.kind] && el("span", { class: "mark", "aria-hidden": "true" }, MARKS[button.kind]));
  }

  inside(event) {
    const spoiler = event.target.closest(".tg-spoiler");
    if (spoiler) { spoiler.classList.add("open"); return; }
    const link = event.target.closest("a");
    if (!link) return;
    if (link.dataset.command) { event.preventDefault(); this.say(link.dataset.command); return; }
    if (link.dataset.username) {
      event.preventDefault();
      const chat = this.chats.find((it) => it.username === link.dataset.username);
      if (chat) this.show(chat.chat);
      return;
    }
    const deep = deepLink(link.href);
    if (deep) { event.preventDefault(); this.startBot(deep.bot, deep.payload); }
    else link.target = "_blank";
  }

  // Doing things

  async doing(what) {
    try { return await what(); } catch (error) { this.toast(error.message); return undefined; }
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); this.send(); }
    if (event.key === "Escape" && this.results) { this.results = null; this.drawBelow(); }
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }

  /** The bot whose name the text begins with, if that makes it an inline query. */
  inlineBot(text) {
    const name = /^@(\w+)\s/.exec(text)?.[1]?.toLowerCase();
    return bots.find((bot) => bot.username?.toLowerCase() === name);
  }

  typed() {
    this.grow();
    clearTimeout(this.pause);
    if (!this.inlineBot(this.input.value)) {
      if (this.results) { this.results = null; this.drawBelow(); }
      return;
    }
    this.pause = setTimeout(() => this.query(), 350); // a real app asks at each pause in typing, too
  }

  async query() {
    const query = this.input.value.trim();
    const bot = this.inlineBot(`${query} `);
    if (!bot) return;
    const asked = ++this.asked;
    this.results = { query, waiting: true };
    this.drawBelow();
    const answer = await this.doing(() => ask(`${this.path}/inline`, { chat: this.open, query }));
    if (asked !== this.asked || !this.inlineBot(`${this.input.value} `)) return;
    this.results = answer ? { query, ...answer, bot } : null;
    this.drawBelow();
  }

  drawResults() {
    const { query, waiting, results = [], button, timed_out: late, bot } = this.results;
    const send = (result) => this.doing(async () => {
      const chat = this.open;
      this.input.value = "";
      this.results = null;
      this.asked++;
      this.grow();
      this.stick = true;
      await ask(`${this.path}/choose`, { chat, query: `@${bot.username} ${query.replace(/^@\w+\s*/, "")}`, result_id: result.id });
    });
    const nodes = results.map((result) => el("button", { onclick: () => send(result) }, el("div", { class: "title" }, result.title), el("div", { class: "description" }, result.description ?? "")));
    if (button) nodes.unshift(el("button", { onclick: () => this.startBot(bot.id, button.start_parameter) }, el("div", { class: "title" }, button.text)));
    if (!nodes.length) nodes.push(el("div", { class: "note" }, waiting ? "…" : late ? "The bot did not answer." : "Nothing fits."));
    return el("div", { class: "results", role: "listbox", "aria-label": "What the bot proposes" }, ...nodes);
  }

  send() {
    const text = this.input.value.trim();
    if (!text) return;
    if (this.inlineBot(`${this.input.value} `)) { this.query(); return; } // such a text is a question to the bot, not a message
    this.input.value = "";
    this.grow();
    this.say(text);
  }

  say(text) {
    const reply = this.replyTo;
    this.replyTo = null;
    this.stick = true;
    return this.doing(() => ask(`${this.path}/message`, { chat: this.open, text, ...(reply ? { reply_to: reply } : {}) }));
  }

  async press(message, button, node) {
    if (button.kind?.startsWith("request_") ) return this.pick(message, button);
    node?.setAttribute("aria-busy", "true");
    const shown = await this.doing(() => ask(`${this.path}/press`, { message, button: button.id }));
    node?.removeAttribute("aria-busy");
    if (shown) await this.shown(message, button, shown);
  }

  async shown(message, button, shown) {
    if (shown.shown === "toast") this.toast(shown.text);
    else if (shown.shown === "alert") await this.alert(shown.text);
    else if (shown.shown === "timeout") this.toast("The bot did not answer.");
    else if (shown.shown === "copied") { navigator.clipboard?.writeText(shown.text).catch(() => {}); this.toast("Copied"); }
    else if (shown.shown === "pick") await this.pick(message, { ...button, ...shown });
    else if (shown.shown === "url") {
      if (shown.deep_link) await this.startBot(shown.deep_link.bot, shown.deep_link.payload);
      else window.open(shown.url, "_blank", "noopener");
    } else if (shown.shown === "inline") {
      if (shown.chat === undefined && shown.choose_from) {
        const chat = await this.choose("Send to…", shown.choose_from);
        if (chat === undefined) return;
        const next = await this.doing(() => ask(`${this.path}/pick`, { message, button: button.id, choice: chat }));
        if (next) await this.type(next.chat ?? chat, next.query ?? shown.query);
      } else await this.type(shown.chat ?? this.open, shown.query);
    }
  }

  async type(chat, query) {
    if (chat !== this.open) await this.show(chat);
    this.input.value = query.endsWith(" ") ? query : `${query} `;
    this.grow();
    this.input.focus();
    this.query();
  }

  async pick(message, button) {
    let choice;
    if (button.kind !== "request_contact") {
      choice = await this.choose(button.text, button.choose_from ?? []);
      if (choice === undefined) return;
    }
    await this.doing(() => ask(`${this.path}/pick`, { message, button: button.id, ...(choice === undefined ? {} : { choice }) }));
  }

  async startBot(bot, payload) {
    if (this.open !== bot) await this.show(bot);
    this.stick = true;
    await this.doing(() => ask(`${this.path}/start`, { bot, ...(payload ? { payload } : {}) }));
  }

  async block() {
    const bot = this.open;
    const blocked = this.view.chat.blocked;
    await this.doing(() => ask(`${this.path}/${blocked ? "unblock" : "block"}`, { bot }));
    this.refresh();
  }

  async language() {
    const now = this.user.language_code ?? "en";
    const next = now.startsWith("ru") ? "en" : "ru";
    const user = await this.doing(() => ask(`${this.path}/language`, { language_code: next }));
    if (!user) return;
    this.user.language_code = next;
    this.root.querySelector(".tools .icon").textContent = next.toUpperCase();
    this.toast(next === "ru" ? "This person's Telegram is in Russian now" : "This person's Telegram is in English now");
  }

  async attach() {
    const what = await this.ask("Send…", (done) => [
      el("button", { onclick: () => done("file") }, "▤  A file"),
      el("button", { onclick: () => done("contact") }, "☎  A contact"),
    ]);
    if (what === "file") this.file();
    if (what === "contact") {
      const who = await this.choose("Whose contact?", [this.user.id, ...people.filter((it) => it.user.id !== this.user.id).map((it) => it.user.id)]);
      if (who !== undefined) this.doing(() => ask(`${this.path}/contact`, { chat: this.open, user: who }));
    }
  }

  file() {
    const input = el("input", { type: "file" });
    input.addEventListener("change", async () => {
      const file = input.files[0];
      if (!file) return;
      const content = await file.text();
      this.doing(() => ask(`${this.path}/message`, { chat: this.open, document: { name: file.name, content } }));
    });
    input.click();
  }

  // What lies over the chat

  toast(text) {
    this.toasted?.remove();
    clearTimeout(this.toastEnd);
    this.toasted = el("div", { class: "toast", role: "status" }, text);
    this.root.append(this.toasted);
    this.toastEnd = setTimeout(() => this.toasted?.remove(), 3500);
  }

  alert(text) {
    return new Promise((resolve) => {
      const back = document.activeElement;
      const close = () => { cover.remove(); back?.focus?.(); resolve(); };
      const ok = el("button", { onclick: close }, "OK");
      const cover = el("div", { class: "cover" }, el("div", { class: "sheet-box", role: "alertdialog", "aria-modal": "true", "aria-label": "Message of the bot" }, el("p", {}, text), el("div", { class: "actions" }, ok)));
      cover.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
      this.root.append(cover);
      ok.focus();
    });
  }

  /** A sheet with choices; resolves to what was chosen, or to nothing. */
  ask(title, make) {
    return new Promise((resolve) => {
      const close = (value) => { cover.remove(); resolve(value); };
      const cover = el("div", { class: "cover" }, el("div", { class: "sheet-box", role: "dialog", "aria-modal": "true", "aria-label": title },
        el("h2", {}, title), el("div", { class: "choices" }, ...make(close)), el("div", { class: "actions" }, el("button", { onclick: () => close() }, "Cancel"))));
      cover.addEventListener("click", (event) => { if (event.target === cover) close(); });
      cover.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
      this.root.append(cover);
      cover.querySelector("button")?.focus();
    });
  }

  choose(title, ids) {
    const name = (id) => this.chats.find((chat) => chat.chat === id)?.title ?? people.find((it) => it.user.id === id)?.user.name ?? `${id}`;
    return this.ask(title, (done) => ids.map((id) => el("button", { onclick: () => done(id), "data-choice": id }, avatar(id, name(id)), name(id))));
  }
}

const deepLink = (address) => {
  const match = /^(?:https?:\/\/(?:t|telegram)\.me\/|tg:\/\/resolve\?domain=)(\w+)[?&]start=([^&]*)/.exec(address);
  const bot = match && bots.find((it) => it.username?.toLowerCase() === match[1].toLowerCase());
  return bot && { bot: bot.id, payload: decodeURIComponent(match[2]) };
};

const gone = new Set();
const lost = (person, is) => {
  if (is) gone.add(person); else gone.delete(person);
  document.getElementById("lost").hidden = gone.size === 0;
};

const tellTime = async () => {
  const { now } = await ask("/sim/clock");
  document.getElementById("clock").textContent = clockText(now);
};

const themes = () => {
  const kept = localStorage.getItem("theme");
  if (kept) document.documentElement.dataset.theme = kept;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const next = dark === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
  });
};

const begin = async () => {
  themes();
  bots = await ask("/sim/bots");
  people = (await ask("/sim/users")).map((user) => new Person(user));
  const tabs = document.getElementById("tabs");
  const select = (person) => {
    for (const other of people) other.root.classList.toggle("shown", other === person);
    for (const tab of tabs.children) tab.setAttribute("aria-selected", tab.dataset.person === `${person.user.id}`);
  };
  // Three fit side by side; more people get a column each, and the page scrolls.
  document.getElementById("columns").replaceChildren(...people.map((person) => person.root));
  tabs.replaceChildren(...people.map((person) => el("button", { role: "tab", "data-person": person.user.id, onclick: () => select(person) }, person.user.name)));
  if (people.length) select(people[0]);
  for (const person of people) person.show(bots[0]?.id ?? null);
  document.getElementById("later").addEventListener("click", async () => {
    await ask("/sim/clock/advance", { seconds: 300 });
    tellTime();
  });
  await tellTime();
  setInterval(() => tellTime().catch(() => {}), 15000);
};

begin().catch((error) => {
  document.getElementById("columns").textContent = `The page could not start: ${error.message}`;
});
