"""What an envelope costs beside its floor, one bare AES-256-GCM call on the same bytes: reported only."""

import os
from collections.abc import Callable
from timeit import repeat
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.confidentiality.sealing import DataKey, seal, seal_spine, unseal, unseal_spine

SIZES = (64, 512, 4096)
CALLS, ROUNDS = 2_000, 20
SCOPE, SCHEMA = "police", "police.missing-episode.v1"


def microseconds(act: Callable[[], object]) -> float:
    """The best round's time for one call: the others were disturbed."""
    return min(repeat(act, number=CALLS, repeat=ROUNDS)) / CALLS * 1e6


def measure(size: int) -> dict[str, tuple[float, float]]:
    """Time and floor, in microseconds, of each act on a body of a size."""
    key, child, event, body = DataKey(1, os.urandom(64)), uuid4(), uuid4(), os.urandom(size)
    bare, nonce, aad = AESGCM(os.urandom(32)), os.urandom(12), os.urandom(96)
    envelope, stored = seal(key, child, event, SCOPE, SCHEMA, body), seal_spine(key, aad, body)
    ciphertext = bare.encrypt(nonce, body, aad)
    encrypt = microseconds(lambda: bare.encrypt(nonce, body, aad))
    decrypt = microseconds(lambda: bare.decrypt(nonce, ciphertext, aad))
    return {
        "envelope-seal": (microseconds(lambda: seal(key, child, event, SCOPE, SCHEMA, body)), encrypt),
        "envelope-open": (microseconds(lambda: unseal(key, child, event, SCOPE, SCHEMA, envelope)), decrypt),
        "spine-seal": (microseconds(lambda: seal_spine(key, aad, body)), encrypt),
        "spine-open": (microseconds(lambda: unseal_spine(key, aad, stored)), decrypt),
    }


def main() -> None:
    """Print a line for each act and size."""
    for size in SIZES:
        for act, (taken, floor) in measure(size).items():
            print(f"time {act}-{size} {taken:.2f} us floor {floor:.2f} us")
            print(f"ratio {act}-{size} {taken / floor:.1f} target report")


if __name__ == "__main__":
    main()
