"""Makes a PDF of a page, in a process of its own: this module, run, reads HTML and writes a PDF."""

import subprocess
import sys

from hub.errors import Unavailable

SECONDS = 60.0


def pdf_of(page: str, seconds: float = SECONDS) -> bytes:
    """A tagged PDF of a page that loads nothing. Raises Unavailable where it cannot be made in time."""
    try:
        made = subprocess.run(
            [sys.executable, "-m", "hub.web.printing"],
            input=page.encode(),
            capture_output=True,
            check=True,
            timeout=seconds,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError):
        raise Unavailable("no PDF can be made here; print the page instead") from None
    return made.stdout


def main() -> None:
    """Read a page, write its PDF. What is said on the way is dropped: it might quote the page."""
    from weasyprint import HTML  # noqa: PLC0415 — only this process loads it
    from weasyprint.urls import URLFetcher  # noqa: PLC0415 — likewise

    nowhere = URLFetcher(allowed_protocols=())
    document = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=nowhere)
    sys.stdout.buffer.write(document.write_pdf(pdf_variant="pdf/ua-1"))


if __name__ == "__main__":
    main()
