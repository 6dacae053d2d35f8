// A phone: the protocol of docs/phone.md over one WebSocket, and the sound that belongs to it.
//
// It knows nothing of a page. Other pages may import it from the gateway: it finds the socket beside its own address.
//
//   const phone = new PhoneClient({ initData: () => Telegram.WebApp.initData });
//   phone.addEventListener("change", () => draw(phone.status, phone.accounts, phone.calls));
//   phone.addEventListener("trouble", ({ detail }) => say(detail.kind, detail.words));
//   phone.start();

import { Peer, PeerTrouble } from "./peer.js";

/** The version of the protocol. */
const VERSION = 1;

/** How often a sign of life goes out, in milliseconds. */
const PULSE = 20_000;

/** How long an answer to it may take before the connection counts as lost, in milliseconds. */
const PULSE_ANSWER = 10_000;

/** Pauses between tries to connect again, in milliseconds; the last one stays. */
const PAUSES = [0, 1000, 2000, 4000, 8000, 15_000];

/** How long the gateway may take to answer an offer of sound, in milliseconds. */
const MEDIA_ANSWER = 10_000;

/**
 * Events: `change` (anything that a page shows), `call` (detail: one call, as it is now), `choose` (detail: {number, accounts}),
 * `trouble` (detail: {kind, of?, call?, code?, words?}; kinds: "refused", "error", "replaced", "media", "ice",
 * "microphone-refused", "microphone-absent", "microphone-busy", "microphone-unsupported").
 */
export class PhoneClient extends EventTarget {
  /** `initData` gives what Telegram signed, each time it is needed; `url` is the socket's address where it is not beside this file. */
  constructor({ initData, language, url, microphone }) {
    super();
    this.initData = initData;
    this.language = language;
    this.url = url ?? socketBeside(import.meta.url);
    this.microphone = microphone; // a MediaStream to use instead of the browser's microphone
    this.status = "idle"; // connecting, ready, lost, refused, replaced, stopped
    this.user = null;
    this.name = "";
    this.accounts = [];
    this.calls = new Map();
    this.muted = false;
    this.mine = new Set(); // calls whose sound is here
    this.tries = 0;
    this.skew = 0; // the gateway's clock minus ours
  }

  // The connection

  /** Connects, and stays connected until `stop`. */
  start() {
    this.tries = 0;
    this.open();
  }

  /** Lets go of everything. */
  stop() {
    this.quiet("stopped");
    this.peer?.close();
    this.peer = null;
    this.calls.clear();
    this.changed();
  }

  async open() {
    clearTimeout(this.retry);
    this.become("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => socket === this.socket && this.hear(data));
    socket.addEventListener("close", ({ code, reason }) => socket === this.socket && this.lost(code, reason));
    socket.addEventListener("open", async () => {
      try {
        const hello = { type: "hello", version: VERSION, init_data: await this.initData() };
        if (this.language) hello.language = this.language;
        if (socket === this.socket) this.send(hello);
      } catch {
        socket.close();
      }
    });
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  lost(code, reason) {
    this.endPulse();
    this.media?.fail(new PeerTrouble("media"));
    if (code === 4401) { this.quiet("refused"); this.trouble("refused", { words: reason }); return; }
    if (code === 4409) { this.quiet("replaced"); this.trouble("replaced"); return; }
    this.socket = null;
    this.become("lost");
    this.retry = setTimeout(() => this.open(), PAUSES[Math.min(this.tries, PAUSES.length - 1)]);
    this.tries += 1;
  }

  /** Stops trying. */
  quiet(status) {
    clearTimeout(this.retry);
    this.endPulse();
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.become(status);
  }

  beginPulse() {
    this.endPulse();
    this.pulse = setInterval(() => {
      this.send({ type: "ping" });
      clearTimeout(this.silence);
      this.silence = setTimeout(() => {
        const { socket } = this;
        this.socket = null;
        socket?.close();
        this.lost(1006, "");
      }, PULSE_ANSWER);
    }, PULSE);
  }

  endPulse() {
    clearInterval(this.pulse);
    clearTimeout(this.silence);
  }

  // What the gateway says

  hear(data) {
    const message = JSON.parse(data);
    const heard = {
      ready: () => this.ready(message),
      accounts: () => { this.accounts = message.accounts; this.changed(); },
      call: () => this.told(message),
      choose: () => this.dispatchEvent(new CustomEvent("choose", { detail: message })),
      media: () => this.peer?.answered(message.answer).then(() => this.media?.done(), () => this.media?.fail(new PeerTrouble("media"))),
      candidate: () => this.peer?.candidate(message),
      error: () => this.failed(message),
      pong: () => clearTimeout(this.silence),
      bye: () => this.bye(message),
    }[message.type];
    heard?.(); // a newer gateway may say what this phone does not know
  }

  ready({ user, name, now, accounts, calls, ice_servers: iceServers }) {
    this.tries = 0;
    Object.assign(this, { user, name, accounts, iceServers, skew: now - Date.now() });
    const before = this.calls;
    this.calls = new Map(calls.map((call) => [call.call, call]));
    for (const [id, call] of before) if (!this.calls.has(id)) this.gone({ ...call, state: "ended" });
    this.beginPulse();
    this.become("ready");
    for (const call of this.calls.values()) this.emitCall(call);
    // The gateway ties the sound to the connection: after a new one it is offered anew.
    this.peer?.close();
    this.peer = null;
    const [talked] = this.sounding();
    if (talked) this.answer(talked.call);
  }

  told(call) {
    if (call.state === "ended") { this.gone(call); return; }
    this.calls.set(call.call, call);
    if (this.dialled && call.direction === "out" && call.state !== "ringing") { this.mine.add(call.call); this.dialled = false; }
    this.emitCall(call);
    this.changed();
  }

  gone(call) {
    this.calls.delete(call.call);
    this.mine.delete(call.call);
    this.emitCall(call);
    // The microphone is given back as soon as nobody talks.
    if (!this.sounding().length && !this.dialled) { this.peer?.rest(); this.muted = false; }
    this.changed();
  }

  failed({ of, call, code, words }) {
    if (of === "media") this.media?.fail(new PeerTrouble("media", words));
    if (of === "dial") { this.dialled = false; if (!this.sounding().length) this.peer?.rest(); }
    if (of === "hello") { this.quiet("refused"); this.trouble("refused", { code, words }); return; }
    this.trouble("error", { of, call, code, words });
  }

  bye({ reason, url }) {
    if (url) this.url = url;
    if (reason === "replaced") { this.quiet("replaced"); this.trouble("replaced"); return; }
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.endPulse();
    this.become("lost");
    this.retry = setTimeout(() => this.open(), reason === "moved" ? 0 : PAUSES[1]);
  }

  // What a person does

  /** Calls a number; through one account where it is given. */
  async dial(number, account) {
    await this.withSound(() => {
      this.dialled = true;
      this.send({ type: "dial", number, ...(account ? { account } : {}) });
    });
  }

  /** Answers a ringing call, or brings the sound of one that is talked already to this phone. */
  async answer(call) {
    await this.withSound(() => {
      this.mine.add(call);
      this.send({ type: "answer", call });
    });
  }

  decline(call) { this.send({ type: "decline", call }); }
  hangup(call) { this.send({ type: "hangup", call }); }
  hold(call) { this.send({ type: "hold", call }); }
  resume(call) { this.send({ type: "resume", call }); }
  switch() {
    const ringing = [...this.calls.values()].find((call) => call.state === "ringing");
    if (ringing) this.mine.add(ringing.call);
    this.send({ type: "switch" });
  }
  transfer(call, to) { this.send({ type: "transfer", call, to }); }
  digits(call, digits) { this.send({ type: "digits", call, digits }); }
  record(call, on) { this.send({ type: "record", call, on }); }

  /** Stops or starts what the microphone gives. The far end hears silence meanwhile. */
  mute(muted) {
    this.muted = muted;
    this.peer?.mute(muted);
    this.changed();
  }

  /** Calls whose sound is on this phone. */
  sounding() {
    return [...this.calls.values()].filter((call) => this.mine.has(call.call));
  }

  /** How loud it is: {me, far} in dB below the loudest, and {hz}, the strongest tone of the far side; null without sound. */
  levels() {
    return this.peer?.levels() ?? null;
  }

  /** The time by the gateway's clock, in Unix milliseconds. */
  now() {
    return Date.now() + this.skew;
  }

  // Sound

  async withSound(then) {
    try {
      await this.sound();
      then();
    } catch (error) {
      this.troubled(error);
    }
  }

  /** Sound that is there or is being made ready; one try at a time. */
  sound() {
    this.opening ??= this.openSound().finally(() => { this.opening = null; });
    return this.opening;
  }

  async openSound() {
    if (this.peer?.usable) { await this.peer.wake(); this.peer.mute(this.muted); return; }
    this.peer?.close();
    const peer = new Peer({
      iceServers: this.iceServers ?? [],
      microphone: this.microphone,
      send: (message) => this.send(message),
      failed: () => this.soundFailed(peer),
      changed: () => this.changed(),
    });
    try {
      await peer.wake();
      this.peer = peer;
      peer.mute(this.muted);
      await peer.offer();
      await this.mediaAnswer();
    } catch (error) {
      peer.close();
      if (this.peer === peer) this.peer = null;
      throw error;
    }
  }

  mediaAnswer() {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.media?.fail(new PeerTrouble("media")), MEDIA_ANSWER);
      const end = (how) => (value) => { clearTimeout(late); this.media = null; how(value); };
      this.media = { done: end(resolve), fail: end(reject) };
    });
  }

  /** The way between phone and gateway is gone: one more try while somebody talks, and then words. */
  soundFailed(peer) {
    if (peer !== this.peer) return;
    peer.close();
    this.peer = null;
    if (!this.sounding().length) return;
    const now = performance.now();
    const again = now - (this.failedAt ?? -Infinity) > 30_000;
    this.failedAt = now;
    if (again) this.answer(this.sounding()[0].call);
    else this.trouble("ice");
  }

  // Telling

  troubled(error) {
    if (!(error instanceof PeerTrouble)) throw error;
    this.trouble(error.kind, { words: error.message });
  }

  trouble(kind, detail = {}) {
    this.dispatchEvent(new CustomEvent("trouble", { detail: { kind, ...detail } }));
  }

  emitCall(call) {
    this.dispatchEvent(new CustomEvent("call", { detail: call }));
  }

  become(status) {
    if (this.status === status) return;
    this.status = status;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** The socket that belongs to the file at this address. */
const socketBeside = (address) => {
  const url = new URL("socket", address);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
};
