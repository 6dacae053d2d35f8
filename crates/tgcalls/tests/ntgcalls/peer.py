"""The far end of a call, played by the unmodified ntgcalls library.

    peer.py caller|callee VERSIONS P2P SECONDS HZ [RELAY_PORT PEER_TAG|turn]

It listens on a free port of 127.0.0.1, prints that port, and takes one connection: the signalling channel. Frames on it
are a length (u32, big-endian) and bytes. The first frame it sends is the key of the call. It speaks a tone of HZ, listens,
and prints one line of JSON with what it has heard.
"""

import asyncio
import json
import os
import struct
import sys
import time

import ntgcalls
import numpy

ROLE, VERSIONS, P2P, SECONDS, HZ = sys.argv[1:6]
RATE = 48_000
FRAME = RATE // 100


def servers():
    if len(sys.argv) < 8:
        return []
    port = int(sys.argv[6])
    if sys.argv[7] == "turn":
        return [ntgcalls.RTCServer(7001, "127.0.0.1", "", port, "tandem", "tandem", True, False, False, None)]
    peer_tag = bytes.fromhex(sys.argv[7])
    return [ntgcalls.RTCServer(7001, "127.0.0.1", "", port, None, None, True, False, False, peer_tag)]


def heard(frames):
    """Loudest frequency of the last second, between the lines of the spectrum; how pure it is; when sound began; and for
    how long there was no gap at the end."""
    pcm = numpy.frombuffer(b"".join(data for _, data in frames), dtype="<i2").astype(float)
    if len(pcm) < RATE:
        return {"hz": 0.0, "purity": 0.0, "frames": len(frames), "first_sound": None}
    second = pcm[-RATE:]
    spectrum = numpy.abs(numpy.fft.rfft(second * numpy.hanning(RATE))) ** 2
    peak = max(int(spectrum[:-1].argmax()), 1)
    purity = spectrum[max(peak - 3, 0) : peak + 4].sum() / max(spectrum.sum(), 1e-9)
    left, top, right = numpy.log(spectrum[peak - 1 : peak + 2] + 1e-9)
    bend = left - 2 * top + right
    aside = 0.5 * (left - right) / bend if bend < 0 else 0.0
    loud = numpy.abs(pcm[: len(pcm) // FRAME * FRAME].reshape(-1, FRAME)).max(axis=1) > 1_000
    gaps = numpy.flatnonzero(~loud)
    at_the_end = (len(loud) - 1 - gaps[-1] if len(gaps) else len(loud)) * FRAME / RATE
    first = next((at for at, data in frames if any(data)), None)
    return {
        "hz": float(peak + aside),
        "purity": float(purity),
        "frames": len(frames),
        "first_sound": first,
        "at_the_end": float(at_the_end),
    }


async def main():
    loop = asyncio.get_running_loop()
    connected = loop.create_future()

    async def accept(reader, writer):
        if not connected.done():
            connected.set_result((reader, writer))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(listener.sockets[0].getsockname()[1], flush=True)
    reader, writer = await connected

    def send(data):
        writer.write(struct.pack(">I", len(data)) + data)

    key = os.urandom(256)
    send(key)
    begin = time.monotonic()
    calls, frames, states = ntgcalls.NTgCalls(), [], {}

    def on_state(_, network):
        states.setdefault(str(network.state).rsplit(".", 1)[-1], time.monotonic() - begin)

    def on_frames(_, mode, _device, batch):
        if "PLAYBACK" in str(mode):
            frames.extend((time.monotonic() - begin, bytes(frame.data)) for frame in batch)

    calls.on_signaling_data(lambda _, data: loop.call_soon_threadsafe(send, bytes(data)))
    calls.on_connection_change(on_state)
    calls.on_frames(on_frames)
    sound = ntgcalls.AudioDescription(ntgcalls.MediaSource.EXTERNAL, RATE, 1, "", False)
    await calls.create_p2p_call(1)
    for mode in (ntgcalls.StreamMode.CAPTURE, ntgcalls.StreamMode.PLAYBACK):
        await calls.set_stream_sources(1, mode, ntgcalls.MediaDescription(sound, None, None, None))
    await calls.skip_exchange(1, key, ROLE == "caller")
    await calls.connect_p2p(1, servers(), VERSIONS.split(","), P2P == "yes", None)

    async def hear_signals():
        try:
            while True:
                (length,) = struct.unpack(">I", await reader.readexactly(4))
                await calls.send_signaling_data(1, await reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionResetError):
            pass

    signals = asyncio.create_task(hear_signals())
    spoken, start = 0, time.monotonic()
    while time.monotonic() - start < float(SECONDS):
        at = numpy.arange(FRAME) + spoken * FRAME
        tone = (numpy.sin(2 * numpy.pi * float(HZ) * at / RATE) * 12_000).astype("<i2").tobytes()
        meta = ntgcalls.FrameData(int(time.time() * 1000), ntgcalls.VideoRotation.VIDEO_ROTATION_0, 0, 0)
        try:
            await calls.send_external_frame(1, ntgcalls.StreamDevice.MICROPHONE, tone, meta)
        except Exception as error:  # the library gave the call up
            states.setdefault("GONE", str(error))
            break
        spoken += 1
        await asyncio.sleep(max(0, start + spoken * 0.01 - time.monotonic()))
    signals.cancel()
    print(json.dumps({**heard(frames), "states": states}), flush=True)


asyncio.run(main())
# The library's threads do not end by themselves.
os._exit(0)
