# mode: "program"
import json


def read(text):
    return json.loads(text)["total"]


print("start")
read('{"sum": 1}')
