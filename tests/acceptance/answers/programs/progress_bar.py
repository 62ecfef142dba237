# mode: "program"
import sys
import time

for percent in range(0, 101, 25):
    bar = "█" * (percent // 10) + "·" * (10 - percent // 10)
    print(f"\r[{bar}] {percent:3d}%", end="", flush=True)
    time.sleep(0.001)
sys.stdout.write("\n")
rows = [[(x * y) % 10 for x in range(1, 9)] for y in range(1, 5)]
for row in rows:
    print(*row, sep=" ", end=" |\n")
print("transposed", list(map(list, zip(*rows)))[0], sep=": ", end="")
