# mode: "program"
# sandboxes: slot fresh
import pickle


class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next

    def __reduce__(self):
        return Node, (self.value, self.next)


node = pickle.loads(pickle.dumps(Node(1, Node(2))))
print(node.value, node.next.value, type(node))
