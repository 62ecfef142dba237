# source: criyle/go-judge#186, judge0/judge0#298
# error.type: "memory_limit"
# exit_code: null
def main():
    return {"n": len([0] * 10**10)}
