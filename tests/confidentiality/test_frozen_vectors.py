"""Envelope version 1, frozen: what was sealed once must open for ever, so these bytes never change."""

import hashlib
from uuid import UUID

import pytest

from hub.confidentiality.sealing import DataKey, seal, unseal
from tests.confidentiality.envelopes import salted

VECTORS = []


@pytest.mark.parametrize(("number", "envelope"), enumerate(VECTORS))
def test_version_one_is_for_ever(number, envelope):
    pass
