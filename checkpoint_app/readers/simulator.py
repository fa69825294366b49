"""A stand-in for the image reader: canned readings, found by the picture's digest. For tests and drills."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from checkpoint_app.readers.protocol import Health
from checkpoint_app.readers.reading import Print, ReadError, Reading


def digest(image: bytes) -> str:
    """Return the key under which the simulator keeps the reading of ``image``: SHA-256, hex."""
    return hashlib.sha256(image).hexdigest()


class SimulatedImageReader:
    """Answers as ``ImageReader`` does, from ``readings`` and ``prints``; a picture it does not know has neither."""

    def __init__(
        self, readings: Mapping[str, Reading | ReadError], prints: Mapping[str, Print | ReadError] | None = None
    ) -> None:
        self._readings = dict(readings)
        self._prints = dict(prints or {})
        self._health = Health.STARTING

    @property
    def health(self) -> Health:
        """How it stands."""
        return self._health

    @property
    def pid(self) -> None:
        """It has no child."""
        return

    def start(self) -> None:
        """Be ready at once."""
        self._health = Health.READY

    def warm_up(self) -> None:
        """Be ready at once."""
        self.start()

    def close(self) -> None:
        """Close it."""
        self._health = Health.CLOSED

    def read(self, image: bytes) -> Reading:
        """Return the canned reading, or raise the canned ReadError."""
        if not image:
            raise ReadError("empty_file")
        reading = self._readings.get(digest(image), Reading(mrz=None, valid=False))
        if isinstance(reading, ReadError):
            raise reading
        return reading

    def read_print(self, *images: bytes) -> Print:
        """Return the canned print of the first image that has one, or raise the canned ReadError."""
        if not any(images):
            raise ReadError("empty_file")
        printed = next((self._prints[digest(one)] for one in images if digest(one) in self._prints), Print())
        if isinstance(printed, ReadError):
            raise printed
        return printed

    def read_frames(self, images: Sequence[bytes]) -> Reading:
        """Return the canned reading of the first frame that has a zone, else that of the first."""
        readings = [self.read(image) for image in images if image]
        if not readings:
            raise ReadError("empty_file")
        return next((reading for reading in readings if reading.mrz is not None), readings[0])
