"""Examine a host: what it can isolate, what it lacks, and which command mends it.

    finding     what a check found: a name, a status, a sentence and a command
    check       one check, run in a child process of its own and bound in time
    catalogue   all checks, in the order in which they run
    report      the findings for people and as JSON
    checks/     one module a subject

A check may hang on a dead file system, crash in a system call, or enter namespaces that a process cannot
leave again. So each check runs in a child process, which sends its findings through a pipe. When its
time is over, the child removes what it made and ends; a child that does not end is killed. A crash of the
child does not end the parent process.

Checks never change the host. Each finding that is not `ok` names the command that an operator may run.
"""
