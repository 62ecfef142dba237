"""A simulation driven by a heap of events: a shop with few tills and many customers."""

import heapq


def main(customers, tills):
    """Serve the customers, each `[arrives, takes]` in minutes, at the till that is free first."""
    free_at = [0] * tills
    heapq.heapify(free_at)
    waits = []
    for number, (arrives, takes) in enumerate(sorted(customers), start=1):
        starts = max(arrives, heapq.heappop(free_at))
        heapq.heappush(free_at, starts + takes)
        waits.append(starts - arrives)
        print(f"{starts:>3} min: customer {number} is served, waited {waits[-1]}")
    return {"longest_wait": max(waits), "mean_wait": sum(waits) / len(waits), "closes_at": max(free_at)}
