# status_code: 400
# error.type: "syntax_error"
# error.message has: ["'(' was never closed"]
# error.line: 7
# error.column: 10
def main():
    print("a"
    return {}
