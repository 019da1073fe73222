"""Servers as they are shipped, on loopback, and the CPU that one answer of theirs costs."""

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
    """What every measure is given: the bare "hello" to compare with, and a folder for files."""

    hello: Server
    folder: Path


class Connection:
    """One connection to a server on loopback, kept open."""

    def __init__(self, server: Server) -> None:
        self.host = server.url.removeprefix("http://")
        host, port = self.host.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str, etag: str = "") -> HTTPResponse:
        """Return the answer, read to its end."""
        condition = f"If-None-Match: {etag}\r\n" if etag else ""
        return self.send(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n{condition}\r\n".encode())[0]

    def post(self, path: str, body: bytes, key: str) -> tuple[int, bytes]:
        """Return status and body of the answer to this JSON, under an idempotency key."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        response, answer = self.send(head.encode() + body)
        return response.status, answer

    def send(self, request: bytes) -> tuple[HTTPResponse, bytes]:
        """Return the answer to these bytes, and its body."""
        self.socket.sendall(request)
        response = HTTPResponse(self.socket)
        response.begin()
        return response, response.read()

    def close(self) -> None:
        """End the connection."""
        self.socket.close()


@dataclass(frozen=True, slots=True)
class Asked:
    """A GET, conditional with an `etag`, and how often it is asked in a round."""

    path: str
    etag: str = ""
    times: int = TIMES

    def of(self, connection: Connection) -> None:
        """Ask once; raise RuntimeError for an answer that is none."""
        status = connection.get(self.path, self.etag).status
        if status != (304 if self.etag else 200):
            raise RuntimeError(f"{self.path} answered {status}")


@contextmanager
def served(
    env: Mapping[str, str], log: Path, application: str = "app:create_app()"
) -> Iterator[Server]:
    """Run an application under gunicorn as it is shipped: one worker, eight threads."""
    server = processes.serve(env, log, application=application)
    try:
        yield server
    finally:
        processes.stop(server.process)


@contextmanager
def product(url: str, folder: Path) -> Iterator[Server]:
    """Run the product on the database at `url`, without its background jobs."""
    env = {
        "CONVENOR_DATABASE_URL": url,
        "CONVENOR_SECRET_KEY": SECRET_KEY,
        "CONVENOR_WORKER": "off",
        "CONVENOR_RATE_LIMITS": "off",
    }
    with served(env, folder / "convenor.log") as server:
        yield server


def cpu_ms(process: int) -> float:
    """Return the CPU that a process and its descendants have used, by the scheduler's counter."""
    used = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        used += int((task / "schedstat").read_text().split()[0])
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return used / 1e6 + sum(cpu_ms(int(child)) for child in children)


def descendants(process: int) -> list[int]:
    """Return the processes that this one has started, and theirs."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [each for child in children for each in (int(child), *descendants(int(child)))]


def cost(server: Server, ask: Callable[[], object], times: int = TIMES) -> float:
    """Return the milliseconds of CPU that one answer costs the server."""
    ask()
    before = cpu_ms(server.process.pid)
    for _ in range(times):
        ask()
    return (cpu_ms(server.process.pid) - before) / times


def beside_hello(bench: Bench, server: Server, *asked: Asked) -> tuple[float, ...]:
    """Return the cost of "hello" and of each question, in milliseconds: medians of rounds."""
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
