# error.type: "invalid_result"
# error.message has: ["rows", "1", "digits"]
def main():
    return {"rows": [1, -(7**9999)]}
