// One call on the screen: who it is, what is so, and what can be done.

import { el, icon, lengthText } from "./dom.js";
import { pad, typed } from "./pad.js";

/** Mean opinion scores from which the sound is good, fair and poor. ITU-T G.107, annex B. */
const GRADES = [[4.0, "good"], [3.6, "fair"], [3.1, "poor"]];

/** Quieter than this shows as silence, in dB below the loudest. */
const QUIET = -60;

export class CallView {
  constructor(words, phone, ways) {
    this.words = words;
    this.phone = phone;
    this.ways = ways; // what the page does: transfer, add
    this.pad = pad(words, words.keypad, (key) => this.phone.digits(this.call.call, key));
    this.keys = false;
    this.node = el("section", { class: "call" });
  }

  /** Shows the call as it is now; `others` are the person's other calls. */
  show(call, others, name) {
    const { phone } = this;
    const here = phone.mine.has(call.call);
    const sign = JSON.stringify([call, others.map((it) => [it.call, it.state]), here, phone.muted, this.keys, phone.peer?.connected, name]);
    this.call = call;
    if (sign === this.sign) return;
    this.sign = sign;
    const focused = this.node.contains(document.activeElement) ? document.activeElement.dataset : null;
    this.build(call, others, here, name);
    if (focused?.deed) this.node.querySelector(`[data-deed="${focused.deed}"]`)?.focus();
    else if (focused?.key) this.node.querySelector(`[data-key="${focused.key}"]`)?.focus();
    this.tick();
  }

  build(call, others, here, account) {
    const { words } = this;
    const title = call.name || call.number;
    const live = ["calling", "alerting", "talking"].includes(call.state);
    if (!["alerting", "talking"].includes(call.state) || others.some((it) => it.state === "ringing")) this.keys = false;
    this.timer = el("span", { class: "timer" });
    this.meters = here && live ? { me: this.meter("me", words.you), far: this.meter("far", words.them) } : null;
    this.node.dataset.state = call.state;
    this.node.classList.toggle("keyed", this.keys);
    this.node.dataset.line = call.line;
    this.node.setAttribute("aria-label", `${words.line} ${call.line}: ${title}`);
    this.node.replaceChildren(
      el("div", { class: "far" },
        el("p", { class: "over" }, this.over(call, others)),
        el("h2", {}, title),
        el("p", { class: "under" }, [call.name && call.number, account && `${words.from} ${account}`].filter(Boolean).join(" · ")),
        el("p", { class: "state" }, this.stateText(call, here), this.timer)),
      ...(this.meters ? [el("div", { class: "levels" }, this.meters.me.parentNode, this.meters.far.parentNode)] : []),
      ...this.remarks(call, here),
      ...(this.keys ? [this.pad] : []),
      el("div", { class: "deeds" }, ...this.deeds(call, others, here)));
  }

  over(call, others) {
    const { words } = this;
    if (call.state === "ringing") return call.direction === "out" ? words.requested : words.incoming;
    return others.length || call.line > 1 ? `${words.line} ${call.line}` : "";
  }

  stateText(call, here) {
    const { words } = this;
    if (call.state === "ringing") return call.direction === "out" ? words.requestedHow : "";
    if (call.state === "talking" && !here) return `${words.elsewhere} `;
    if (call.state === "talking" && call.they_hold) return `${words.theyHold} `;
    if (call.state === "talking" && !this.phone.peer?.connected) return `${words.joining} `;
    return `${words[call.state] ?? call.state} `;
  }

  remarks(call, here) {
    const { words, phone } = this;
    const remarks = [];
    if (here && phone.muted) remarks.push(el("p", { class: "remark strong" }, icon("muted"), words.muted));
    if (call.recording === "on") remarks.push(el("p", { class: "remark recorded" }, icon("record"), words.recording));
    if (call.recording === "locked") remarks.push(el("p", { class: "remark recorded" }, icon("record"), words.recordLocked));
    if (call.recording === "failed") remarks.push(el("p", { class: "remark" }, words.recordFailed));
    if (call.quality && call.state === "talking") remarks.push(this.quality(call.quality));
    return remarks;
  }

  quality({ loss, delay_ms: delay, mos }) {
    const { words } = this;
    const grade = GRADES.find(([least]) => mos >= least)?.[1] ?? "bad";
    return el("p", { class: `remark quality ${grade}` }, el("span", { class: "bars", "aria-hidden": "true" }, el("i"), el("i"), el("i"), el("i")),
      `${words.quality}: ${words[grade]}`, el("small", {}, `${words.delay} ${Math.round(delay)} ${words.ms} · ${words.loss} ${loss.toFixed(loss < 10 && loss > 0 ? 1 : 0)} %`));
  }

  /** What a person can do now. */
  deeds(call, others, here) {
    const { words, phone } = this;
    const id = call.call;
    const other = others[0];
    const end = this.deed("end", "end", words.end, () => phone.hangup(id), "danger");
    if (call.state === "ringing") {
      const busy = others.find((it) => ["talking", "calling", "alerting"].includes(it.state));
      return [
        this.deed("decline", "end", words.decline, () => phone.decline(id), "danger"),
        busy && this.deed("end-and-answer", "phone", words.endAndAnswer, () => { phone.hangup(busy.call); phone.answer(id); }),
        this.deed("answer", "phone", busy ? words.holdAndAnswer : words.answer, () => phone.answer(id), "go"),
      ].filter(Boolean);
    }
    if (call.state === "held") {
      return [this.deed("resume", other?.state === "talking" ? "swap" : "play", other?.state === "talking" ? words.switchLines : words.resume, () => (other?.state === "talking" ? phone.switch() : phone.resume(id))), end];
    }
    if (call.state === "calling") return [end];
    if (!here) return [this.deed("here", "phone", words.talkHere, () => phone.answer(id), "go"), end];
    const keypad = this.deed("keypad", "keypad", this.keys ? words.hideKeypad : words.keypad, () => this.toggleKeys(), this.keys ? "pressed" : "");
    const mute = this.deed("mute", phone.muted ? "muted" : "microphone", phone.muted ? words.unmute : words.mute, () => phone.mute(!phone.muted), phone.muted ? "pressed" : "");
    if (others.some((it) => it.state === "ringing")) return [end]; // first things first
    if (call.state === "alerting" || this.keys) return [mute, keypad, end];
    const recorded = ["on", "locked"].includes(call.recording);
    return [
      mute, keypad,
      this.deed("hold", "pause", words.hold, () => phone.hold(id)),
      this.deed("transfer", "forward", words.transfer, () => this.ways.transfer(call)),
      this.deed("record", "record", call.recording === "locked" ? words.recording : recorded ? words.stopRecord : words.record, () => phone.record(id, !recorded), recorded ? "pressed" : "", call.recording === "locked"),
      other?.state === "held"
        ? this.deed("join", "join", words.join, () => phone.transfer(id, "line"), "", false, words.joinHow)
        : !other && this.deed("add", "plus", words.add, () => this.ways.add()),
      end,
    ].filter(Boolean);
  }

  deed(name, sign, caption, act, kind = "", off = false, title = caption) {
    return el("button", { type: "button", class: `deed ${kind}`, "data-deed": name, title, disabled: off, "aria-pressed": kind === "pressed" ? "true" : null, onclick: act },
      el("span", { class: "round" }, icon(sign)), el("span", { class: "caption" }, caption));
  }

  toggleKeys() {
    this.keys = !this.keys;
    this.show(this.call, this.ways.others(this.call), this.ways.accountName(this.call));
  }

  /** A key typed on a keyboard goes to the far end while it can take it. */
  typed(event) {
    return ["alerting", "talking"].includes(this.call?.state) && this.phone.mine.has(this.call.call) && typed(this.pad, event.key);
  }

  meter(which, caption) {
    const node = el("meter", { min: QUIET, max: 0, value: QUIET, low: -50, "data-level": which, "aria-label": `${caption}: ${this.words.level}` });
    el("label", { class: "level" }, el("span", {}, caption), node);
    return node;
  }

  /** The timer counts, and the meters move. */
  tick() {
    const { call, phone } = this;
    if (!call) return;
    const from = call.state === "held" ? call.since : call.answered;
    const length = from && ["talking", "held"].includes(call.state) ? lengthText(phone.now() - from) : "";
    if (this.timer.textContent !== length) this.timer.textContent = length;
    const levels = this.meters && phone.levels();
    if (!levels) return;
    this.meters.me.value = levels.me;
    this.meters.far.value = levels.far;
    this.meters.far.dataset.hz = Math.round(levels.hz);
  }
}
