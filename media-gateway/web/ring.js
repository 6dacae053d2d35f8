// Sounds that the phone makes by itself: ringing, and the tones of its keys. Made from waves, so there is no file to load.

/** A telephone's keys as pairs of tones, in Hz. ITU-T Q.23. */
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";

/** One ring and its pause, in seconds. */
const RING = { on: 1.1, pause: 2.4 };

/** Browsers let a page make sound only after it was touched; until then a context is asleep. */
let context;
const awake = () => {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  return context;
};

const tone = (frequencies, from, seconds, loudness) => {
  const gain = context.createGain();
  gain.connect(context.destination);
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(loudness, from + 0.01);
  gain.gain.setValueAtTime(loudness, from + seconds - 0.02);
  gain.gain.linearRampToValueAtTime(0, from + seconds);
  for (const frequency of frequencies) {
    const wave = context.createOscillator();
    wave.frequency.value = frequency;
    wave.connect(gain);
    wave.start(from);
    wave.stop(from + seconds);
  }
  return gain;
};

/** The short tone of a key, for the one who presses it. */
export const keyTone = (key) => {
  const place = KEYS.indexOf(key);
  if (place < 0) return;
  tone([ROWS[Math.floor(place / 3)], COLUMNS[place % 3]], awake().currentTime, 0.12, 0.05);
};

/** Rings until `stop`. `soft` is the knock of a second call for one who talks already. */
export class Ring {
  constructor() {
    this.playing = [];
  }

  start(soft = false) {
    if (this.beat) return;
    const ring = () => {
      const now = awake().currentTime;
      this.playing = soft
        ? [tone([440], now, 0.15, 0.04), tone([440], now + 0.3, 0.15, 0.04)]
        : Array.from({ length: 11 }, (_, index) => tone([index % 2 ? 587 : 494], now + index * 0.1, 0.1, 0.12));
      if (!soft) navigator.vibrate?.([600, 300, 600]);
    };
    ring();
    this.beat = setInterval(ring, (RING.on + RING.pause) * 1000);
  }

  stop() {
    if (!this.beat) return;
    clearInterval(this.beat);
    this.beat = null;
    for (const gain of this.playing) gain.disconnect();
    this.playing = [];
    navigator.vibrate?.(0);
  }
}
