"""A certificate authority of the test's own, and a server's certificate from it."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """`file` is what a client must trust; `server` what the mail server shows."""

    file: Path
    server: ssl.SSLContext


def authority(folder: Path, name: str = "localhost") -> Authority:
    folder.mkdir(exist_ok=True)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The test's authority")])
    ca = _certificate(ca_name, ca_key.public_key(), ca_name).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    own = _certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key.public_key(), ca_name)
    own = own.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    file, shown = folder / "authority.pem", folder / "server.pem"
    file.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    shown.write_bytes(key.private_bytes(*pem) + own.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(shown)
    return Authority(file, server)


def _certificate(subject: x509.Name, key: ec.EllipticCurvePublicKey, issuer: x509.Name) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    )  # fmt: skip
