# status_code: 422
# error.type: "invalid_result"
# error.message has: ["result['when'][1]", "datetime"]
# exit_code: 0
import datetime


def main():
    return {"when": [1, datetime.datetime(2024, 1, 1)]}
