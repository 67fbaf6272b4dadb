#!/usr/bin/env python3
"""Trains and quantises the perceptron 64-128-64-10 of the workload `digits-mlp`.

    python3 -m venv target/digits-venv
    target/digits-venv/bin/pip install -r scripts/requirements-digits.txt
    target/digits-venv/bin/python scripts/train_digits.py

Data: the handwritten digits bundled with scikit-learn (1,797 images of 8 x 8 pixels with values 0 to 16; the test set of
"Optical Recognition of Handwritten Digits", UCI repository, CC BY 4.0). 360 images are held out for the test.

Writes workloads/digits-mlp.toml, workloads/digits-mlp/*.npy and tests/data/digits_mlp_predictions.npy (what this script's
own integer arithmetic predicts, to compare with). The same versions of the packages give the same bytes on every run.
So too workloads/digits-mlp-float.toml with the weights before they are quantised, for designs in any format, and
tests/data/digits_mlp_float_predictions.npy: a row for each format of MX, from arithmetic of this script's own.

The integer arithmetic (the same as in src/workload/after.rs):
    A real activation is (q - zero_point) * scale with q in int8, a real weight is q * scale.
    acc  = sum over k of A[m,k] * B[k,n]                  the engine, on raw int8
    acc += bias[n]                                         the bias, minus zero_point * (sum of the weight column)
    q    = clamp(((acc * multiplier + 2^(shift-1)) >> shift) + zero_point, max(-128, zero_point), 127)
The last layer is not requantised: the class is the column with the greatest acc, the first of equals.
"""

import os

# One thread, so that sums are added in one order.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import io
import pathlib
import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

SEED = 1
TEST_IMAGES = 360
ZERO_POINT = -128  # of every activation: all are >= 0, so int8 is used from end to end
ROOT = pathlib.Path(__file__).resolve().parent.parent


def quantise_activation(real, scale):
    """Real activations >= 0 to int8 with ZERO_POINT."""
    return np.clip(np.floor(real / scale + 0.5) + ZERO_POINT, -128, 127).astype(np.int64)


def multiplier_and_shift(ratio):
    """`ratio` as multiplier / 2^shift with a multiplier of 31 bits."""
    shift = 0
    while ratio * 2.0**shift < 2.0**30:
        shift += 1
    return int(round(ratio * 2.0**shift)), shift


def requantise(acc, multiplier, shift):
    """int64 accumulators to int8 with ReLU."""
    rounded = (acc * multiplier + (1 << (shift - 1))) >> shift
    return np.clip(rounded + ZERO_POINT, ZERO_POINT, 127)


# Exponent bits, mantissa bits, bias and greatest number of the elements; none of mxint8.
MX_FORMATS = {
    "mxint8": None,
    "mxfp4": (2, 1, 1, 6.0),
    "mxfp6-e2m3": (2, 3, 1, 7.5),
    "mxfp6-e3m2": (3, 2, 3, 28.0),
}


def mx(real, element):
    """float64 numbers, blocks of 32 along the last axis, as the numbers that they are in a format of MX."""
    out = np.empty_like(real)
    for start in range(0, real.shape[-1], 32):
        block = real[..., start : start + 32]
        peak = np.abs(block).max(axis=-1, keepdims=True)
        greatest = 127 / 64 if element is None else element[3]
        exponent = np.floor(np.log2(np.where(peak > 0, peak, 1))) - np.floor(np.log2(greatest))
        scale = np.where(peak > 0, 2.0**exponent, 1.0)
        value = block / scale
        if element is None:
            step = 1 / 64
        else:
            _, mantissa, bias, _ = element
            power = np.floor(np.log2(np.where(value != 0, np.abs(value), 1)))
            step = 2.0 ** (np.maximum(power, 1 - bias) - mantissa)
        out[..., start : start + 32] = np.clip(np.rint(value / step) * step, -greatest, greatest) * scale
    return out


def write_floats(model, test_x, test_y):
    """The perceptron before it is quantised, and what it predicts in each format of MX."""
    out = ROOT / "workloads" / "digits-mlp-float"
    write_npy(out / "test_images.npy", test_x.astype(np.float16))  # sixteenths: exact
    predictions = {}
    for name, element in MX_FORMATS.items():
        current = test_x
        for index, (weights, bias) in enumerate(zip(model.coefs_, model.intercepts_)):
            weights, bias = weights.astype(np.float32), bias.astype(np.float32)
            write_npy(out / f"fc{index + 1}_weights.npy", weights)
            write_npy(out / f"fc{index + 1}_bias.npy", bias)
            # Sums of so few bits are exact in double precision.
            columns = mx(weights.astype(np.float64).T, element)
            result = mx(current, element) @ columns.T + bias.astype(np.float64)
            current = np.maximum(result.astype(np.float32), 0).astype(np.float64)
        predictions[name] = result.argmax(axis=1)
    write_npy(ROOT / "tests/data/digits_mlp_float_predictions.npy", np.array(list(predictions.values()), dtype=np.uint8))
    correct = {name: int((found == test_y).sum()) for name, found in predictions.items()}
    counts = ", ".join(f"{count} in {name}" for name, count in correct.items())
    real = int((model.predict(test_x) == test_y).sum())
    layers = []
    for index, weights in enumerate(model.coefs_):
        k, n = weights.shape
        source = 'npy = "digits-mlp-float/test_images.npy"' if index == 0 else f'layer = "fc{index}"'
        after = 'labels = { npy = "digits-mlp/test_labels.npy" }'
        layers.append(
            f"""[[gemm]]
name = "fc{index + 1}"
m = {TEST_IMAGES}
n = {n}
k = {k}
a = {{ {source} }}
b = {{ npy = "digits-mlp-float/fc{index + 1}_weights.npy" }}
bias = {{ npy = "digits-mlp-float/fc{index + 1}_bias.npy" }}
{after if index == len(model.coefs_) - 1 else "requantize = { relu = true }"}"""
        )
    header = f"""\
# The perceptron of digits-mlp in floating point: the design quantises images, weights and results to its own formats.
# Images and labels: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI repository, CC BY 4.0.
# Written by scripts/train_digits.py. Of {TEST_IMAGES} images it recognises {real} in floating point;
# {counts}.
name = "digits-mlp-float"
"""
    (ROOT / "workloads" / "digits-mlp-float.toml").write_text("\n\n".join([header.rstrip(), *layers]) + "\n")
    print(f"floating point: {real} of {TEST_IMAGES}; {counts}")


def write_npy(path, array):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())


def main():
    digits = load_digits()
    train_x, test_x, train_y, test_y = train_test_split(
        digits.data / 16.0, digits.target, test_size=TEST_IMAGES, random_state=SEED, stratify=digits.target
    )
    model = MLPClassifier((128, 64), activation="relu", alpha=1e-3, batch_size=64, max_iter=60, random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 60 epochs are enough
        model.fit(train_x, train_y)

    write_floats(model, test_x, test_y)

    # Scales of the activations, from the training images.
    activations = [train_x]
    for weights, bias in zip(model.coefs_[:-1], model.intercepts_[:-1]):
        activations.append(np.maximum(activations[-1] @ weights + bias, 0.0))
    activation_scales = [float(activation.max()) / 255.0 for activation in activations]

    out = ROOT / "workloads" / "digits-mlp"
    current = quantise_activation(test_x, activation_scales[0])
    write_npy(out / "test_images.npy", current.astype(np.int8))
    write_npy(out / "test_labels.npy", test_y.astype(np.uint8))
    layers = []
    last = len(model.coefs_) - 1
    for index, (weights, bias) in enumerate(zip(model.coefs_, model.intercepts_)):
        name = f"fc{index + 1}"
        weight_scale = float(np.abs(weights).max()) / 127.0
        weight_q = np.clip(np.floor(weights / weight_scale + 0.5), -127, 127).astype(np.int64)
        acc_scale = activation_scales[index] * weight_scale
        bias_q = np.floor(bias / acc_scale + 0.5).astype(np.int64) - ZERO_POINT * weight_q.sum(axis=0)
        write_npy(out / f"{name}_weights.npy", weight_q.astype(np.int8))
        write_npy(out / f"{name}_bias.npy", bias_q.astype(np.int32))
        acc = current @ weight_q + bias_q
        k, n = weight_q.shape
        lines = [
            "[[gemm]]",
            f'name = "{name}"',
            f"m = {TEST_IMAGES}",
            f"n = {n}",
            f"k = {k}",
            'a = { npy = "digits-mlp/test_images.npy" }' if index == 0 else f'a = {{ layer = "fc{index}" }}',
            f'b = {{ npy = "digits-mlp/{name}_weights.npy" }}',
            f'bias = {{ npy = "digits-mlp/{name}_bias.npy" }}',
        ]
        if index < last:
            multiplier, shift = multiplier_and_shift(acc_scale / activation_scales[index + 1])
            current = requantise(acc, multiplier, shift)
            lines.append(
                f"requantize = {{ multiplier = {multiplier}, shift = {shift}, "
                f"zero-point = {ZERO_POINT}, relu = true }}"
            )
        else:
            lines.append('labels = { npy = "digits-mlp/test_labels.npy" }')
        layers.append("\n".join(lines))

    predictions = acc.argmax(axis=1)
    correct = int((predictions == test_y).sum())
    real_correct = int((model.predict(test_x) == test_y).sum())
    write_npy(ROOT / "tests" / "data" / "digits_mlp_predictions.npy", predictions.astype(np.uint8))
    header = f"""\
# A perceptron 64-128-64-10 for handwritten digits, quantised to INT8: {TEST_IMAGES} test images of 8 x 8 pixels.
# Images and labels: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI repository, CC BY 4.0.
# Written by scripts/train_digits.py. In floating point it recognises {real_correct} of {TEST_IMAGES} images, quantised {correct}.
name = "digits-mlp"
"""
    (ROOT / "workloads" / "digits-mlp.toml").write_text("\n\n".join([header.rstrip(), *layers]) + "\n")
    print(f"floating point: {real_correct} of {TEST_IMAGES}, quantised: {correct} of {TEST_IMAGES}")


if __name__ == "__main__":
    main()
