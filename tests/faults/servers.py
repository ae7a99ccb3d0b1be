"""A database and a web server that can be killed, and come back."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psycopg

from commissioning.kernel.clock import SystemClock
from tests.support import postgresql, tools
from tests.support.source import ROOT

SECONDS_TO_START = 60


def processes(parent: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    with suppress(FileNotFoundError):
        return [parent, *(int(one) for one in children.read_text(encoding="ascii").split())]
    return []


def cpu_seconds(parent: int | None) -> float:
    """The CPU seconds of a process, of its children, and of those children that have ended."""
    ticks = 0
    for pid in [] if parent is None else processes(parent):
        with suppress(FileNotFoundError):
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
            fields = stat.rsplit(")", 1)[1].split()[11:15]
            ticks += sum(int(one) for one in (fields if pid == parent else fields[:2]))
    return ticks / os.sysconf("SC_CLK_TCK")


def bound_files(parent: int, largest: int | None, as_user: Sequence[str] = ()) -> None:
    """No file of a process and its children may grow beyond so many bytes: as on a full disk.

    Children that it starts later are bound as well; None lifts the bound. `as_user` is how to
    step down to the user whose processes they are: another's may not be bound, not even by root.
    """
    _bound([parent], largest, as_user)
    _bound(processes(parent)[1:], largest, as_user)  # asked now: none was started before the parent


def _bound(pids: list[int], largest: int | None, as_user: Sequence[str]) -> None:
    soft = "unlimited" if largest is None else str(largest)
    for pid in pids:
        subprocess.run(
            [*as_user, "prlimit", f"--pid={pid}", f"--fsize={soft}:"],
            check=False,  # a process may be gone by now
            stderr=subprocess.DEVNULL,
        )


class Postgresql:
    """A cluster whose server is killed with SIGKILL and started again on the same files."""

    def __init__(self, folder: Path) -> None:
        binaries = tools.postgresql_binaries()
        if binaries is None:
            raise postgresql.PostgresUnavailable(tools.WITHOUT_POSTGRESQL)
        self._folder, self._binaries = folder, binaries
        self._as_user = postgresql._as_unprivileged_user(folder)
        self.kills = 0
        postgresql._make_cluster(
            [
                *self._as_user,
                str(binaries / "initdb"),
                f"--pgdata={folder / 'cluster'}",
                "--username=tests",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ],
            folder,
        )
        self._start()
        self.url = f"postgresql+psycopg://tests@/postgres?host={folder}"

    @property
    def pid(self) -> int:
        return self._server.pid

    def _start(self) -> None:
        log = (self._folder / "server.log").open("ab")
        self._server = subprocess.Popen(
            [
                *self._as_user,
                str(self._binaries / "postgres"),
                "-D",
                str(self._folder / "cluster"),
                "--listen_addresses=",
                f"--unix_socket_directories={self._folder}",
                "--max_connections=60",
            ],
            cwd=self._folder,
            stdout=log,
            stderr=log,
        )
        log.close()

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=str(self._folder), user="tests", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def wait(self) -> None:
        give_up_at = time.monotonic() + SECONDS_TO_START
        while not self._answers():
            if self._server.poll() is not None:  # the memory of the one before was not free yet
                time.sleep(0.2)
                self._start()
            if time.monotonic() > give_up_at:
                raise RuntimeError("the database did not come back")
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the server of all servers, without a word, and start it again at once."""
        self._server.kill()
        self._server.wait()
        self.kills += 1
        self._start()
        self.wait()

    def pause(self, seconds: float) -> None:
        """Slow, and not dead: every process of it stands still for a while."""
        everybody = processes(self._server.pid)
        for one in (signal.SIGSTOP, signal.SIGCONT):
            for pid in everybody:
                with suppress(ProcessLookupError):
                    os.kill(pid, one)
            if one is signal.SIGSTOP:
                time.sleep(seconds)

    def bound_files(self, largest: int | None) -> None:
        """Bound the server of all servers, and those that it has started."""
        bound_files(self._server.pid, largest, self._as_user)

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()


class Sqlite:
    """A file: it dies with nobody."""

    pid = None

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'faults.sqlite3'}"
        self.kills = 0

    def wait(self) -> None:
        """It is always there."""

    def bound_files(self, largest: int | None) -> None:
        """There is no process of its own: the site writes the file."""

    def pause(self, seconds: float) -> None:
        """Nothing of it runs by itself."""

    def stop(self) -> None:
        """There is nothing to stop."""


class Site:
    """The site behind gunicorn, whose workers are killed one by one."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        *,
        anchor: datetime,
        workers: int = 3,
        threads: int = 1,
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.started = SystemClock().now()
        environment = {
            **os.environ,
            "FAULTS_DATABASE": database_url,
            "FAULTS_FOLDER": str(folder / "var"),
            "FAULTS_ANCHOR": anchor.isoformat(),
            "FAULTS_STARTED": self.started.isoformat(),
        }
        self.kills = 0
        log = (folder / "site.log").open("ab")
        self._master = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "tests.faults.wsgi:app",
                "--config=python:tests.faults.forking",
                f"--bind=127.0.0.1:{self.port}",
                f"--workers={workers}",
                f"--threads={threads}",  # more than one: a request is read before it is worked on
                "--backlog=4096",
                "--timeout=60",
                "--log-level=error",
            ],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        log.close()
        self._wait()

    def _wait(self) -> None:
        give_up_at = time.monotonic() + SECONDS_TO_START
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
                if self.workers():
                    return
            if time.monotonic() > give_up_at or self._master.poll() is not None:
                raise RuntimeError("the site did not start")
            time.sleep(0.1)

    def bound_files(self, largest: int | None) -> None:
        """Bound the master and its workers."""
        bound_files(self._master.pid, largest)

    @property
    def pid(self) -> int:
        return self._master.pid

    def workers(self) -> list[int]:
        return processes(self._master.pid)[1:]

    def kill_a_worker(self, draw: random.Random) -> None:
        """Kill one worker with SIGKILL, whatever it does; its master starts another."""
        workers = self.workers()
        if workers:
            with suppress(ProcessLookupError):
                os.kill(draw.choice(workers), signal.SIGKILL)
                self.kills += 1

    def stop(self) -> None:
        self._master.terminate()
        try:
            self._master.wait(20)
        except subprocess.TimeoutExpired:
            self._master.kill()
            self._master.wait()
