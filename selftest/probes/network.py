"""No socket but an unnamed pair; so no address, whatever it is."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from selftest.checks import answers, returns
from selftest.probe import Probe
from selftest.probes.prelude import attempts

_probe = partial(Probe, "network")

_SOCKETS: Final = """
    import socket
    def main(sockets):
        return {name: attempt(socket.socket, *numbers) for name, numbers in sockets.items()}
    """

PROBES: Final = (
    _probe(
        "no-cloud-metadata",
        "ask 169.254.169.254 and its kin for credentials",
        "EPERM for each",
        (
            attempts("""
                import http.client
                def main():
                    hosts = ["169.254.169.254", "169.254.170.2", "100.100.100.200"]
                    return {h: attempt(http.client.HTTPConnection(h, timeout=1).request, "GET", "/") for h in hosts}
                """),
        ),
        answers("EPERM"),
    ),
    _probe(
        "no-address-of-the-machine-or-beyond",
        "connect to loopback, Redis, a public resolver",
        "EPERM for each",
        (
            attempts("""
                import socket
                def main():
                    hosts = [("127.0.0.1", 6379), ("127.0.0.1", 8080), ("::1", 6379), ("1.1.1.1", 53), ("10.0.0.1", 80)]
                    return {f"{host} {port}": attempt(socket.create_connection, (host, port), 1) for host, port in hosts}
                """),
        ),
        answers("EPERM"),
    ),
    _probe(
        "no-name-is-resolved",
        "look up names",
        "each fails",
        (
            attempts("""
                import socket
                def main():
                    def answer(name):
                        try:
                            return socket.getaddrinfo(name, 80)[0][4][0]
                        except socket.gaierror:
                            return "gaierror"
                    return {name: answer(name) for name in ("localhost", "redis", "metadata.google.internal", "example.com")}
                """),
        ),
        answers("gaierror"),
    ),
    _probe(
        "nothing-listens",
        "bind and listen on TCP and UDP ports",
        "EPERM for each",
        (
            attempts("""
                import socket
                def main():
                    return {
                        "tcp": attempt(socket.create_server, ("", 0)),
                        "tcp6": attempt(socket.create_server, ("::", 0), family=socket.AF_INET6),
                        "udp": attempt(socket.socket, socket.AF_INET, socket.SOCK_DGRAM),
                    }
                """),
        ),
        answers("EPERM"),
    ),
    _probe(
        "no-named-unix-socket",
        "unix sockets of every type, named and abstract",
        "EPERM for each",
        (
            attempts("""
                import socket
                def main():
                    def reach(kind, address):
                        with socket.socket(socket.AF_UNIX, kind) as sock:
                            sock.bind(address)
                    kinds = {"stream": 1, "datagram": 2, "packets": 5}
                    addresses = {"path": "/tmp/s", "abstract": "\\0python-executor"}
                    return {f"{k} {a}": attempt(reach, kinds[k], addresses[a]) for k in kinds for a in addresses}
                """),
        ),
        answers("EPERM"),
    ),
    _probe(
        "no-raw-or-packet-socket",
        "raw, packet and kernel link sockets",
        "EPERM for each",
        (
            attempts(
                _SOCKETS,
                inputs={
                    "sockets": {
                        "raw-icmp": [2, 3, 1],
                        "ping": [2, 2, 1],
                        "raw-ipv6": [10, 3, 58],
                        "packet": [17, 3, 0x300],
                        "netlink-route": [16, 3, 0],
                        "netlink-audit": [16, 3, 9],
                        "netlink-netfilter": [16, 3, 12],
                        "netlink-user": [16, 3, 2],
                    }
                },
            ),
        ),
        answers("EPERM"),
    ),
    _probe(
        "no-socket-to-the-hypervisor-or-the-kernel",
        "vsock, crypto, XDP, Bluetooth, CAN, TIPC, RDS",
        "EPERM for each",
        (
            attempts(
                _SOCKETS,
                inputs={
                    "sockets": {
                        "vsock": [40, 1, 0],
                        "crypto": [38, 5, 0],
                        "xdp": [44, 3, 0],
                        "bluetooth": [31, 3, 1],
                        "can": [29, 3, 1],
                        "tipc": [30, 5, 0],
                        "rds": [21, 5, 0],
                        "smc": [43, 1, 0],
                        "qrtr": [42, 2, 0],
                        "kcm": [41, 2, 0],
                    }
                },
            ),
        ),
        answers("EPERM"),
    ),
    _probe(
        "no-family-and-no-type-is-forgotten",
        "all 46 families with all types",
        "EPERM for each",
        (
            attempts("""
                import socket
                def main():
                    kinds = (1, 2, 3, 4, 5, 6, 10)
                    return {f"{f}/{k}": attempt(socket.socket, f, k, 0) for f in range(47) for k in kinds}
                """),
        ),
        answers("EPERM"),
    ),
    _probe(
        "pairs-are-unix-pairs",
        "socketpair of each of the 46 families",
        "AF_UNIX only, EPERM for the others",
        (
            attempts("""
                import socket
                def main():
                    answers = {str(f): attempt(socket.socketpair, f, 1, 0) for f in range(47)}
                    return {"unix": answers.pop("1"), "others": sorted(set(answers.values()))}
                """),
        ),
        returns({"unix": "done", "others": ["EPERM"]}),
    ),
    _probe(
        "a-pair-reaches-no-other-socket",
        "datagrams from a pair to paths and abstract names",
        "ECONNREFUSED or ENOENT for each",
        (
            attempts("""
                import socket
                def main():
                    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
                    names = ["/run/systemd/notify", "/dev/log", "/run/systemd/journal/socket", "\\0/org/freedesktop/x"]
                    return {name: attempt(one.sendto, b"x", name) for name in names}
                """),
        ),
        answers("ECONNREFUSED", "ENOENT"),
    ),
    _probe(
        "a-pair-cannot-be-connected-elsewhere",
        "connect, bind, listen and accept on a pair",
        "EPERM for each",
        (
            attempts("""
                import socket
                def main():
                    one, other = socket.socketpair()
                    return {
                        "connect": attempt(one.connect, "/run/docker.sock"),
                        "bind": attempt(one.bind, "\\0name"),
                        "listen": attempt(one.listen),
                        "accept": attempt(one.accept),
                    }
                """),
        ),
        answers("EPERM"),
    ),
    _probe(
        "a-pair-takes-no-program",
        "attach a packet filter, which the kernel compiles, to a pair",
        "EPERM",
        (
            attempts("""
                import ctypes, socket, struct
                def main():
                    one, other = socket.socketpair()
                    SO_ATTACH_FILTER, RETURN = 26, struct.pack("HBBI", 6, 0, 0, 0xFFFF)
                    code = ctypes.create_string_buffer(RETURN)
                    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(code))
                    return {"attach": attempt(one.setsockopt, socket.SOL_SOCKET, SO_ATTACH_FILTER, program)}
                """),
        ),
        answers("EPERM"),
    ),
    _probe(
        "the-service-cannot-be-traced-through-its-socket",
        "ask the job's socket who is at its other end",
        "EPERM for its pid and for a handle",
        (
            attempts("""
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
