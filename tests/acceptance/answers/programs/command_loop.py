# mode: "program"
# sandboxes: slot fresh
# stdin: "add 2 3\nhelp\nnone\nquit\n"
import cmd


class Shell(cmd.Cmd):
    prompt = "$ "
    intro = "A shell."

    def do_add(self, line):
        """Add numbers."""
        print(sum(map(int, line.split())))

    def do_quit(self, line):
        return True


Shell().cmdloop()
