# limits: {"memory_mb": 100}
# error.type: "memory_limit"
def main():
    return {"n": len([0] * 10**8)}
