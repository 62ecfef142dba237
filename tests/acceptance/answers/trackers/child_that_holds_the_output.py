# source: bytedance/deer-flow#3864, PrimeIntellect-ai/prime#305
# sandboxes: slot fresh
# limits: {"timeout": 10}
# result: {}
# stdout: "started\n"
# usage.wall_ms between: [0, 8000]
import subprocess
import sys


def main():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print("started")
    return {}
