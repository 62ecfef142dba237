"""What a script finds when it starts, and how it ends.

site_builtins      exit, quit, help: the builtins that the module `site` adds
streams            standard output and error, and `print`
descriptor_paths   `open` for /dev/stdin, /dev/stdout, /dev/stderr and /dev/fd/N
main_block         the block `if __name__ == "__main__":`
uncaught           exceptions that the script does not catch
finalization       threads, exit callbacks, finalizers and open files
"""
