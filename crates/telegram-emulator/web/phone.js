// One person's phone: it rings, is answered with the browser's microphone, and writes down what happens for those who do
// not hear. The protocol and the sound are the gateway's own modules; docs/phone.md describes them.

import { ask, el, icon } from "./parts.js";
import { TelegramApp } from "./telegram-app.js";

/** How often meters and timers move, in milliseconds. */
const BEAT = 150;

/** Between these two, in dB below the loudest, a side is neither heard nor silent. */
const HEARD = -45;
const SILENT = -60;

/** How long it has to be quiet before that is written down, in milliseconds. */
const SILENCE = 1500;

/** Lines of what happened that are kept. */
const LINES = 60;

/** Quietest that a meter shows, in dB below the loudest. */
const QUIET = -60;

const STATES = { ringing: "Ringing", calling: "Calling…", alerting: "It rings there…", talking: "Talking", held: "On hold" };

const TROUBLE = {
  "microphone-refused": "The browser does not let this page use the microphone. Allow it beside the address, and try again.",
  "microphone-absent": "There is no microphone. Connect one, and try again.",
  "microphone-busy": "Another program uses the microphone.",
  "microphone-unsupported": "This browser gives no microphone to this page.",
  ice: "The sound does not get through.",
  media: "The gateway did not take the sound. Try again.",
  refused: "The gateway does not let this phone in.",
  replaced: "Too many phones of this person are open; this one sleeps.",
};

/** The gateway's modules, as soon as it is there. */
export const phoneModules = async (url) => {
  const at = (file) => new URL(file, url).href;
  while (!(await fetch(at("phone-client.js")).then((answer) => answer.ok, () => false))) await new Promise((later) => setTimeout(later, 2000));
  const [{ PhoneClient }, { Ring, keyTone }] = await Promise.all([import(at("phone-client.js")), import(at("ring.js"))]);
  return { PhoneClient, Ring, keyTone };
};

const keep = (name, is) => (is ? sessionStorage.setItem(name, "yes") : sessionStorage.removeItem(name));

export class Phone {
  constructor(person) {
    this.person = person;
    this.states = new Map();
    // For as long as the page is open, also when it is loaded anew: whether Telegram rings, and whether the phone is open.
    this.kept = { telegram: `telegram:${person.user.id}`, open: `phone:${person.user.id}` };
    this.opened = Boolean(sessionStorage.getItem(this.kept.open));
    this.lamp = el("span", { class: "lamp" });
    this.button = el("button", { class: "icon", "aria-expanded": "false", "aria-label": `Phone of ${person.user.name}`, title: "Phone", onclick: () => this.toggle() }, icon("phone"), this.lamp);
    this.status = el("span", { class: "phone-status", role: "status" }, "The phone waits for the gateway…");
    this.number = el("input", { class: "phone-number", inputmode: "tel", autocomplete: "off", "aria-label": `Number for ${person.user.name} to call`, placeholder: "Number, for example 600" });
    this.dialling = el("form", { class: "phone-dial" }, this.number, el("button", { class: "phone-do go", title: "Call" }, icon("phone"), "Call"));
    this.dialling.addEventListener("submit", (event) => { event.preventDefault(); this.dial(this.number.value.trim()); });
    this.calls = el("div", { class: "phone-calls" });
    this.lines = el("ol", { class: "phone-lines", role: "log", "aria-label": `What happened on the phone of ${person.user.name}`, tabindex: "0" });
    this.telegram = new TelegramApp(this);
    const way = (telegram, caption) => el("button", { role: "radio", "aria-checked": `${!telegram}`, onclick: () => this.switch(telegram) }, caption);
    this.ways = [way(false, "Browser"), way(true, "Telegram")];
    this.choice = el("div", { class: "phone-ways", role: "radiogroup", "aria-label": `What rings for ${person.user.name}`, hidden: true }, ...this.ways);
    this.later = el("div", { class: "phone-note", role: "status" });
    this.panel = el("section", { class: "phone", "aria-label": `Phone of ${person.user.name}`, hidden: true }, this.choice, this.later, this.status, this.calls, this.dialling, this.lines);
  }

  /** Connects; `modules` are the gateway's. */
  begin({ PhoneClient, Ring, keyTone }, url) {
    const { person } = this;
    this.keyTone = keyTone;
    this.ring = new Ring();
    this.client = new PhoneClient({
      url: new URL("socket", url).href.replace(/^http/, "ws"),
      initData: async () => (await ask(`${person.path}/init-data`)).init_data,
      language: person.user.language_code,
    });
    this.client.addEventListener("change", () => this.draw());
    this.client.addEventListener("call", ({ detail }) => this.told(detail));
    this.client.addEventListener("choose", ({ detail }) => this.choose(detail));
    this.client.addEventListener("trouble", ({ detail }) => this.trouble(detail));
    setInterval(() => this.tick(), BEAT);
    this.resting = this.covered || this.telegram.on;
    if (!this.resting) this.client.start();
  }

  /** Whether people can have Telegram apps here: now, soon, or why not. */
  offerTelegram({ available, soon, why }) {
    this.choice.hidden = !available && !soon;
    this.ways[1].disabled = !available;
    this.later.textContent = available || !soon ? "" : why ?? "";
    // Their app rings on when the page is loaded anew, so its buttons are there again.
    if (available && sessionStorage.getItem(this.kept.telegram)) this.switch(true);
  }

  /** What rings for this person: the browser, or their Telegram app. */
  switch(telegram) {
    if (telegram === this.telegram.on) return;
    for (const [index, way] of this.ways.entries()) way.setAttribute("aria-checked", `${telegram === Boolean(index)}`);
    this.keys = null;
    keep(this.kept.telegram, telegram);
    this.telegram.turn(telegram);
    this.rest(this.covered);
    this.write(telegram ? "Telegram rings from now on" : "The browser rings from now on");
    this.draw();
  }

  /** While another phone of the same person is on the screen, or their Telegram app rings, this one rests. */
  rest(covered) {
    this.covered = Boolean(covered);
    const resting = this.covered || this.telegram.on;
    if (!this.client || resting === this.resting) return;
    this.resting = resting;
    if (resting) { this.ring.stop(); this.client.stop(); } else this.client.start();
  }

  toggle(open = this.panel.hidden) {
    this.opened = open;
    keep(this.kept.open, open);
    this.draw();
    if (open) this.number.focus();
  }

  // What is so

  draw() {
    if (this.telegram.on) { this.drawTelegram(); return; }
    const { client } = this;
    const calls = [...(client?.calls.values() ?? [])].sort((one, two) => one.line - two.line);
    const status = client?.status ?? "idle";
    this.lamp.className = `lamp ${status}`;
    this.status.textContent = { ready: this.accountsText(), connecting: "Connecting…", lost: "Connection lost. Trying again…", refused: TROUBLE.refused, stopped: "The phone in the Mini App is used." }[status] ?? "The phone waits for the gateway…";
    this.panel.hidden = !this.opened && !calls.length;
    this.button.setAttribute("aria-expanded", `${!this.panel.hidden}`);
    this.dialling.hidden = status !== "ready" || calls.length > 1 || Boolean(this.keys) || calls.some((call) => call.state === "ringing");
    this.drawCalls(calls);
    const ringing = calls.some((call) => call.state === "ringing");
    if (ringing) this.ring.start(calls.some((call) => call.state === "talking"));
    else this.ring?.stop();
    this.person.root.classList.toggle("rings", ringing);
  }

  drawTelegram() {
    const { telegram } = this;
    const nodes = telegram.nodes();
    this.lamp.className = `lamp ${telegram.view?.state ?? "connecting"}`;
    this.status.textContent = telegram.words;
    this.panel.hidden = !this.opened && !nodes.length;
    this.button.setAttribute("aria-expanded", `${!this.panel.hidden}`);
    this.dialling.hidden = nodes.length > 0;
    const focused = this.calls.contains(document.activeElement) ? document.activeElement.dataset.deed : null;
    [this.sign, this.timers, this.meters] = [null, [], null];
    this.calls.replaceChildren(...nodes);
    if (focused) this.calls.querySelector(`[data-deed="${focused}"]`)?.focus();
    if (telegram.rings) this.ring?.start(false);
    else this.ring?.stop();
    this.person.root.classList.toggle("rings", telegram.rings);
  }

  accountsText() {
    const accounts = this.client?.accounts ?? [];
    if (!accounts.length) return "No active SIP account yet: make one in the bot's chat.";
    return accounts.map((it) => `${it.name || it.login}${it.registered ? "" : ` (${it.trouble ?? "not registered"})`}`).join(", ");
  }

  drawCalls(calls) {
    const sign = JSON.stringify([calls, [...this.client?.mine ?? []], this.client?.muted, this.client?.peer?.connected, this.keys]);
    if (sign === this.sign) return;
    this.sign = sign;
    const focused = this.calls.contains(document.activeElement) ? document.activeElement.dataset.deed : null;
    this.timers = [];
    this.meters = null;
    this.calls.replaceChildren(...calls.map((call) => this.callNode(call, calls)));
    if (focused) this.calls.querySelector(`[data-deed="${focused}"]`)?.focus();
    this.tick();
  }

  callNode(call, calls) {
    const { client } = this;
    const here = client.mine.has(call.call);
    const timer = el("span", { class: "timer" });
    this.timers.push([call, timer]);
    const state = call.state === "ringing" && call.direction === "out" ? "Answer, and it is dialled" : call.state === "talking" && !here ? "On another phone" : call.they_hold ? "They put you on hold" : STATES[call.state] ?? call.state;
    return el("section", { class: "phone-call", "data-state": call.state, "data-line": call.line, "aria-label": `Line ${call.line}: ${call.name || call.number}` },
      el("div", { class: "top" }, el("strong", {}, call.name ? `${call.name} ` : "", call.number), el("span", { class: "phone-state" }, state, " ", timer)),
      call.recording === "on" || call.recording === "locked" ? el("div", { class: "phone-note" }, "Recording") : "",
      call.quality && call.state === "talking" ? el("div", { class: "phone-note" }, `Quality ${call.quality.mos.toFixed(1)} of 4.5, loss ${call.quality.loss.toFixed(1)} %, delay ${Math.round(call.quality.delay_ms)} ms`) : "",
      here && call.state !== "held" ? this.levels() : "",
      el("div", { class: "phone-deeds" }, ...this.deeds(call, calls, here)),
      this.keys === call.call && here ? this.keypad(call) : "");
  }

  levels() {
    const meter = (which, caption) => el("meter", { min: QUIET, max: 0, value: QUIET, low: -50, "data-level": which, "aria-label": `${caption}: loudness` });
    this.meters = { me: meter("me", "You"), far: meter("far", "Far side") };
    return el("div", { class: "phone-levels" }, el("span", {}, "You"), this.meters.me, el("span", {}, "Far side"), this.meters.far);
  }

  deeds(call, calls, here) {
    const { client } = this;
    const other = calls.find((it) => it !== call);
    const deed = (name, caption, act, kind = "") => el("button", { class: `phone-do ${kind}`, "data-deed": name, onclick: act }, caption);
    const end = deed("end", "End", () => client.hangup(call.call), "danger");
    if (call.state === "ringing") return [deed("answer", other ? "Hold and answer" : "Answer", () => this.answer(call.call), "go"), deed("decline", "Decline", () => client.decline(call.call), "danger")];
    if (call.state === "calling") return [end];
    if (call.state === "held") return [deed("resume", other?.state === "talking" ? "Switch" : "Resume", () => (other?.state === "talking" ? client.switch() : client.resume(call.call))), end];
    if (!here) return [deed("here", "Talk here", () => this.answer(call.call), "go"), end];
    const keypad = deed("keypad", this.keys === call.call ? "Hide keypad" : "Keypad", () => { this.keys = this.keys === call.call ? null : call.call; this.draw(); });
    const mute = deed("mute", client.muted ? "Unmute" : "Mute", () => { client.mute(!client.muted); this.write(client.muted ? "Microphone off" : "Microphone on"); });
    if (call.state === "alerting") return [keypad, mute, end];
    const record = call.recording !== "locked" && deed("record", call.recording === "on" ? "Stop recording" : "Record", () => client.record(call.call, call.recording !== "on"));
    const away = other?.state === "held" ? deed("join", "Join both", () => client.transfer(call.call, "line")) : deed("transfer", "Transfer", () => this.transfer(call));
    return [keypad, mute, deed("hold", "Hold", () => client.hold(call.call)), away, record, end].filter(Boolean);
  }

  keypad(call) {
    return el("div", { class: "phone-keys", role: "group", "aria-label": "Keypad" }, ...[..."123456789*0#"].map((key) =>
      el("button", { "data-deed": `key-${key}`, onclick: () => { this.keyTone(key); this.client.digits(call.call, key); } }, key)));
  }

  tick() {
    const { client } = this;
    if (!client) return;
    for (const [call, node] of this.timers ?? []) {
      const from = call.state === "held" ? call.since : call.state === "talking" ? call.answered : null;
      const seconds = from ? Math.max(0, Math.floor((client.now() - from) / 1000)) : null;
      const text = seconds === null ? "" : `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`;
      if (node.textContent !== text) node.textContent = text;
    }
    const levels = client.levels();
    if (!levels || !this.meters) return;
    this.meters.me.value = levels.me;
    this.meters.far.value = levels.far;
    this.meters.far.dataset.hz = Math.round(levels.hz);
    this.listen(levels);
  }

  /** Writes down when the far side begins to be heard, and when it falls silent. */
  listen({ far, hz }) {
    const now = performance.now();
    if (far > SILENT) this.quietSince = now;
    if (far > HEARD && !this.hears) { this.hears = true; this.write(`The far side is heard${hz ? `, mostly ${Math.round(hz / 10) * 10} Hz` : ""}`); }
    if (this.hears && now - this.quietSince > SILENCE) { this.hears = false; this.write("The far side is silent"); }
  }

  // What happened, in words

  told(call) {
    const before = this.states.get(call.call);
    this.states.set(call.call, call.state);
    const who = call.name ? `${call.name} (${call.number})` : call.number;
    if (before !== call.state) {
      const words = {
        ringing: call.direction === "in" ? `${who} calls` : `Answer to call ${who}`, calling: `Calling ${who}`, alerting: `It rings at ${who}`,
        talking: before === "held" ? `Talking with ${who} again` : `Talking with ${who}`, held: `${who} is on hold`,
        ended: `The call with ${who} ended${call.reason ? `: ${[call.code, call.reason].filter(Boolean).join(" ")}` : ""}`,
      }[call.state];
      if (words) this.write(words);
    }
    if (call.state === "talking" && before !== "talking") this.number.value = "";
    if (call.state === "ended") { this.states.delete(call.call); this.hears = false; if (this.keys === call.call) this.keys = null; }
  }

  write(words) {
    const time = new Date().toLocaleTimeString([], { hour12: false });
    this.lines.append(el("li", {}, el("time", {}, time), ` ${words}`));
    while (this.lines.children.length > LINES) this.lines.firstChild.remove();
    this.lines.scrollTop = this.lines.scrollHeight;
  }

  trouble({ kind, words }) {
    const text = kind === "error" ? words || "That did not work." : TROUBLE[kind] ?? words;
    this.write(text);
    this.person.sheets.toast(text);
    this.draw();
  }

  // What the person does

  dial(number) {
    if (!number) { this.number.focus(); return; }
    if (this.telegram.on) { this.send(number); return; }
    this.client.dial(number);
  }

  /** In Telegram one calls by sending the number to the bot, which rings then. */
  async send(number) {
    this.number.value = "";
    const [bot] = this.person.world.bots;
    await ask(`${this.person.path}/message`, { chat: bot.username, text: number }).catch((error) => this.telegram.trouble(error));
  }

  answer(call) {
    this.client.answer(call);
  }

  async choose({ number, accounts }) {
    const chosen = await this.person.sheets.ask(`Call ${number} through…`, (done) => accounts.map((it) => el("button", { onclick: () => done(it.number) }, it.name || it.login)));
    if (chosen) this.client.dial(number, chosen);
  }

  async transfer(call) {
    const to = await this.person.sheets.line("Transfer to which number?", "1002");
    if (to) this.client.transfer(call.call, to);
  }
}
