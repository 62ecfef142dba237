# source: stanford-crfm/helm#1381, VNOI-Admin/judge-server#30, pypy/pypy#3917
# sandboxes: slot fresh
# error.type: "invalid_result"
# error.message has: ["v", "digits"]
import sys

sys.set_int_max_str_digits(0)


def main():
    return {"v": 10**5000}
