# mode: "program"
# sandboxes: slot fresh
import sys
import traceback


class ConfigError(Exception):
    def __str__(self):
        return "\n".join(f"- {problem}" for problem in self.args)


def parse(lines):
    problems = [f"line {n}: {line!r}" for n, line in enumerate(lines, 1) if "=" not in line]
    if problems:
        error = ConfigError(*problems)
        error.add_note("A line has the form name=value.")
        raise error
    return dict(line.split("=", 1) for line in lines)


def main():
    try:
        parse(["a=1", "b", "c:2"])
    except ConfigError:
        traceback.print_exc()
        print("---", file=sys.stderr)
    try:
        [len(item) for item in (lambda: [[], 5])()]
    except TypeError as error:
        traceback.print_exception(error, limit=-1, file=sys.stdout)
        raise RuntimeError("unusable items").with_traceback(None) from error


main()
