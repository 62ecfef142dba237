# mode: "program"
def main():
    print("never")


print("top")
