"""A student's exercise: two ways to sort, and how often each compares."""


def insertion_sort(items, before):
    result = []
    for item in items:
        at = len(result)
        while at and before(item, result[at - 1]):
            at -= 1
        result.insert(at, item)
    return result


def merge_sort(items, before):
    if len(items) < 2:
        return list(items)
    middle = len(items) // 2
    left, right = merge_sort(items[:middle], before), merge_sort(items[middle:], before)
    merged = []
    while left and right:
        merged.append(right.pop(0) if before(right[0], left[0]) else left.pop(0))
    return merged + left + right


def main(numbers):
    comparisons = {}
    for sort in (insertion_sort, merge_sort):
        count = 0

        def before(a, b):
            nonlocal count
            count += 1
            return a < b

        assert sort(numbers, before) == sorted(numbers), sort.__name__
        comparisons[sort.__name__] = count
    for name, count in comparisons.items():
        print(f"{name:<15}{count:>4} comparisons")
    return {"sorted": sorted(numbers), "comparisons": comparisons}
