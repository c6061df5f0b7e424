"""How a person walks through the pages: sign in, find, open; and what a page must be wherever they stand."""

from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
VIEWPORTS = {"phone": (390, 844), "laptop": (1366, 768), "zoomed": (320, 256)}
"""A telephone, a laptop, and the same laptop at 400 %."""
BY_SIZE = ["scrollable-region-focusable", "target-size"]
CONTRAST = "color-contrast"
BY_LAYOUT = [*BY_SIZE, CONTRAST, "link-in-text-block"]
"""The rules of axe that go by how a page is laid out and drawn: the others read what stands in it.

A telephone and a laptop at 400 % share the narrow half of the style sheet, its letters and its colours.
"""
RULES = {"phone": BY_LAYOUT, "laptop": None, "zoomed": BY_SIZE}
"""What is asked of axe at each size."""
PURPOSES = {
    "social-worker": "section-47",
    "mash-coordinator": "screening",
    "police-officer": "section-47",
    "school-lead": "section-17",
    "named-doctor": "section-47",
    "health-practitioner": "direct-care",
    "intelligence-officer": "section-47",
}
ONE_OF_EACH_LOOK = """() => {
  const seen = new Set();
  return [...document.querySelectorAll('body *')].filter((e) => {
    const says = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!(says || e.matches('input,select,textarea,button')) || !e.checkVisibility()) return false;
    const own = getComputedStyle(e);
    let look = [own.color, own.fontSize, own.fontWeight, own.opacity].join();
    for (let p = e; p; p = p.parentElement)
      look += `/${p.tagName}.${p.className}.${getComputedStyle(p).backgroundColor}`;
    return !seen.has(look) && seen.add(look);
  });
}"""
"""Of all that look alike, in boxes that look alike, the first: their contrast is the same.

To ask it of every cell of every row was a fifth of what all browser tests cost.
"""
CONTROLS = 'a[href],button,input,select,textarea,summary,[tabindex="0"]'
STOPS = 5
"""A field for a date has a stop for day, month, year and its calendar: so many times as many at most."""
AXE = Axe()


class Walk:
    """One person at one browser, who keeps note of everything the browser complains of."""

    def __init__(self, page, site):
        self.page, self.site, self.complaints = page, site, []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message):
        expected = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(message.text)

    def go(self, path):
        return self.page.goto(self.site.address + path.format(**self.site.places))

    def sign_in(self, role):
        self.go("/sign-in")
        with self.page.expect_navigation():  # a click comes back before the page it leads to is there
            self.page.locator(f'button[value="{role}"]').click()

    def open(self, name, purpose, to="chronology"):
        self.go(f"/children/{{{name}}}/why?to={to}")
        self.page.check(f'input[value="{purpose}"]')
        with self.page.expect_navigation():
            self.page.locator("main form button").click()

    def zoom(self, viewport):
        width, height = VIEWPORTS[viewport]
        self.page.set_viewport_size({"width": width, "height": height})

    def too_wide(self):
        """How far the page runs beyond its window, in CSS pixels."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

    def picture(self, path):
        self.page.screenshot(path=path, full_page=True)

    def unmarked(self):
        """What can take the focus and does not show that it has it, or cannot be reached by the keyboard."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('a,button,input,select,textarea,summary,[tabindex="0"]')]
              .filter((e) => e.checkVisibility() && e.type !== 'hidden')
              .filter((e) => { e.focus({focusVisible: true, preventScroll: true});
                const beside = e.nextElementSibling, s = getComputedStyle(e);
                const l = beside && getComputedStyle(beside, '::before');
                const marked = [s, l].some((w) => w && (w.outlineStyle !== 'none' || w.boxShadow !== 'none'));
                return document.activeElement !== e || e.tabIndex < 0 || !marked; })
              .map((e) => e.outerHTML.slice(0, 100))"""
        )

    def out_of_reach(self):
        """What the Tab key never comes to on its way once around the page, as a person presses it."""
        waiting = self.page.evaluate(
            """(controls) => {
              document.activeElement?.blur(); getSelection().removeAllRanges(); scrollTo(0, 0);
              const one = (e) => e.type === 'radio' ? e.name : e;  // the arrow keys go on within a group
              window.waiting = new Set([...document.querySelectorAll(controls)]
                .filter((e) => e.checkVisibility() && !e.disabled && e.type !== 'hidden').map(one));
              addEventListener('focusin', (event) => window.waiting.delete(one(event.target)));
              return window.waiting.size; }""",
            CONTROLS,
        )
        for _ in range(STOPS):
            for _ in range(waiting + 2):
                self.page.keyboard.press("Tab")
            if not self.page.evaluate("() => window.waiting.size"):
                return []
        return self.page.evaluate(
            "() => [...window.waiting].map((e) => e.outerHTML?.slice(0, 100) ?? `radios ${e}`)"
        )

    def furniture(self):
        """What stands on the page to read and use it by: its headings, and what each control is called.

        Without the times of day in it: a page drawn a minute later is the same page.
        """
        return self.page.evaluate(
            """(controls) => [...document.querySelectorAll(`h1,h2,h3,h4,${controls}`)]
              .filter((e) => e.checkVisibility() && e.type !== 'hidden')
              .map((e) => `${e.tagName} ${e.id || e.name || e.textContent.trim()}`)
              .map((said) => said.replace(/\\d\\d:\\d\\d/g, '').slice(0, 100))""",
            CONTROLS,
        )

    def needs_script(self):
        """What does nothing without script: a button outside any form, a link that leads nowhere."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('button,a')].filter((e) => e.checkVisibility())
              .filter((e) => e.tagName === 'BUTTON' ? !e.form || e.type !== 'submit'
                : !e.getAttribute('href') || e.getAttribute('href') === '#' || e.protocol === 'javascript:')
              .map((e) => e.outerHTML.slice(0, 100))"""
        )

    def violations(self, rules=None):
        """What axe finds; `rules`: by these alone. It is loaded once a page."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.axe_script)
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
        asked = {"runOnly": only, "rules": {CONTRAST: {"enabled": False}}, "resultTypes": ["violations"]}
        found = self.page.evaluate("(how) => axe.run(how).then((r) => r.violations)", asked)
        if rules is None or CONTRAST in rules:
            asked = {"runOnly": {"type": "rule", "values": [CONTRAST]}, "resultTypes": ["violations"]}
            found += self.page.evaluate(
                f"(how) => axe.run({{include: ({ONE_OF_EACH_LOOK})()}}, how).then((r) => r.violations)", asked
            )
        return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]

    def outline(self):
        """What a screen reader makes of the page: headings in order, landmarks, what has no name."""
        return self.page.evaluate(
            """() => ({
              headings: [...document.querySelectorAll('h1,h2,h3,h4')].filter((h) => h.checkVisibility())
                .map((h) => [Number(h.tagName[1]), h.textContent.trim()]),
              landmarks: ['header', 'main', 'footer'].map((name) => document.querySelectorAll(name).length),
              navs: [...document.querySelectorAll('nav')].map((nav) => nav.getAttribute('aria-label')),
              unnamed: [...document.querySelectorAll('a,button')].filter(
                (e) => !(e.getAttribute('aria-label') || e.textContent).trim()).map((e) => e.outerHTML),
              title: document.title,
              lang: document.documentElement.lang,
            })"""
        )


@contextmanager
def walking(browser, site, viewport="laptop", **how):
    """A person with a browser of their own."""
    width, height = VIEWPORTS[viewport]
    context = browser.new_context(viewport={"width": width, "height": height}, **how)
    context.set_default_timeout(15_000)
    try:
        yield Walk(context.new_page(), site)
    finally:
        context.close()
