"""The checks that a script must pass before it is queued.

    script.validate              text -> syntax tree -> rules; raises Rejection for the first fault
      syntax                     parse and compile a script, report syntax errors with line and column
      mistakes                   recognise what was sent instead of a script, such as Markdown
      survey                     measure the text and the tree: they bound the compiler's time
      rules                      the rules for every script: it binds `main`, it imports what it can have
      imports                    the import statements that must succeed
      left_out                   the modules of the library that no jail has, and why
      check_subprocess           apply the same rules in a child process, for scripts that can take long
    restricted.script.validate   the same, and then the rules of the restricted executor

Everything is pure, apart from `check_subprocess`. No function here runs the script.
"""
