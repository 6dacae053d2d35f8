// The sound of a phone: microphone, WebRTC connection, loudspeaker, and how loud both sides are.

/** What can go wrong with it; `kind` is for the program, the message (which may be empty) for people. */
export class PeerTrouble extends Error {
  constructor(kind, words = "") {
    super(words);
    this.kind = kind;
  }
}

/** What browsers call it when a microphone cannot be had. */
const REFUSALS = { NotAllowedError: "microphone-refused", SecurityError: "microphone-refused", NotFoundError: "microphone-absent", OverconstrainedError: "microphone-absent" };

/** What is quieter than this counts as silence, in dB below the loudest. */
const FLOOR = -100;

/** Opens the microphone. */
const listen = async () => {
  if (!navigator.mediaDevices?.getUserMedia) throw new PeerTrouble("microphone-unsupported");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  } catch (error) {
    throw new PeerTrouble(REFUSALS[error.name] ?? "microphone-busy");
  }
};

export class Peer {
  /** `send` takes frames for the gateway; `failed` is called when the way to it is lost for good. */
  constructor({ iceServers, microphone, send, failed, changed }) {
    this.send = send;
    this.changed = changed;
    this.given = microphone;
    this.early = []; // candidates that came before the answer
    this.connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.connection.addEventListener("icecandidate", ({ candidate }) => this.send({ type: "candidate", candidate: candidate?.candidate ?? "", ...(candidate?.sdpMid ? { mid: candidate.sdpMid } : {}) }));
    this.connection.addEventListener("track", ({ track, streams }) => this.hear(streams[0] ?? new MediaStream([track])));
    this.connection.addEventListener("connectionstatechange", () => {
      this.changed();
      if (this.connection.connectionState === "failed") failed();
    });
    this.sender = this.connection.addTransceiver("audio", { direction: "sendrecv" }).sender;
  }

  get usable() {
    return !["failed", "closed"].includes(this.connection.connectionState);
  }

  get connected() {
    return this.connection.connectionState === "connected";
  }

  // The microphone

  /** Opens the microphone, if it is not open. */
  async wake() {
    const live = this.stream?.getAudioTracks().some((track) => track.readyState === "live");
    if (!live) {
      this.stream = this.given ?? (await listen());
      this.mine = this.meter(this.stream);
    }
    await this.sender.replaceTrack(this.stream.getAudioTracks()[0]);
    // The page was touched for this call, so the browser lets it make sound.
    await this.context?.resume().catch(() => {});
  }

  /** Gives the microphone back; the connection stays for the next call. */
  rest() {
    this.sender.replaceTrack(null).catch(() => {});
    if (!this.given) this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.mine = null;
  }

  mute(muted) {
    this.stream?.getAudioTracks().forEach((track) => { track.enabled = !muted; });
  }

  // The connection

  async offer() {
    await this.connection.setLocalDescription();
    this.send({ type: "media", offer: this.connection.localDescription.sdp });
  }

  async answered(sdp) {
    await this.connection.setRemoteDescription({ type: "answer", sdp });
    for (const candidate of this.early.splice(0)) await this.candidate(candidate);
  }

  async candidate({ candidate, mid }) {
    if (!this.connection.remoteDescription) { this.early.push({ candidate, mid }); return; }
    // A candidate that this browser cannot use is not the end of the others.
    await this.connection.addIceCandidate({ candidate, sdpMid: mid ?? "0" }).catch(() => {});
  }

  close() {
    this.rest();
    this.connection.close();
    this.speaker?.pause();
    this.speaker = null;
    this.context?.close().catch(() => {});
    this.context = null;
  }

  // The loudspeaker

  hear(stream) {
    // Browsers measure a far stream only while an element plays it too.
    this.speaker = new Audio();
    this.speaker.srcObject = stream;
    this.speaker.autoplay = true;
    this.speaker.play().catch(() => this.changed());
    this.theirs = this.meter(stream);
  }

  meter(stream) {
    this.context ??= new AudioContext();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 4096;
    analyser.smoothingTimeConstant = 0;
    this.context.createMediaStreamSource(stream).connect(analyser);
    return analyser;
  }

  /** How loud both sides are, in dB below the loudest, and the far side's strongest tone in Hz. */
  levels() {
    return { me: loudness(this.mine), far: loudness(this.theirs), hz: strongest(this.theirs) };
  }
}

const loudness = (analyser) => {
  if (!analyser) return FLOOR;
  const samples = new Float32Array(1024);
  analyser.getFloatTimeDomainData(samples);
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return power > 0 ? Math.max(FLOOR, 10 * Math.log10(power)) : FLOOR;
};

const strongest = (analyser) => {
  if (!analyser || loudness(analyser) < -60) return 0;
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const peak = bins.reduce((best, level, index) => (level > bins[best] ? index : best), 0);
  return (peak * analyser.context.sampleRate) / analyser.fftSize;
};
