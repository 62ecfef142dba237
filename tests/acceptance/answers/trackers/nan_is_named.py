# source: windmill-labs/windmill#1696, Submersible/node-python-bridge#22
# status_code: 422
# error.type: "invalid_result"
# error.message has: ["result['mean'][1]", "nan"]
def main():
    return {"mean": [1.0, float("nan")]}
