class Custom(Exception):
    def __str__(self):
        return f"custom: {self.args}"


def main():
    try:
        [][1]
    except IndexError:
        raise Custom("a", 2)
