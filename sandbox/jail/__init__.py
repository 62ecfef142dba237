"""Runs jobs in nsjail.

One jail is one nsjail process. It makes new user, mount, PID, network, IPC, UTS and cgroup
namespaces, a read-only root that holds the interpreter and its libraries and nothing else
(`root`), a private /tmp, drops all capabilities, sets no-new-privileges and a seccomp filter, and
executes guest/init (in a slot guest/zygote) in there, under a cgroup that was made and joined before
(`cgroup`). Policy is data: config/nsjail.cfg; only what differs from job to job comes as flags (`command`).

What a worker leaves behind when it is killed (`instance`): its jails die with it, by the
parent-death signal from worker to nsjail and from nsjail to its child; its folder and its cgroups
are swept by the next worker that starts, which can tell by a file lock that their owner is gone.
"""
