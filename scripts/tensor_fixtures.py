#!/usr/bin/env python3
"""Writes small files of tensors for the tests of the reader, with the integers that it must make of them.

    scripts/tensor_fixtures.py cases tests/data/tensors [--seed N]
    scripts/tensor_fixtures.py faults tests/errors/workload/data

`cases` quantises in numpy, by the rule of docs/workloads.md and nothing of the program's, and writes cases.json. `faults`
writes files that must be refused. Wants numpy; .safetensors files are put together here, byte by byte.
"""

import argparse
import io
import json
import pathlib
import struct
import zipfile

import numpy as np

ROWS, COLS = 6, 10


def safetensors(tensors):
    """The bytes of a file of {name: (dtype, shape, bytes)}."""
    header, data = {"__metadata__": {"made by": "scripts/tensor_fixtures.py"}}, b""
    for name, (dtype, shape, values) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    return framed(header, data)


def framed(header, data):
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def bfloat16(values):
    """Rounded to the nearest bfloat16: its 16 bits, and its value."""
    bits = values.astype(np.float32).view(np.uint32).astype(np.uint64)
    bits = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)
    return bits, (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def quantized(values, bits, signed, channel_axis):
    """Symmetric absmax in double precision; halves to even. Integers, least and greatest scale."""
    values = values.astype(np.float64)
    greatest = float(2 ** (bits - 1) - 1 if signed else 2**bits - 1)
    other = None if channel_axis is None else 1 - channel_axis
    peak = np.abs(values).max(axis=other, keepdims=True)
    scale = np.where(peak == 0, 1.0, peak / greatest)
    return np.rint(values / scale).astype(np.int64), float(scale.min()), float(scale.max())


def packed(values, high_first):
    """Two 4-bit integers a byte along the last axis."""
    first, second = values[:, 0::2] & 15, values[:, 1::2] & 15
    return (first << 4 | second if high_first else second << 4 | first).astype(np.uint8)


class Cases:
    def __init__(self):
        self.cases = []

    def add(self, keys, operand, bits, signed, integers, scales=None):
        self.cases.append(
            {
                "keys": keys,
                "operand": operand,
                "bits": bits,
                "signed": signed,
                "rows": integers.shape[0],
                "cols": integers.shape[1],
                "integers": [int(value) for value in integers.ravel()],
                "zeros": int((integers == 0).sum()),
                # Bit patterns: decimal digits are read back to the last bit by some parsers only.
                "scales": scales and [struct.unpack("<Q", struct.pack("<d", scale))[0] for scale in scales],
            }
        )

    def real(self, source, values, transpose=False, signed=True):
        """Every scheme, on both sides, at a few widths."""
        logical = values.T if transpose else values
        for operand, axis in (("a", 0), ("b", 1)):
            for bits in (8, 13):
                # The default is said once.
                schemes = (None, "per-channel") if bits == 8 else ("per-tensor", "per-channel")
                for scheme in schemes:
                    keys = source + (", transpose = true" if transpose else "")
                    keys += f', quantize = "{scheme}"' if scheme else ""
                    integers, least, greatest = quantized(
                        logical, bits, signed, axis if scheme == "per-channel" else None
                    )
                    self.add("{ " + keys + " }", operand, bits, signed, integers, [least, greatest])


def cases(folder, seed):
    draw = np.random.default_rng(seed)
    normal = draw.normal(0, 0.05, (ROWS, COLS))
    normal[2] = 0  # a channel of zeros
    ties = draw.integers(-254, 255, (ROWS, COLS)) / 2.0  # multiples of a half ..
    ties[0, 0] = -127.0  # .. of a scale of 1 at 8 bits
    wide = normal * 10.0 ** draw.integers(-30, 30, (ROWS, COLS))
    positive = np.abs(normal)
    half = (normal * 2.0 ** draw.integers(-12, 4, (ROWS, COLS))).astype(np.float16)
    brain, brain_values = bfloat16(wide * 1e3)
    int8 = draw.integers(-128, 128, (ROWS, COLS), dtype=np.int8)
    flags = draw.integers(0, 2, (ROWS, COLS)).astype(bool)
    int4 = draw.integers(-8, 8, (ROWS, COLS))
    uint4 = draw.integers(0, 16, (ROWS, COLS))

    np.save(folder / "float32.npy", normal.astype(np.float32))
    np.save(folder / "float32_big_endian.npy", ties.astype(">f4"))
    np.save(folder / "float64_fortran.npy", np.asfortranarray(wide))
    np.save(folder / "int4_fortran.npy", np.asfortranarray(packed(int4, False).view(np.int8)))
    np.savez(folder / "stored.npz", half=half, int8=int8, flags=flags)
    np.savez_compressed(folder / "deflated.npz", ties=ties.astype(np.float32), positive=positive.astype(np.float32))
    tensors = {
        "fc1.weight": ("F32", normal.shape, normal.astype("<f4").tobytes()),
        "fc2.weight": ("BF16", brain.shape, brain.astype("<u2").tobytes()),
        "fc3.weight": ("F16", half.shape, half.astype("<f2").tobytes()),
        "fc4.weight": ("F64", wide.shape, wide.astype("<f8").tobytes()),
        "fc5.weight": ("I8", int8.shape, int8.tobytes()),
        "fc6.packed": ("U8", (ROWS, COLS // 2), packed(int4, False).tobytes()),
        "fc7.packed": ("U8", (ROWS, COLS // 2), packed(uint4, True).tobytes()),
        "fc8.mask": ("BOOL", flags.shape, flags.astype(np.uint8).tobytes()),
    }
    (folder / "model.safetensors").write_bytes(safetensors(tensors))

    made = Cases()
    for transpose in (False, True):
        made.real('npy = "float32.npy"', normal.astype(np.float32), transpose)
        made.real('safetensors = "model.safetensors", tensor = "fc2.weight"', brain_values, transpose)
    made.real('npy = "float32_big_endian.npy"', ties)
    made.real('npy = "float64_fortran.npy"', wide, True)
    made.real('npz = "stored.npz", tensor = "half"', half)
    made.real('npz = "deflated.npz", tensor = "ties"', ties)
    made.real('npz = "deflated.npz", tensor = "positive.npy"', positive.astype(np.float32), signed=False)
    made.real('safetensors = "model.safetensors", tensor = "fc1.weight"', normal.astype(np.float32))
    made.real('safetensors = "model.safetensors", tensor = "fc3.weight"', half)
    made.real('safetensors = "model.safetensors", tensor = "fc4.weight"', wide)
    model = '{ safetensors = "model.safetensors", tensor = '
    for operand in "ab":
        made.add('{ npz = "stored.npz", tensor = "int8" }', operand, 8, True, int8)
        made.add('{ npz = "stored.npz", tensor = "flags", transpose = true }', operand, 2, True, flags.T.astype(int))
        made.add(model + '"fc5.weight", transpose = true }', operand, 8, True, int8.T)
        made.add(model + '"fc6.packed", packed = "int4" }', operand, 4, True, int4)
        made.add(model + '"fc6.packed", packed = "int4", transpose = true }', operand, 8, True, int4.T)
        made.add(model + '"fc7.packed", packed = "uint4-high-first" }', operand, 4, False, uint4)
        made.add(model + '"fc8.mask" }', operand, 2, False, flags.astype(int))
        made.add('{ npy = "int4_fortran.npy", packed = "int4" }', operand, 4, True, int4)
        made.add('{ npy = "int4_fortran.npy", packed = "int4", transpose = true }', operand, 4, True, int4.T)
    lines = ",\n".join(json.dumps(case) for case in made.cases)
    (folder / "cases.json").write_text(f"[\n{lines}\n]\n")


def faults(folder):
    np.save(folder / "complex_2x2.npy", np.zeros((2, 2), np.complex64))
    np.save(folder / "text_2x2.npy", np.array([["a", "b"], ["c", "d"]]))
    np.save(folder / "object_2x2.npy", np.array([[1, 2], [3, None]], dtype=object), allow_pickle=True)
    np.save(folder / "nan_2x2.npy", np.array([[1, 2], [np.nan, 4]], np.float32))
    np.save(folder / "inf_2x2.npy", np.array([[1, -np.inf], [3, 4]], np.float16))
    np.save(folder / "rank_3.npy", np.zeros((2, 2, 1), np.int8))
    np.save(folder / "wide_2x3.npy", np.zeros((2, 3), np.int8))
    np.save(folder / "bytes_2x1.npy", np.zeros((2, 1), np.uint8))
    np.save(folder / "real_2.npy", np.array([0.5, -1], np.float32))
    np.save(folder / "beyond_2.npy", np.array([1, 1e300]))
    np.save(folder / "great_2x2.npy", np.full((2, 2), 1e21, np.float32))
    np.save(folder / "tiny_2x2.npy", np.full((2, 2), 1e-30, np.float32))
    np.save(folder / "image_1x2x2.npy", np.array([[[1, 2], [3, 4]]], np.float32))
    np.save(folder / "filters_2x1x1x1.npy", np.array([1, -2], np.float32).reshape(2, 1, 1, 1))
    np.save(folder / "tall_2x2.npy", np.array([[1, 2], [3, 4]], np.float32))
    np.save(folder / "image_codes_1x2x2.npy", np.zeros((1, 2, 2), np.uint8))
    np.savez(folder / "weights.npz", fc1=np.zeros((2, 2), np.int8), fc2=np.zeros((2, 2), np.float32))
    whole = (folder / "weights.npz").read_bytes()
    (folder / "cut.npz").write_bytes(whole[: len(whole) // 2])
    damaged = bytearray(whole)
    damaged[whole.index(b"fc1.npy") + 7 + 20 + 128 + 2] ^= 1  # a value of fc1, whose checksum is then wrong
    (folder / "damaged.npz").write_bytes(bytes(damaged))
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|i1", "fortran_order": False, "shape": (60000, 60000)})
    with zipfile.ZipFile(folder / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("fc1.npy")
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, header.getvalue() + bytes(1 << 20))
    values = bytes(range(16))
    pair = {"fc1.weight": {"dtype": "I8", "shape": [2, 2], "data_offsets": [0, 4]}}
    overlap = pair | {"fc2.weight": {"dtype": "I8", "shape": [2, 2], "data_offsets": [2, 6]}}
    (folder / "overlap.safetensors").write_bytes(framed(overlap, values[:6]))
    two = pair | {"fc2.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [4, 20]}}
    (folder / "short.safetensors").write_bytes(framed(two, values))
    (folder / "model.safetensors").write_bytes(framed(two, values + bytes(4)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cases", "faults"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.what == "cases":
        cases(arguments.folder, arguments.seed)
    else:
        faults(arguments.folder)


if __name__ == "__main__":
    main()
