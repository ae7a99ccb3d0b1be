"""A PostgreSQL server of the tests' own: a new cluster, reached by a socket, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support import tools

UNPRIVILEGED = "nobody"
SECONDS_TO_START = 30


class PostgresUnavailable(Exception):
    """The machine has no server to start; the message says what to install."""


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server, yield the URL of its maintenance database, and remove everything after.

    Durability stays as it is delivered (on), because the platform refuses to start otherwise; the
    cluster lies in memory where there is room, so that this costs nothing.
    """
    binaries = tools.postgresql_binaries()
    if binaries is None:
        raise PostgresUnavailable(tools.WITHOUT_POSTGRESQL)
    with scratch_folder(256) as folder:
        as_user = _as_unprivileged_user(folder)
        cluster = folder / "cluster"
        _make_cluster(
            [
                *as_user,
                str(binaries / "initdb"),
                f"--pgdata={cluster}",
                "--username=tests",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            folder,
        )
        with (folder / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *as_user,
                    str(binaries / "postgres"),
                    "-D",
                    str(cluster),
                    "--listen_addresses=",
                    f"--unix_socket_directories={folder}",
                    "--max_connections=50",
                ],
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        try:
            _wait_until_ready(server, folder)
            yield f"postgresql+psycopg://tests@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown: waits for no client
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextmanager
def scratch_folder(mebibytes: int) -> Iterator[Path]:
    """A temporary folder, in memory where that has room for so much."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private folder in it
    has_room = memory.is_dir() and os.access(memory, os.W_OK)
    if has_room:
        has_room = shutil.disk_usage(memory).free > mebibytes * 4 * 1024 * 1024
    folder = Path(tempfile.mkdtemp(prefix="commissioning-", dir=memory if has_room else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_unprivileged_user(folder: Path) -> list[str]:
    """How to run the server's programs: they refuse root, so root steps down for them alone.

    The signal ends the server with the tests, even when these are killed.
    """
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0:
        return [setpriv, "--pdeathsig", "INT"] if setpriv else []
    if setpriv is None:
        raise PostgresUnavailable(
            "the tests run as root, and setpriv (of util-linux) is missing to start the server as "
            "another user"
        )
    user = pwd.getpwnam(UNPRIVILEGED)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [
        setpriv,
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        "--pdeathsig",
        "INT",
    ]


def _make_cluster(command: list[str], folder: Path) -> None:
    outcome = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise RuntimeError(f"initdb failed: {outcome.stderr.strip()}")


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    give_up_at = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            psycopg.connect(host=str(folder), user="tests", dbname="postgres").close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > give_up_at:
                log = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"the server did not start: {log[-2000:]}") from error
            time.sleep(0.02)
        else:
            return
