#!/usr/bin/env python3
"""An independent reader of bitsim's network.json, written from docs/ir.md alone. Standard library only.

    python3 examples/read_network.py network.json IMAGES [--images N] [--codes]

IMAGES is an IDX file of images (plain or gzipped), or a JSON array of images, each an array of bytes in row order.
Prints one JSON object a line and image: {"image", "class", "logits"}, with --codes also "codes" (one list a hidden layer).
Reads version 1. Exits with 2 when the network or the images are not what the page says.
"""
import argparse
import gzip
import json
import struct
import sys
import zlib


def fail(message):
    print(f"read_network.py: {message}", file=sys.stderr)
    sys.exit(2)


def read_idx(data, shape):
    if len(data) < 16:
        fail("images: neither an IDX file nor a JSON array")
    magic, count, height, width = struct.unpack(">IIII", data[:16])
    if magic != 0x803 or len(data) != 16 + count * height * width:
        fail("images: neither a whole IDX file of images nor a JSON array")
    if [height, width] != shape:
        fail(f"images: {height} x {width}, but the network's input is {shape[0]} x {shape[1]}")
    size = height * width
    return [data[16 + i * size : 16 + (i + 1) * size] for i in range(count)]


def read_images(path, shape):
    with open(path, "rb") as file:
        data = file.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data.lstrip()[:1] != b"[":
        return read_idx(data, shape)
    images = [bytes(pixels) for pixels in json.loads(data)]
    if any(len(pixels) != shape[0] * shape[1] for pixels in images):
        fail(f"images: one has not {shape[0]} x {shape[1]} pixels")
    return images


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
    rows = layer["weights"]["rows"]
    sums = []
    for start, row in zip(layer["bias"] or [0] * len(rows), rows):
        if len(row) != len(x):
            fail(f"layer {layer['name']}: {len(row)} weights for {len(x)} inputs")
        total = start
        for trit, value in zip(row, x):
            if trit == "+":
                total += value
            elif trit == "-":
                total -= value
            elif trit != "0":
                fail(f"layer {layer['name']}: {trit!r} is no trit")
        sums.append(total)
    return sums


def requantize(spec, sums):
    bits = int(spec["output"][1:])
    if spec["kind"] == "thresholds":
        if len(spec["thresholds"]) != len(sums):
            fail(f"requantize: {len(spec['thresholds'])} rows of thresholds for {len(sums)} outputs")
        return [sum(t <= s for t in row) for row, s in zip(spec["thresholds"], sums)]
    if spec["kind"] == "static-shift":
        shift = spec["shift"]
    elif spec["kind"] == "dynamic-shift":
        shift = max(0, max(0, *sums).bit_length() - bits)
    else:
        fail(f"requantize: {spec['kind']} is no kind of version 1")
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
    fail("the last layer must be argmax")


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
        fail("not a bitsim network of version 1")
    images = read_images(args.images, network["input"]["shape"])
    for index, pixels in enumerate(images[: args.count]):
        result = evaluate(network, pixels)
        if not args.codes:
            del result["codes"]
        print(json.dumps({"image": index, **result}))


try:
    main()
except (OSError, EOFError, KeyError, TypeError, ValueError, zlib.error) as error:
    fail(f"{type(error).__name__}: {error}")
