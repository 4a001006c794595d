#!/usr/bin/env python3
"""An independent reader of bitsim's network.json, written from docs/ir.md alone. Standard library only.

    python3 examples/read_network.py network.json images-idx3-ubyte[.gz] [--images N] [--codes]

Prints one JSON object a line and image: {"image", "class", "logits"}, with --codes also "codes" (one list a hidden layer).
Reads version 1. Exits with 2 when the network or the images are not what the page says.
"""
import argparse
import gzip
import json
import struct
import sys


def read_images(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    magic, count, height, width = struct.unpack(">IIII", data[:16])
    if magic != 0x803 or len(data) != 16 + count * height * width:
        sys.exit("not an IDX file of images")
    size = height * width
    return (height, width), [data[16 + i * size : 16 + (i + 1) * size] for i in range(count)]


def input_codes(spec, pixels):
    width = spec["shape"][1]
    top, left, crop_height, crop_width = spec["crop"]
    pool_height, pool_width = spec["pool"]
    codes = []
    for y in range(top, top + crop_height, pool_height):
        for x in range(left, left + crop_width, pool_width):
            rows = (pixels[(y + dy) * width + x :][:pool_width] for dy in range(pool_height))
            codes.append(sum(map(sum, rows)) >> spec["shift"])
    return codes


def accumulate(layer, x):
    bias = layer["bias"] or [0] * len(layer["weights"]["rows"])
    sums = []
    for start, row in zip(bias, layer["weights"]["rows"]):
        total = start
        for trit, value in zip(row, x):
            if trit == "+":
                total += value
            elif trit == "-":
                total -= value
        sums.append(total)
    return sums


def requantize(spec, sums):
    bits = int(spec["output"][1:])
    if spec["kind"] == "static-shift":
        shift = spec["shift"]
    else:
        shift = max(0, max(0, *sums).bit_length() - bits)
    half = 0 if shift == 0 else 1 << (shift - 1)
    largest = (1 << bits) - 1
    return [0 if s <= 0 else min((s + half) >> shift, largest) for s in sums]


def evaluate(network, pixels):
    x = input_codes(network["input"], pixels)
    codes = []
    for layer in network["layers"]:
        if layer["kind"] == "argmax":
            return {"class": x.index(max(x)), "logits": x, "codes": codes}
        x = accumulate(layer, x)
        if layer["requantize"]["kind"] != "none":
            x = requantize(layer["requantize"], x)
            codes.append(x)
    sys.exit("the last layer must be argmax")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    parser.add_argument("images")
    parser.add_argument("--images", type=int, dest="count")
    parser.add_argument("--codes", action="store_true")
    args = parser.parse_args()
    with open(args.network, encoding="utf-8") as file:
        network = json.load(file)
    if network["format"] != "bitsim-network" or network["version"] != 1:
        sys.exit("not a bitsim network of version 1")
    shape, images = read_images(args.images)
    if list(shape) != network["input"]["shape"]:
        sys.exit("the images have another shape than the network's input")
    for index, pixels in enumerate(images[: args.count]):
        result = evaluate(network, pixels)
        if not args.codes:
            del result["codes"]
        print(json.dumps({"image": index, **result}))


main()
