"""Run jobs in nsjail.

    worker process                trusted; holds the control socket and the host's ends of all pipes
      `- nsjail                   trusted; root or the worker's user; makes the jail and waits for its end
           `- init or zygote      our code as an unprivileged user in the jail; never reads a script
                `- runner         runs one script; hostile from the script's first byte

One jail belongs to one nsjail process. First the process joins a cgroup with limits on memory, processes and
CPU (`cgroup`; `placement` says where it is). nsjail then makes new user, mount, PID, network, IPC, UTS and
cgroup namespaces. It mounts a private /tmp and a read-only root with only the interpreter, its libraries and
the guest (`root`). It drops the capabilities (the zygote of a slot keeps one, `command`), sets
no-new-privileges and a seccomp filter, and executes the interpreter with the guest.
The policy is data: config/nsjail.cfg. Options that differ between jails are flags (`command`).

The steps of a job: `sandbox` takes a jail whose runner is already waiting, sets the limits in the cgroup and
hands the job to the runner through a `Session`. When the outcome is on its way to the client, `sandbox`
returns the jail to the `pool`. Then it takes a jail from the pool and orders the next runner in it.

A killed worker leaves nothing behind (`instance`). Its jails end with it: nsjail gets a signal at the
worker's death, and nsjail's child gets a signal at nsjail's death. The next worker that starts removes the
folder and the cgroups of the killed worker; a file lock shows that their owner is gone.
"""
