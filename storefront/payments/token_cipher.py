"""Encrypt the gateways' tokens: with the database or a backup alone nobody can use them."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"storefront: tokens of the payment gateways"  # no other use of a secret has this key


class FernetCipher:
    """Encrypt with keys that are derived from secrets: with the first, decrypt with any of them."""

    def __init__(self, secrets: Sequence[str], purpose: bytes = PURPOSE) -> None:
        self._fernet = MultiFernet([Fernet(_key_from(secret, purpose)) for secret in secrets])

    def encrypt(self, token: str) -> str:
        """Return what is stored in the token's place."""
        return self._fernet.encrypt(token.encode()).decode()

    def decrypt(self, stored: str, seconds: int | None = None) -> str | None:
        """Return the token; None if none of the secrets opens this, or it is in clear.

        With ``seconds``, what was encrypted longer ago is None, too.
        """
        try:
            return self._fernet.decrypt(stored.encode(), ttl=seconds).decode()
        except InvalidToken:
            return None


def _key_from(secret: str, purpose: bytes) -> bytes:
    derived = HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
