"""Telegram calls of several people at once, carried by the unmodified ntgcalls library.

`library.rs` starts it and speaks with it in lines of JSON: an order for a call comes in on standard input,
`{"call": 7, "do": "begin", ...}`, and what happens to a call goes out on standard output, `{"call": 7, "event": ...}`.
Bytes are base64. Each call speaks a tone, and hears by frequency. Standard input that ends, ends everything.
"""

import asyncio
import base64
import collections
import json
import os
import sys
import time

import ntgcalls
import numpy

RATE = 48_000
FRAME = RATE // 100
# Sound is looked at with every sixth sample: tones below 4 kHz are all that is spoken.
THIN = 6
# How often what is heard is told, in seconds.
TELLING = 0.25
# Frames that are made up for when this machine was too busy to speak in time.
ARREARS = 5
# Louder than what silence becomes on its way through a codec.
SOUND = 200
LOUDNESS = 12_000
SILENCE = bytes(2 * FRAME)
ENDED = {"TIMEOUT", "FAILED", "CLOSED"}


def b64(data):
    return base64.b64encode(bytes(data)).decode()


def tone(hz):
    """A second of it, in frames: a tone of whole hertz begins anew after a second."""
    if not hz:
        return [SILENCE]
    at = numpy.arange(RATE)
    pcm = (numpy.sin(2 * numpy.pi * round(hz) * at / RATE) * LOUDNESS).astype("<i2").tobytes()
    return [pcm[start : start + 2 * FRAME] for start in range(0, len(pcm), 2 * FRAME)]


class Call:
    """One call: its orders are carried out one after the other."""

    def __init__(self, host, number):
        self.host, self.number, self.library = host, number, host.library
        self.orders = asyncio.Queue()
        self.heard = collections.deque()
        self.voice, self.spoken = tone(0), 0
        self.began = self.first_sound = None
        self.task = asyncio.create_task(self.work())

    def tell(self, event, **more):
        self.host.tell({"call": self.number, "event": event, **more})

    async def work(self):
        while (order := await self.orders.get())["do"] != "stop":
            try:
                await getattr(self, order["do"])(order)
            except Exception as error:
                self.tell("failed", words=f"{order['do']}: {type(error).__name__} {error}")
        self.began = None
        self.host.calls.pop(self.number, None)
        try:
            await self.library.stop(self.number)
        except ntgcalls.ConnectionNotFound:
            pass  # the library gave the call up before

    async def begin(self, order):
        await self.library.create_p2p_call(self.number)
        sound = ntgcalls.AudioDescription(ntgcalls.MediaSource.EXTERNAL, RATE, 1, "", False)
        for mode in (ntgcalls.StreamMode.CAPTURE, ntgcalls.StreamMode.PLAYBACK):
            await self.library.set_stream_sources(self.number, mode, ntgcalls.MediaDescription(sound, None, None, None))
        group = ntgcalls.DhConfig(order["g"], base64.b64decode(order["p"]), base64.b64decode(order["random"]))
        commitment = base64.b64decode(order["g_a_hash"]) if order.get("g_a_hash") else None
        self.tell("offer", bytes=b64(await self.library.init_exchange(self.number, group, commitment)))

    async def agree(self, order):
        theirs = base64.b64decode(order["g_a_or_b"])
        key = await self.library.exchange_keys(self.number, theirs, int(order["fingerprint"]))
        self.tell("agreed", g_a=b64(key.g_a_or_b), fingerprint=str(key.key_fingerprint))

    async def connect(self, order):
        def server(it):
            tag = base64.b64decode(it["peer_tag"]) if it.get("peer_tag") else None
            turn, stun = it.get("turn", tag is not None), it.get("stun", False)
            names = it.get("username"), it.get("password")
            return ntgcalls.RTCServer(int(it["id"]), it["ip"], it.get("ipv6", ""), it["port"], *names, turn, stun, False, tag)

        self.began = time.monotonic()
        servers = [server(it) for it in order["servers"]]
        await self.library.connect_p2p(self.number, servers, order["versions"], order["p2p"], None)
        self.tell("emoji", emoji=await self.library.get_emojis_fingerprint(self.number))

    async def signal(self, order):
        await self.library.send_signaling_data(self.number, base64.b64decode(order["data"]))

    async def say(self, order):
        self.voice = tone(order["hz"])

    async def mute(self, order):
        await (self.library.mute if order["on"] else self.library.unmute)(self.number)

    def hear(self, frames):
        """On a thread of the library."""
        now = time.monotonic()
        for frame in frames:
            data = bytes(frame.data)
            self.heard.append((now, data))
            if self.first_sound is None and self.began and numpy.frombuffer(data, "<i2").max(initial=0) > SOUND:
                self.first_sound = now - self.began
                self.host.later(self.tell, "first_sound", after_ms=round(self.first_sound * 1000, 1))
        while self.heard and now - self.heard[0][0] > 1:
            self.heard.popleft()

    def tell_heard(self):
        """Loudness and loudest frequency of the last second; what did not come is silence."""
        now = time.monotonic()
        pcm = b"".join(data for at, data in list(self.heard) if now - at <= 1)
        pcm = numpy.frombuffer(pcm, "<i2")[-RATE:].astype(float)
        level = float(numpy.sqrt((pcm**2).sum() / RATE)) / 32_768
        heard = {"level_dbov": round(20 * numpy.log10(max(level, 1e-6)), 1), "frames": len(pcm) // FRAME}
        if heard["level_dbov"] > -60:
            thin = pcm[: len(pcm) // THIN * THIN].reshape(-1, THIN).mean(axis=1)
            spectrum = numpy.abs(numpy.fft.rfft(thin * numpy.hanning(len(thin)))) ** 2
            peak = int(spectrum.argmax())
            purity = spectrum[max(peak - 3, 0) : peak + 4].sum() / max(spectrum.sum(), 1e-9)
            heard |= {"hz": peak * RATE / THIN / len(thin), "purity": round(float(purity), 4)}
        self.tell("heard", **heard)

    async def speak(self, now_ms):
        frame = self.voice[self.spoken % len(self.voice)]
        self.spoken += 1
        meta = ntgcalls.FrameData(now_ms, ntgcalls.VideoRotation.VIDEO_ROTATION_0, 0, 0)
        try:
            await self.library.send_external_frame(self.number, ntgcalls.StreamDevice.MICROPHONE, frame, meta)
        except Exception:
            pass  # the call has just ended; its state tells


class Host:
    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.calls = {}
        self.library = ntgcalls.NTgCalls()
        self.library.on_signaling_data(lambda call, data: self.later(self.signal, call, b64(data)))
        self.library.on_connection_change(lambda call, it: self.later(self.state, call, str(it.state).rsplit(".", 1)[-1]))
        self.library.on_frames(self.frames)

    def later(self, act, *arguments, **more):
        self.loop.call_soon_threadsafe(lambda: act(*arguments, **more))

    def tell(self, event):
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()

    def signal(self, call, data):
        self.tell({"call": call, "event": "signal", "data": data})

    def state(self, call, state):
        if state in ENDED and call in self.calls:
            self.calls[call].began = None
        self.tell({"call": call, "event": "state", "state": state})

    def frames(self, number, mode, _device, batch):
        call = self.calls.get(number)
        if call and mode == ntgcalls.StreamMode.PLAYBACK:
            call.hear(batch)

    async def speak(self):
        """Ten milliseconds of everybody's voice, every ten milliseconds."""
        due = time.monotonic()
        while True:
            due = max(due + 0.01, time.monotonic() - ARREARS * 0.01)
            now_ms = int(time.time() * 1000)
            await asyncio.gather(*[call.speak(now_ms) for call in list(self.calls.values()) if call.began])
            await asyncio.sleep(max(0, due - time.monotonic()))

    async def tell_heard(self):
        while True:
            await asyncio.sleep(TELLING)
            for call in list(self.calls.values()):
                if call.began:
                    call.tell_heard()

    async def obey(self):
        reader = asyncio.StreamReader(limit=1 << 20)
        await self.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        protocol = self.library.get_protocol()
        layers = {"min_layer": protocol.min_layer, "max_layer": protocol.max_layer}
        self.tell({"call": 0, "event": "ready", **layers, "versions": protocol.library_versions})
        while line := await reader.readline():
            order = json.loads(line)
            number = order["call"]
            if order["do"] == "begin":
                self.calls[number] = Call(self, number)
            if number in self.calls:
                self.calls[number].orders.put_nowait(order)


async def main():
    host = Host()
    # Kept, so that they are not collected while they run.
    tasks = [asyncio.create_task(host.speak()), asyncio.create_task(host.tell_heard())]
    await host.obey()
    for task in tasks:
        task.cancel()


asyncio.run(main())
# The library's threads do not end by themselves.
os._exit(0)
