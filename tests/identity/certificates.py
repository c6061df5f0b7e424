"""An authority made for a test, and certificates of it for this machine and for clients."""

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """Signs certificates into a folder."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = name("authority")
        self.certificate = self._sign(self._name, self._key, authority=True)
        self.file = self._write("ca.crt", self.certificate.public_bytes(Encoding.PEM))

    def issue(self, who):
        """A certificate and its key, as files; and the SHA-256 of the certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(name(who), key, authority=False)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        crt = self._write(f"{who}.crt", certificate.public_bytes(Encoding.PEM))
        return crt, self._write(f"{who}.key", pem), certificate.fingerprint(SHA256())

    def _sign(self, subject, key, *, authority):
        now = datetime.now(UTC)
        here = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(here), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, SHA256())
        )

    def _write(self, file, data):
        path = self.folder / file
        path.write_bytes(data)
        path.chmod(0o600)
        return path


def name(who):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, who)])
