"""The checks that a script must pass before it runs in the restricted executor.

    script.validate   the checks for every script, then `rules`
    rules             the rule on the syntax tree, which reads `policy`
    policy            the tables of permitted modules and names; the guards in the executor read them too

Only jobs for the restricted executor pass through here; the general checks know nothing of it.
"""
