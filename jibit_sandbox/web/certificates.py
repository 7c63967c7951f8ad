"""Make a certificate for https when the sandbox starts, and an authority that vouches for it.

A client trusts the authority by its file. The authority's key is thrown away at once, so nobody
can use it to vouch for anything else.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric.ec import (
        SECP256R1,
        EllipticCurvePrivateKey,
        generate_private_key,
    )
except ImportError as error:
    raise OSError(
        "https needs the package cryptography: pip install cryptography"
        " (with uvx: --with cryptography)"
    ) from error

LIFE = timedelta(days=30)  # longer than a sandbox runs
LOCAL = ("localhost", "127.0.0.1", "::1")
AUTHORITY = "Jibit sandbox: test authority of one start"


def context_for(names: Iterable[str], authority: Path) -> ssl.SSLContext:
    """Return a server's context for these names; write the authority's certificate to a file."""
    root_key, key = (generate_private_key(SECP256R1()) for _ in range(2))
    root_name = named(AUTHORITY)
    root = certificate(root_name, root_name, root_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    known = list(dict.fromkeys((*LOCAL, *names)))
    leaf = certificate(named(known[0]), root_name, key).add_extension(
        x509.SubjectAlternativeName([alternative(name) for name in known]), critical=False
    )
    trusted = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = root.add_extension(trusted, critical=False)
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(trusted), critical=False
    )
    signed = [each.sign(root_key, hashes.SHA256()) for each in (root, leaf)]
    pems = [each.public_bytes(serialization.Encoding.PEM) for each in signed]
    authority.write_bytes(pems[0])
    return loaded(pems[1], key)


def certificate(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # for a container whose clock is behind
        .not_valid_after(now + LIFE)
    )


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])


def alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def loaded(pem: bytes, key: EllipticCurvePrivateKey) -> ssl.SSLContext:
    """Return a context with the certificate; its key is on the disk only while it is read."""
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    handle, name = tempfile.mkstemp()  # for its owner only
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secret + pem)
        context.load_cert_chain(name)
    finally:
        Path(name).unlink()
    return context
