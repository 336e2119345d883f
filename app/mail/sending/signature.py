"""DKIM (RFC 6376): the association's domain vouches for each message, so that what says it comes from there and does not can be told.

What is signed is relaxed/relaxed, so a server on the way may fold and space as it likes. The tests check it with another's verifier.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from app.core import clock
from app.core.config import ConfigError, Settings

LEAST_BITS = 1024
# Signed once more than they are there, so that none can be added on the way.
_ONCE_MORE = ("from", "to", "subject", "date", "reply-to")
_SIGNED = frozenset({
    "from", "to", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "mime-version", "content-type",
    "auto-submitted", "precedence", "list-id", "list-archive", "list-help", "list-post", "list-owner", "list-unsubscribe",
    "list-unsubscribe-post", "x-squadroom-kind",
})  # fmt: skip
_FIELD = re.compile(rb"\r\n(?![ \t])")
_SPACES = re.compile(rb"[ \t]{2,}|\t")
_AT_END = re.compile(rb"[ \t]+\r\n")

Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


class DkimSigner:
    def __init__(self, key: Key, selector: str, domain: str) -> None:
        self._key, self.selector, self.domain = key, selector, domain
        self.algorithm = "rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ed25519-sha256"

    def __call__(self, raw: bytes) -> bytes:
        """The message with its signature in front."""
        head, _, body = raw.partition(b"\r\n\r\n")
        fields = [_relaxed(field) for field in _FIELD.split(head)]
        names = [name.decode("latin-1") for name, _ in fields]
        signed = [name for name in names if name in _SIGNED] + list(_ONCE_MORE)
        tags = (
            f"v=1; a={self.algorithm}; c=relaxed/relaxed;\r\n d={self.domain}; s={self.selector};\r\n"
            f" t={int(clock.now().timestamp())};\r\n h={_folded(signed)};\r\n"
            f" bh={b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()};\r\n b="
        )
        own = b"DKIM-Signature: " + tags.encode("ascii")
        left, said = {name: [f for f in fields if f[0].decode("latin-1") == name] for name in set(signed)}, []
        for name in signed:  # of several with one name the last is first
            if left[name]:
                said.append(b":".join(left[name].pop()) + b"\r\n")
        signature = b64encode(self._signature(b"".join(said) + b":".join(_relaxed(own))))
        return own + b"\r\n ".join(signature[n : n + 72] for n in range(0, len(signature), 72)) + b"\r\n" + raw

    def _signature(self, said: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(said, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(hashlib.sha256(said).digest())  # RFC 8463: the hash is what is signed

    @property
    def bits(self) -> int:
        """Of an RSA key; 0 for one whose length can't be too little."""
        return self._key.key_size if isinstance(self._key, rsa.RSAPrivateKey) else 0

    @property
    def record(self) -> str:
        """The TXT record that belongs at `selector._domainkey.domain`."""
        public = self._key.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            kind, form = "rsa", (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        else:
            kind, form = "ed25519", (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"v=DKIM1; k={kind}; p={b64encode(public.public_bytes(*form)).decode()}"


def _relaxed(field: bytes) -> tuple[bytes, bytes]:
    name, _, value = field.partition(b":")
    return name.strip().lower(), _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t")


def _relaxed_body(body: bytes) -> bytes:
    """Spaces at line ends gone, others one, no empty lines at the end. Quoted-printable mostly has none to change, and looking first
    takes a hundredth of the time."""
    if b" \r\n" in body or b"\t\r\n" in body:
        body = _AT_END.sub(b"\r\n", body)
    if b"  " in body or b"\t" in body:
        body = _SPACES.sub(b" ", body)
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _folded(names: list[str]) -> str:
    lines = [""]
    for n, name in enumerate(names):
        word = name + (":" if n < len(names) - 1 else "")
        if len(lines[-1]) + len(word) > 70:
            lines.append("")
        lines[-1] += word
    return "\r\n ".join(lines)


def signer_of(settings: Settings) -> DkimSigner | None:
    """The key of DKIM_KEY_FILE, read once; ConfigError for one that is none."""
    path = settings.dkim_key_file
    if path is None:
        return None
    return DkimSigner(_key(path), settings.dkim_selector, settings.sender.rpartition("@")[2])


def _key(path: Path) -> Key:
    name = "SQUADROOM_DKIM_KEY_FILE"
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ConfigError(f"{name}: {path} can't be read: {error.strerror}") from None
    except (ValueError, TypeError):
        raise ConfigError(f"{name}: {path} holds no private key without a password in PEM form") from None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise ConfigError(f"{name}: {path} must hold an RSA key of 2048 bits or an Ed25519 key")
    return key
