"""The casebook: whole cases as a safeguarding lead would tell them; what each tells is approved as text."""

import pytest

from tests.journeys.casebook import CASES, Played

pytestmark = pytest.mark.slow
NAMES = sorted(folder.name for folder in CASES.iterdir() if (folder / "case.toml").is_file())


def test_there_are_twelve_cases_and_more():
    assert 12 <= len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_told_as_it_was_approved(name, tmp_path, golden):
    played = Played(name, tmp_path / "data")

    for file, text in played.texts.items():
        golden(f"cases/{name}/told/{file}", text)
    told = {file.name for file in (CASES / name / "told").iterdir()}
    assert told == set(played.texts), "a text that nothing tells any more"
