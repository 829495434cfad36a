"""memory.py - what an idle WebSocket connection costs each server, in bytes of its own memory."""
import contextlib
import json
import resource
import signal
import subprocess

import building
import environment
import process
from options import Parser, directory, one_of, whole
from terminal import Failure, say

PROGRAMS = {
    "bio": "bio/bio_server",
    "pseudo_async": "pseudo_async/pseudo_async_server",
    "nio": "nio/nio_server",
    "aio": "aio/aio_server",
    "aio_future": "aio/aio_future_server",
    "ws_demo": "ws_demo/ws_demo",
    "ws_demo_tls": "ws_demo/ws_demo",
}
OPTIONS = {"ws_demo": ["--echo"], "ws_demo_tls": ["--echo", "--self-signed"]}
CLIENT_OPTIONS = {"ws_demo_tls": ["--tls"]}
FEW = 1000
MANY = 15000
SPARE_DESCRIPTORS = 100  # a client needs one on either side, and a few are in use
HOLD_TIMEOUT_S = 180
STOP_TIMEOUT_S = 30
HANDSHAKE_MS = 60000  # nobody trickles here: on a busy machine thousands of handshakes at once take their time
CLIENTS_PER_S = 7500  # connect,
HANDSHAKES_PER_S = 500  # or this many with TLS
PORTS_PER_ADDRESS = 20000  # fewer than net.ipv4.ip_local_port_range has


class NotStarted(Exception):
    """The server has said why on stderr."""


def main(arguments):
    """The table, a row as soon as it is known. A server that does not start is a line, and the others go on."""
    parser = Parser()
    parser.add_argument("--clients", type=whole(2 * FEW, 99999), default=MANY)
    parser.add_argument("--build-dir", type=directory)
    parser.add_argument("models", nargs="*", type=one_of(*PROGRAMS))
    chosen = parser.parse_args(arguments)
    models = chosen.models or list(PROGRAMS)
    check_descriptors(chosen.clients)
    build = chosen.build_dir or building.programs()
    for program in ["loadgen/loadgen", *(PROGRAMS[model] for model in chosen.models)]:
        if not (build / program).exists():
            raise Failure(f"{build / program} is not built")
    say(f"{'model':14} {f'KiB at {FEW}':>12} {f'KiB at {chosen.clients}':>14} {'bytes per connection':>20}")
    for model in models:
        try:
            few, many = measure(build, model, chosen.clients)
        except NotStarted:
            say(f"{model} does not start here: see above")
            continue
        say(f"{model:14} {few:12,.0f} {many:14,.0f} {(many - few) * 1024 / (chosen.clients - FEW):20,.0f}")
    return 0


def check_descriptors(clients):
    """Before anything is built or started."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and clients > hard - SPARE_DESCRIPTORS:
        raise Failure(f"--clients {clients} needs {clients + SPARE_DESCRIPTORS} descriptors and the limit is {hard}: "
                      f"give at most {hard - SPARE_DESCRIPTORS}, or raise it (ulimit -Hn)")


def measure(build, model, clients):
    """The server's private memory in KiB with FEW connections, and with all."""
    with started(build, model, clients) as (server, port):
        return [hold(build, model, server.pid, port, count) for count in (FEW, clients)]


@contextlib.contextmanager
def started(build, model, clients):
    """A server, and its port; stopped at the end, which has to be a clean one."""
    options = {**OPTIONS, "pseudo_async": ["--workers", clients]}  # or clients wait in its queue
    command = [build / PROGRAMS[model], "--port", 0, "--protocol", "ws", "--handshake-ms", HANDSHAKE_MS,
               *options.get(model, [])]
    try:
        server = process.start(command, env=environment.made(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               text=True)
    except FileNotFoundError as error:
        say(f"{build / PROGRAMS[model]} is not built")
        raise NotStarted from error
    with server:
        try:
            port = server.stdout.readline().rpartition(":")[2].strip()
            if not port:
                raise NotStarted
            yield server, port
            server.send_signal(signal.SIGTERM)
            if server.wait(STOP_TIMEOUT_S):
                raise Failure(f"{model} ended with status {server.returncode}")
        except subprocess.TimeoutExpired:
            raise Failure(f"{model} does not end within {STOP_TIMEOUT_S} s of its SIGTERM") from None
        finally:
            server.kill()


def hold(build, model, server, port, count):
    """So many connections for a second, each with one message; returns the server's private memory in KiB."""
    rate = HANDSHAKES_PER_S if model in CLIENT_OPTIONS else CLIENTS_PER_S
    addresses = ",".join(f"127.0.0.{number + 1}" for number in range(1 + count // PORTS_PER_ADDRESS))
    command = [build / "loadgen/loadgen", "--protocol", "ws", "--port", port, "--clients", count, "--rate", 1,
               *CLIENT_OPTIONS.get(model, []), "--ramp", max(1, count / rate), "--warmup", 0, "--duration", 1, "--timeout", 30,
               "--server-pid", server, "--quiet", "--source-ips", addresses, "--json", "-"]
    with process.start(command, env=environment.made(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as loadgen:
        try:
            output, errors = loadgen.communicate(timeout=HOLD_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise Failure(f"{model} does not take {count} connections within {HOLD_TIMEOUT_S} s") from None
        finally:
            loadgen.kill()
    if loadgen.returncode:
        lines = errors.decode(errors="replace").strip().splitlines()
        raise Failure("\n    ".join([f"{model} could not hold {count} connections:", *lines[-10:]]))
    return json.loads(output)["memory"]["server_after_kib"]
