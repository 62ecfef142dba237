def main():
    return {"digits": 10**4299, "negative": -(2**4000)}
