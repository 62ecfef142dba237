# status_code: 422
# error.type: "exit"
# exit_code: 0
def main():
    quit()
