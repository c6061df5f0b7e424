"""The shipped policy with a version of its own, and cells of a role's row put elsewhere."""

import re

from hub.sharing.policy import Policy, load, read


def version(year: int, role: str = "", **tiers: str) -> Policy:
    """The policy of this year; of a role, scopes (`_` for `-`) are put to `reads`, `knows` or `nothing`."""
    text, agreements = load().texts
    row_of = rf"^(\[roles\.{role}.*?)(?=^\[)"
    head, row, rest = re.split(row_of, text.decode(), maxsplit=1, flags=re.MULTILINE | re.DOTALL)
    for scope, tier in tiers.items():
        name = f'"{scope.replace("_", "-")}"'
        assert name in row
        row = row.replace(f"{name}, ", "").replace(f", {name}", "")
        row, count = re.subn(rf"^({tier} *= \[)", rf"\1{name}, ", row, flags=re.MULTILINE)
        assert count
    said = (head + row + rest).replace('version  = "2026', f'version  = "{year}', 1)
    return read((said.replace(", ]", "]").encode(), agreements))
