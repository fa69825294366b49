"""The centre's secrets: one master key, and everything else sealed under it, whatever database holds it."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from checkpoint_app.wire.sealing import KEY_BYTES, open_sealed, seal


class Vault:
    """Seals and opens with keys derived from the master key (HKDF-SHA256, RFC 5869); ``use`` says what for."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    def derived(self, use: str) -> bytes:
        """Return the 32-byte key for one use."""
        return HKDF(hashes.SHA256(), KEY_BYTES, None, b"checkpoint centre 1 " + use.encode()).derive(self._master)

    def seal(self, data: bytes, use: str) -> bytes:
        """Return ``data`` sealed for ``use``, such as ``body demo-3 17``: it opens for no other."""
        return seal(self.derived("rest"), data, use.encode())

    def open(self, sealed: bytes, use: str) -> bytes:
        """Return what was sealed for ``use``. Raises SealError."""
        return open_sealed(self.derived("rest"), sealed, use.encode())
