# status_code: 422
# error.type: "invalid_result"
# error.message has: ["None"]
def main():
    print("forgot to return")
