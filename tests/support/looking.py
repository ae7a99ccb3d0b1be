"""Pages looked at in a browser: a picture, every rule of axe, and never wider than the screen.

Set PAGE_PICTURES to a folder to have a picture of each page.
"""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe


def check(page, live_server, paths, *, name):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    for number, path in enumerate(paths):
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live_server.address(path))
            picture(page, f"{name}-{number}-{width}")
            found = Axe().run(page)
            assert found.violations_count == 0, (path, found.generate_report())
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (path, width, wide)
    assert complaints == []


def picture(page, name):
    folder = os.environ.get("PAGE_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def looked_at(page, name):
    """The page as it is now, at both widths: a picture, and every rule."""
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, f"{name}-{width}")
        found = Axe().run(page)
        assert found.violations_count == 0, (name, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
