# source: n8n-io/n8n#20172, n8n-io/n8n#24175, n8n-io/n8n-docs#3733
# sandboxes: restricted
# status_code: 400
# error.type: "forbidden_syntax"
# error.message has: ["open"]
# error.line: 8
def main():
    with open("data.txt") as file:
        return {"text": file.read()}
