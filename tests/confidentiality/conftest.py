import pytest

from tests.confidentiality.rings import Site


@pytest.fixture
def site(tmp_path, any_store):
    """Keys on either store."""
    site = Site(tmp_path, any_store)
    yield site
    site.close()


@pytest.fixture
def file_site(tmp_path):
    """Keys in files, for tests that look into them."""
    site = Site(tmp_path)
    yield site
    site.close()
