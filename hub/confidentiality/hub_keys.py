"""The key pair that agencies seal to: ML-KEM-768 with X25519, safe while either of the two stands."""

from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

SEED, CURVE = 64, 32


def generate(random: Callable[[int], bytes]) -> tuple[str, dict[str, str]]:
    """Make a key pair: its id, and its private parts as the key file keeps them."""
    return random(8).hex(), {"mlkem768": random(SEED).hex(), "x25519": random(CURVE).hex()}


def private(parts: Mapping[str, str]) -> MLKEM768X25519PrivateKey:
    """The private key, to open sessions with."""
    return MLKEM768X25519PrivateKey(*_halves(parts))


def public(parts: Mapping[str, str]) -> dict[str, bytes]:
    """The public parts, as agencies are given them."""
    mlkem, x25519 = _halves(parts)
    return {
        "mlkem768": mlkem.public_key().public_bytes_raw(),
        "x25519": x25519.public_key().public_bytes_raw(),
    }


def _halves(parts: Mapping[str, str]) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    return (
        MLKEM768PrivateKey.from_seed_bytes(bytes.fromhex(parts["mlkem768"])),
        X25519PrivateKey.from_private_bytes(bytes.fromhex(parts["x25519"])),
    )
