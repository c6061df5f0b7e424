"""One target given inputs until the time is over: `python -m tests.hostile.guided_at TARGET SECONDS [FILE]`.

What is run here is imported under atheris, which sees what code an input reaches; libFuzzer ends the process.
"""

import os
import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["adapters", "hub", "schemas"]):
    from tests.hostile.aimed import SEED, aimed_at

LONGEST, MEMORY, SIZE = 20, 3072, 100_000
"""Of one input: seconds, MB, bytes."""
KEPT = Path("build") / "guided"


def main(target: str, seconds: str, again: str = "") -> None:
    """Begin with the target's own inputs, or with one file alone."""
    os.nice(10)
    warnings.simplefilter("error")
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, aimed_at(target) as (examine, beginnings):
        for number, raw in enumerate(beginnings):
            (Path(folder) / f"{number:05}").write_bytes(raw[:SIZE])
        options = [
            f"-max_total_time={seconds}",
            f"-timeout={LONGEST}",
            f"-rss_limit_mb={MEMORY}",
            f"-max_len={SIZE}",
            f"-artifact_prefix={KEPT}/{target}-",
            f"-seed={SEED}",
            "-print_final_stats=1",
        ]
        atheris.Setup(["guided", *options, again or folder], examine)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
