"""Network: a script gets only Unix sockets, in a network namespace without interfaces. It can reach no address."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from selftest.checks import each, returns, returns_only
from selftest.probe import Probe
from selftest.probes.scripts import attempt_job

_probe = partial(Probe, "network")

#: Opens a socket for each entry: a name, with family, type and protocol.
_OPEN_SOCKETS: Final = """
    import socket
    def main(sockets):
        return {name: attempt(socket.socket, *numbers) for name, numbers in sockets.items()}
    """


def _refused_sockets(name: str, tried: str, sockets: dict[str, tuple[int, int, int]]) -> Probe:
    """Return a probe that opens each of `sockets`."""
    jobs = (attempt_job(_OPEN_SOCKETS, inputs={"sockets": sockets}),)
    return _probe(name, tried, "EPERM for each", jobs, returns_only("EPERM"))


#: Connects to a path and to an abstract name, listens there, and connects again. A child keeps the listeners.
_LISTEN: Final = """
    import socket, time
    ADDRESSES = {"path": "/tmp/socket", "abstract": "\\0python-executor-probe"}
    KEPT = []
    def connect(address):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(address)
    def listen(address):
        KEPT.append(socket.socket(socket.AF_UNIX))
        KEPT[-1].bind(address)
        KEPT[-1].listen()
    def main():
        answers = {n: [attempt(f, a) for f in (connect, listen, connect)] for n, a in ADDRESSES.items()}
        if os.fork() == 0:
            os.setsid()
            time.sleep(60)
        return answers
    """

PROBES: Final = (
    _probe(
        "cloud-metadata-is-unreachable",
        "ask the metadata services of clouds for credentials",
        "EPERM for each",
        (
            attempt_job("""
                import http.client
                def main():
                    hosts = ["169.254.169.254", "169.254.170.2", "100.100.100.200"]
                    return {h: attempt(http.client.HTTPConnection(h, timeout=1).request, "GET", "/") for h in hosts}
                """),
        ),
        returns_only("EPERM"),
    ),
    _probe(
        "addresses-are-unreachable",
        "connect to loopback, Redis, a public resolver",
        "EPERM for each",
        (
            attempt_job("""
                import socket
                def main():
                    hosts = [("127.0.0.1", 6379), ("127.0.0.1", 8080), ("::1", 6379), ("1.1.1.1", 53), ("10.0.0.1", 80)]
                    return {f"{host} {port}": attempt(socket.create_connection, (host, port), 1) for host, port in hosts}
                """),
        ),
        returns_only("EPERM"),
    ),
    _probe(
        "names-are-not-resolved",
        "look up three host names",
        "an error for each",
        (
            attempt_job("""
                import socket
                def main():
                    def answer(name):
                        try:
                            return socket.getaddrinfo(name, 80)[0][4][0]
                        except socket.gaierror:
                            return "gaierror"
                    return {name: answer(name) for name in ("redis", "metadata.google.internal", "example.com")}
                """),
        ),
        returns_only("gaierror"),
    ),
    _probe(
        "listening-is-refused",
        "listen on TCP ports, open a UDP socket",
        "EPERM for each",
        (
            attempt_job("""
                import socket
                def main():
                    return {
                        "tcp": attempt(socket.create_server, ("", 0)),
                        "tcp6": attempt(socket.create_server, ("::", 0), family=socket.AF_INET6),
                        "udp": attempt(socket.socket, socket.AF_INET, socket.SOCK_DGRAM),
                    }
                """),
        ),
        returns_only("EPERM"),
    ),
    _probe(
        "unix-sockets-of-the-host-are-unreachable",
        "connect Unix sockets of every type to paths and abstract names of the host",
        "ECONNREFUSED or ENOENT for each",
        (
            attempt_job("""
                import socket
                def main():
                    names = [
                        "/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket", "/dev/log",
                        "/run/systemd/notify", "/run/systemd/journal/socket", "/tmp/.X11-unix/X0",
                        "\\0/tmp/.X11-unix/X0", "\\0/tmp/dbus-x", "\\0/org/freedesktop/x", "\\0/containerd-shim/x",
                    ]
                    def connect(kind, name):
                        with socket.socket(socket.AF_UNIX, kind) as sock:
                            sock.connect(name)
                    return {f"{kind} {name}": attempt(connect, kind, name) for kind in (1, 2, 5) for name in names}
                """),
        ),
        returns_only("ECONNREFUSED", "ENOENT"),
    ),
    _probe(
        "unix-sockets-end-with-their-job",
        "leave a listener on a path and on an abstract name to the next job",
        "the next job reaches neither and takes both names",
        (attempt_job(_LISTEN), attempt_job(_LISTEN)),
        each(returns({"path": ["ENOENT", "done", "done"], "abstract": ["ECONNREFUSED", "done", "done"]})),
    ),
    _probe(
        "job-socket-takes-no-name-of-the-host",
        "bind, connect and listen with the job's socket, which the worker made",
        "EINVAL; ECONNREFUSED; EINVAL",
        (
            attempt_job("""
                import socket
                def main():
                    sock = socket.socket(fileno=os.dup(3))
                    return {
                        "bind": attempt(sock.bind, "\\0python-executor-probe"),
                        "bind-path": attempt(sock.bind, "/tmp/probe"),
                        "connect": attempt(sock.connect, "\\0python-executor-probe"),
                        "listen": attempt(sock.listen),
                    }
                """),
        ),
        returns({"bind": "EINVAL", "bind-path": "EINVAL", "connect": "ECONNREFUSED", "listen": "EINVAL"}),
    ),
    _refused_sockets(
        "raw-and-packet-sockets-are-refused",
        "open raw, packet and netlink sockets",
        {
            "raw-icmp": (2, 3, 1),
            "ping": (2, 2, 1),
            "raw-ipv6": (10, 3, 58),
            "packet": (17, 3, 0x300),
            "netlink-route": (16, 3, 0),
            "netlink-audit": (16, 3, 9),
            "netlink-sockets": (16, 3, 4),
            "netlink-netfilter": (16, 3, 12),
            "netlink-user": (16, 3, 2),
        },
    ),
    _refused_sockets(
        "vsock-and-kernel-sockets-are-refused",
        "open vsock, crypto, XDP, Bluetooth, CAN, TIPC, RDS and others",
        {
            "vsock": (40, 1, 0),
            "crypto": (38, 5, 0),
            "xdp": (44, 3, 0),
            "bluetooth": (31, 3, 1),
            "can": (29, 3, 1),
            "tipc": (30, 5, 0),
            "rds": (21, 5, 0),
            "smc": (43, 1, 0),
            "qrtr": (42, 2, 0),
            "kcm": (41, 2, 0),
        },
    ),
    _probe(
        "socket-families-except-unix-are-refused",
        "open a socket of 46 families and all types",
        "EPERM for each",
        (
            attempt_job("""
                import socket
                def main():
                    kinds = (1, 2, 3, 4, 5, 6, 10)
                    return {f"{f}/{k}": attempt(socket.socket, f, k, 0) for f in range(47) if f != 1 for k in kinds}
                """),
        ),
        returns_only("EPERM"),
    ),
    _probe(
        "only-unix-socketpairs-are-allowed",
        "make a socketpair of each of the 47 families",
        "only AF_UNIX works, EPERM for the others",
        (
            attempt_job("""
                import socket
                def main():
                    answers = {str(f): attempt(socket.socketpair, f, 1, 0) for f in range(47)}
                    return {"unix": answers.pop("1"), "others": sorted(set(answers.values()))}
                """),
        ),
        returns({"unix": "done", "others": ["EPERM"]}),
    ),
    _probe(
        "socketpair-cannot-send-to-an-address",
        "send datagrams from a pair to paths and abstract names",
        "ECONNREFUSED or ENOENT for each",
        (
            attempt_job("""
                import socket
                def main():
                    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
                    names = ["/run/systemd/notify", "/dev/log", "/run/systemd/journal/socket", "\\0/org/freedesktop/x"]
                    return {name: attempt(one.sendto, b"x", name) for name in names}
                """),
        ),
        returns_only("ECONNREFUSED", "ENOENT"),
    ),
    _probe(
        "socket-filters-are-refused",
        "attach a BPF filter to a socketpair",
        "EPERM",
        (
            attempt_job("""
                import ctypes, socket, struct
                def main():
                    one, other = socket.socketpair()
                    SO_ATTACH_FILTER, RETURN = 26, struct.pack("HBBI", 6, 0, 0, 0xFFFF)
                    code = ctypes.create_string_buffer(RETURN)
                    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(code))
                    return {"attach": attempt(one.setsockopt, socket.SOL_SOCKET, SO_ATTACH_FILTER, program)}
                """),
        ),
        returns_only("EPERM"),
    ),
    _probe(
        "peer-credentials-are-hidden",
        "ask the job's socket for the pid of its peer",
        "EPERM for the pid and for a pidfd",
        (
            attempt_job("""
                import socket
                def main():
                    sock = socket.socket(fileno=os.dup(3))
                    SO_PEERCRED, SO_PEERPIDFD = 17, 77
                    return {
                        "pid": attempt(sock.getsockopt, socket.SOL_SOCKET, SO_PEERCRED, 12),
                        "handle": attempt(sock.getsockopt, socket.SOL_SOCKET, SO_PEERPIDFD),
                    }
                """),
        ),
        returns({"pid": "EPERM", "handle": "EPERM"}),
    ),
)
