// How one message looks.

import { avatar, clockText, el, icon } from "./parts.js";

const MARKS = { url: "link", copy: "copy", switch_inline: "forward", switch_inline_current: "forward", switch_inline_chosen: "forward", web_app: "app" };

/** A message in `chat`, as its person sees it. */
export const messageNode = (chat, message) => {
  if (message.service) return el("div", { class: "service", "data-message": message.id }, message.service);
  const file = message.document ?? message.photo ?? message.audio ?? message.voice;
  const named = chat.view.chat.kind === "group" && !message.outgoing;
  return el("article", { class: `message${message.outgoing ? " mine" : ""}`, "data-message": message.id, "aria-label": `${message.from.name}, ${clockText(message.date)}` },
    el("div", { class: "bubble" },
      named && el("div", { class: "from" }, message.from.name),
      message.via_bot && el("div", { class: "via" }, `via @${message.via_bot.username}`),
      message.reply_to && el("div", { class: "quote" }, `${message.reply_to.name}: ${message.reply_to.text}`),
      file && fileNode(file, message.protected),
      message.contact && el("div", { class: "file" }, avatar(message.contact.user ?? 7, message.contact.name), el("span", {}, message.contact.name, el("br"), message.contact.phone)),
      message.html && el("div", { class: "body", html: message.html, onclick: (event) => inside(chat, event) }),
      el("div", { class: "foot" }, message.protected && el("span", { title: "Can't be forwarded or copied" }, "protected"), message.edited && el("span", {}, "edited"),
        el("time", { title: new Date(message.date * 1000).toLocaleString() }, clockText(message.date)))),
    message.buttons?.length && el("div", { class: "keys" }, ...message.buttons.map((row) => el("div", { class: "row" }, ...row.map((button) =>
      el("button", { class: `key ${button.style ?? ""}`, "data-button": button.id, onclick: (event) => chat.press(message.id, button, event.currentTarget) },
        button.text, MARKS[button.kind] && el("span", { class: "mark" }, icon(MARKS[button.kind]))))))));
};

const fileNode = (file, kept) => el(kept ? "div" : "a", { class: "file", href: kept ? null : file.url, target: "_blank", rel: "noopener" },
  el("span", { class: "sheet" }, icon("file")), el("span", {}, file.name ?? "file", file.size !== undefined && el("span", { class: "size" }, sizeText(file.size))));

const sizeText = (bytes) => (bytes < 1024 ? `${bytes} bytes` : bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);

/** What pressing something within a text does. */
const inside = (chat, event) => {
  const spoiler = event.target.closest(".tg-spoiler");
  if (spoiler && !spoiler.classList.contains("open")) { event.preventDefault(); spoiler.classList.add("open"); return; }
  const link = event.target.closest("a");
  if (!link) {
    const code = event.target.closest("code, pre");
    if (code && getSelection().isCollapsed) chat.copy(code.textContent);
    return;
  }
  if (link.dataset.command) { event.preventDefault(); chat.say(link.dataset.command); return; }
  if (link.dataset.username) { event.preventDefault(); chat.person.showName(link.dataset.username); return; }
  const deep = deepLink(chat.person.world.bots, link.href);
  if (deep) { event.preventDefault(); chat.person.startBot(deep.bot, deep.payload); } else { link.target = "_blank"; link.rel = "noopener"; }
};

const deepLink = (bots, address) => {
  const match = /^(?:https?:\/\/(?:t|telegram)\.me\/|tg:\/\/resolve\?domain=)(\w+)[?&]start=([^&]*)/.exec(address);
  const bot = match && bots.find((it) => it.username?.toLowerCase() === match[1].toLowerCase());
  return bot && { bot: bot.id, payload: decodeURIComponent(match[2]) };
};
