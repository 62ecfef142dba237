# source: langchain-ai/langchain#5035, langchain-ai/langchain#26553, langchain-ai/langchain-experimental#16
# mode: "program"
import re

limit = 10


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


class Row:
    width = 2
    sizes = [limit for _ in range(width)]


for company in ["one, two"]:
    print(list(company for _ in range(1)), [part for part in re.split(", ", company)])
print(fibonacci(limit), Row.sizes, (lambda: limit)())
