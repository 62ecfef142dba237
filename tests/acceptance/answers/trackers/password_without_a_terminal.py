# source: ColdGrub1384/LibTerm#20
# mode: "program"
# sandboxes: slot fresh
# stdin: "secret\n"
import getpass

print(len(getpass.getpass()))
