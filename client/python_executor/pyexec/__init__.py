"""The command `pyexec`.

A thread reads the events of a job; the main thread writes them and takes the signals (`following`,
`interrupts`). All text of a script is hostile: on a terminal it goes through a filter (`terminal`), and its
artifacts are saved only within one folder (`saving`). Modules that need the HTTP client are imported when a
command runs, so that `--help` and shell completion start quickly.
"""
