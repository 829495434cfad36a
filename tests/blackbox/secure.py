"""TLS for the clients of the tests: a socket that encrypts, and still can do what no well-behaved library would do."""
import pathlib
import socket
import ssl
import subprocess


def trusting(minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.MAXIMUM_SUPPORTED):
    """A client's context that takes any certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.minimum_version, made.maximum_version = minimum, maximum
    return made


TRUSTING = trusting()
RECORD = 16 * 1024


class Broken(ConnectionError):
    """The connection has ended by an error of TLS: an alert, FIN without close_notify, a wrong record."""


class Secure:
    """What Peer uses of a socket, through TLS. `piece`: bytes of TLS in each segment, if not all there are."""

    def __init__(self, plain, context=TRUSTING, piece=None, handshake=True):
        self.plain, self.piece = plain, piece
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing)
        self.unsent, self.owed, self.partial = b"", 0, None
        if handshake:
            self.handshake()

    def __getattr__(self, name):
        return getattr(self.plain, name)

    def handshake(self):
        """All of it."""
        self._until_done(self.tls.do_handshake)
        self.flush()

    def flush(self):
        """Sends what there is; BlockingIOError if not all of it can be."""
        self.unsent += self.outgoing.read()
        while self.unsent:
            self.unsent = self.unsent[self.plain.send(self.unsent[:self.piece]):]

    def send(self, data):
        """A record of it. 0 if the socket does not take all of that record: it is to be offered again."""
        self.owed = self.owed or self.tls.write(data[:RECORD])
        try:
            self.flush()
        except BlockingIOError:
            return 0
        count, self.owed = self.owed, 0
        return count

    def sendall(self, data):
        """In records of up to 16 KiB."""
        view = memoryview(data)
        while view:
            view = view[self.send(view):]

    def recv(self, count):
        """b"" only if the server has said by close_notify that this is the end; FIN without it is an error."""
        return self._until_done(lambda: self.tls.read(count))

    def _until_done(self, action):
        while True:
            try:
                return action()
            except ssl.SSLWantReadError:
                self.flush()
                self._receive_record()
            except ssl.SSLZeroReturnError:
                if action == self.tls.do_handshake:
                    raise Broken("the server has ended it in the handshake") from None
                return b""
            except ssl.SSLError as error:
                raise Broken(str(error)) from error

    def _receive_record(self):
        """And nothing behind it: poll() does not know what was taken out of the socket already."""
        self.partial = self.partial or bytearray()
        while len(self.partial) < 5 or len(self.partial) < 5 + int.from_bytes(self.partial[3:5], "big"):
            whole = 5 + int.from_bytes(self.partial[3:5], "big") if len(self.partial) >= 5 else 5
            if not (data := self.plain.recv(whole - len(self.partial))):
                self.incoming.write_eof()
                return
            self.partial += data
        self.incoming.write(self.partial)
        self.partial = None

    def goodbye(self):
        """close_notify, and no FIN."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush()

    def shutdown(self, how):
        """close_notify, and then FIN."""
        assert how == socket.SHUT_WR
        self.goodbye()
        self.plain.shutdown(how)


def openssl(*words, stdin="", status=0):
    """What the program says, stderr last."""
    done = subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, text=True, timeout=30, check=False)
    assert status is None or done.returncode == status, done.stderr
    return done.stdout + done.stderr


class Authority:
    """A certificate authority of our own, in a directory: it makes certificates with their chain."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.ca = self.directory / "ca.pem"
        self._request("ca", "/CN=the tests")
        openssl("req", "-x509", "-new", "-key", self._key("ca"), "-subj", "/CN=the tests", "-days", 2,
                "-addext", "keyUsage=critical,keyCertSign", "-out", self.ca)

    def _key(self, name):
        return self.directory / f"{name}.key"

    def _request(self, name, subject):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self._key(name))
        return openssl("req", "-new", "-key", self._key(name), "-subj", subject)

    def issue(self, name, subject="IP:127.0.0.1,DNS:localhost", issuer="ca", is_ca=False):
        """A certificate, with those of its issuers behind it, and its key: two files."""
        request = self.directory / f"{name}.csr"
        request.write_text(self._request(name, f"/CN={name}"))
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={subject}\nbasicConstraints=critical,CA:{'TRUE' if is_ca else 'FALSE'}\n"
                              f"keyUsage=critical,{'keyCertSign' if is_ca else 'digitalSignature'}\n"
                              "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        chain = self.directory / f"{name}.pem"
        openssl("x509", "-req", "-in", request, "-CA", self.directory / f"{issuer}.pem", "-CAkey", self._key(issuer),
                "-CAcreateserial", "-days", 2, "-extfile", extensions, "-out", chain)
        if issuer != "ca":
            with open(chain, "a", encoding="ascii") as file:
                file.write((self.directory / f"{issuer}.pem").read_text())
        return chain, self._key(name)

    def another_algorithm(self):
        """A key that is RSA's; those of all certificates are of elliptic curves."""
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self._key("rsa"))
        return self._key("rsa")

    def options(self, name, **more):
        """The same, as ws_demo takes it."""
        certificate, key = self.issue(name, **more)
        return "--certificate", certificate, "--key", key
