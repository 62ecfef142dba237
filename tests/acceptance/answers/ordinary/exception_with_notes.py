def main():
    error = ValueError("bad value")
    error.add_note("row 7")
    error.add_note("column 3")
    raise error
