"""A page as text: what stands in its main part, line by line, as somebody reads it aloud."""

from lxml import html

BLOCKS = (
    "h1",
    "h2",
    "h3",
    "h4",
    "p",
    "li",
    "tr",
    "caption",
    "legend",
    "label",
    "summary",
    "button",
    "blockquote",
)
UNSEEN = ("svg", "script", "style", "option", "template")
MARKS = {"h1": "# ", "h2": "## ", "h3": "### ", "h4": "#### ", "li": "- ", "button": "[", "summary": "> "}


def page_text(content):
    """The main part of a page. Pictures are left out: their data stands in the text beside them."""
    tree = html.fromstring(content)
    (main,) = tree.cssselect("main")
    for gone in main.cssselect(", ".join(UNSEEN)):
        gone.drop_tree()
    return "\n".join(
        filter(None, (_line(block) for block in main.iter(*BLOCKS, "dt", "dd") if _is_leaf(block)))
    )


def menu(content):
    """The ways the page offers, by name."""
    return [link.text_content().strip() for link in html.fromstring(content).cssselect("header nav a")]


def _is_leaf(block):
    """A block that is no part of another that is told already; a row of a table is told whole."""
    within = [
        a.tag for a in block.iterancestors() if a.tag in ("tr", "li", "button", "summary", "blockquote")
    ]
    return not within


def _line(block):
    if block.tag == "tr":
        return " | ".join(_said(cell) for cell in block.iterchildren("th", "td"))
    said = _said(block)
    if not said:
        return ""
    return f"{MARKS.get(block.tag, '')}{said}{']' if block.tag == 'button' else ''}"


def _said(element):
    return " ".join(" ".join(element.itertext()).split())
