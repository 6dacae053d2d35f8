// A person's Telegram app in place of the browser's phone: a program plays it, with a tone of its own, and its buttons are
// here. It is there where the emulator was started with the ntgcalls library; docs/emulator.md, "Telegram apps for scripts".

import { ask, el } from "./parts.js";

/** How long an answer waits for a change, in seconds; shorter in a call, to show what is heard. */
const REST = 30;
const TALK = 1;

/** After an error it is tried again, in milliseconds. */
const AGAIN = 2000;

/** Each person's tone, in Hz. */
const tone = (id) => 440 + 60 * (Math.abs(id) % 10);

const STATES = { ringing: "Ringing in Telegram", calling: "Calling…", alerting: "It rings there…", connecting: "Connecting…", talking: "Talking in Telegram" };

/** The same in the list of what happened. */
const NEWS = {
  ringing: (who) => `${who} rings in Telegram`, calling: (who) => `Calling ${who} in Telegram`, alerting: (who) => `It rings at ${who}`,
  connecting: (who) => `Connecting with ${who}`, talking: (who) => `Talking with ${who} in Telegram`,
};

/** Why Telegram ends a call. */
const ENDS = { busy: "declined", missed: "nobody answered", disconnect: "the connection was lost", elsewhere: "another device took it" };

/** Tells whether people can have such apps, again and again until they can: never where this Telegram was started without. */
export const telegramApps = async (tell) => {
  for (;;) {
    const state = await ask("/sim/telegram-app").catch(() => ({}));
    tell(state);
    if (state.available || !state.soon) return;
    // The library may still be on its way onto this machine.
    await new Promise((later) => setTimeout(later, 5000));
  }
};

export class TelegramApp {
  constructor(phone) {
    this.phone = phone;
    this.path = `${phone.person.path}/telegram-app`;
    this.view = null;
    this.on = false;
  }

  /** Signs the app in, or closes it. */
  async turn(on) {
    if (on === this.on) return;
    this.on = on;
    if (!on) {
      this.view = null;
      await this.act("close");
      return;
    }
    await ask(`${this.path}/voice`, { hz: tone(this.phone.person.user.id) }).catch((error) => this.trouble(error));
    this.follow();
  }

  async follow() {
    let after = 0;
    while (this.on) {
      const wait = this.view?.calls.length ? TALK : REST;
      const view = await ask(`${this.path}?after=${after}&wait=${wait}`).catch(() => null);
      if (!this.on) return;
      if (view) { after = view.version; this.told(view); } else await new Promise((later) => setTimeout(later, AGAIN));
    }
  }

  told(view) {
    const before = this.view?.calls[0]?.state;
    const [call] = view.calls;
    this.view = view;
    if (call && call.state !== before) this.phone.write(NEWS[call.state]?.(call.with.name ?? call.with.id) ?? call.state);
    if (!call && before) this.phone.write(["The Telegram call ended", ENDS[view.last_ended?.reason]].filter(Boolean).join(": "));
    this.phone.draw();
  }

  async act(action, more = {}) {
    await ask(this.path, { action, ...more }).catch((error) => this.trouble(error));
  }

  trouble(error) {
    this.phone.trouble({ kind: "error", words: error.message });
  }

  get words() {
    if (this.view?.state !== "ready") return "The Telegram app signs in…";
    return "Telegram rings here. Send a number to the bot, or be called.";
  }

  get rings() {
    return this.view?.calls.some((call) => call.state === "ringing") ?? false;
  }

  /** The calls, as the phone shows its own. */
  nodes() {
    const deed = (name, caption, act, kind = "") => el("button", { class: `phone-do ${kind}`, "data-deed": name, onclick: act }, caption);
    return (this.view?.calls ?? []).map((call) => {
      const { heard, voice, muted } = this.view;
      const deeds = call.state === "ringing"
        ? [deed("answer", "Answer", () => this.act("answer"), "go"), deed("decline", "Decline", () => this.act("decline"), "danger")]
        : [call.state === "talking" && deed("mute", muted ? "Unmute" : "Mute", () => this.act("mute", { on: !muted })), deed("end", "End", () => this.act("hangup"), "danger")];
      const hz = Math.round(heard.hz ?? 0);
      return el("section", { class: "phone-call", "data-state": call.state, "aria-label": `Telegram call with ${call.with.name ?? call.with.id}` },
        el("div", { class: "top" }, el("strong", {}, call.with.name ?? `${call.with.id}`), el("span", { class: "phone-state" }, STATES[call.state] ?? call.state)),
        call.emoji && el("div", { class: "phone-note" }, `Key: ${call.emoji}`),
        call.state === "talking" && el("div", { class: "phone-note", "data-level": "far", "data-hz": `${hz}` }, `You say ${muted ? "nothing" : `a tone of ${voice.hz} Hz`}, and hear ${hz ? `${hz} Hz` : "silence"}`),
        el("div", { class: "phone-deeds" }, ...deeds.filter(Boolean)));
    });
  }
}
