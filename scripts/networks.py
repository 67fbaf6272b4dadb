#!/usr/bin/env python3
"""Writes the shipped networks, workloads/*.toml, from their published structure.

    python3 scripts/networks.py

Shapes only: the values are drawn. tests/networks.rs holds weights and multiply-accumulates against published counts. A layer that
occurs several times with one shape is written once, with `repeat`.
"""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent / "workloads"
# Activations after a ReLU, weights, and whatever has both signs.
ACTIVATIONS = '{ distribution = "half-normal", std = 20.0 }'
VALUES = '{ distribution = "normal", std = 20.0 }'


class Network:
    def __init__(self, name, comment):
        self.name = name
        self.weights = None
        lines = [f"# {line}" for line in comment]
        self.text = lines + [f'name = "{name}"', "seed = 1", f"values = {VALUES}"]

    def add(self, kind, name, keys):
        self.text += ["", f"[[{kind}]]", f'name = "{name}"']
        self.text += [f"{key} = {value}" for key, value in keys if value is not None]

    def gemm(self, name, m, n, k, repeat=1, a=None):
        keys = [("m", m), ("n", n), ("k", k), ("repeat", repeat if repeat > 1 else None), ("a", a), ("b", self.weights)]
        self.add("gemm", name, keys)

    def conv(self, name, channels, size, filters, kernel, stride=1, padding=None, groups=1, repeat=1, relu=True):
        padding = (kernel - 1) // 2 if padding is None else padding
        pair = lambda value, absent: None if value == absent else f"[{value}, {value}]"
        keys = [
            ("input", f"[{channels}, {size}, {size}]"),
            ("filters", filters),
            ("kernel", f"[{kernel}, {kernel}]"),
            ("stride", pair(stride, 1)),
            ("padding", pair(padding, 0)),
            ("groups", groups if groups > 1 else None),
            ("repeat", repeat if repeat > 1 else None),
            ("a", ACTIVATIONS if relu else None),
            ("b", self.weights),
        ]
        self.add("conv", name, keys)
        return (size + 2 * padding - kernel) // stride + 1

    def attention(self, name, queries, heads, head_dim, context=None, kv_heads=None, repeat=1):
        keys = [
            ("queries", queries),
            ("context", context),
            ("heads", heads),
            ("kv-heads", kv_heads),
            ("head-dim", head_dim),
            ("repeat", repeat if repeat > 1 else None),
        ]
        self.add("attention", name, keys)

    def write(self):
        (ROOT / f"{self.name}.toml").write_text("\n".join(self.text) + "\n")


def resnet18():
    net = Network("resnet-18", [
        "ResNet-18 on one image of 224 x 224: He et al., Deep Residual Learning for Image Recognition, CVPR 2016, table 1.",
        "11,678,912 weights in convolutions and the classifier, 1,814,073,344 multiply-accumulates.",
    ])
    size = net.conv("conv1", 3, 224, 64, 7, stride=2, padding=3, relu=False)
    size = (size + 2 - 3) // 2 + 1  # max pooling, 3 x 3
    channels = 64
    for stage, filters in enumerate([64, 128, 256, 512], start=2):
        if filters == channels:
            net.conv(f"conv{stage}", channels, size, filters, 3, repeat=4)
            continue
        net.conv(f"conv{stage}_down", channels, size, filters, 1, stride=2)
        size = net.conv(f"conv{stage}_1", channels, size, filters, 3, stride=2)
        net.conv(f"conv{stage}", filters, size, filters, 3, repeat=3)
        channels = filters
    net.gemm("fc", 1, 1000, 512, a=ACTIVATIONS)
    net.write()


def resnet50(name="resnet-50", said=(), weights=None):
    net = Network(name, [
        "ResNet-50 on one image of 224 x 224: He et al., Deep Residual Learning for Image Recognition, CVPR 2016, table 1;",
        "the stride of a stage stands at its 3 x 3 convolution, as it is trained today.",
        "25,502,912 weights in convolutions and the classifier, 4,089,184,256 multiply-accumulates.",
        *said,
    ])
    net.weights = weights
    size = net.conv("conv1", 3, 224, 64, 7, stride=2, padding=3, relu=False)
    size = (size + 2 - 3) // 2 + 1
    channels = 64
    for stage, (width, blocks) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)], start=2):
        stride = 1 if stage == 2 else 2
        filters = 4 * width
        net.conv(f"conv{stage}_down", channels, size, filters, 1, stride=stride)
        net.conv(f"conv{stage}_1a", channels, size, width, 1)
        size = net.conv(f"conv{stage}_1b", width, size, width, 3, stride=stride)
        net.conv(f"conv{stage}_a", filters, size, width, 1, repeat=blocks - 1)
        net.conv(f"conv{stage}_b", width, size, width, 3, repeat=blocks - 1)
        net.conv(f"conv{stage}_c", width, size, filters, 1, repeat=blocks)
        channels = filters
    net.gemm("fc", 1, 1000, 2048, a=ACTIVATIONS)
    net.write()


def resnet50_2_4():
    said = ["Of every 4 weights along K at most 2 are not zero, as in Mishra et al., Accelerating Sparse Deep Neural Networks, arXiv",
            "2104.08378, 2021, whose networks are trained so but for the first layer; here the two greatest of four drawn ones stay,",
            "in the first layer too, so that an engine that stores 2 of 4 weights runs all of it."]
    resnet50("resnet-50-2-4", said, VALUES.replace(" }", ", sparsity = { n-of-m = [2, 4] } }"))


def divisible(value, by=8):
    """Channel counts of MobileNet are rounded to multiples of 8, by no more than a tenth downwards."""
    rounded = max(by, int(value + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * value else rounded


def mobilenet_v3_large():
    net = Network("mobilenet-v3-large", [
        "MobileNet-V3-Large on one image of 224 x 224: Howard et al., Searching for MobileNetV3, ICCV 2019, table 1.",
        "5,451,272 weights in convolutions and fully connected layers, 216,589,760 multiply-accumulates.",
    ])
    size = net.conv("stem", 3, 224, 16, 3, stride=2, relu=False)
    # Input channels, kernel, expanded channels, output channels, squeeze and excite, stride.
    blocks = [
        (16, 3, 16, 16, False, 1), (16, 3, 64, 24, False, 2), (24, 3, 72, 24, False, 1), (24, 5, 72, 40, True, 2),
        (40, 5, 120, 40, True, 1), (40, 5, 120, 40, True, 1), (40, 3, 240, 80, False, 2), (80, 3, 200, 80, False, 1),
        (80, 3, 184, 80, False, 1), (80, 3, 184, 80, False, 1), (80, 3, 480, 112, True, 1), (112, 3, 672, 112, True, 1),
        (112, 5, 672, 160, True, 2), (160, 5, 960, 160, True, 1), (160, 5, 960, 160, True, 1),
    ]
    for index, (channels, kernel, expanded, filters, excite, stride) in enumerate(blocks, start=1):
        if expanded != channels:
            net.conv(f"block{index}_expand", channels, size, expanded, 1, relu=False)
        size = net.conv(f"block{index}_depthwise", expanded, size, expanded, kernel, stride=stride, groups=expanded)
        if excite:
            squeezed = divisible(expanded / 4)
            net.gemm(f"block{index}_squeeze", 1, squeezed, expanded, a=ACTIVATIONS)
            net.gemm(f"block{index}_excite", 1, expanded, squeezed, a=ACTIVATIONS)
        net.conv(f"block{index}_project", expanded, size, filters, 1)
    net.conv("head", 160, size, 960, 1, relu=False)
    net.gemm("fc1", 1, 1280, 960)
    net.gemm("fc2", 1, 1000, 1280)
    net.write()


def mobilevit_s():
    net = Network("mobilevit-s", [
        "MobileViT-S on one image of 256 x 256: Mehta and Rastegari, MobileViT, ICLR 2022, section 3.",
        "Patches of 2 x 2 pixels: attention runs over the patches, once for each of the 4 pixels of a patch.",
        "5,544,688 weights in products, 2,000,831,488 multiply-accumulates.",
    ])

    def inverted(name, channels, filters, size, stride=1, repeat=1):
        expanded = 4 * channels
        net.conv(f"{name}_expand", channels, size, expanded, 1, repeat=repeat, relu=False)
        size = net.conv(f"{name}_depthwise", expanded, size, expanded, 3, stride, groups=expanded, repeat=repeat, relu=False)
        net.conv(f"{name}_project", expanded, size, filters, 1, repeat=repeat, relu=False)
        return size

    def mobilevit(name, channels, width, size, layers):
        tokens, heads = size * size, 4
        net.conv(f"{name}_local", channels, size, channels, 3, relu=False)
        net.conv(f"{name}_in", channels, size, width, 1, relu=False)
        net.gemm(f"{name}_qkv", tokens, 3 * width, width, repeat=layers)
        # Each pixel of a patch meets the same pixel of all patches.
        net.attention(f"{name}_attention", tokens // 4, heads, width // heads, repeat=4 * layers)
        net.gemm(f"{name}_out", tokens, width, width, repeat=layers)
        net.gemm(f"{name}_ffn_up", tokens, 2 * width, width, repeat=layers)
        net.gemm(f"{name}_ffn_down", tokens, width, 2 * width, repeat=layers)
        net.conv(f"{name}_back", width, size, channels, 1, relu=False)
        net.conv(f"{name}_fuse", 2 * channels, size, channels, 3, relu=False)

    size = net.conv("stem", 3, 256, 16, 3, stride=2, relu=False)
    size = inverted("stage1", 16, 32, size)
    size = inverted("stage2_down", 32, 64, size, stride=2)
    inverted("stage2", 64, 64, size, repeat=2)
    channels = 64
    for stage, (filters, width, layers) in enumerate([(96, 144, 2), (128, 192, 4), (160, 240, 3)], start=3):
        size = inverted(f"stage{stage}_down", channels, filters, size, stride=2)
        mobilevit(f"stage{stage}", filters, width, size, layers)
        channels = filters
    net.conv("head", 160, size, 640, 1, relu=False)
    net.gemm("fc", 1, 1000, 640)
    net.write()


def transformer(net, tokens, width, heads, ffn, layers):
    for name in ("query", "key", "value"):
        net.gemm(name, tokens, width, width, repeat=layers)
    net.attention("attention", tokens, heads, width // heads, repeat=layers)
    net.gemm("attention_out", tokens, width, width, repeat=layers)
    net.gemm("ffn_up", tokens, ffn, width, repeat=layers)
    net.gemm("ffn_down", tokens, width, ffn, repeat=layers)


def vit_b16():
    net = Network("vit-b-16", [
        "ViT-B/16 on one image of 224 x 224: Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021, table 1.",
        "86,292,480 weights in products, 17,563,828,224 multiply-accumulates: 196 patches and the class token.",
    ])
    net.conv("patches", 3, 224, 768, 16, stride=16, padding=0, relu=False)
    transformer(net, 197, 768, 12, 3072, 12)
    net.gemm("fc", 1, 1000, 768)
    net.write()


def bert_base():
    net = Network("bert-base-128", [
        "BERT-base on one sequence of 128 tokens: Devlin et al., BERT: Pre-training of Deep Bidirectional Transformers, NAACL 2019.",
        "84,934,656 weights in the products of its 12 layers, 11,173,625,856 multiply-accumulates.",
    ])
    transformer(net, 128, 768, 12, 3072, 12)
    net.write()


def gpt2():
    for name, tokens, context, what in [
        ("gpt2-prefill", 1024, None, "reads 1,024 tokens"),
        ("gpt2-decode", 1, 1024, "makes one token, the 1,024th"),
    ]:
        net = Network(name, [
            f"GPT-2 small {what}: Radford et al., Language Models are Unsupervised Multitask Learners, 2019.",
            "84,934,656 weights in the products of its 12 layers, 38,597,376 in the vocabulary; "
            + ("the whole square of scores is" if context is None else "keys and values of earlier"),
            "computed, as engines without a mask do." if context is None else "tokens are at hand.",
        ])
        net.gemm("qkv", tokens, 3 * 768, 768, repeat=12)
        net.attention("attention", tokens, 12, 64, context=context, repeat=12)
        net.gemm("attention_out", tokens, 768, 768, repeat=12)
        net.gemm("ffn_up", tokens, 3072, 768, repeat=12)
        net.gemm("ffn_down", tokens, 768, 3072, repeat=12)
        net.gemm("vocabulary", 1, 50257, 768)  # of the last token
        net.write()


def llama3_8b():
    for name, tokens, context, what in [
        ("llama-3-8b-prefill", 2048, None, "reads 2,048 tokens"),
        ("llama-3-8b-decode", 1, 2048, "makes one token, the 2,048th"),
    ]:
        net = Network(name, [
            f"Llama-3-8B {what}: The Llama 3 Herd of Models, 2024, table 3: 32 layers, 32 heads, 8 of keys and values.",
            "6,979,321,856 weights in the products of its layers, 525,336,576 in the vocabulary; the queries of the 4 heads that share",
            "keys and values are stacked into one product.",
        ])
        net.gemm("query", tokens, 4096, 4096, repeat=32)
        net.gemm("key", tokens, 1024, 4096, repeat=32)
        net.gemm("value", tokens, 1024, 4096, repeat=32)
        net.attention("attention", tokens, 32, 128, context=context, kv_heads=8, repeat=32)
        net.gemm("attention_out", tokens, 4096, 4096, repeat=32)
        net.gemm("ffn_gate", tokens, 14336, 4096, repeat=32)
        net.gemm("ffn_up", tokens, 14336, 4096, repeat=32)
        net.gemm("ffn_down", tokens, 4096, 14336, repeat=32)
        net.gemm("vocabulary", 1, 128256, 4096)  # of the last token
        net.write()


if __name__ == "__main__":
    for network in (resnet18, resnet50, resnet50_2_4, mobilenet_v3_large, mobilevit_s, vit_b16, bert_base, gpt2, llama3_8b):
        network()
