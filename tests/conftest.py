"""What every test may ask for."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Files that others wrote; they stay outside the project."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"no sample files of others at {folder}")
    return folder


@pytest.fixture
def desk(tmp_path):
    """A demonstration hub in a folder of its own, with every agency enrolled."""
    from tests.hubs import Desk

    return Desk(tmp_path / "data")
