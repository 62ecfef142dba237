# source: DMOJ/judge-server#988, python/cpython#103411, pyinstaller/pyinstaller#1687
# status_code: 422
# error.type: "exit"
# error.message: "the script exited with status 3"
def main():
    exit(3)
