# result: {"runs": 1}
# stdout: "in main\n"
# stderr: ""
def main():
    print("in main")
    return {"runs": 1}


if __name__ == "__main__":
    print("not here")
    main()
