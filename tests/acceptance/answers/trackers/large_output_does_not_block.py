# source: MartinXPN/LambdaJudge#72, DOMjudge/domjudge#1802
# limits: {"timeout": 20}
# result: {"written": 1988890}
# truncated.stdout: true
def main():
    written = 0
    for n in range(3 * 10**5):
        print(n, end=" ")
        written += len(str(n)) + 1
    return {"written": written}
