# mode: "program"
# stdin: "{\"users\": [{\"name\": \"Zoë\", \"age\": 31}, {\"name\": \"Bo\"}]}\n{\"users\": [}\n"
import json
import sys


def oldest(document):
    users = [user for user in document["users"] if "age" in user]
    return max(users, key=lambda user: user["age"])


for line in sys.stdin:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        sys.exit(f"invalid JSON at column {error.colno}: {error.msg}")
    print(json.dumps(oldest(data), ensure_ascii=False, sort_keys=True))
    print(json.dumps(data, separators=(",", ":")))
