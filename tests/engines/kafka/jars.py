"""Finds the jars of a real Apache Kafka, or fetches them once; they lie beside the tree, never in it."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

POM = Path(__file__).with_name("pom.xml")
MAVEN = "{http://maven.apache.org/POM/4.0.0}"


class NoBroker(Exception):
    """No real broker can be had here; the text says what is missing."""


def version() -> str:
    """The broker's version, as the pom declares it."""
    return ET.parse(POM).findtext(f".//{MAVEN}dependency/{MAVEN}version") or ""


def jars() -> Path:
    """The folder with the jars, fetched by Maven if it is not there. Raises NoBroker."""
    if shutil.which("java") is None:
        raise NoBroker("no java on the path")
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "safeguarding-hub"
    whole = folder / f"kafka-{version()}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (whole / "whole").exists():
            _fetch(whole)
    return whole


def _fetch(folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise NoBroker("no jars of Kafka, and no mvn on the path to fetch them with")
    wanted = f"-DoutputDirectory={folder}"
    fetched = subprocess.run(
        ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode:
        raise NoBroker("mvn could not fetch the jars of Kafka")
    (folder / "whole").touch()
