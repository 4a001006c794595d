#!/usr/bin/env python3
"""Writes bitsim's network.json from ternary matrices trained elsewhere. Standard library only; rules: docs/ir.md.

    python3 examples/write_network.py --shape 28x28 --input-bits 7 --shift 5 --act-bits 8 \\
        --name mine --out network.json fc0.txt fc1.txt

Each file is one layer's weights: a line an output, with -1, 0 and 1 between blanks, as numpy.savetxt(path, w, fmt="%d") writes
them for w of shape [outputs, inputs]. The hidden layers' codes are clip((sum + half) >> shift, 0, 2^bits - 1); --shift takes one
number for all hidden layers or one for each, with commas. --bias takes a file a layer, one integer a line, or "none".
Exits with 2 and says why when the matrices are no network.
"""
import argparse
import json
import sys

SYMBOLS = {-1: "-", 0: "0", 1: "+"}


def fail(message):
    print(f"write_network.py: {message}", file=sys.stderr)
    sys.exit(2)


def read_integers(path):
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.split() for line in file if line.strip()]
        return [[int(word) for word in line] for line in lines]
    except (OSError, ValueError) as error:
        fail(f"{path}: {error}")


def read_weights(path, inputs):
    rows = read_integers(path)
    if not rows or any(len(row) != inputs for row in rows):
        fail(f"{path}: every line must have {inputs} weights, what comes before the layer")
    if any(trit not in SYMBOLS for row in rows for trit in row):
        fail(f"{path}: weights must be -1, 0 or 1")
    return rows


def read_bias(path, outputs):
    if path == "none":
        return None
    values = [value for row in read_integers(path) for value in row]
    if len(values) != outputs:
        fail(f"{path}: must have {outputs} integers, not {len(values)}")
    return values


def signed_format(low, high):
    bits = 1
    while not (-(1 << (bits - 1)) <= low and high < 1 << (bits - 1)):
        bits += 1
    return f"s{bits}"


def accumulator(rows, bias, largest):
    bias = bias or [0] * len(rows)
    low = min(b - row.count(-1) * largest for b, row in zip(bias, rows))
    high = max(b + row.count(1) * largest for b, row in zip(bias, rows))
    return signed_format(min(low, 0), max(high, 0))


def dense(index, rows, bias, bits, requantize):
    return {
        "kind": "dense",
        "name": f"fc{index}",
        "input": f"u{bits}",
        "weights": {"alphabet": "ternary", "rows": ["".join(SYMBOLS[trit] for trit in row) for row in rows]},
        "bias": bias,
        "accumulator": accumulator(rows, bias, (1 << bits) - 1),
        "requantize": requantize,
    }


def build(options):
    height, width = options.shape
    count = len(options.weights)
    shifts = options.shift * (count - 1) if len(options.shift) == 1 else options.shift
    if len(shifts) != count - 1:
        fail(f"--shift: must be one number, or {count - 1}, one for each hidden layer")
    biases = options.bias or ["none"] * count
    if len(biases) != count:
        fail(f"--bias: must name {count} files (or none), one for each layer")
    layers, inputs, bits = [], height * width, options.input_bits
    for index, path in enumerate(options.weights):
        rows = read_weights(path, inputs)
        bias = read_bias(biases[index], len(rows))
        requantize = {"kind": "none"}
        if index < count - 1:
            output = f"u{options.act_bits}"
            requantize = {"kind": "static-shift", "shift": shifts[index], "rounding": "half-up", "output": output}
        layers.append(dense(index, rows, bias, bits, requantize))
        inputs, bits = len(rows), options.act_bits
    logits = layers[-1]["accumulator"]
    layers.append({"kind": "argmax", "name": "argmax", "inputs": inputs, "input": logits, "ties": "lowest-index"})
    return {
        "format": "bitsim-network",
        "version": 1,
        "name": options.name,
        "input": {
            "shape": [height, width],
            "pixel": "u8",
            "crop": [0, 0, height, width],
            "pool": [1, 1],
            "shift": 8 - options.input_bits,
            "code": f"u{options.input_bits}",
        },
        "layers": layers,
        "classes": [str(index) for index in range(inputs)],
        "provenance": {"tool": "write_network.py"},
    }


def numbers(text):
    return [int(part) for part in text.split(",")]


def shape(text):
    height, width = text.split("x")
    return int(height), int(width)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", nargs="+", help="a file a layer, first layer first")
    parser.add_argument("--shape", type=shape, required=True, help="of the images, for example 28x28")
    parser.add_argument("--input-bits", type=int, default=8, choices=range(1, 9))
    parser.add_argument("--act-bits", type=int, default=8, choices=range(1, 9))
    parser.add_argument("--shift", type=numbers, default=[5])
    parser.add_argument("--bias", nargs="+")
    parser.add_argument("--name", default="imported")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    network = build(options)
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(network, file)
        file.write("\n")


main()
