# error.type: "exception"
# error.message: "RecursionError: maximum recursion depth exceeded"
# error.line: 6
# exit_code: 1
def main(n=0):
    return main(n + 1)
