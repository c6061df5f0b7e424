"""How often each rule asks in an invented population (patterns.md, point 12): said on every flag."""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

SHIPPED = Path(__file__).with_name("counted.json")
SELDOM = 0.1


class Counted(msgspec.Struct, frozen=True):
    """What a simulation counted: by rule, flags for each 1,000 invented children a year.

    `settings` is the version of the numbers it was counted with. `make patterns-counted` counts anew.
    """

    children: int
    years: int
    seed: int
    settings: str
    rates: Mapping[str, float]

    def says(self, code: str) -> str:
        """How often a rule asked, in words."""
        rate = self.rates[code]
        often = "less than once in ten years" if rate < SELDOM else f"{rate:.1f} times a year"
        return (
            f"Among {self.children:,} invented children this was asked {often} of each 1,000, with the "
            "numbers shipped: a comparison of rules, no forecast."
        )


@cache
def counted() -> Counted:
    """The shipped count. Raises msgspec.ValidationError where the file is not one."""
    return msgspec.json.decode(SHIPPED.read_bytes(), type=Counted)


def main() -> None:
    """Keep what `hub simulate --json` says as the shipped count."""
    said = msgspec.json.decode(sys.stdin.buffer.read())
    version = said["settings"].partition(":")[0]
    kept = Counted(
        said["children"], said["years"], said["seed"], version, dict(sorted(said["rates"].items()))
    )
    SHIPPED.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")


if __name__ == "__main__":
    main()
