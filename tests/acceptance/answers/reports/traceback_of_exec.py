# source: brython-dev/brython#1972, mahmoud/boltons#30, huggingface/smolagents#2053
# sandboxes: slot fresh
space = {}
exec("def f(x):\n    y = x * 2\n    return y / 0\n", space)


def main():
    return {"v": space["f"](3)}
