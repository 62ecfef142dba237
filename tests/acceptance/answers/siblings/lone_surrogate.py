# error.type: "invalid_result"
# error.message has: ["name"]
def main():
    return {"rows": [{"name": "a\ud800b"}]}
