"""Environments on disk: folders of packages that jails mount read-only.

An operator builds an environment from a lock file. Nothing is installed at run time.

    <ENVIRONMENTS>/data                           a symbolic link: the name
    <ENVIRONMENTS>/<SHA-256 of the lock>-cp311-x86_64/
        packages/                                 what jails mount
        manifest.json                             what was built, with the SHA-256 of every file
    <ENVIRONMENTS>/.downloads/                    wheels of a build that has not succeeded yet

A build fills a hidden folder, writes the manifest last, and renames the folder into place. Then it replaces
the link. Each of the two steps is one call of the kernel. So an interrupted build leaves the old environment
as it was, and hidden folders that the next command removes.

No code of a package runs on the host. Wheels are unpacked, never installed by code of their own; shared
libraries are read, never loaded; modules are compiled, never imported.

A worker holds a shared lock on the manifest of each environment that it offers. A folder without a name is
removed only if no process holds that lock, so a new build does not take packages away from running jobs.
"""
