# error.type: "memory_limit"
# exit_code: null
def main():
    return {"n": len(bytes(10**12))}
