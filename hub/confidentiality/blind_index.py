"""The blind index: keyed hashes under which equal identifiers meet, a different pepper for each scheme."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hub.errors import HubError
from schemas.identifiers import SYSTEMS, Strength, strength

IDENTIFIER = "identifier"
OWN = tuple(f"{IDENTIFIER}/{name}" for name in sorted(SYSTEMS) if strength(name) is Strength.NATIONAL)
"""Schemes of numbers that reach across agencies, each by its system: one pepper that leaks opens one system's
(decision 88). The numbers of all other systems are hashed under that of identifiers."""
FINDING = (IDENTIFIER, "look", "born", "given", *OWN)
"""What children are found by. These alone stand in the open when their child is erased, so their peppers are
turned, together, and destroyed (decision 65)."""
SCHEMES = (*FINDING, "source", "content", "incident", "person", "place", "child")
PEPPER = 32
Generations = Mapping[int, bytes]


class UnknownScheme(HubError):
    """No pepper for this scheme: nothing is hashed without one."""


class BlindIndex:
    """Hashes normalised values, 256 bits, never truncated: a collision would merge two children."""

    def __init__(self, peppers: Mapping[str, bytes | Generations]) -> None:
        """Take a secret for each scheme, or its generations. Raises ValueError for one under 32 bytes."""
        self._keyed: dict[tuple[str, int | None], HMAC] = {}
        for scheme, secret in peppers.items():
            all_ = secret if isinstance(secret, Mapping) else {1: secret}
            for generation in sorted(all_):
                keyed = _keyed(scheme, all_[generation])
                self._keyed[scheme, generation] = self._keyed[scheme, None] = keyed

    def __repr__(self) -> str:
        return f"BlindIndex({sorted(scheme for scheme, newest in self._keyed if newest is None)})"

    @cached_property
    def generations(self) -> tuple[int, ...]:
        """The generations of what children are found by that there is a pepper for, oldest first."""
        return tuple(sorted(n for scheme, n in self._keyed if scheme == FINDING[0] and n is not None))

    def index(self, scheme: str, normalised: str, generation: int | None = None) -> bytes:
        """Hash a value in a scheme (None: under its newest pepper). Raises UnknownScheme."""
        return self.digest(scheme, normalised.encode(), generation)

    def identifier(self, system: str, normalised: str, generation: int | None = None) -> bytes:
        """Hash an identifier of a system: under its system's own pepper where this generation has one.

        What peppers there are decides, and not what is listed here: one of before has one for all systems.
        """
        own = f"{IDENTIFIER}/{system}"
        return self.index(own if (own, generation) in self._keyed else IDENTIFIER, normalised, generation)

    def digest(self, scheme: str, content: bytes, generation: int | None = None) -> bytes:
        """Hash bytes in a scheme. Raises UnknownScheme, also for a generation there is no pepper of."""
        keyed = self._keyed.get((scheme, generation))
        if keyed is None:
            raise UnknownScheme(f"no pepper for the scheme {scheme}")
        digest = keyed.copy()
        digest.update(content)
        return digest.finalize()


def finding(schemes: Iterable[str]) -> tuple[str, ...]:
    """All that children are found by, with what of these schemes was made for it and is listed no more."""
    return (*FINDING, *(each for each in schemes if each.startswith(f"{IDENTIFIER}/") and each not in OWN))


def _keyed(scheme: str, secret: bytes) -> HMAC:
    """Derive the scheme's pepper: even one secret given to two schemes leaves their rows unjoinable."""
    if len(secret) < PEPPER:
        raise ValueError(f"the pepper of {scheme} has fewer than {PEPPER} bytes")
    return HMAC(HKDFExpand(SHA256(), PEPPER, b"hub/blind/" + scheme.encode()).derive(secret), SHA256())
