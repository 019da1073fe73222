"""Servers in their production configuration on loopback, and the CPU cost of a response."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPResponse
from pathlib import Path
from statistics import median

from tests import processes
from tests.processes import Server

SECRET_KEY = "a-secret-for-benchmarks-and-nothing-else"
ROUNDS = 7
TIMES = 300


@dataclass(frozen=True, slots=True)
class Bench:
    """The input of every measure: the bare "hello" as the baseline, and a folder for files."""

    hello: Server
    folder: Path


class Connection:
    """A persistent connection to a server on loopback."""

    def __init__(self, server: Server) -> None:
        self.host = server.url.removeprefix("http://")
        host, port = self.host.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str, etag: str = "") -> HTTPResponse:
        """Return the complete response."""
        condition = f"If-None-Match: {etag}\r\n" if etag else ""
        return self.send(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n{condition}\r\n".encode())[0]

    def post(self, path: str, body: bytes, key: str) -> tuple[int, bytes]:
        """Post JSON with an idempotency key; return status and body of the response."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        response, answer = self.send(head.encode() + body)
        return response.status, answer

    def send(self, request: bytes) -> tuple[HTTPResponse, bytes]:
        """Send a request; return the response and its body."""
        self.socket.sendall(request)
        response = HTTPResponse(self.socket)
        response.begin()
        return response, response.read()

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()


@dataclass(frozen=True, slots=True)
class Asked:
    """A GET, conditional if it has an `etag`, and how often it is sent in a round."""

    path: str
    etag: str = ""
    times: int = TIMES

    def of(self, connection: Connection) -> None:
        """Send it once; raise RuntimeError for an unexpected status."""
        status = connection.get(self.path, self.etag).status
        if status != (304 if self.etag else 200):
            raise RuntimeError(f"{self.path} answered {status}")


@contextmanager
def served(
    env: Mapping[str, str], log: Path, application: str = "app:create_app()"
) -> Iterator[Server]:
    """Run an application under gunicorn as in production: one worker, eight threads."""
    server = processes.serve(env, log, application=application)
    try:
        yield server
    finally:
        processes.stop(server.process)


@contextmanager
def product(url: str, folder: Path) -> Iterator[Server]:
    """Run the app on the database at `url`, without background jobs."""
    env = {
        "CONVENOR_DATABASE_URL": url,
        "CONVENOR_SECRET_KEY": SECRET_KEY,
        "CONVENOR_WORKER": "off",
        "CONVENOR_RATE_LIMITS": "off",
    }
    with served(env, folder / "convenor.log") as server:
        yield server


def cpu_ms(process: int) -> float:
    """Return the CPU time of a process and its descendants from the kernel's scheduler."""
    used = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        used += int((task / "schedstat").read_text().split()[0])
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return used / 1e6 + sum(cpu_ms(int(child)) for child in children)


def descendants(process: int) -> list[int]:
    """Return the child processes of a process and their descendants."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [each for child in children for each in (int(child), *descendants(int(child)))]


def cost(server: Server, ask: Callable[[], object], times: int = TIMES) -> float:
    """Return the milliseconds of CPU that the server needs for one response."""
    ask()
    before = cpu_ms(server.process.pid)
    for _ in range(times):
        ask()
    return (cpu_ms(server.process.pid) - before) / times


def costs_with_hello(bench: Bench, server: Server, *asked: Asked) -> tuple[float, ...]:
    """Return the cost of "hello" and of each request in milliseconds, as medians of the rounds."""
    plain, connection = Connection(bench.hello), Connection(server)
    rounds = [
        (
            cost(bench.hello, partial(Asked("/").of, plain)),
            *(cost(server, partial(each.of, connection), each.times) for each in asked),
        )
        for _ in range(ROUNDS)
    ]
    plain.close()
    connection.close()
    return tuple(median(costs) for costs in zip(*rounds, strict=True))
