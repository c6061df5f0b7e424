"""Run every benchmark, one after the other: `python -m benchmarks`, or some by name."""

import sys

from benchmarks import (
    envelope,
    following,
    intake,
    ledger,
    lists,
    pages,
    patterns,
    reading,
    rebuilding,
    refusing,
)
from hub.compose import settle

ALL = {
    "intake": intake.main,
    "reading": reading.main,
    "envelope": envelope.main,
    "ledger": ledger.main,
    "patterns": patterns.main,
    "following": following.main,
    "rebuilding": rebuilding.main,
    "pages": pages.main,
    "lists": lists.main,
    "refusing": refusing.main,
}


def main(names: list[str]) -> int:
    """Print the ratios; an unknown name is a usage error."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    settle()  # as the workers do
    for name in names or ALL:
        ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
