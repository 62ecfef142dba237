# mode: "program"
def main():
    print("main runs", __name__)
    return 5


if __name__ == "__main__":
    main()
