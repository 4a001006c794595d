"""The default recipe's training step in PyTorch, one thread, its gradients written out as in src/train/step.ts.

python3 bench/training.py FOLDER BATCH STEPS   reads what bench/training.ts wrote to FOLDER; prints one JSON object.
"""
import json
import resource
import sys

import numpy
import torch

folder, batch, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
torch.set_grad_enabled(False)
torch.set_flush_denormal(True)  # or Adam crawls through subnormal moments of weights that get no gradient
spec = json.load(open(f"{folder}/spec.json"))


def tensor(name, kind, *shape):
    return torch.from_numpy(numpy.fromfile(f"{folder}/{name}", dtype=kind).reshape(shape))


sizes = spec["sizes"]
images = tensor("codes.bin", numpy.uint8, -1, sizes[0])
labels = tensor("labels.bin", numpy.uint8, -1).long()
latents = [tensor(f"latents{i}.bin", numpy.float32, a, b) for i, (a, b) in enumerate(zip(sizes, sizes[1:]))]
first = [torch.zeros_like(w) for w in latents]
second = [torch.zeros_like(w) for w in latents]
scale = 2.0 ** -spec["shift"]
logit_scale = 2.0 ** -spec["logitShift"]
smoothing = spec["labelSmoothing"]
beta1, beta2, eps = 0.9, 0.99, 1e-12


def step(number, codes, targets):
    trits = [torch.round(w) for w in latents]
    sums = codes @ trits[0]
    scaled = sums * scale
    hidden = torch.clamp(torch.floor(scaled + 0.5), 0, 255)
    logits = hidden @ trits[1]
    log_p = torch.log_softmax(logits * logit_scale, 1)
    loss = -(targets * log_p).sum()
    signal = (log_p.exp() - targets) / len(codes)
    through = (signal @ trits[1].t()) * ((sums > 0) & (scaled < 255.5)) * scale
    for i, gradient in enumerate([codes.t() @ through, hidden.t() @ signal]):
        first[i].mul_(beta1).add_(gradient, alpha=1 - beta1)
        second[i].mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        correction = (1 - beta2**number) ** 0.5
        rate = spec["learningRate"] / (1 - beta1**number) * correction
        latents[i].addcdiv_(first[i], second[i].sqrt().add_(eps * correction), value=-rate).clamp_(-1, 1)
    return float(loss), hidden


def targets_of(indices):
    spread = torch.full((len(indices), sizes[-1]), smoothing / sizes[-1])
    spread[torch.arange(len(indices)), labels[indices]] += 1 - smoothing
    return spread


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def check_blas():
    """On the reference BLAS a comparison would flatter us."""
    a, b = torch.rand(256, 784), torch.rand(784, 1024)
    for _ in range(3):
        a @ b
    before = cpu()
    for _ in range(10):
        a @ b
    if (cpu() - before) / 10 > 0.02:
        sys.exit("PyTorch runs on a slow BLAS here: install libopenblas0")


check_blas()
losses, began, code_sum = [], 0.0, None
for number in range(1, steps + 1):
    if number == spec["warmUp"] + 1:
        began = cpu()
    start = (number - 1) * batch % (len(images) - batch + 1)
    indices = torch.arange(start, start + batch)
    loss, hidden = step(number, images[indices].float(), targets_of(indices))
    losses.append(loss / batch)
    if code_sum is None:
        code_sum = int(hidden.sum(dtype=torch.float64))
seconds = (cpu() - began) / (steps - spec["warmUp"])
print(json.dumps({"version": torch.__version__, "seconds": seconds, "losses": losses[:8], "codeSum": code_sum}))
