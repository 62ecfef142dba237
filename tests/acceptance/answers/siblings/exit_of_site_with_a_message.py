# status_code: 422
# error.type: "exit"
# error.message has: ["no input"]
# exit_code: 1
def main():
    exit("no input")
