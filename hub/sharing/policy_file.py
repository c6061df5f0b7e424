"""The policy as it lies on disk: read anew when the files change, refused as soon as they cannot be used."""

from pathlib import Path

from hub.sharing.agreements import SHIPPED as SHIPPED_AGREEMENTS
from hub.sharing.policy import SHIPPED, Policy, PolicyInvalid, load

Mark = tuple[int, int, int]


class PolicyFile:
    """Gives the policy in force. Never the one before, once the file on disk says something else.

    Raises PolicyInvalid where the files cannot be read or used: nothing is shown then.
    """

    def __init__(self, policy: Path | None = None, agreements: Path | None = None) -> None:
        """Take the partnership's files, or those shipped."""
        self._paths = policy or SHIPPED, agreements or SHIPPED_AGREEMENTS
        self._held: tuple[tuple[Mark, ...], Policy] | None = None

    def __call__(self) -> Policy:
        """The policy as it stands on disk now."""
        marks = tuple(_mark(path) for path in self._paths)
        held = self._held
        if held is None or held[0] != marks:
            self._held = None
            self._held = held = marks, load(*self._paths)
        return held[1]


def _mark(path: Path) -> Mark:
    try:
        found = path.stat()
    except OSError as error:
        raise PolicyInvalid(f"{path.name}: {error.strerror}") from None
    return found.st_mtime_ns, found.st_size, found.st_ino
