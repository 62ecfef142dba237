# source: ioi/isolate#136, ioi/isolate#185, criyle/go-judge#186
# sandboxes: slot fresh
# result: {}
# usage.memory_peak_bytes between: [68000000, 84000000]
def main():
    x = bytearray(64 * 2**20)
    for i in range(0, len(x), 4096):
        x[i] = 1
    return {}
