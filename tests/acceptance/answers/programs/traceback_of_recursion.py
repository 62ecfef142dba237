# mode: "program"
# status_code: 422
# error.type: "exception"
# error.line: 8
# stderr has: ["script.py\", line 8, in f\n    return f(n + 1)\n", "  [Previous line repeated 9", "\nRecursionError: maximum recursion depth exceeded\n"]
# exit_code: 1
def f(n):
    return f(n + 1)


f(0)
