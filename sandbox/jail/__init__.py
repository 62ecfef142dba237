"""Run jobs in nsjail.

    worker process                trusted; holds the control socket and the host's ends of all pipes
      `- nsjail                   trusted; root or the worker's user; makes the jail and waits for its end
           `- init or zygote      our code as an unprivileged user in the jail; never reads a script
                `- runner         runs one script; hostile from the script's first byte

One jail belongs to one nsjail process. nsjail makes new user, mount, PID, network, IPC, UTS and cgroup
namespaces, mounts a read-only root that holds only the interpreter and its libraries (`root`) and a private
/tmp, drops all capabilities, sets no-new-privileges and a seccomp filter, and executes the guest. Before
that, the process joined a cgroup with limits on memory, processes and CPU (`cgroup`).
Policy is data: config/nsjail.cfg. Only what differs from job to job comes as flags (`command`).

A job travels like this. `sandbox` takes a jail from the `pool`, whose runner is already waiting, sets the
limits in the cgroup and hands the job to the runner through a `Session`. After the outcome is decided, the
jail goes back to the pool, which makes the next runner wait in it.

A killed worker leaves nothing behind (`instance`). Its jails end with it: nsjail gets a signal at the
worker's death, and nsjail's child one at nsjail's death. The next worker that starts removes its folder and
its cgroups; a file lock tells that their owner is gone.
"""
