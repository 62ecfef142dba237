# sandboxes: slot fresh restricted
# status_code: 400
# error.type: "forbidden_import"
# error.message has: ["tkinter"]
# error.line: 6
import tkinter as tk


def main():
    tk.Tk()
