# mode: "program"
import random
from collections import Counter

random.seed(2024)
rolls = Counter(random.randint(1, 6) + random.randint(1, 6) for _ in range(1000))
for total in sorted(rolls):
    print(f"{total:2}: {'#' * (rolls[total] // 10)}")
deck = [f"{rank}{suit}" for suit in "♠♥♦♣" for rank in "A23456789TJQK"]
random.shuffle(deck)
print(" ".join(deck[:5]), random.choices("abc", weights=[5, 3, 1], k=8))
generator = random.Random("a text as seed")
print(generator.random(), generator.gauss(10, 2), generator.sample(range(100), 4), generator.getrandbits(64))
print(random.betavariate(2, 5), random.triangular(0, 1), random.randbytes(4).hex())
