# sandboxes: slot fresh
# limits: {"memory_mb": 64}
# error.type: "memory_limit"
# stdout: "filling "
def main():
    print("filling", end=" ")
    rows = []
    while True:
        rows.append(bytearray(1 << 20))
