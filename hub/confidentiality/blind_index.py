"""The blind index: keyed hashes under which equal identifiers meet, a different pepper for each scheme."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hub.errors import HubError

SCHEMES = (
    "identifier",
    "look",
    "born",
    "given",
    "source",
    "content",
    "incident",
    "person",
    "place",
    "child",
)
PEPPER = 32


class UnknownScheme(HubError):
    """No pepper for this scheme: nothing is hashed without one."""


class BlindIndex:
    """Hashes normalised values, 256 bits, never truncated: a collision would merge two children."""

    def __init__(self, peppers: Mapping[str, bytes]) -> None:
        """Take a secret for each scheme. Raises ValueError for one shorter than 32 bytes."""
        self._keyed = {scheme: _keyed(scheme, secret) for scheme, secret in peppers.items()}

    def __repr__(self) -> str:
        return f"BlindIndex({sorted(self._keyed)})"

    def index(self, scheme: str, normalised: str) -> bytes:
        """Hash a value in a scheme. Raises UnknownScheme."""
        return self.digest(scheme, normalised.encode())

    def digest(self, scheme: str, content: bytes) -> bytes:
        """Hash bytes in a scheme. Raises UnknownScheme."""
        keyed = self._keyed.get(scheme)
        if keyed is None:
            raise UnknownScheme(f"no pepper for the scheme {scheme}")
        digest = keyed.copy()
        digest.update(content)
        return digest.finalize()


def _keyed(scheme: str, secret: bytes) -> HMAC:
    """Derive the scheme's pepper: even one secret given to two schemes leaves their rows unjoinable."""
    if len(secret) < PEPPER:
        raise ValueError(f"the pepper of {scheme} has fewer than {PEPPER} bytes")
    return HMAC(HKDFExpand(SHA256(), PEPPER, b"hub/blind/" + scheme.encode()).derive(secret), SHA256())
