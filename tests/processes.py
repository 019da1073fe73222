"""Real processes for tests, which end with the test session."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """A web process on loopback: its address, its process and its log."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def start(
    command: Sequence[str], log: Path, env: Mapping[str, str] | None = None, user: str | None = None
) -> subprocess.Popen[bytes]:
    """Start `command` in the project's root, writing to `log`.

    The kernel ends it if the test process dies without a word (where setpriv exists). `env` is
    added to this process's environment.
    """
    leash: list[str] = []
    if shutil.which("setpriv"):
        leash = ["setpriv", "--pdeathsig", "TERM"]
        if user:
            leash += ["--reuid", user, "--regid", user, "--init-groups"]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*leash, *command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def stop(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM) -> int:
    """Send `process` the signal, kill it after 15 s; return its exit status."""
    if process.poll() is None:
        process.send_signal(by)
    try:
        return process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def serve(
    env: Mapping[str, str], log: Path, *, workers: int = 1, application: str = "app:create_app()"
) -> Server:
    """Start gunicorn on a free loopback port and wait until it answers; `env` decides the rest."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(workers), "--log-level", "warning", application]
    process = start(command, log, {"CONVENOR_BASE_URL": url, **env})
    deadline = time.monotonic() + 60
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(process)
            raise RuntimeError(f"the server did not start:\n{log.read_text()}")
        time.sleep(0.05)
    return Server(url, process, log)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
