#!/usr/bin/env python3
"""Writes small ONNX models for the tests of the importer, with the products and integers that it must make of them.

    scripts/onnx_fixtures.py cases tests/data/onnx
    scripts/onnx_fixtures.py faults tests/errors/workload

`cases` writes the models, cases.json (the layers of each, with operands computed in numpy by the rule of docs/workloads.md) and
extents.txt (what onnx.shape_inference says of every value). `faults` writes models that must be refused. Wants the packages onnx
(1.18 or later) and numpy:

    python3 -m venv venv && venv/bin/pip install onnx numpy && venv/bin/python scripts/onnx_fixtures.py ..
"""

import argparse
import json
import pathlib

import numpy as np
import onnx
import onnx.reference
import onnx.utils
from onnx import TensorProto as T
from onnx import helper, numpy_helper

RANDOM = np.random.default_rng(4)


def reals(*shape):
    return RANDOM.normal(0, 1, shape).astype(np.float32)


def int8(*shape):
    return RANDOM.integers(-128, 128, shape).astype(np.int8)


def tensor(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def ints(name, *values):
    return tensor(name, np.array(values, np.int64))


def value(name, dims, dtype=T.FLOAT):
    return helper.make_tensor_value_info(name, dtype, dims)


def quantized(weights, bits=8, axis=None):
    """Symmetric absmax in double precision, halves to even; `axis` is that of the channels."""
    weights = np.asarray(weights, np.float64)
    others = None if axis is None else tuple(at for at in range(weights.ndim) if at != axis)
    peak = np.abs(weights).max(axis=others, keepdims=True)
    scale = np.where(peak == 0, 1.0, peak / (2 ** (bits - 1) - 1))
    return np.rint(weights / scale).astype(int)


def columns(filters):
    """Filters as the columns of a product."""
    return np.asarray(filters).reshape(len(filters), -1).T


def layer(name, m, n, k, b=None, products=1, repeat=1, a=None):
    """A layer as it must come out; `b` is a matrix, or one for each product of a convolution."""
    lists = lambda matrix: None if matrix is None else np.asarray(matrix, int).tolist()
    return {"name": name, "m": m, "n": n, "k": k, "products": products, "repeat": repeat, "a": lists(a), "b": lists(b)}


class Case:
    """A model, how it is loaded, and the layers that it must become."""

    all = []

    def __init__(self, name, nodes, inputs, outputs, tensors=(), layers=(), opset=18, ms=False, **load):
        graph = helper.make_graph(nodes, name, inputs, outputs, list(tensors))
        opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid("com.microsoft", 1)] * ms
        self.model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        self.name, self.layers, self.load, self.ms = name, list(layers), load, ms
        Case.all.append(self)


def node(kind, inputs, outputs, name="", **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), name, **attributes)


def plain():
    w, v = reals(8, 5), reals(6, 10)
    nodes = [
        node("MatMul", "x w", "h", "/net/fc 1/MatMul"),
        node("Relu", "h", "r"),
        node("Reshape", "r shape", "f"),
        node("Gemm", "f v", "y", "", transB=1, alpha=1.0),
    ]
    tensors = [tensor("w", w), tensor("v", v), ints("shape", 3, -1)]
    Case("matmul_gemm", nodes, [value("x", [2, 3, 8])], [value("y", [3, 6])], tensors,
         [layer("net-fc-1-MatMul", 6, 5, 8, quantized(w)), layer("y", 3, 6, 10, quantized(v).T)])
    Case("per_channel", [node("Gemm", "x v", "y", "fc", transB=1)], [value("x", [1, 10])], [value("y", [1, 6])],
         [tensor("v", v)], [layer("fc", 1, 6, 10, quantized(v, axis=0).T)], quantize="per-channel")
    # The weights come first; their products with each input stand side by side.
    Case("weights_first", [node("MatMul", "w x", "y", "left")], [value("x", [3, 5, 2])], [value("y", [3, 8, 2])],
         [tensor("w", w)], [layer("left", 8, 6, 5, a=quantized(w))])
    Case("vectors", [node("MatMul", "x w", "y", "row"), node("MatMul", "y c", "z", "dot")], [value("x", [8])],
         [value("z", [])], [tensor("w", w), tensor("c", w[0])],
         [layer("row", 1, 5, 8, quantized(w)), layer("dot", 1, 1, 5, quantized(w[0])[:, None])])


def types():
    f16 = reals(4, 3).astype(np.float16)
    f64 = RANDOM.normal(0, 1, (3, 4))
    bits = reals(4, 3).view(np.uint32) >> 16
    bf16 = helper.make_tensor("b", T.BFLOAT16, [4, 3], bits.astype("<u2").tobytes(), raw=True)
    as_reals = (bits << 16).astype(np.uint32).view(np.float32)
    typed = helper.make_tensor("t", T.FLOAT, [3, 4], f64.astype(np.float32).ravel().tolist())
    nodes = [
        node("Cast", "h", "hf", "", to=T.FLOAT), node("MatMul", "x hf", "y1", "f16"),
        node("Cast", "d", "df", "", to=T.FLOAT), node("MatMul", "y1 df", "y2", "f64"),
        node("Cast", "b", "bf", "", to=T.FLOAT), node("MatMul", "y2 bf", "y3", "bf16"),
        node("MatMul", "y3 t", "y", "typed"),
    ]
    Case("types", nodes, [value("x", [2, 4])], [value("y", [2, 4])],
         [tensor("h", f16), tensor("d", f64), bf16, typed],
         [layer("f16", 2, 3, 4, quantized(f16)), layer("f64", 2, 4, 3, quantized(f64)),
          layer("bf16", 2, 3, 4, quantized(as_reals)), layer("typed", 2, 4, 3, quantized(f64.astype(np.float32)))])


def views():
    w = reals(6, 4)
    qkv = reals(4, 12)
    nodes = [
        node("Transpose", "w", "wt", "", perm=[1, 0]), node("MatMul", "x wt", "h", "turned"),
        node("Split", "qkv", "q k v", "", axis=1, num_outputs=3), node("MatMul", "x q", "a", "split.q"),
        node("MatMul", "x v", "c", "split.v"), node("Slice", "w from to axes", "ws"), node("MatMul", "h ws", "d", "sliced"),
        node("Mul", "w two", "scaled"), node("MatMul", "h scaled", "e", "computed"),
        node("Constant", "", "k2", "", value=tensor("", w)), node("MatMul", "h k2", "f", "constant"),
    ]
    outputs = [value("a", [2, 4]), value("c", [2, 4]), value("d", [2, 2]), value("e", [2, 4]), value("f", [2, 4])]
    tensors = [tensor("w", w), tensor("qkv", qkv), ints("from", 1), ints("to", -1), ints("axes", 1),
               tensor("two", np.float32(2.0))]
    Case("views", nodes, [value("x", [2, 4])], outputs, tensors,
         # All parts of a tensor that is seen in parts have scales of their own.
         [layer("turned", 2, 6, 4, quantized(w.T)), layer("split.q", 2, 4, 4, quantized(qkv[:, :4])),
          layer("split.v", 2, 4, 4, quantized(qkv[:, 8:])), layer("sliced", 2, 2, 6, quantized(w[:, 1:-1])),
          layer("computed", 2, 4, 6), layer("constant", 2, 4, 6, quantized(w))])
    many = reals(3, 4, 2)
    Case("several_matrices", [node("MatMul", "x w", "y", "heads")], [value("x", [3, 5, 4])], [value("y", [3, 5, 2])],
         [tensor("w", many)], [layer(f"heads.{head}", 5, 2, 4, quantized(many[head])) for head in range(3)])


def convolutions():
    f = reals(4, 3, 3, 2)
    same = [node("Conv", "x f bias", "y", "same", strides=[2, 2], auto_pad="SAME_UPPER"),
            node("Conv", "x f", "z", "uneven", pads=[0, 1, 2, 1], dilations=[1, 2])]
    Case("conv_pads", same, [value("x", [1, 3, 5, 7])], [value("y", [1, 4, 3, 4]), value("z", [1, 4, 5, 7])],
         [tensor("f", f), tensor("bias", reals(4))],
         [layer("same", 12, 4, 18, [columns(quantized(f))]), layer("uneven", 35, 4, 18, [columns(quantized(f))])])
    g, d = int8(4, 2, 3, 3), int8(4, 1, 3)
    groups = lambda filters, count: [columns(part) for part in np.split(filters, count)]
    nodes = [
        node("DequantizeLinear", "g gs gz", "gf", "", axis=0),
        node("Conv", "x gf", "y", "groups", group=2, strides=[2, 1], pads=[1, 1, 1, 1]),
        node("Reshape", "y shape", "l"),
        node("DequantizeLinear", "d ds", "df", "", axis=0), node("Conv", "l df", "z", "depthwise", group=4, pads=[2, 0]),
    ]
    Case("conv_groups_qdq", nodes, [value("x", [2, 4, 5, 4])], [value("z", [2, 4, 12])],
         [tensor("g", g), tensor("gs", np.full(4, 0.1, np.float32)), tensor("gz", np.zeros(4, np.int8)),
          ints("shape", 2, 4, -1), tensor("d", d), tensor("ds", np.full(4, 0.5, np.float32))],
         [layer("groups", 24, 2, 18, groups(g, 2), 2), layer("depthwise", 24, 1, 3, groups(d, 4), 4)])
    t = reals(4, 3, 3, 3)
    nodes = [node("ConvTranspose", "x t", "y", "up", strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1], group=2)]
    Case("conv_transpose", nodes, [value("x", [1, 4, 3, 3])], [value("y", [1, 6, 6, 6])], [tensor("t", t)],
         [layer(f"up.{part}", 9, 27, 2, quantized(t[2 * part:2 * part + 2]).reshape(2, 27)) for part in range(2)])


def integers():
    u, z = RANDOM.integers(100, 156, (6, 4)).astype(np.uint8), np.uint8(128)
    per = RANDOM.integers(0, 120, (6, 4)).astype(np.uint8)
    points = np.array([10, 20, 30, 40], np.uint8)
    small = RANDOM.integers(-8, 8, (4, 6)).astype(np.int8)
    int4 = helper.make_tensor("i4", T.INT4, [4, 6], small.ravel().tolist())
    nodes = [
        node("QuantizeLinear", "x s xz", "xq"), node("DequantizeLinear", "xq s xz", "xd"),
        node("DequantizeLinear", "u s uz", "uf"), node("MatMul", "xd uf", "a", "uint8"),
        node("DequantizeLinear", "p ps pz", "pf", "", axis=1), node("MatMul", "xd pf", "b", "per_axis"),
        node("DequantizeLinear", "i4 s", "if", ""), node("MatMul", "a if", "c", "int4"),
    ]
    scale = tensor("s", np.float32(0.1))
    Case("qdq", nodes, [value("x", [3, 6])], [value("b", [3, 4]), value("c", [3, 6])],
         [scale, tensor("xz", np.uint8(7)), tensor("u", u), tensor("uz", z), tensor("p", per),
          tensor("ps", np.full(4, 0.1, np.float32)), tensor("pz", points), int4],
         [layer("uint8", 3, 4, 6, u.astype(int) - 128), layer("per_axis", 3, 4, 6, per.astype(int) - points),
          layer("int4", 3, 6, 4, small)], opset=21)
    w, c = int8(6, 4), RANDOM.integers(0, 128, (3, 2, 2, 2)).astype(np.uint8)
    typed = helper.make_tensor("w", T.INT8, [6, 4], w.ravel().tolist())
    nodes = [
        node("DynamicQuantizeLinear", "x", "q scale zero"), node("MatMulInteger", "q w zero", "i", "dynamic"),
        node("Cast", "i", "f", "", to=T.FLOAT), node("QuantizeLinear", "f s8 z8", "i8"),
        node("QLinearMatMul", "i8 s8 z8 v s8 z8 s8 z8", "y", "qlinear"),
    ]
    v = int8(4, 5)
    Case("dynamic", nodes, [value("x", [2, 6])], [value("y", [2, 5], T.INT8)],
         [typed, tensor("s8", np.float32(0.2)), tensor("z8", np.int8(0)), tensor("v", v)],
         [layer("dynamic", 2, 4, 6, w), layer("qlinear", 2, 5, 4, v)])
    nodes = [
        node("QLinearConv", "x s z c s cz s z", "y", "qlinear", strides=[1, 1]),
        node("ConvInteger", "x c z cz", "i", "integer", pads=[1, 0, 0, 1]),
    ]
    Case("qlinear_conv", nodes, [value("x", [1, 2, 4, 4], T.UINT8)], [value("y", [1, 3, 3, 3], T.UINT8), value("i", [1, 3, 4, 4], T.INT32)],
         [tensor("c", c), tensor("s", np.float32(0.1)), tensor("z", np.uint8(3)), tensor("cz", np.uint8(64))],
         [layer("qlinear", 9, 3, 8, [columns(c.astype(int) - 64)]), layer("integer", 16, 3, 8, [columns(c.astype(int) - 64)])],
         opset=13)


def recurrent():
    w, r = reals(2, 12, 5), reals(2, 12, 3)
    g, s = reals(1, 9, 6), reals(1, 9, 3)
    n, t = reals(1, 2, 3), reals(1, 2, 2)
    nodes = [
        node("LSTM", "x w r", "h", "lstm", hidden_size=3, direction="bidirectional"),
        node("Transpose", "h", "hb", "", perm=[0, 2, 1, 3]), node("Reshape", "hb shape", "flat"),
        node("GRU", "flat g s", "o gru_h", "gru", hidden_size=3, linear_before_reset=1), node("Squeeze", "o one", "p"),
        node("RNN", "p n t", "q", "rnn", hidden_size=2),
    ]
    gates = lambda weights: quantized(weights).T
    layers = []
    for index, back in enumerate(["", "-back"]):
        layers.append(layer(f"lstm.input{back}", 28, 12, 5, gates(w[index])))
        layers.append(layer(f"lstm.state{back}", 4, 12, 3, gates(r[index]), repeat=7))
    layers += [layer("gru.input", 28, 9, 6, gates(g[0])), layer("gru.state", 4, 9, 3, gates(s[0]), repeat=7),
               layer("rnn.input", 28, 2, 3, gates(n[0])), layer("rnn.state", 4, 2, 2, gates(t[0]), repeat=7)]
    tensors = [tensor("w", w), tensor("r", r), tensor("g", g), tensor("s", s), tensor("n", n), tensor("t", t),
               ints("shape", 7, 4, 6), ints("one", 1)]
    Case("recurrent", nodes, [value("x", [7, 4, 5])], [value("q", [7, 1, 4, 2])], tensors, layers)


def attention():
    """Heads whose shapes are computed from that of the input, as PyTorch writes them."""
    w = reals(8, 24)
    nodes = [
        node("Shape", "x", "s"), node("Gather", "s zero", "batch", "", axis=0), node("Gather", "s one", "tokens", "", axis=0),
        node("MatMul", "x w", "qkv", "qkv"), node("Split", "qkv", "q k v", "", axis=2, num_outputs=3),
        node("Div", "width two", "head"), node("Cast", "head", "headi", "", to=T.INT64),
        node("Unsqueeze", "batch axis", "b1"), node("Unsqueeze", "tokens axis", "t1"), node("Unsqueeze", "headi axis", "h1"),
        node("Concat", "b1 t1 two1 h1", "split", "", axis=0),
    ]
    for name, perm in [("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])]:
        nodes += [node("Reshape", f"{name} split", f"{name}4"), node("Transpose", f"{name}4", f"{name}t", "", perm=perm)]
    nodes += [
        node("MatMul", "qt kt", "scores", "scores"), node("Softmax", "scores", "p", "", axis=-1),
        node("MatMul", "p vt", "c", "context"), node("Transpose", "c", "ct", "", perm=[0, 2, 1, 3]),
        node("Concat", "b1 t1 rest", "joined", "", axis=0), node("Reshape", "ct joined", "y"),
    ]
    tensors = [tensor("w", w), tensor("zero", np.int64(0)), tensor("one", np.int64(1)), tensor("two", np.float32(2)),
               tensor("width", np.float32(8)), ints("axis", 0), ints("two1", 2), ints("rest", -1)]
    load = {"shapes": {"x": [3, 7, 8]}}
    Case("attention", nodes, [value("x", ["batch", "tokens", 8])], [value("y", ["b", "t", "d"])], tensors,
         [layer("qkv", 21, 24, 8, quantized(w)), layer("scores", 7, 7, 4, products=6), layer("context", 7, 4, 7, products=6)],
         **load)


def branches():
    w, v = reals(4, 3), reals(4, 5)
    branch = lambda name, weights, out: helper.make_graph([node("MatMul", f"x {weights}", f"{name}_y", name)], name, [],
                                                          [value(f"{name}_y", [2, out])], [])
    nodes = [
        node("Size", "x", "n"), node("Greater", "n limit", "is"),
        helper.make_node("If", ["is"], ["h"], "which", then_branch=branch("then", "w", 3), else_branch=branch("else", "v", 5)),
        node("MatMul", "h u", "y", "behind"),
    ]
    u = reals(5, 2)
    Case("if_known", nodes, [value("x", [2, 4])], [value("y", None)],
         [tensor("w", w), tensor("v", v), tensor("u", u), tensor("limit", np.int64(8))],
         [layer("else", 2, 5, 4, quantized(v)), layer("behind", 2, 2, 5, quantized(u))])


def microsoft():
    w, v = reals(5, 4), int8(5, 3)
    nodes = [node("FusedMatMul", "x w", "h", "fused", transB=1, domain="com.microsoft"),
             node("DynamicQuantizeMatMul", "h v s z", "y", "dynamic", domain="com.microsoft")]
    Case("microsoft", nodes, [value("x", [2, 4])], [value("y", [2, 3])],
         [tensor("w", w), tensor("v", v), tensor("s", np.float32(0.1)), tensor("z", np.int8(0))],
         [layer("fused", 2, 5, 4, quantized(w).T), layer("dynamic", 2, 3, 5, v)], ms=True)


def external():
    w = int8(40, 30)
    nodes = [node("DequantizeLinear", "w s", "f"), node("MatMul", "x f", "y", "far")]
    case = Case("external", nodes, [value("x", [1, 40])], [value("y", [1, 30])], [tensor("w", w), tensor("s", np.float32(1))],
                [layer("far", 1, 30, 40, w)])
    case.beside = True


def operations():
    """Results of every operation whose extents are inferred."""
    nodes, outputs, tensors = [], [], {}

    def constant(array):
        name = f"c{len(tensors)}"
        tensors[name] = tensor(name, array)
        return name

    def ask(kind, inputs, count=1, **attributes):
        names = [f"{kind}_{len(nodes)}_{index}" for index in range(count)]
        given = [given if isinstance(given, str) else constant(given) for given in inputs]
        nodes.append(helper.make_node(kind, given, names, f"n{len(nodes)}", **attributes))
        outputs.extend(names)
        return names[0]

    i64 = lambda *values: np.array(values, np.int64)
    f32 = lambda *values: np.array(values, np.float32)
    x, y, image = "x", "y", "image"  # 2 x 3 x 4, 3 x 1, 1 x 4 x 7 x 9
    for kind in ["Relu", "Sigmoid", "Tanh", "Erf", "Exp", "Sqrt", "Neg", "Floor", "HardSwish", "Softplus", "Identity"]:
        ask(kind, [x])
    for kind in ["Add", "Sub", "Mul", "Div", "Pow", "Max", "PRelu"]:
        ask(kind, [x, y])
    for kind in ["Equal", "Less", "GreaterOrEqual"]:
        ask(kind, [x, y])
    ask("Softmax", [x], axis=1)
    ask("Clip", [x, f32(0)[0], f32(6)[0]])
    ask("LayerNormalization", [x, f32(1, 2, 3, 4)])
    ask("BatchNormalization", [image] + [f32(1, 2, 3, 4)] * 4)
    ask("InstanceNormalization", [image] + [f32(1, 2, 3, 4)] * 2)
    ask("Where", [ask("Less", [x, y]), x, f32(0)[0]])
    ask("Cast", [x], to=T.INT32)
    ask("Reshape", [x, i64(0, -1)])
    ask("Reshape", [x, i64(-1)])
    ask("Flatten", [image], axis=2)
    ask("Flatten", [image], axis=0)
    ask("Squeeze", [y, i64(-1)])
    ask("Squeeze", [image])
    ask("Unsqueeze", [x, i64(0, -1)])
    ask("Transpose", [x], perm=[2, 0, 1])
    ask("Transpose", [x])
    ask("Concat", [x, x], axis=-2)
    ask("Slice", [x, i64(-1, 0), i64(-10, 3), i64(2, 1), i64(-2, 1)])
    ask("Slice", [image, i64(1, 2), i64(1 << 40, -1), i64(2, 3), i64(3, 2)])
    ask("Split", [image], 2, axis=3, num_outputs=2)
    ask("Split", [image, i64(1, 3)], 2, axis=1)
    ask("Gather", [x, i64(1, 0, 1).reshape(3, 1)], axis=1)
    ask("Gather", [x, i64(-1)[0]], axis=2)
    ask("GatherElements", [x, np.zeros((2, 5, 4), np.int64)], axis=1)
    ask("GatherND", [x, np.zeros((5, 2), np.int64)])
    ask("Expand", [y, i64(2, 1, 6)])
    ask("Tile", [x, i64(1, 2, 3)])
    ask("Pad", [x, i64(0, 1, 0, 0, 2, 3)])
    ask("Pad", [image, i64(1, 2, -1, 3), "", i64(2, 3)])
    ask("DepthToSpace", [image], blocksize=2)
    ask("SpaceToDepth", ["even"], blocksize=2)
    ask("OneHot", [i64(0, 1, 2), i64(5)[0], f32(0, 1)], axis=0)
    ask("TopK", [x, i64(2)], 2, axis=1)
    ask("Resize", [image, "", f32(1, 1, 1.5, 0.7)])
    ask("Resize", [image, "", "", i64(1, 4, 14, 3)])
    ask("ReduceMean", [x, i64(-1)])
    ask("ReduceSum", [x, i64(0, 2)], keepdims=0)
    ask("ReduceMax", [x])
    ask("ReduceProd", [x], keepdims=0)
    ask("ReduceSum", [x], noop_with_empty_axes=1)
    ask("ArgMax", [x], axis=-1, keepdims=0)
    ask("MaxPool", [image], kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1])
    ask("MaxPool", [image], kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1)
    ask("MaxPool", [image], kernel_shape=[2, 2], strides=[3, 3], auto_pad="SAME_LOWER")
    ask("AveragePool", [image], kernel_shape=[3, 3], strides=[1, 3], auto_pad="VALID")
    ask("GlobalAveragePool", [image])
    ask("Conv", [image, reals(6, 2, 3, 3)], group=2, strides=[2, 1], dilations=[2, 1], pads=[1, 2, 0, 1])
    ask("Conv", [image, reals(6, 4, 4, 2)], auto_pad="SAME_LOWER", strides=[3, 2])
    ask("ConvTranspose", [image, reals(4, 2, 3, 2)], strides=[3, 2], pads=[1, 0, 0, 1], output_padding=[1, 0], dilations=[1, 2])
    ask("MatMul", [x, ask("Unsqueeze", [reals(4, 5), i64(0)])])
    ask("MatMul", [reals(5, 1, 2, 3), x])
    ask("Gemm", [reals(3, 2), reals(5, 3)], transA=1, transB=1)
    ask("Einsum", [x, reals(4, 5)], equation="abc, cd -> abd")
    # Numbers that are computed, seen by what is made of them.
    shape = ask("Shape", [image])
    ask("Shape", [image], start=1, end=-1)
    part = ask("Slice", [shape, i64(2), i64(4), i64(0)])
    doubled = ask("Mul", [part, i64(2)])
    ask("Resize", [image, "", "", ask("Concat", [ask("Slice", [shape, i64(0), i64(2), i64(0)]), doubled], axis=0)])
    ask("ConstantOfShape", [ask("Concat", [doubled, i64(3)], axis=0)], value=tensor("", i64(1)))
    ask("Expand", [f32(1), ask("Max", [part, i64(8)])])
    ask("Reshape", [image, ask("Concat", [ask("Unsqueeze", [ask("ReduceProd", [part], keepdims=0), i64(0)]), i64(-1)], axis=0)])
    # Paddings as PyTorch writes them: pairs from the last axis on, turned round.
    pairs = ask("Reshape", [ask("Concat", [i64(1, 2, 0, 3), ask("ConstantOfShape", [i64(4)], value=tensor("", i64(0)))], axis=0), i64(-1, 2)])
    turned = ask("Transpose", [ask("Slice", [pairs, i64(-1), i64(-(1 << 63)), i64(0), i64(-1)])], perm=[1, 0])
    ask("Pad", [image, ask("Cast", [ask("Reshape", [turned, i64(-1)])], to=T.INT64)])
    ask("Range", [np.int64(2), np.int64(17), np.int64(4)])
    ask("ConstantOfShape", [ask("Where", [ask("Equal", [part, i64(7, 7)]), i64(2, 2), part])])
    graph = helper.make_graph(
        nodes, "operations",
        [value("x", [2, 3, 4]), value("y", [3, 1]), value("image", [1, 4, 7, 9]), value("even", [1, 2, 4, 6])],
        [helper.make_empty_tensor_value_info(name) for name in outputs], list(tensors.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    case = Case.__new__(Case)
    case.model, case.name, case.layers, case.load, case.ms = model, "operations", None, {}, False
    Case.all.append(case)


def given():
    """Conditions and extents that follow from inputs whose numbers the command line gives."""
    w, v, u = int8(4, 3), int8(4, 5), int8(3, 6)
    branch = lambda name, weights, out: helper.make_graph(
        [node("DequantizeLinear", f"{weights} one", f"{name}_f"), node("MatMul", f"x {name}_f", f"{name}_y", name)], name, [],
        [value(f"{name}_y", [2, out])], [])
    nodes = [
        node("Equal", "rate wide", "is"), node("Not", "streaming", "whole"), node("And", "is whole", "both"),
        helper.make_node("If", ["both"], ["h"], "which", then_branch=branch("then", "w", 3), else_branch=branch("else", "v", 5)),
        node("Reshape", "z sizes", "r"), node("DequantizeLinear", "u one", "f"), node("MatMul", "r f", "y", "behind"),
        # Given numbers that are multiplied are an operand as any other.
        node("Cast", "sizes", "c", "", to=T.FLOAT), node("MatMul", "c s", "g", "of-given"),
    ]
    inputs = [value("x", [2, 4]), value("z", [12]), value("rate", [1], T.INT64), value("streaming", [], T.BOOL), value("sizes", ["n"], T.INT64)]
    tensors = [tensor("w", w), tensor("v", v), tensor("u", u), tensor("one", np.float32(1)), ints("wide", 16000), tensor("s", np.float32([[1, 2], [3, 4]]))]
    behind, of_given = layer("behind", 4, 6, 3, u), layer("of-given", 1, 2, 2, quantized([[1, 2], [3, 4]]))
    for name, rate, which in [("if_given", "16000", layer("then", 2, 3, 4, w)), ("if_given_else", "8000", layer("else", 2, 5, 4, v))]:
        Case(name, nodes, inputs, [value("h", [2, "o"]), value("y", ["p", "q"]), value("g", [2])], tensors, [which, behind, of_given],
             given={"rate": [rate], "streaming": ["false"], "sizes": ["4", "3"]})


def extents(case):
    """What onnx.shape_inference says of every value, with the inputs as they are loaded."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    for given in model.graph.input:
        shape = case.load.get("shapes", {}).get(given.name)
        for dim, extent in zip(given.type.tensor_type.shape.dim, shape or []):
            dim.dim_value = extent
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    inferred = onnx.shape_inference.infer_shapes(model, check_type=not case.ms, strict_mode=not case.ms, data_prop=True)
    found = {}
    for info in list(inferred.graph.value_info) + list(inferred.graph.output):
        if info.type.tensor_type.HasField("shape"):
            dims = [dim.dim_value if dim.HasField("dim_value") else None for dim in info.type.tensor_type.shape.dim]
            if None not in dims:
                found[info.name] = dims
    return found


def evaluated(case, known):
    """The extents of the results that inference leaves open: those that onnx's reference makes of ones."""
    found = {}
    for name in [output.name for output in case.model.graph.output if output.name not in known]:
        part = onnx.utils.Extractor(onnx.shape_inference.infer_shapes(case.model)).extract_model(["x", "y", "image"], [name])
        given = {of.name: np.ones([dim.dim_value for dim in of.type.tensor_type.shape.dim], np.float32) for of in part.graph.input}
        found[name] = list(onnx.reference.ReferenceEvaluator(part).run([name], given)[0].shape)
    return found


def cases(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for make in [plain, types, views, convolutions, integers, recurrent, attention, branches, microsoft, external, operations, given]:
        make()
    records, lines = [], []
    for case in Case.all:
        path = folder / f"{case.name}.onnx"
        if not case.ms:
            # Outputs of the models leave their extents out, so that nothing but inference can find them.
            onnx.checker.check_model(onnx.shape_inference.infer_shapes(case.model))
        # Inference does not know what the command line gives.
        known = extents(case) if "given" not in case.load else {}
        if case.name == "operations":
            known |= evaluated(case, known)
        for name, dims in sorted(known.items()):
            lines.append(f"{case.name} {name} {'x'.join(map(str, dims)) or '-'}")
        if getattr(case, "beside", False):
            (folder / "external.onnx.data").unlink(missing_ok=True)
            onnx.save(case.model, path, save_as_external_data=True, location="external.onnx.data", size_threshold=100)
        else:
            path.write_bytes(case.model.SerializeToString(deterministic=True))
        if case.layers is not None:
            records.append({"model": path.name, **case.load, "layers": case.layers})
    lists = json.dumps(records, separators=(",", ":")).replace('{"model"', '\n{"model"').replace('{"name"', '\n {"name"')
    (folder / "cases.json").write_text(lists + "\n")
    (folder / "extents.txt").write_text("\n".join(lines) + "\n")


def faults(folder):
    w = reals(4, 3)
    sound = lambda **more: dict(nodes=[node("MatMul", "x w", "y", "fc")], inputs=[value("x", [2, 4])], outputs=[value("y", None)],
                                tensors=[tensor("w", w)]) | more

    def model(nodes, inputs, outputs, tensors, opset=18):
        graph = helper.make_graph(nodes, "fault", inputs, outputs, tensors)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)

    def write(name, **more):
        (folder / f"{name}.onnx").write_bytes(model(**sound(**more)).SerializeToString(deterministic=True))

    whole = model(**sound()).SerializeToString(deterministic=True)
    (folder / "onnx_format.onnx").write_bytes(whole[:-60])
    (folder / "onnx_format.text.onnx").write_bytes(b"this is no model\n")
    (folder / "onnx_format.empty.onnx").write_bytes(b"")
    (folder / "onnx_format.no_graph.onnx").write_bytes(b"\x08\x0a")
    write("onnx_graph", nodes=[node("MatMul", "x v", "y", "fc")])
    write("onnx_graph.ring", nodes=[node("Add", "x b", "a", "one"), node("MatMul", "a w", "c", "two"), node("Relu", "c", "b", "three")])
    write("onnx_graph.twice", nodes=[node("MatMul", "x w", "y", "one"), node("MatMul", "x w", "y", "two")])
    write("onnx_graph.same_name", tensors=[tensor("w", w), tensor("w", w)])
    write("onnx_shape", inputs=[value("x", ["batch", 4])])
    write("onnx_shape.no_shape", inputs=[value("x", None)])
    write("onnx_shape.values", nodes=[node("NonZero", "x", "n", "found"), node("Cast", "n", "f", "", to=T.FLOAT),
                                      node("MatMul", "f w", "y", "fc")])
    write("onnx_shape.unknown", nodes=[node("Mystery", "x", "n", "who"), node("MatMul", "n w", "y", "fc")])
    write("onnx_node", inputs=[value("x", [2, 5])])
    write("onnx_node.kernel", nodes=[node("Conv", "x w", "y", "conv")], inputs=[value("x", [1, 3, 2, 2])],
          tensors=[tensor("w", reals(4, 3, 3, 3))])
    write("onnx_node.huge", inputs=[value("x", [1 << 20, 1 << 20, 4])])
    write("onnx_node.groups", nodes=[node("Conv", "x w", "y", "conv", group=3)], inputs=[value("x", [1, 4, 5, 5])],
          tensors=[tensor("w", reals(4, 2, 3, 3))])
    write("onnx_unsupported", nodes=[node("Conv", "x w", "y", "conv")], inputs=[value("x", [1, 3, 4, 4, 4])],
          tensors=[tensor("w", reals(4, 3, 3, 3, 3))])
    branch = lambda name: helper.make_graph([node("MatMul", "x w", f"{name}_y", name)], name, [], [value(f"{name}_y", [2, 3])], [])
    write("onnx_unsupported.if", inputs=[value("x", [2, 4]), value("rate", [], T.BOOL)],
          nodes=[helper.make_node("If", ["rate"], ["y"], "which", then_branch=branch("then"), else_branch=branch("else"))])
    # Decided by an input: the help names it. CODE.WHAT.args have bad numbers for it.
    rates = [value("x", [2, 4]), value("rate", ["n"], T.UINT8), value("flag", [], T.BOOL), value("word", [], T.STRING)]
    write("onnx_unsupported.if_input", inputs=rates[:1] + [value("rate", [1], T.UINT8)],
          nodes=[node("Greater", "rate limit", "is"),
                 helper.make_node("If", ["is"], ["y"], "which", then_branch=branch("then"), else_branch=branch("else"))],
          tensors=[tensor("w", w), tensor("limit", np.uint8([3]))])
    (folder / "data" / "inputs.onnx").write_bytes(
        model(**sound(inputs=rates[:1] + [value("rate", [1], T.UINT8)] + rates[2:])).SerializeToString(deterministic=True))
    # A field of a node of another wire type, and a name that is no text.
    (folder / "onnx_format.wire.onnx").write_bytes(whole.replace(b"\x22\x06MatMul", b"\x20\x06MatMul"))
    (folder / "onnx_format.utf8.onnx").write_bytes(whole.replace(b"MatMul", b"Mat\xfful"))
    short_node = whole.replace(b"\x1a\x02fc", b"\x1a\x7ffc")
    (folder / "onnx_format.node.onnx").write_bytes(short_node)
    write("onnx_empty", nodes=[node("Relu", "x", "h"), node("Softmax", "h", "y")])
    short = tensor("w", w)
    short.raw_data = short.raw_data[:-1]
    write("onnx_tensor", tensors=[short])
    claim = tensor("w", w)
    claim.ClearField("dims")
    claim.dims.extend([1 << 40, 1 << 40])
    write("onnx_tensor.huge", tensors=[claim])
    outside = tensor("w", w)
    onnx.external_data_helper.set_external_data(outside, "../w.bin", 0, 48)
    outside.ClearField("raw_data")
    outside.data_location = T.EXTERNAL
    write("onnx_tensor.outside", tensors=[outside])
    lost = tensor("w", w)
    onnx.external_data_helper.set_external_data(lost, "lost.bin", 0, 48)
    lost.ClearField("raw_data")
    lost.data_location = T.EXTERNAL
    write("onnx_tensor.lost", tensors=[lost])
    nan = w.copy()
    nan[1, 2] = np.nan
    write("bad_real.onnx", tensors=[tensor("w", nan)])
    write("value_out_of_range.zero_point",
          nodes=[node("DequantizeLinear", "w s z", "f"), node("MatMul", "x f", "y", "fc")],
          tensors=[tensor("w", np.full((4, 3), 250, np.uint8)), tensor("s", np.float32(1)), tensor("z", np.uint8(3))])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cases", "faults"])
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    (cases if arguments.what == "cases" else faults)(arguments.folder)


if __name__ == "__main__":
    main()
