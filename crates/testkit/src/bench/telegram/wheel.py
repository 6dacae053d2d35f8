"""Telegram calls by the unmodified ntgcalls library, driven by lines on stdin and stdout.

    wheel.py app       a person's app: speaks a tone, and says when it hears something
    wheel.py bridge    a gateway as one writes it with this library: external frames to and from G.711 over RTP

in:  call ID caller|callee KEY [RTP_PORT]    begin; KEY in hex, RTP_PORT is where the SIP phone listens
     signal ID BASE64                        the far side's signalling
     end ID
out: ready | rtp ID PORT | signal ID BASE64 | connected ID | heard ID MILLISECONDS: in a frame that was just handed over, the sound begins there
"""

import asyncio
import base64
import os
import socket
import struct
import sys
import time

import ntgcalls
import numpy

IS_BRIDGE = sys.argv[1] == "bridge"
# The library resamples by itself; at the rate of G.711 there is nothing left to do in Python.
RATE = 8_000 if IS_BRIDGE else 48_000
FRAME = RATE // 100
# As for a SIP phone.
LOUD = 2_000


def a_law_to_linear(code):
    code ^= 0x55
    value, segment = (code & 0x0F) << 4, (code & 0x70) >> 4
    value = value + 8 if segment == 0 else (value + 0x108) << (segment - 1)
    return value if code & 0x80 else -value


def linear_to_a_law(sample):
    mask, value = (0xD5, sample >> 3) if sample >= 0 else (0x55, (-sample - 1) >> 3)
    ends = (0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF)
    segment = next((number for number, end in enumerate(ends) if value <= end), 8)
    if segment >= 8:
        return 0x7F ^ mask
    low = (value >> 1) & 0x0F if segment < 2 else (value >> segment) & 0x0F
    return (segment << 4 | low) ^ mask


LINEAR = numpy.array([a_law_to_linear(code) for code in range(256)], dtype="<i2")
A_LAW = numpy.array([linear_to_a_law(sample) for sample in range(-32768, 32768)], dtype=numpy.uint8)


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Call:
    def __init__(self, number):
        self.number = number
        self.signals = asyncio.Queue()
        self.sound = asyncio.Queue()
        self.tasks = []
        self.heard = False
        self.waiting = b""
        self.sequence = 0
        self.socket = None

    def open_rtp(self, loop, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect(("127.0.0.1", port))
        loop.add_reader(self.socket, self.receive)
        say(f"rtp {self.number} {self.socket.getsockname()[1]}")

    def receive(self):
        try:
            while True:
                packet = self.socket.recv(2048)
                if len(packet) >= 172 and packet[1] & 0x7F == 8:
                    sound = LINEAR[numpy.frombuffer(packet, numpy.uint8, 160, 12)].tobytes()
                    self.sound.put_nowait(sound[:160])
                    self.sound.put_nowait(sound[160:])
        except (BlockingIOError, ConnectionRefusedError):
            pass

    def hear(self, frame):
        """On a thread of the library."""
        if not IS_BRIDGE:
            if not self.heard:
                loud = numpy.flatnonzero(numpy.abs(numpy.frombuffer(frame, "<i2").astype(numpy.int32)) >= LOUD)
                if len(loud):
                    self.heard = True
                    say(f"heard {self.number} {loud[0] * 1000 / RATE:.2f}")
            return
        self.waiting += frame
        if len(self.waiting) < 320:
            return
        sound, self.waiting = self.waiting[:320], self.waiting[320:]
        codes = A_LAW[numpy.frombuffer(sound, "<i2").astype(numpy.int32) + 32768].tobytes()
        self.sequence += 1
        head = struct.pack(">BBHII", 0x80, 8, self.sequence & 0xFFFF, self.sequence * 160 & 0xFFFFFFFF, self.number)
        try:
            self.socket.send(head + codes)
        except OSError:
            pass


async def speak(calls, call):
    at = numpy.arange(FRAME)
    tone = (numpy.sin(2 * numpy.pi * 400 * at / RATE) * 12_000).astype("<i2").tobytes()
    spoken, start = 0, time.monotonic()
    while True:
        await send(calls, call, tone)
        spoken += 1
        await asyncio.sleep(max(0, start + spoken * 0.01 - time.monotonic()))


async def pass_on(calls, call):
    while True:
        await send(calls, call, await call.sound.get())


async def send(calls, call, frame):
    meta = ntgcalls.FrameData(int(time.time() * 1000), ntgcalls.VideoRotation.VIDEO_ROTATION_0, 0, 0)
    try:
        await calls.send_external_frame(call.number, ntgcalls.StreamDevice.MICROPHONE, frame, meta)
    except Exception:  # the library gave the call up
        await asyncio.sleep(1)


async def hear_signals(calls, call):
    while True:
        packet = await call.signals.get()
        try:
            await calls.send_signaling_data(call.number, packet)
        except Exception:
            return


async def begin(calls, call, role, key):
    sound = ntgcalls.AudioDescription(ntgcalls.MediaSource.EXTERNAL, RATE, 1, "", False)
    await calls.create_p2p_call(call.number)
    for mode in (ntgcalls.StreamMode.CAPTURE, ntgcalls.StreamMode.PLAYBACK):
        await calls.set_stream_sources(call.number, mode, ntgcalls.MediaDescription(sound, None, None, None))
    await calls.skip_exchange(call.number, key, role == "caller")
    call.tasks.append(asyncio.create_task(pass_on(calls, call) if IS_BRIDGE else speak(calls, call)))
    await calls.connect_p2p(call.number, [], ["8.0.0"], True, None)
    call.tasks.append(asyncio.create_task(hear_signals(calls, call)))


async def end(calls, call):
    for task in call.tasks:
        task.cancel()
    try:
        await calls.stop(call.number)
    except Exception:
        pass


async def main():
    loop = asyncio.get_running_loop()
    calls, known = ntgcalls.NTgCalls(), {}

    def on_frames(number, mode, _device, batch):
        call = known.get(number)
        if call and "PLAYBACK" in str(mode):
            for frame in batch:
                call.hear(bytes(frame.data))

    def on_state(number, network):
        if str(network.state).endswith("CONNECTED"):
            say(f"connected {number}")

    calls.on_signaling_data(lambda number, data: say(f"signal {number} {base64.b64encode(bytes(data)).decode()}"))
    calls.on_connection_change(on_state)
    calls.on_frames(on_frames)
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say("ready")
    begun = set()
    while line := await reader.readline():
        what, number, *rest = line.decode().split()
        number = int(number)
        if what == "call":
            call = known[number] = Call(number)
            if IS_BRIDGE:
                call.open_rtp(loop, int(rest[2]))
            task = asyncio.create_task(begin(calls, call, rest[0], bytes.fromhex(rest[1])))
            begun.add(task)
            task.add_done_callback(begun.discard)
        elif what == "signal" and number in known:
            known[number].signals.put_nowait(base64.b64decode(rest[0]))
        elif what == "end" and number in known:
            await end(calls, known.pop(number))


asyncio.run(main())
# The library's threads do not end by themselves.
os._exit(0)
