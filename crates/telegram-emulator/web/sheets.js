// What lies over one person's chats: toasts, alerts, sheets with choices, and news of other chats.

import { avatar, el } from "./parts.js";

/** How long a toast and a piece of news stay, in milliseconds. */
const TOAST = 3500;
const NEWS = 8000;

export class Sheets {
  constructor(root) {
    this.root = root;
  }

  toast(text) {
    this.toasted?.remove();
    clearTimeout(this.toastEnd);
    this.toasted = el("div", { class: "toast", role: "status" }, text);
    this.root.append(this.toasted);
    this.toastEnd = setTimeout(() => this.toasted?.remove(), TOAST);
  }

  /** A message in a chat that is not on the screen; pressing it opens the chat. */
  news(chat, open) {
    this.quiet();
    this.told = el("button", { class: "news", onclick: () => { this.quiet(); open(); }, "aria-label": `New message from ${chat.title}` },
      avatar(chat.chat, chat.title), el("span", { class: "text" }, el("span", { class: "title" }, chat.title), el("span", { class: "last" }, chat.last?.text ?? "")));
    this.root.append(this.told);
    this.newsEnd = setTimeout(() => this.quiet(), NEWS);
  }

  quiet() {
    this.told?.remove();
    clearTimeout(this.newsEnd);
  }

  alert(text) {
    return this.cover((close) => el("div", { class: "sheet-box", role: "alertdialog", "aria-modal": "true", "aria-label": "The bot says" },
      el("p", {}, text), el("div", { class: "actions" }, el("button", { onclick: () => close() }, "OK"))));
  }

  /** A sheet with whatever `make` puts on it; resolves to what was chosen, or to nothing. */
  ask(title, make, none = "There is nothing to choose from.") {
    return this.cover((close) => {
      const choices = make(close);
      return el("div", { class: "sheet-box", role: "dialog", "aria-modal": "true", "aria-label": title },
        el("h2", {}, title), choices.length ? el("div", { class: "choices" }, ...choices) : el("p", {}, none),
        el("div", { class: "actions" }, el("button", { onclick: () => close() }, "Cancel")));
    });
  }

  /** Several of many: pressing marks one, and Done takes them. */
  askMany(title, entries, max) {
    return this.cover((close) => {
      const chosen = new Set();
      const toggle = (id, node) => {
        if (!chosen.delete(id) && chosen.size < max) chosen.add(id);
        node.setAttribute("aria-pressed", chosen.has(id));
        done.disabled = chosen.size === 0;
      };
      const done = el("button", { disabled: true, onclick: () => close([...chosen]) }, "Done");
      return el("div", { class: "sheet-box", role: "dialog", "aria-modal": "true", "aria-label": title },
        el("h2", {}, title),
        el("div", { class: "choices" }, ...entries.map(([id, name]) => el("button", { "aria-pressed": "false", "data-choice": id, onclick: (event) => toggle(id, event.currentTarget) }, avatar(id, name), name))),
        el("div", { class: "actions" }, el("button", { onclick: () => close() }, "Cancel"), done));
    });
  }

  /** A line of text, or nothing. */
  line(title, placeholder) {
    return this.cover((close) => {
      const input = el("input", { placeholder, "aria-label": title, maxlength: 64 });
      const form = el("form", { class: "sheet-box", role: "dialog", "aria-modal": "true", "aria-label": title }, el("h2", {}, title), input,
        el("div", { class: "actions" }, el("button", { type: "button", onclick: () => close() }, "Cancel"), el("button", {}, "OK")));
      form.addEventListener("submit", (event) => { event.preventDefault(); close(input.value.trim() || undefined); });
      return form;
    });
  }

  /** Puts a sheet over everything of this person until it is closed; the focus stays on it and then goes back. */
  cover(make) {
    return new Promise((resolve) => {
      const back = document.activeElement;
      const close = (value) => {
        cover.remove();
        if (!this.root.querySelector(":scope > .cover")) for (const node of this.root.children) node.inert = false;
        back?.focus?.({ preventScroll: true });
        resolve(value);
      };
      const cover = el("div", { class: "cover" });
      cover.append(make(close));
      cover.addEventListener("click", (event) => { if (event.target === cover) close(); });
      cover.addEventListener("keydown", (event) => {
        if (event.key === "Escape") close();
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const places = [...cover.querySelectorAll("button:not(:disabled), input")];
        places[(places.indexOf(document.activeElement) + step + places.length) % places.length]?.focus();
      });
      for (const node of this.root.children) node.inert = true;
      this.root.append(cover);
      cover.querySelector("input, button")?.focus();
    });
  }
}
