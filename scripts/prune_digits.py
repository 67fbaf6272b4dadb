#!/usr/bin/env python3
"""Writes digits-mlp-pruned: the shipped perceptron with most of its weights made 0 when they are read.

    python3 scripts/prune_digits.py [PART]

The workload reads the weights of digits-mlp and prunes them itself (`magnitude`); what must be written anew are the biases, which hold
the zero point of the activations times the sum of each column of weights: -(-128) * sum(w) is other when some w are 0. Standard library
only: it is a second implementation of the rule in docs/sparsity.md, and prints how many images are recognised.
"""

import ast
import pathlib
import re
import struct
import sys
from fractions import Fraction

ROOT = pathlib.Path(__file__).resolve().parent.parent / "workloads"
DENSE = ROOT / "digits-mlp"
ZERO_POINT = -128
TYPES = {"|i1": "b", "|u1": "B", "<i4": "i"}


def read_npy(path):
    data = path.read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + length].decode())
    assert data[:8] == b"\x93NUMPY\x01\x00" and not header["fortran_order"], path
    count = 1
    for extent in header["shape"]:
        count *= extent
    return header["shape"], list(struct.unpack(f"<{count}{TYPES[header['descr']]}", data[10 + length :]))


def write_npy(path, values):
    header = f"{{'descr': '<i4', 'fortran_order': False, 'shape': ({len(values)},), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}i", *values))


def pruned(weights, part):
    """The least magnitudes become 0; of equal ones those that stand first."""
    order = sorted(range(len(weights)), key=lambda index: (abs(weights[index]), index))
    out = set(order[: int(part * len(weights))])
    return [0 if index in out else weight for index, weight in enumerate(weights)]


def main(part):
    text = (ROOT / "digits-mlp.toml").read_text()
    steps = [(int(m), int(s)) for m, s in re.findall(r"multiplier = (\d+), shift = (\d+)", text)]
    (images, _), activations = read_npy(DENSE / "test_images.npy")
    _, labels = read_npy(DENSE / "test_labels.npy")
    out = ROOT / "digits-mlp-pruned"
    out.mkdir(exist_ok=True)
    for layer in (1, 2, 3):
        (k, n), dense = read_npy(DENSE / f"fc{layer}_weights.npy")
        weights = pruned(dense, part)
        _, bias = read_npy(DENSE / f"fc{layer}_bias.npy")
        lost = [sum(dense[row * n + col] - weights[row * n + col] for row in range(k)) for col in range(n)]
        bias = [value + ZERO_POINT * gone for value, gone in zip(bias, lost)]
        write_npy(out / f"fc{layer}_bias.npy", bias)
        columns = [[(row, weights[row * n + col]) for row in range(k) if weights[row * n + col]] for col in range(n)]
        rows = [activations[m * k : (m + 1) * k] for m in range(images)]
        sums = [[bias[col] + sum(row[at] * w for at, w in columns[col]) for col in range(n)] for row in rows]
        if layer < 3:
            multiplier, shift = steps[layer - 1]
            scaled = [((acc * multiplier + (1 << shift - 1)) >> shift) + ZERO_POINT for row in sums for acc in row]
            activations = [min(max(value, ZERO_POINT), 127) for value in scaled]
    correct = sum(row.index(max(row)) == label for row, label in zip(sums, labels))

    head, *layers = text.split("[[gemm]]")
    pruning = f", sparsity = {{ magnitude = {float(part)} }} }}"
    layers = [re.sub(r'^(b = \{ npy = "[^"]*") \}', rf"\g<1>{pruning}", layer, flags=re.M) for layer in layers]
    layers = [re.sub(r"digits-mlp/(fc\d_bias)", r"digits-mlp-pruned/\1", layer) for layer in layers]
    head = f"""\
# The perceptron of digits-mlp with {float(part) * 100:g} % of each layer's weights, those of the least magnitude, made 0; nothing is trained anew.
# Written by scripts/prune_digits.py: the biases hold the zero point times the sums of the weights that are left.
# It recognises {correct} of {images} images, with all weights 353.
name = "digits-mlp-pruned"

"""
    (ROOT / "digits-mlp-pruned.toml").write_text("[[gemm]]".join([head, *layers]))
    print(f"{float(part)}: {correct} of {images}")


if __name__ == "__main__":
    main(Fraction(sys.argv[1] if len(sys.argv) > 1 else "0.5"))
