# mode: "program"
# error.type: "memory_limit"
# exit_code: null
print("start")
numbers = [0] * 10**10
