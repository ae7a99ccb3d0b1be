#!/usr/bin/env python3
"""Sets the platform up and starts it, or runs every check: with Python alone, in one command.

    python3 run.py demo [arguments of `commissioning demo`]
    python3 run.py test [-- arguments of pytest]

The first run makes `.venv` and installs the locked packages, each checked against its hash; later
runs start at once. Only the standard library is used, because nothing else is there yet.
"""

import contextlib
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# This stands before everything that an older Python would stumble over; the syntax of the rest is
# old enough to be read by all of them.
if sys.version_info < (3, 11):  # noqa: UP036 - the sentence is for those who start an older one
    sys.exit(
        "This needs Python 3.11 or newer, and {} is {}.{}. Install a newer one and start "
        "again with it, for example: python3.11 run.py demo".format(
            sys.executable, *sys.version_info[:2]
        )
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
ON_WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if ON_WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if ON_WINDOWS else "python")
ENTRY = BIN / ("commissioning.cmd" if ON_WINDOWS else "commissioning")
STAMP = VENV / "installed-lock.txt"
LOCKS = {"base": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}

USAGE = """\
usage: python3 run.py demo [--fresh] [--no-serve] [--stage NAME] ...
       python3 run.py test [-- arguments of pytest]

demo  sets up, builds a demonstration and serves it at http://127.0.0.1:5000
test  sets up and runs every check
"""
PYTEST_CLOSING_LINE = re.compile(
    r"(?:=+ )?(?:\d+ [a-z]+|no tests ran)(?:, \d+ [a-z]+)* in [\d.]+s.*"
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def main(arguments: list[str]) -> int:
    """Set up, then hand over to the demonstration or run the checks."""
    if not arguments or arguments[0] not in {"demo", "test"}:
        print(USAGE, end="")
        asked_for_help = bool(arguments) and arguments[0] in {"-h", "--help", "help"}
        return 0 if asked_for_help else 64
    command, rest = arguments[0], arguments[1:]
    if command == "test" and {"-h", "--help"} & set(rest[:1]):
        print(USAGE, end="")
        return 0
    with one_at_a_time():
        set_up("dev" if command == "test" else "base")
    if command == "demo":
        return hand_over([str(ENTRY), "demo", *rest])
    return run_checks(rest[1:] if rest[:1] == ["--"] else rest)


# Set-up -------------------------------------------------------------------------------------


def say(sentence: str) -> None:
    """Tell the person what is happening."""
    print(f"-- {sentence}", flush=True)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let two runs started together set up one after the other."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none, and needs none for one person
    except ImportError:
        yield
        return
    with Path(__file__).open(encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def set_up(kind: str) -> None:
    """Make `.venv` hold what a lock names, and an entry script that works from any folder.

    The development lock holds everything that the base lock does, so an environment that was made
    for the checks also serves the demonstration.
    """
    installed = STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else []
    if not venv_works():
        if VENV.exists():
            say("The environment in .venv no longer starts; making it again")
            shutil.rmtree(VENV)
        installed = []
        make_venv()
    if installed[:1] == ["dev"]:
        kind = "dev"
    wanted = [kind, digest(LOCKS[kind])]
    if installed != wanted:
        STAMP.unlink(missing_ok=True)
        install(LOCKS[kind])
        STAMP.write_text(" ".join(wanted) + "\n", encoding="utf-8")
    write_links()


def digest(lock: Path) -> str:
    """What a lock says, in 64 characters, and for which Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}".encode()
    return hashlib.sha256(version + lock.read_bytes()).hexdigest()


def venv_works() -> bool:
    """Whether `.venv` starts, and is of the Python that runs this."""
    if not PYTHON.exists():
        return False
    program = "import sys; print(*sys.version_info[:2])"
    answer = subprocess.run(
        [str(PYTHON), "-c", program], capture_output=True, text=True, check=False
    )
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def find_uv() -> str | None:
    """The uv program, where one is installed and starts."""
    uv = shutil.which("uv")
    if uv is None:
        return None
    try:
        works = subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return None
    return uv if works else None


def make_venv() -> None:
    """Make an empty `.venv`, without pip: most machines never need it there."""
    say("Making the environment .venv")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=False
    ).returncode
    if made != 0:
        sys.exit(
            "The environment could not be made. On Debian and Ubuntu, install the package "
            "python3-venv; then start again."
        )


def install(lock: Path) -> None:
    """Install exactly what a lock names: with uv where it is present, else with pip."""
    count = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    uv = find_uv()
    if uv is not None:
        say(f"Installing {count} packages of {lock.name} with uv (seconds, or a minute)")
        command = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON)]
        if subprocess.run([*command, str(lock)], cwd=ROOT, check=False).returncode == 0:
            return
        say("uv could not install them; trying pip")
    say(f"Installing {count} packages of {lock.name} with pip (a minute or two)")
    if not pip_works() and python("-m", "ensurepip", "--default-pip").returncode != 0:
        sys.exit(
            "pip is missing and could not be added to .venv. On Debian and Ubuntu, install the "
            "package python3-venv, or install uv; then start again."
        )
    options = [
        "--quiet",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
    ]
    outcome = subprocess.run(
        [str(PYTHON), "-m", "pip", "install", *options, "-r", str(lock)], cwd=ROOT, check=False
    )
    if outcome.returncode != 0:
        sys.exit(
            f"The packages of {lock.name} could not be installed; the lines above say why. Check "
            "the connection to your package index, then start again: what is there is kept."
        )


def pip_works() -> bool:
    """Whether `.venv` has pip already."""
    return python("-m", "pip", "--version").returncode == 0


def python(*arguments: str) -> subprocess.CompletedProcess:
    """Run the environment's Python quietly."""
    return subprocess.run([str(PYTHON), *arguments], capture_output=True, check=False)


def write_links() -> None:
    """Make the checkout importable from `.venv`, and write the `commissioning` command.

    This is what an editable install would do, without building or downloading anything.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = VENV / ("Lib" if ON_WINDOWS else f"lib/{version}") / "site-packages"
    write_if_new(packages / "commissioning-checkout.pth", f"{ROOT}\n")
    # -P keeps the folder that the command is called from out of the import path.
    program = (
        'import sys; sys.argv[0] = "commissioning"; '
        "from commissioning.cli import main; sys.exit(main())"
    )
    if ON_WINDOWS:
        write_if_new(ENTRY, f"@\"{PYTHON}\" -P -c '{program}' %*\r\n")
        return
    write_if_new(
        ENTRY,
        "#!/bin/sh\n# Written by run.py; runs the checkout that it belongs to.\n"
        f'exec {shlex.quote(str(PYTHON))} -P -c {shlex.quote(program)} "$@"\n',
    )
    ENTRY.chmod(0o755)


def write_if_new(path: Path, text: str) -> None:
    """Write a small file, unless it says the same already."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def hand_over(command: list[str]) -> int:
    """Become another program; on Windows, which cannot, run it and give its answer."""
    if ON_WINDOWS:
        return subprocess.run(command, check=False).returncode
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - our own entry script, no shell between
    return 70


# Checks -------------------------------------------------------------------------------------


def checks() -> list[tuple[str, list[str]]]:
    """Every check but the tests, in the order in which they run: the quick ones first."""
    return [
        ("ruff check", ["ruff", "check", "."]),
        ("ruff format", ["ruff", "format", "--check", "."]),
        ("mypy", ["mypy"]),
        ("lint-imports", ["lint-imports", "--no-cache", "--no-logo"]),
        ("deptry", ["deptry", ".", "--no-ansi"]),
        ("djlint", ["djlint", "templates", "--lint", "--quiet"]),
    ]


def run_checks(pytest_arguments: list[str]) -> int:
    """Run every check, also when an earlier one fails; 0 only when all pass.

    The last line printed is pytest's own closing line.
    """
    outcomes = []
    for name, command in checks():
        say(name)
        tool = BIN / command[0]
        passed = subprocess.run([str(tool), *command[1:]], cwd=ROOT, check=False).returncode == 0
        outcomes.append((name, "passed" if passed else "FAILED"))
    say("pytest")
    status, closing_line = run_pytest(pytest_arguments)
    outcomes.append(("pytest", "passed" if status == 0 else "FAILED"))
    return report(outcomes, closing_line)


def report(outcomes: list[tuple[str, str]], closing_line: str) -> int:
    """Print what came of each check and what was skipped for want of a tool; 0 when all is well.

    In continuous integration (`CI=true`) a tool that is missing is a failure.
    """
    missing = missing_tools()
    in_ci = os.environ.get("CI", "").lower() == "true"

    print("\n-- Summary")
    for name, outcome in outcomes:
        print(f"   {name:<14}{outcome}")
    for sentence in missing:
        print(f"   {'FAILED: ' if in_ci else ''}{sentence}")
    failed = any(outcome != "passed" for _, outcome in outcomes) or (in_ci and bool(missing))
    print("   Some checks failed." if failed else "   Every check passed.")
    print(closing_line, flush=True)
    return 1 if failed else 0


def run_pytest(arguments: list[str]) -> tuple[int, str]:
    """Run the tests, showing their output as it comes; return the status and the closing line."""
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    command = [str(PYTHON), "-m", "pytest", "-n", "2", *colour, *arguments]
    closing_line = "== pytest ended without a summary =="
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as running:
        unfinished = b""
        # Read whatever is there, so that the dots of running tests are seen one by one.
        for piece in iter(lambda: os.read(running.stdout.fileno(), 65536), b""):
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            *lines, unfinished = (unfinished + piece).split(b"\n")
            for line in lines:
                text = COLOUR.sub("", line.decode(errors="replace")).strip()
                if PYTEST_CLOSING_LINE.fullmatch(text):
                    closing_line = text
    return running.returncode, closing_line


def missing_tools() -> list[str]:
    """What the machine lacks for some tests, and how to install it."""
    sys.path.insert(0, str(ROOT))
    from tests.support import tools  # noqa: PLC0415 - part of the checkout, and only for tests

    sentences = []
    if tools.chromium() is None:
        sentences.append(f"Skipped the journeys in a real browser: {tools.WITHOUT_CHROMIUM}")
    if not tools.has_postgresql():
        sentences.append(f"Skipped the tests on PostgreSQL: {tools.WITHOUT_POSTGRESQL}")
    return sentences


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
