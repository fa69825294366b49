"""The booth's sounds: tones computed here, played by the machine's own small player, never in the window's way."""

from __future__ import annotations

import array
import math
import shutil
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from PySide6.QtCore import QObject, QProcess
from PySide6.QtWidgets import QApplication

from checkpoint_app.booth.view.screen import Sound

RATE = 22_050
LOUDNESS = 0.5
PLAYERS = MappingProxyType(
    {
        "pw-cat": ("--playback", "--raw", "--rate", str(RATE), "--channels", "1", "--format", "s16", "-"),
        "pacat": ("--rate", str(RATE), "--channels", "1", "--format", "s16le"),
        "aplay": ("-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE), "-c", "1"),
    }
)


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone of ``hertz`` for ``seconds``; 0 hertz is a pause. ``fade`` lets it die away: a click."""

    hertz: float
    seconds: float
    fade: bool = False


_REFER = (Tone(880, 0.13), Tone(0, 0.03), Tone(587, 0.13))
TONES = MappingProxyType(
    {
        Sound.PROCEED: (Tone(330, 0.12),),
        Sound.LOOK: (Tone(523, 0.12), Tone(0, 0.08), Tone(523, 0.12)),
        Sound.REFER: _REFER,
        Sound.INCOMPLETE: (Tone(440, 0.5),),
        Sound.REFUSED_KEY: (Tone(140, 0.05, fade=True),),
        Sound.LATE_HIT: (*_REFER, Tone(0, 0.02), *_REFER),
    }
)


@cache
def samples(sound: Sound) -> bytes:
    """Return ``sound`` as signed 16-bit little-endian samples, one channel, ``RATE`` a second, at most 0.6 s."""
    values = array.array("h")
    for tone in TONES[sound]:
        count = round(tone.seconds * RATE)
        values.extend(_sample(tone, n, count) for n in range(count))
    return values.tobytes()


def _sample(tone: Tone, n: int, count: int) -> int:
    # Ramps of 5 ms at both ends: a tone cut off sharply clicks.
    ramp = min(1.0, n / (RATE * 0.005), (count - n) / (RATE * 0.005))
    loudness = LOUDNESS * ramp * (math.exp(-6 * n / count) if tone.fade else 1.0)
    return round(32_767 * loudness * math.sin(2 * math.pi * tone.hertz * n / RATE))


class Player(QObject):
    """Plays sounds through the first player found, or the desktop's beep. Returns at once, always."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = next((name for name in PLAYERS if shutil.which(name)), None)
        self._playing: set[Sound] = set()

    def play(self, sound: Sound) -> None:
        """Start ``sound``, unless it is sounding already: a key held down repeats its refusal, not its player."""
        if self._command is None:
            QApplication.beep()
            return
        if sound in self._playing:
            return
        self._playing.add(sound)
        process = QProcess(self)
        process.setStandardOutputFile(QProcess.nullDevice())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.finished.connect(lambda code, _status: self._ended(process, sound, failed=code != 0))
        process.errorOccurred.connect(lambda error: self._refused(process, sound, error))
        process.start(self._command, list(PLAYERS[self._command]))
        process.write(samples(sound))
        process.closeWriteChannel()

    def _refused(self, process: QProcess, sound: Sound, error: QProcess.ProcessError) -> None:
        """A player that never started will not end either; every other error is followed by its end."""
        if error is QProcess.ProcessError.FailedToStart:
            self._ended(process, sound, failed=True)

    def _ended(self, process: QProcess, sound: Sound, *, failed: bool) -> None:
        """Forget the process; a player that would not start or play is given up: beep now and from now on."""
        process.blockSignals(True)
        process.deleteLater()
        self._playing.discard(sound)
        if failed:
            self._command = None
            QApplication.beep()
