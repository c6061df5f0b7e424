"""Certificates for one test broker and its clients, signed by an authority made for the run."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID


class Certified(NamedTuple):
    """Files in PEM: key, certificate, and both in one."""

    key: Path
    certificate: Path
    both: Path


class Authority:
    """Signs certificates for loopback; nobody else trusts it."""

    def __init__(self, folder: Path) -> None:
        """Make an authority in a folder, or go on with the one that is there."""
        self._folder = folder
        self._name = _name("authority of a test run")
        self.file = folder / "authority.pem"
        kept = folder / "authority.key"
        if kept.exists():
            self._key = load_pem_private_key(kept.read_bytes(), None)
            return
        self._key = ec.generate_private_key(ec.SECP256R1())
        kept.write_bytes(self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        own = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(True, None), True)
        self.file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def certify(self, name: str) -> Certified:
        """A key and a certificate for a broker or a client on this machine."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        )
        made = self._builder(_name(name), key).add_extension(names, False)
        signed = made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        files = Certified(*(self._folder / f"{name}.{end}" for end in ("key", "crt", "pem")))
        files.key.write_bytes(private)
        files.certificate.write_bytes(signed)
        files.both.write_bytes(private + signed)
        return files

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
        )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
