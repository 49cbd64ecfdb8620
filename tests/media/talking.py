"""Films that count: each picture shows its number, and each twentieth of a second of sound sings its own.

What is published of them says by itself which picture is shown, and which sound is heard, at every moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

PICTURES, FPS, HEIGHT = 100, 25, 32
PIECE = Fraction(1, 20)  # seconds that one tone lasts
LOWEST, APART, TONES = 400, 130, 24  # Hz; a tone comes again after 1.2 seconds
BITS, CELL = 8, 16
Moment = Callable[[Fraction], Fraction]


def truly(moment: Fraction) -> Fraction:
    """A clock with nothing wrong."""
    return moment


@dataclass(frozen=True)
class Piece:
    """An encoded picture or piece of sound, its true moment, and what its clock says then."""

    moment: Fraction
    is_picture: bool
    body: bytes
    form: tuple[float, str, int] = (0, "", 0)
    clock: Fraction = Fraction(0)


@dataclass(frozen=True)
class Talk:
    """How a film that counts is written: what its clocks say at each true moment, and how its sound is formed.

    `sound` is the true moments for which there is sound, `forms` the layout and rate from each true moment on.
    """

    name: str = "talk.ts"
    picture_clock: Moment = truly
    sound_clock: Moment = truly
    sound: tuple[tuple[float, float], ...] = ((0, 4),)
    forms: tuple[tuple[float, str, int], ...] = ((0, "mono", 48_000),)
    codec: str = "aac"
    missing: frozenset[int] = field(default_factory=frozenset)  # pictures that were never taken


def write(talk: Talk, folder: Path) -> Path:
    """The film, made of elementary pieces: packets are encoded first and stamped afterwards, as a recorder does.

    FFmpeg's writers refuse a clock that goes back and forms that change, so there a new stretch begins: transport
    streams may simply be joined.
    """
    place = folder / talk.name
    stretches = list[list[Piece]]()
    last: dict[bool, tuple[Fraction, object]] = {}
    for piece in sorted([*_pictures(talk), *_sound(talk)], key=lambda each: (each.moment, each.is_picture)):
        clock = (talk.picture_clock if piece.is_picture else talk.sound_clock)(piece.moment)
        before = last.get(piece.is_picture)
        if not stretches or (before and (clock <= before[0] or piece.form != before[1])):
            stretches.append([])
            last.clear()
        last[piece.is_picture] = clock, piece.form
        stretches[-1].append(replace(piece, clock=clock))
    assert len(stretches) == 1 or talk.name.endswith(".ts")
    with place.open("wb") as whole:
        for number, pieces in enumerate(stretches):
            part = folder / f"{number}-{talk.name}"
            _mux(talk, pieces, part)
            whole.write(part.read_bytes())
    return place


def _mux(talk: Talk, pieces: list[Piece], place: Path) -> None:
    _, layout, rate = next((each.form for each in pieces if not each.is_picture), talk.forms[0])
    with av.open(str(place), "w") as container:
        picture = container.add_stream("mpeg4", rate=FPS)
        picture.width, picture.height, picture.pix_fmt = BITS * CELL, HEIGHT, "yuv420p"
        sound = container.add_stream(talk.codec, rate=rate, layout=layout)
        for piece in pieces:
            packet = av.Packet(piece.body)
            packet.stream = picture if piece.is_picture else sound
            packet.time_base = Fraction(1, 90_000)
            packet.pts = packet.dts = round(piece.clock * 90_000)
            packet.is_keyframe = True
            container.mux(packet)


def _pictures(talk: Talk) -> list[Piece]:
    encoder = av.CodecContext.create("mpeg4", "w")
    encoder.width, encoder.height, encoder.pix_fmt = BITS * CELL, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.bit_rate = Fraction(1, FPS), Fraction(FPS), 2_000_000
    encoder.gop_size, encoder.max_b_frames = 1, 0
    found = []
    for number in range(PICTURES):
        if number in talk.missing:
            continue
        cells = [[235 if number >> bit & 1 else 20] * CELL for bit in range(BITS)]
        row = np.array(cells, np.uint8).reshape(-1)
        frame = av.VideoFrame.from_ndarray(np.repeat(np.tile(row, (HEIGHT, 1))[..., None], 3, 2), format="rgb24")
        frame.pts = number
        moment = Fraction(number, FPS)
        found += [Piece(moment, True, bytes(packet)) for packet in encoder.encode(frame)]
    return found


def _sound(talk: Talk) -> list[Piece]:
    found = []
    ends = [start for start, _, _ in talk.forms[1:]] + [99]
    for (begins, layout, rate), ends_at in zip(talk.forms, ends, strict=True):
        for start, end in talk.sound:
            since, until = Fraction(max(start, begins)), Fraction(min(end, ends_at))
            if since < until:
                found += _stretch(talk.codec, (begins, layout, rate), since, until)
    return found


def _nearest(numbers: Iterable[int], at: float) -> int:
    return min(numbers, key=lambda number: abs(number / FPS - at))


def _stretch(codec: str, form: tuple[float, str, int], since: Fraction, until: Fraction) -> list[Piece]:
    _, layout, rate = form
    encoder = av.CodecContext.create(codec, "w")
    encoder.sample_rate, encoder.layout = rate, layout
    encoder.time_base = Fraction(1, rate)
    encoder.format = encoder.codec.audio_formats[0]
    encoder.open()
    at = np.arange(round(since * rate), round(until * rate)) / rate
    wave = 0.5 * np.sin(2 * np.pi * (LOWEST + APART * (np.floor(at * 20 + 1e-6) % TONES)) * at)
    size = encoder.frame_size or 800
    channels = 1 if layout == "mono" else 2
    found = []
    for begin in range(0, len(wave) - size + 1, size):
        piece = np.repeat(wave[None, begin : begin + size], channels, 0).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
        for ready in av.AudioResampler(format=encoder.format, layout=layout, rate=rate).resample(frame):
            found += [_packet(since, packet, form) for packet in encoder.encode(ready)]
    return [*found, *(_packet(since, packet, form) for packet in encoder.encode(None))]


def _packet(since: Fraction, packet: av.Packet, form: tuple[float, str, int]) -> Piece:
    assert packet.pts is not None
    return Piece(since + packet.pts * packet.time_base, False, bytes(packet), form)


@dataclass(frozen=True)
class Published:
    """What a published film shows and sings: (moment, number of the picture), (moment, number of the tone)."""

    shown: list[tuple[float, int]]
    heard: list[tuple[float, int]]

    def apart(self) -> list[float]:
        """For each tone, how many seconds its middle is from where the pictures of its time put it."""
        moments = {number: moment for moment, number in self.shown}
        found = []
        for moment, tone in self.heard:
            truths = [(tone + lap * TONES) * float(PIECE) for lap in range(5)]
            nearest = [_nearest(moments, at) for at in truths]
            places = [moments[number] + at - number / FPS for number, at in zip(nearest, truths, strict=True)]
            found.append(min((moment - place for place in places), key=abs))
        return found


def watched(place: Path) -> Published:
    """Decode a published film, by what a player does: no edit list, sound as it lies."""
    with av.open(str(place)) as container:
        shown = [(float(frame.time), _number(frame)) for frame in container.decode(video=0)]
    with av.open(str(place)) as container:
        frames = list(container.decode(audio=0))
    rate = frames[0].sample_rate
    began = float(frames[0].time)
    wave = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return Published(shown, [(began + at, tone) for at, tone in _tones(wave, rate)])


def _number(frame: av.VideoFrame) -> int:
    picture = frame.to_ndarray(format="gray")
    cells = picture[4:28, : BITS * CELL].reshape(24, BITS, CELL)[:, :, 4:12].mean(axis=(0, 2))
    return sum(1 << bit for bit, level in enumerate(cells) if level > 128)


def _tones(wave: np.ndarray, rate: int) -> list[tuple[float, int]]:
    """Where each tone begins: the moments at which one gives way to the next."""
    window, step = rate // 80, rate // 400
    hertz = LOWEST + APART * np.arange(TONES)
    probes = np.exp(-2j * np.pi * hertz[:, None] * np.arange(window) / rate) * np.hanning(window)
    windows = np.lib.stride_tricks.sliding_window_view(wave, window)[::step]
    powers = np.abs(windows @ probes.T)
    best = np.where(powers.max(axis=1) > 0.05 * window / 2, powers.argmax(axis=1), -1)
    changes = []
    for index in range(4, len(best) - 4):
        before, after = best[index - 1], best[index]
        if after >= 0 and after == (before + 1) % TONES and best[index + 3] == after and best[index - 4] == before:
            changes.append(((index * step + window / 2) / rate, int(after)))
    return changes
