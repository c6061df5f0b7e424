"""Run the benchmarks of the real engines: `python -m benchmarks.real`, or some by name."""

import sys

from benchmarks.real import afternoon, intake, stock
from benchmarks.real.site import site

AGAINST = {"stock": stock.main, "afternoon": afternoon.main}
"""Each is told what an event cost the hub in this run."""
ALL = ("intake", *AGAINST)


def main(names: list[str]) -> int:
    """Print the ratios; an unknown name is a usage error."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    asked = names or ALL
    with site() as here:
        each = intake.main(here) if {"intake", *AGAINST} & set(asked) else 0.0
        for name, against in AGAINST.items():
            if name in asked:
                against(here, each)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
