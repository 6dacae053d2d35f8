// The web phone: connects, shows what is so, and says it aloud.

import { CallView } from "./call.js";
import { accountText, Dialling } from "./dialling.js";
import { el, icon } from "./dom.js";
import { PhoneClient } from "./phone-client.js";
import { Ring } from "./ring.js";
import { begin, guardClosing, initData, language } from "./telegram.js";
import { wordsIn } from "./words.js";

/** How often meters and timers move, in milliseconds. */
const BEAT = 150;

/** Troubles that trying again may end. */
const WORTH_TRYING = ["microphone-refused", "microphone-absent", "microphone-busy", "ice", "media"];

class Page {
  constructor(root) {
    this.root = root;
    this.words = wordsIn(language());
    document.documentElement.lang = this.words.title === "Phone" ? "en" : "ru";
    document.title = this.words.title;
    this.phone = new PhoneClient({ initData: () => initData, language: document.documentElement.lang });
    this.ring = new Ring();
    this.views = new Map();
    this.lineUp = el("header", { class: "line-up" });
    this.notice = el("div", { class: "notice", role: "alert", hidden: true });
    this.calls = el("div", { class: "calls" });
    this.after = el("div", { class: "after", hidden: true });
    this.dialling = new Dialling(this.words, (number, account) => this.dial(number, account));
    this.back = el("button", { type: "button", class: "back", hidden: true, onclick: () => { this.adding = false; this.draw(); } }, icon("back"), this.words.back);
    this.empty = el("div", { class: "empty", hidden: true }, el("h2", {}, this.words.noAccounts), el("p", {}, this.words.noAccountsHow));
    this.sheet = el("dialog", { class: "sheet" });
    root.replaceChildren(this.lineUp, this.notice, this.calls, this.after, this.back, this.empty, this.dialling.node, this.sheet);
  }

  begin() {
    const { phone } = this;
    phone.addEventListener("change", () => this.draw());
    phone.addEventListener("call", ({ detail }) => this.told(detail));
    phone.addEventListener("choose", ({ detail }) => this.choose(detail));
    phone.addEventListener("trouble", ({ detail }) => this.trouble(detail));
    document.addEventListener("keydown", (event) => this.typed(event));
    window.addEventListener("online", () => phone.status === "lost" && phone.start());
    window.addEventListener("beforeunload", (event) => { if (phone.sounding().length) event.preventDefault(); });
    setInterval(() => { for (const view of this.views.values()) view.tick(); }, BEAT);
    phone.start();
  }

  // What is so

  draw() {
    const { phone, words } = this;
    const calls = [...phone.calls.values()].sort((one, two) => order(one) - order(two) || one.line - two.line);
    const ready = phone.status === "ready";
    this.root.setAttribute("aria-busy", `${!ready}`);
    this.header();
    this.drawCalls(calls);
    const busy = calls.some((call) => phone.mine.has(call.call) || call.state === "ringing");
    if (!busy || calls.length > 1) this.adding = false;
    this.dialling.show(phone.accounts);
    this.dialling.node.hidden = !phone.accounts.length || (busy && !this.adding) || (!ready && !phone.user);
    this.back.hidden = !this.adding;
    this.calls.hidden = Boolean(this.adding);
    this.empty.hidden = !ready || phone.accounts.length > 0 || calls.length > 0;
    this.sounds(calls);
    const talks = phone.sounding().length > 0;
    if (talks !== this.talks) guardClosing((this.talks = talks));
    document.title = calls[0] ? `${calls[0].name || calls[0].number} · ${words.title}` : words.title;
  }

  header() {
    const { phone, words } = this;
    const text = { connecting: words.connecting, idle: words.connecting, lost: words.lost, ready: phone.name }[phone.status] ?? words.title;
    const sign = `${phone.status}${text}`;
    if (this.headed === sign) return;
    this.headed = sign;
    this.lineUp.replaceChildren(el("span", { class: `lamp ${phone.status}`, "aria-hidden": "true" }), el("span", {}, text));
    if (phone.status === "lost") this.say(words.lost);
    if (phone.status === "ready" && this.wasLost) this.say(words.reconnected);
    this.wasLost = phone.status === "lost" || (this.wasLost && phone.status === "connecting");
  }

  drawCalls(calls) {
    const { phone, words } = this;
    for (const [id, view] of this.views) if (!phone.calls.has(id)) { view.node.remove(); this.views.delete(id); }
    calls.forEach((call, place) => {
      let view = this.views.get(call.call);
      if (!view) {
        view = new CallView(words, phone, { transfer: (it) => this.transfer(it), add: () => this.add(), others: (it) => this.others(it), accountName: (it) => this.accountName(it) });
        this.views.set(call.call, view);
      }
      view.show(call, this.others(call), this.accountName(call));
      if (this.calls.children[place] !== view.node) this.calls.insertBefore(view.node, this.calls.children[place] ?? null);
    });
  }

  others(call) {
    return [...this.phone.calls.values()].filter((it) => it.call !== call.call);
  }

  /** Through which account a call goes; not worth saying while there is one. */
  accountName(call) {
    const { accounts } = this.phone;
    const account = accounts.length > 1 && accounts.find((it) => it.number === call.account);
    return account ? account.name || account.login : "";
  }

  sounds(calls) {
    const ringing = calls.some((call) => call.state === "ringing");
    if (ringing) this.ring.start(calls.some((call) => call.state === "talking"));
    else this.ring.stop();
  }

  /** A call changed: says aloud what happened. */
  told(call) {
    const { words } = this;
    const before = this.states?.get(call.call);
    (this.states ??= new Map()).set(call.call, call.state);
    if (before === call.state) return;
    const who = call.name || call.number;
    if (call.state === "ringing") { this.say(`${words.spokenRinging} ${who}`, true); window.scrollTo({ top: 0 }); }
    if (call.state === "talking") { this.say(`${words.spokenTalking} ${who}`); this.dialling.clear(); this.adding = false; this.quiet(); }
    if (call.state === "held") this.say(`${words.spokenHeld} ${who}`);
    if (["calling", "talking", "ringing"].includes(call.state)) this.after.hidden = true;
    if (call.state === "ended") { this.states.delete(call.call); if (before) this.ended(call); }
  }

  ended(call) {
    const { words } = this;
    // 200 and 487 are how a call ends well; everything else has something to tell.
    const said = [words.ended, call.reason && ![200, 487].includes(call.code) ? `${call.code ?? ""} ${call.reason}`.trim() : call.reason].filter(Boolean).join(": ");
    this.say(`${said}.`);
    this.after.replaceChildren(
      el("p", {}, el("strong", {}, call.name || call.number), el("br"), said),
      el("button", { type: "button", class: "deed small go", onclick: () => { this.after.hidden = true; this.dial(call.number, call.account); } }, el("span", { class: "round" }, icon("phone")), el("span", { class: "caption" }, words.redial)),
      el("button", { type: "button", class: "round plain", "aria-label": words.close, title: words.close, onclick: () => { this.after.hidden = true; } }, icon("close")));
    this.after.hidden = false;
    this.draw();
  }

  say(text, now = false) {
    document.getElementById(now ? "spoken-now" : "spoken").textContent = text;
  }

  // What a person does

  dial(number, account) {
    this.tried = () => this.dial(number, account);
    this.quiet();
    this.adding = false;
    this.phone.dial(number, account);
  }

  add() {
    this.adding = true;
    this.draw();
    this.dialling.input.focus();
  }

  typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.sheet.open) return;
    if (event.target.closest?.("input, select, textarea") || (event.target.closest?.("button") && ["Enter", " "].includes(event.key))) return;
    const talking = [...this.views.values()].find((view) => view.call.state === "talking" || view.call.state === "alerting");
    const taken = this.dialling.node.hidden ? talking?.typed(event) : this.dialling.typed(event);
    if (taken) event.preventDefault();
  }

  /** Several accounts fit. */
  choose({ number, accounts }) {
    const { words } = this;
    this.open(words.choose, `${words.chooseHow} ${number}.`, accounts.map((account) =>
      el("button", { type: "button", class: "choice", onclick: () => { this.sheet.close(); this.dial(number, account.number); } }, accountText(account, words))));
  }

  transfer(call) {
    const { words, phone } = this;
    const input = el("input", { class: "number", type: "text", inputmode: "tel", autocomplete: "off", "aria-label": words.transferTo, placeholder: words.number });
    const go = () => { const to = input.value.trim(); if (to) { phone.transfer(call.call, to); this.sheet.close(); } };
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go(); } });
    this.open(words.transferTo, words.transferHow, [input, el("button", { type: "button", class: "wide", onclick: go }, words.transfer)]);
    input.focus();
  }

  open(title, text, nodes) {
    this.sheet.setAttribute("aria-label", title);
    this.sheet.replaceChildren(el("h2", {}, title), el("p", {}, text), ...nodes,
      el("button", { type: "button", class: "choice cancel", onclick: () => this.sheet.close() }, this.words.cancel));
    this.sheet.showModal();
  }

  // What went wrong, and what to do about it

  trouble({ kind, of, words: said }) {
    const { words, phone } = this;
    const own = kind === "error" ? said || words.error : words[kind] ?? words.error;
    const how = kind === "error" ? "" : words[`${kind}How`] ?? said ?? "";
    const again = kind === "replaced" ? [words.useHere, () => phone.start()] : WORTH_TRYING.includes(kind) ? [words.tryAgain, () => this.again()] : null;
    this.notice.replaceChildren(
      el("div", {}, el("h2", {}, own), how && el("p", {}, how)),
      el("div", { class: "notice-deeds" },
        again && el("button", { type: "button", class: "wide", onclick: () => { this.quiet(); again[1](); } }, again[0]),
        !["refused", "replaced"].includes(kind) && el("button", { type: "button", class: "choice", onclick: () => this.quiet() }, words.close)));
    this.notice.dataset.kind = of ?? kind;
    this.notice.hidden = false;
    if (kind === "error" && of === "dial") this.draw();
  }

  again() {
    const { phone } = this;
    const ringing = [...phone.calls.values()].find((call) => call.state === "ringing");
    const talked = phone.sounding()[0] ?? ringing;
    if (talked) phone.answer(talked.call);
    else this.tried?.();
  }

  quiet() {
    this.notice.hidden = true;
  }
}

/** What needs an answer is on top, then what is talked, then what waits. */
const order = (call) => ["ringing", "talking", "alerting", "calling", "held"].indexOf(call.state);

/** Opened without Telegram: says where the phone is. */
const outside = (root) => {
  const words = wordsIn(language());
  document.documentElement.lang = words.title === "Phone" ? "en" : "ru";
  document.title = words.title;
  root.setAttribute("aria-busy", "false");
  root.replaceChildren(el("div", { class: "empty" }, icon("phone"), el("h1", {}, words.outside), el("p", {}, words.outsideHow)));
};

begin();
const root = document.getElementById("phone");
if (initData) new Page(root).begin();
else outside(root);
