# source: bytedance/deer-flow#3864, PrimeIntellect-ai/prime#305
# mode: "program"
# sandboxes: slot fresh
# limits: {"timeout": 10}
# status_code: 200
# stdout: "started\n"
# exit_code: 0
import subprocess
import sys

subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("started")
