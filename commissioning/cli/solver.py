"""The process that solves, seen from the one that keeps the row."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import subprocess
import threading
import time
from typing import IO, Any

from commissioning.cli.bounds import GRACE_SECONDS, OUT_OF_MEMORY, Bounds
from commissioning.infrastructure import workers


class Solver:
    """The process that solves: started with a task, watched, and ended when it is not wanted."""

    def __init__(self, task: dict[str, Any], bounds: Bounds) -> None:
        self._ends_at = time.monotonic() + bounds.seconds + GRACE_SECONDS
        self._bounds = bounds
        self._lines: queue.Queue[str] = queue.Queue()
        self.done = self.total = 0
        self.answer: dict[str, Any] | None = None
        self._process = subprocess.Popen(  # noqa: S603 - our own command, without arguments of others
            workers.command_line(["award-scenarios", "solve"]),
            env=workers.environment_with({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("A process without pipes cannot be given a task.")
        self._reader = threading.Thread(target=self._read, args=(stdout,), daemon=True)
        self._reader.start()
        with contextlib.suppress(BrokenPipeError), stdin:
            json.dump({**task, "seconds": bounds.seconds, "megabytes": bounds.megabytes}, stdin)

    def is_running_after(self, seconds: float) -> bool:
        """Look again after so many seconds, or sooner where it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        is_over = self._process.poll() is not None
        if is_over:
            self._reader.join(10)
        self._take_in()
        return not is_over

    @property
    def process_id(self) -> int:
        """The process, as the system knows it."""
        return self._process.pid

    @property
    def is_overdue(self) -> bool:
        """Whether it had all the time that it may have, and more."""
        return time.monotonic() > self._ends_at

    def end(self) -> None:
        """End it, at once; nothing is lost, since only an answer that is kept counts."""
        self._process.kill()
        self._process.wait()
        self._reader.join(10)

    def why_not(self) -> str:
        """Why there is no answer, as a sentence for people."""
        code = self._process.returncode
        stands = "What was solved before stands."
        if code == OUT_OF_MEMORY or code in {-signal.SIGABRT, -signal.SIGSEGV}:
            return (
                f"It needed more memory than the {self._bounds.megabytes:,} megabytes that it may "
                f"have. {stands}"
            )
        if self.is_overdue or code == -signal.SIGXCPU:
            return f"It took longer than the {self._bounds.seconds:g} seconds it may take. {stands}"
        if code is not None and code < 0:
            return f"The process that solved it was ended from outside. {stands} Start it again."
        return f"The process that solved it failed. {stands} Tell whoever runs the service."

    def _read(self, stdout: IO[str]) -> None:
        with stdout:
            for line in stdout:
                self._lines.put(line)

    def _take_in(self) -> None:
        while True:
            try:
                line = json.loads(self._lines.get_nowait())
            except queue.Empty:
                return
            except ValueError:
                continue  # half a line of a process that was ended
            self.answer = line.get("answer", self.answer)
            self.done = line.get("done", self.done)
            self.total = line.get("total", self.total)
