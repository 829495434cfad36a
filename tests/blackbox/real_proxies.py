"""real_proxies.py - nginx and HAProxy of the system, with the very files of docs/deploy/: only paths, ports and the
certificate's place are filled in."""
import os
import pathlib
import random
import socket
import ssl
import subprocess

from servers import Place
from timing import seconds, wait_until

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "docs/deploy"
NAME = "class.example"


def is_free(port):
    """Can a server listen there, on all addresses?"""
    try:
        socket.create_server(("", port)).close()
    except OSError:
        return False
    return True


def free_ports(count):
    """So many ports that are free now. The kernel gives none of them to a client: it takes theirs from above 32767."""
    return random.sample([port for port in random.sample(range(12000, 32000), 10 * count) if is_free(port)], count)


def make_certificate(directory):
    """For NAME, signed by itself: (certificate, key, both in one)."""
    certificate, secret, bundle = directory / "cert.pem", directory / "key.pem", directory / "bundle.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", secret, "-out", certificate],
                   check=True, capture_output=True, timeout=seconds(20))
    bundle.write_bytes(certificate.read_bytes() + secret.read_bytes())
    return certificate, secret, bundle


def filled_in(name, replacements, directory):
    """The file of docs/deploy/ with these words in place of those; each must be in it."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text, f"{name} has no {old!r}"
        text = text.replace(old, str(new))
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


class Entrance(Place):
    """A port of a proxy, for Peer and its like; with TLS if there is a certificate."""

    def __init__(self, port, certificate=None, host="127.0.0.1"):
        super().__init__((host, port), port)
        if certificate:
            context = ssl.create_default_context(cafile=certificate)
            self.wrap = lambda plain: context.wrap_socket(plain, server_hostname=NAME)

    @property
    def fields(self):
        """What a browser says of where it is, for upgrade()."""
        scheme = "https" if hasattr(self, "wrap") else "http"
        return {"Host": f"{NAME}:{self.port}", "Origin": f"{scheme}://{NAME}:{self.port}"}


class Proxy:
    """A program in the foreground: `with Proxy(command, port, ...)`."""

    def __init__(self, command, ports, directory):
        self.command, self.ports, self.log = [str(word) for word in command], ports, directory / "proxy.log"

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(self._listens, f"{self.command[0]} listens: {self.log.read_text()}")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind, error, trace):
        if kind:
            print(self.log.read_text())
        self._end()

    def _listens(self):
        assert self.process.poll() is None, self.log.read_text()
        for port in self.ports:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)):
                    return False
        return True

    def _end(self):
        self.process.terminate()
        try:
            self.process.wait(seconds(5))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def nginx(directory, path, certificate, secret):
    """(proxy, port of HTTP, port of HTTPS) for ws_demo on this Unix socket."""
    plain, tls = free_ports(2)
    work = directory / "nginx"
    work.mkdir()
    own = "".join(f"    {name}_temp_path {work}/{name};\n" for name in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # of the test's user
    config = filled_in("nginx.conf", [
        ("/run/nginx-ws_demo.pid", work / "pid"), ("/run/ws_demo/socket", path), ("http {\n", "http {\n" + own),
        ("listen 80;", f"listen {plain};"), ("listen [::]:80;", f"listen [::]:{plain};"),
        ("listen 443 ssl;", f"listen {tls} ssl;"), ("listen [::]:443 ssl;", f"listen [::]:{tls} ssl;"),
        ("https://$host$", f"https://$host:{tls}$"),
        ("/etc/ssl/class.example.pem", certificate), ("/etc/ssl/class.example.key", secret)], work)
    user = " user root;" if os.geteuid() == 0 else ""
    return Proxy(["nginx", "-c", config, "-p", work, "-e", "stderr", "-g", f"daemon off;{user}"], [plain, tls], directory), plain, tls


def haproxy(directory, ports, bundle, entrances, more=()):
    """(proxy, port of HTTP) for ws_demo on these two ports; with these entrances for HTTPS and for bytes."""
    [plain], (tls, raw) = free_ports(1), entrances
    config = filled_in("haproxy.cfg", [
        ("bind :::80 ", f"bind :::{plain} "), ("bind :::443 ", f"bind :::{tls} "), ("bind :::8443 ", f"bind :::{raw} "),
        ("/etc/ssl/class.example.bundle.pem", bundle), ("127.0.0.1:8080 ", f"127.0.0.1:{ports[0]} "),
        ("127.0.0.1:8081 ", f"127.0.0.1:{ports[1]} "), ("inter 2s", "inter 100ms"), *more], directory)
    return Proxy(["haproxy", "-db", "-f", config], [plain, tls, raw], directory), plain
