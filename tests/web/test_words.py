"""The API says the guidance's words (L15; R8): in its description, and in every act it offers."""

import pytest

from tests.test_words import FORBIDDEN, LAW


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/v1/commands"])
def test_no_child_is_called_a_name_by_the_api(served, path):
    answer = served.program("social-worker").get(path)

    assert 200 == answer.status_code
    assert 1000 < len(answer.text)
    assert [] == FORBIDDEN.findall(LAW.sub("", answer.text))
