# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
# stdin: "# x y\n1 2.5\n3 -4e-3\n"
import io
import sys

import numpy as np

table = np.loadtxt(sys.stdin)
print(table, table.T @ table)
np.savez_compressed("arrays.npz", table=table, more=np.eye(2, dtype=bool))
with np.load("arrays.npz") as archive:
    print(sorted(archive.files), archive["more"])
np.savetxt(sys.stdout, table, fmt="%8.3f", header="x y", comments="% ")
mapped = np.memmap("raw.bin", dtype="<i2", mode="w+", shape=(4,))
mapped[:] = [1, -2, 300, 4]
mapped.flush()
print(np.fromfile("raw.bin", dtype="<i2"), open("raw.bin", "rb").read().hex())
print(np.genfromtxt(io.StringIO("a,b\n1,\n,4"), delimiter=",", names=True, filling_values=-1))
t = np.arange(256) / 256
signal = np.sin(2 * np.pi * 50 * t) + 0.5 * np.sin(2 * np.pi * 80 * t)
spectrum = np.fft.rfft(signal)
print(np.argsort(np.abs(spectrum))[-2:], [float(v).hex() for v in np.abs(spectrum)[[50, 80]]])
print(np.allclose(np.fft.irfft(spectrum), signal), np.convolve([1, 2, 3], [0, 1, 0.5]), np.polyfit([0, 1, 2], [1, 3, 7], 2))
