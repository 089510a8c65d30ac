"""Forked processes do what ``python FILE`` and ``python -c CODE`` do, and begin with the imports done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import forked
import pytest
from forked import start

pytestmark = pytest.mark.slow

SLEEPS = "import time; print('here', flush=True); time.sleep(60)"


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def ended(process: subprocess.Popen[str], given: str = "") -> tuple[int, str, str]:
    out, err = process.communicate(given, timeout=30)
    return process.returncode, out, err


def interpreted(*command: str) -> tuple[int, str, str]:
    """Say how a started interpreter ends, and what it says. ``PYTHON…`` variables would change its streams."""
    told = subprocess.run((sys.executable, "-E", *command), capture_output=True, text=True, check=False, timeout=30)
    return told.returncode, told.stdout, told.stderr


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[str]]:
    """Have a process that sleeps."""
    with start(SLEEPS) as process:
        assert first_line(process) == "here\n"
        yield process
        process.kill()


@pytest.mark.parametrize(
    "code",
    [
        "print('ä', end='')",
        "raise SystemExit",
        "import sys; print('unflushed', end=''); sys.exit(7)",
        "import sys; sys.exit('no more')",
        "import os; print('lost'); os._exit(9)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "print('unflushed', end=''); raise KeyboardInterrupt",
        "import threading; threading.Timer(0.05, print, ('late',)).start()",
        "import sys; sys.stderr.write('to one'); print('to the other')",
        "def fails():\n    return 1 / 0\n\nfails()",
        "no python",
        "import sys; print(__name__, sys.argv, globals().get('__file__'), sys.path[0])",
        "import signal; print(*(signal.getsignal(one) for one in sorted(signal.valid_signals() - {signal.SIGINT})))",
    ],
)
def test_it_runs_and_ends_as_under_an_interpreter_of_its_own(tmp_path: Path, code: str) -> None:
    file = tmp_path / "program.py"
    file.write_text(code, encoding="utf-8")
    assert ended(start(code, "one", "two")) == interpreted("-c", code, "one", "two")
    assert ended(start(file, "one")) == interpreted(str(file), "one")


def test_it_has_the_environment_and_the_folder_of_now_or_those_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows = "import os; print(os.environ.get('FLEET_MODEL'), os.environ.get('HOME'), os.getcwd(), flush=True)"
    for home in ("here", "there"):
        monkeypatch.setenv("HOME", home)
        assert ended(start(shows)) == (0, f"None {home} {Path.cwd()}\n", "")
    told = start(f"{shows}; os.system('echo $FLEET_MODEL')", environment={"FLEET_MODEL": "none"}, folder=tmp_path)
    assert ended(told) == (0, f"none None {tmp_path}\nnone\n", "")


def test_it_is_talked_with() -> None:
    process = start("print(input(), flush=True); import sys; print(sys.stdin.read().upper())")
    assert process.stdin is not None
    process.stdin.write("one\n")
    process.stdin.flush()
    assert first_line(process) == "one\n"
    assert ended(process, "two") == (0, "TWO\n", "")
    assert process.communicate() == ("TWO\n", ""), "what was read is told again"


def test_much_is_read_from_both_its_streams() -> None:
    code, out, err = ended(start("import sys; sys.stderr.write('e' * 300_000); print('o' * 300_000)"))
    assert (code, len(out), len(err)) == (0, 300_001, 300_000)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_ends_it(sleeper: subprocess.Popen[str], number: signal.Signals) -> None:
    assert sleeper.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        sleeper.wait(timeout=0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        sleeper.communicate(timeout=0.01)
    sleeper.send_signal(number)
    assert sleeper.communicate(timeout=30) == ("", "")
    assert sleeper.wait(timeout=30) == sleeper.poll() == sleeper.returncode == -number
    sleeper.send_signal(number)


def test_an_interrupt_ends_it_with_a_traceback(sleeper: subprocess.Popen[str]) -> None:
    sleeper.send_signal(signal.SIGINT)
    _, told = sleeper.communicate(timeout=30)
    assert sleeper.returncode == -signal.SIGINT
    assert told.endswith("\nKeyboardInterrupt\n")


def test_it_is_stopped_and_goes_on() -> None:
    with start("print('here', flush=True); print(input().upper(), flush=True)") as process:
        first_line(process)
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate("on\n", timeout=0.2)
        process.send_signal(signal.SIGCONT)
        assert ended(process) == (0, "ON\n", "")


def test_two_share_nothing() -> None:
    code = """
import os, random, fleet_runtime, threading
print(os.getpid(), random.random(), os.environ.pop('FLEET_EMBEDDINGS'), flush=True)
print(hasattr(fleet_runtime, 'marked'), threading.active_count(), flush=True)
fleet_runtime.marked = True
input()
"""
    processes = [start(code) for _ in range(2)]
    (pid, number, *first), (other_pid, other_number, *second) = (first_line(process).split() for process in processes)
    assert first == second == ["none"]
    assert [int(pid), int(other_pid)] == [process.pid for process in processes]
    assert pid != other_pid
    assert number != other_number
    assert [ended(process, "\n")[:2] for process in processes] == [(0, "False 1\n")] * 2


def test_it_begins_with_the_runtime_imported_and_nothing_of_the_tests() -> None:
    code, out, _ = ended(start("import sys; print(*sys.modules)"))
    assert code == 0
    assert set(out.split()) >= {"rehearsed", "fleet_runtime.serving", "dbos", "openai"}
    assert not set(out.split()) & {"pytest", "hypothesis", "xdist", "guesthouse"}


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_it_is_forked_from_a_process_with_one_thread_and_no_file_open() -> None:
    code = """
import os
from pathlib import Path
server = Path("/proc", str(os.getppid()))
print(len(list((server / "task").iterdir())))
print(*(file.readlink() for file in (server / "fd").iterdir() if int(file.name) > 2))
"""
    ending, out, err = ended(start(code))
    threads, *files = out.split()
    assert (ending, threads, err) == (0, "1", "")
    assert {file.partition(":")[0] for file in files} == {"pipe", "socket", "anon_inode", "/dev/null"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the server ends")
@pytest.mark.parametrize("how", ["killed", "ended"])
def test_nothing_is_left_when_who_started_it_is_gone(tmp_path: Path, how: str) -> None:
    """The server holds the starter's standard error; the process, which is stopped, holds the pipe."""
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    code = f"""
import sys
sys.path.insert(0, {str(Path(forked.__file__).parent)!r})
import forked
forked._context.set_forkserver_preload([])
forked.start("import os, signal; held = open({str(alive)!r}, 'w'); os.kill(os.getpid(), signal.SIGSTOP)")
sys.stdin.read()
"""
    with subprocess.Popen((sys.executable, "-c", code), stdin=subprocess.PIPE, stderr=subprocess.PIPE) as starter:
        with alive.open(encoding="utf-8") as held:
            if how == "killed":
                starter.kill()
            _, err = starter.communicate(timeout=30)
            assert held.read() == ""
        assert err == b""
