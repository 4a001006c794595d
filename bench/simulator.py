"""The bench's net in PyTorch, float32, one thread: python3 bench/simulator.py FOLDER ROUNDS HIDDEN SHIFT."""
import sys
import time

import numpy
import torch

folder, rounds, hidden, shift = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(1)
torch.set_grad_enabled(False)


def load(name, kind, *shape):
    return torch.from_numpy(numpy.fromfile(f"{folder}/{name}", dtype=kind).reshape(shape))


w1 = load("w0.bin", numpy.int8, hidden, 784).float().t().contiguous()
w2 = load("w1.bin", numpy.int8, 10, hidden).float().t().contiguous()
codes = load("codes.bin", numpy.uint8, -1, 784).float()
for _ in range(rounds):
    began = time.process_time()
    parts = []
    for start in range(0, len(codes), 1000):
        h = torch.clamp(torch.floor((codes[start : start + 1000] @ w1) * 2.0**-shift + 0.5), 0, 255)
        parts.append(h @ w2)
    print(1e3 * (time.process_time() - began), file=sys.stderr)
sys.stdout.buffer.write(torch.cat(parts).to(torch.int32).numpy().tobytes())
