# mode: "program"
sieve = bytearray([1]) * 300000
sieve[:2] = b"\0\0"
for n in range(2, 548):
    if sieve[n]:
        sieve[n * n :: n] = bytes(len(range(n * n, len(sieve), n)))
print(sum(sieve), max(n for n in range(len(sieve)) if sieve[n]))
