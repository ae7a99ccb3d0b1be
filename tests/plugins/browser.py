"""Fixtures for journeys: a real browser, and the site served to it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from waitress import wasyncore
from waitress.server import create_server

from tests.support import tools


def pytest_runtest_setup(item):
    if item.get_closest_marker("journey") and tools.chromium() is None:
        if tools.in_ci():
            pytest.fail(tools.WITHOUT_CHROMIUM)
        pytest.skip(tools.WITHOUT_CHROMIUM)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's Chromium, silent and without reach beyond this machine."""
    return {
        **browser_type_launch_args,
        "executable_path": tools.chromium(),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@dataclass(frozen=True)
class LiveServer:
    """Where the site is served."""

    url: str

    def address(self, path: str) -> str:
        return self.url + path


@pytest.fixture
def live_server(app):
    """The application on a free port, in a thread of its own."""
    from commissioning.cli.site import LARGEST_REQUEST_BYTES

    server = create_server(
        app,
        host="127.0.0.1",
        port=0,
        threads=4,
        clear_untrusted_proxy_headers=True,
        # as the site is served: what goes in or out lies in no temporary file
        inbuf_overflow=LARGEST_REQUEST_BYTES,
        outbuf_overflow=LARGEST_REQUEST_BYTES,
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield LiveServer(f"http://127.0.0.1:{server.effective_port}")
    server.task_dispatcher.shutdown()
    # In the server's own thread, and the connections that a browser keeps open as well.
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
    thread.join(5)
    assert not thread.is_alive()
