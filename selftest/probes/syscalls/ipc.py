"""System calls for sockets, System V objects, message queues and pipes."""

from typing import Final

from selftest.probes.syscalls.family import BAD, Family, call

FAMILIES: Final = (
    Family(
        "splice-is-refused",
        "call splice, tee, vmsplice",
        (
            call("splice", 275, 76, BAD, 0, BAD, 0, 1, 0),
            call("tee", 276, 77, BAD, BAD, 1, 0),
            call("vmsplice", 278, 75, BAD, [16], 1, 0),
        ),
    ),
    Family(
        "sysv-shared-memory-is-refused",
        "call shmget, shmat, shmctl",
        (
            call("shmget", 29, 194, 0, 4096, 0o1600),
            call("shmat", 30, 196, 999_999, 0, 0),
            call("shmctl", 31, 195, 999_999, 0, 0),
        ),
    ),
    Family(
        "sysv-semaphores-are-refused",
        "call semget, semop, semctl",
        (
            call("semget", 64, 190, 0, 1, 0o1600),
            call("semop", 65, 193, 999_999, [8], 1),
            call("semctl", 66, 191, 999_999, 0, 0, 0),
        ),
    ),
    Family(
        "sysv-message-queues-are-refused",
        "call msgget, msgsnd, msgrcv, msgctl",
        (
            call("msgget", 68, 186, 0, 0o1600),
            call("msgsnd", 69, 189, 999_999, [16], 1, 0),
            call("msgrcv", 70, 188, 999_999, [16], 1, 0, 0),
            call("msgctl", 71, 187, 999_999, 0, 0),
        ),
    ),
    Family(
        "posix-message-queues-are-refused",
        "call mq_open, mq_unlink",
        (call("mq_open", 240, 180, "name", 0o102, 0o600, 0), call("mq_unlink", 241, 181, "name")),
    ),
    Family(
        "socket-calls-are-refused",
        "call socket and socketpair for other families than AF_UNIX, accept and others",
        (
            call("socket", 41, 198, 2, 1, 0),
            call("socket-netlink", 41, 198, 16, 3, 4),
            call("socket-netlink-high-bits", 41, 198, (1 << 32) | 16, 3, (1 << 32) | 4),
            call("socket-high-bits", 41, 198, (1 << 32) | 2, 1, 0),
            call("socketpair-inet", 53, 199, 2, 1, 0, [8]),
            call("socketpair-high-bits", 53, 199, (1 << 32) | 2, 1, 0, [8]),
            call("accept", 43, 202, BAD, 0, 0),
            call("sendmmsg", 307, 269, BAD, 0, 0, 0),
            call("recvmmsg", 299, 243, BAD, 0, 0, 0, 0),
        ),
    ),
    Family(
        "out-of-band-data-is-refused",
        "send and receive with MSG_OOB",
        (
            call("sendto", 44, 206, BAD, "x", 1, 1, 0, 0),
            call("recvfrom", 45, 207, BAD, [8], 1, 1, 0, 0),
            call("sendmsg", 46, 211, BAD, 0, 1),
            call("recvmsg", 47, 212, BAD, 0, 1),
        ),
    ),
)
