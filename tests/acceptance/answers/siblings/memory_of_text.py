# error.type: "memory_limit"
def main():
    return {"n": len("x" * 10**11)}
