"""Replays of the demonstration by its own command, each once for all workers of a test run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.source import ROOT

LONGEST_SECONDS = 600


@dataclass(frozen=True)
class Replay:
    """A folder in which the demonstration was replayed, and what the command said."""

    folder: Path
    said: str
    returncode: int

    @property
    def data(self) -> Path:
        """Where the demonstration keeps everything that it writes."""
        return self.folder / "demo"

    @property
    def database(self) -> Path:
        return self.data / "commissioning.sqlite3"

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `commissioning` on this folder."""
        return commissioning(self.folder, *arguments)


def commissioning(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the `commissioning` command with a data folder of its own and nothing else set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "commissioning.cli", *arguments],
        cwd=ROOT,
        env={**kept, "COMMISSIONING_DATA": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )


class Replays:
    """Replays below a folder that every worker of the run can see."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def of(self, name: str, arguments: Sequence[str]) -> Replay:
        """The replay of a name: whoever asks first makes it, the others wait for it."""
        folder, done = self._folder / name, self._folder / f"{name}.done"
        try:
            (self._folder / f"{name}.lock").touch(exist_ok=False)
        except FileExistsError:
            return _awaited(folder, done)
        folder.mkdir()
        ended = commissioning(folder, "demo", "--no-serve", *arguments)
        replay = Replay(folder, ended.stdout + ended.stderr, ended.returncode)
        aside = done.with_suffix(".part")
        aside.write_text(f"{replay.returncode}\n{replay.said}", encoding="utf-8")
        aside.rename(done)
        return replay


def _awaited(folder: Path, done: Path) -> Replay:
    until = time.monotonic() + LONGEST_SECONDS
    while not done.exists():
        if time.monotonic() > until:
            raise TimeoutError(f"Nobody finished the replay in {folder}.")
        time.sleep(0.2)
    returncode, _, said = done.read_text(encoding="utf-8").partition("\n")
    return Replay(folder, said, int(returncode))
