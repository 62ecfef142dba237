# mode: "program"
# stdin: "4 5\nA B 4\nA C 1\nC B 2\nB D 5\nC D 8\n"
import heapq
import sys
from collections import defaultdict

data = sys.stdin.read().split()
nodes, edges = int(data[0]), int(data[1])
graph = defaultdict(dict)
for i in range(edges):
    a, b, weight = data[2 + 3 * i : 5 + 3 * i]
    graph[a][b] = graph[b][a] = int(weight)


def dijkstra(start):
    distance, previous = {start: 0}, {}
    queue = [(0, start)]
    while queue:
        d, node = heapq.heappop(queue)
        if d > distance[node]:
            continue
        for neighbour, weight in graph[node].items():
            if d + weight < distance.get(neighbour, float("inf")):
                distance[neighbour] = d + weight
                previous[neighbour] = node
                heapq.heappush(queue, (d + weight, neighbour))
    return distance, previous


distance, previous = dijkstra("A")
print(distance)
path = ["D"]
while path[-1] in previous:
    path.append(previous[path[-1]])
print(" -> ".join(reversed(path)), distance["D"], distance.get("E", float("inf")))
assert len(distance) == nodes + 1, f"{nodes + 1 - len(distance)} nodes are not connected"
