"""Fetches the design system's stylesheet, checked, without what is GOV.UK's alone: run by `make assets`."""

import hashlib
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = "govuk-frontend@6.3.0"
"""The version that govuk-frontend-jinja 4.1 writes its markup for."""
SHA256 = "3d91fd1353e32e306a8ae493b44ba9c0277348b5dbc08442a3e63d822e516048"
KEPT_SHA256 = "f151a9ff012654c6daa6c7a9e1e6ab8073d73a804c40356b9c05226c5b105199"
"""Of the sheet as it is kept here."""
WITHIN = "package/dist/govuk/govuk-frontend.min.css"
KEPT = Path(__file__).with_name("static") / "govuk-frontend.min.css"


def fetch(folder: Path) -> bytes:
    """The package as the registry has it. Raises ValueError where it is not the one that was looked at."""
    subprocess.run(  # noqa: S603 — a fixed command of a developer's machine
        ["npm", "pack", "--silent", PACKAGE],  # noqa: S607 — found where the developer has it
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )
    (packed,) = folder.glob("*.tgz")
    found = hashlib.sha256(packed.read_bytes()).hexdigest()
    if found != SHA256:
        raise ValueError(f"{PACKAGE} is not what was looked at: its SHA-256 is {found}")
    with tarfile.open(packed) as archive:
        member = archive.extractfile(WITHIN)
        if member is None:
            raise ValueError(f"{WITHIN} is not in {PACKAGE}")
        return member.read()


def ours(sheet: str) -> str:
    """The sheet without the typeface and the crest, which only services on GOV.UK may use."""
    sheet = re.sub(r"@font-face\{[^}]*\}", "", sheet)
    sheet = sheet.replace("GDS Transport,arial", "arial")
    sheet = re.sub(r"url\(/assets/images/[^)]*\)", "none", sheet)
    return re.sub(r"\n?/\*# sourceMappingURL=[^*]*\*/\s*", "\n", sheet)


def main() -> None:
    """Fetch, check, take out, keep."""
    with TemporaryDirectory() as folder:
        KEPT.write_text(ours(fetch(Path(folder)).decode()))
    sys.stdout.write(f"{KEPT.name}: {KEPT.stat().st_size} bytes of {PACKAGE}\n")


if __name__ == "__main__":
    main()
