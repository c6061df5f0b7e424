"""The blind index: keyed hashes under which equal identifiers meet, a different pepper for each scheme."""

import hmac
from collections.abc import Mapping

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


class UnknownScheme(HubError):
    """No pepper for this scheme: nothing is hashed without one."""


class BlindIndex:
    """Hashes normalised values, 256 bits, never truncated where a collision would merge two children."""

    def __init__(self, peppers: Mapping[str, bytes]) -> None:
        self._peppers = dict(peppers)

    def __repr__(self) -> str:
        return f"BlindIndex({sorted(self._peppers)})"

    def index(self, scheme: str, normalised: str) -> bytes:
        """Hash a value in a scheme. Raises UnknownScheme."""
        pepper = self._peppers.get(scheme)
        if pepper is None:
            raise UnknownScheme(scheme)
        return hmac.digest(pepper, normalised.encode(), "sha256")
