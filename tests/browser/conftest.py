"""One demonstration for all browser tests, one server and one browser; without Chromium they are skipped."""

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.browser.places import owned
from tests.browser.site import BROWSERS, CHROMIUM, launch, play, served

SHOTS = Path(__file__).parents[2] / "artefacts" / "pages"
"""Screenshots of every page, to be looked at; git does not keep them."""


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        missing = f"no browser: neither {' nor '.join(map(str, BROWSERS))}"
        if os.environ.get("HUB_TEST_REQUIRE_ALL"):
            pytest.fail(missing)
        pytest.skip(f"{missing}; .ci/engines installs the first")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def story(tmp_path_factory, worker):
    """The demonstration's folder, played once for all workers of this run, and copied for each."""
    shared = tmp_path_factory.getbasetemp().parent if worker else tmp_path_factory.getbasetemp()
    folder, done = shared / "browser-demonstration", shared / "browser-demonstration.done"
    try:
        folder.mkdir()
    except FileExistsError:
        until = time.monotonic() + 400
        while not done.exists() and time.monotonic() < until:
            time.sleep(0.1)
    else:
        play(folder)
        done.touch()
    return folder


@pytest.fixture(scope="session")
def worker():
    """The name of the parallel worker; empty where there is only one."""
    return os.environ.get("PYTEST_XDIST_WORKER", "")


@pytest.fixture(scope="session")
def site(chromium, story, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "data"
    shutil.copytree(story, folder)
    with served(folder) as site:
        yield site


@pytest.fixture(scope="session")
def places(site):
    """Every page, with the first role that is shown it."""
    return owned(site)


@pytest.fixture(scope="session")
def shots():
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS
