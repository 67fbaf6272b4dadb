//! The workloads in the binary.

/// A workload that needs no file.
#[derive(Debug)]
pub struct Shipped {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for `list workloads`.
    pub summary: &'static str,
    /// Its TOML.
    pub text: &'static str,
    /// The files its TOML names.
    pub files: &'static [(&'static str, &'static [u8])],
}

/// The shipped workloads, in the order in which they are listed.
pub fn shipped() -> &'static [Shipped] {
    &SHIPPED
}

/// Paths with their contents, relative to `workloads/`.
macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../workloads/", $path)))),*]
    };
}

static SHIPPED: [Shipped; 16] = [
    Shipped {
        name: "digits-mlp",
        summary: "a quantised perceptron 64-128-64-10 on 360 handwritten digits, with its accuracy",
        text: include_str!("../../workloads/digits-mlp.toml"),
        files: embedded![
            "digits-mlp/test_images.npy",
            "digits-mlp/test_labels.npy",
            "digits-mlp/fc1_weights.npy",
            "digits-mlp/fc1_bias.npy",
            "digits-mlp/fc2_weights.npy",
            "digits-mlp/fc2_bias.npy",
            "digits-mlp/fc3_weights.npy",
            "digits-mlp/fc3_bias.npy",
        ],
    },
    Shipped {
        name: "digits-mlp-pruned",
        summary: "digits-mlp with half of its weights, those of the least magnitude, made 0",
        text: include_str!("../../workloads/digits-mlp-pruned.toml"),
        files: embedded![
            "digits-mlp/test_images.npy",
            "digits-mlp/test_labels.npy",
            "digits-mlp/fc1_weights.npy",
            "digits-mlp-pruned/fc1_bias.npy",
            "digits-mlp/fc2_weights.npy",
            "digits-mlp-pruned/fc2_bias.npy",
            "digits-mlp/fc3_weights.npy",
            "digits-mlp-pruned/fc3_bias.npy",
        ],
    },
    Shipped {
        name: "digits-mlp-float",
        summary: "the perceptron of digits-mlp in floating point, which the design quantises to its own formats",
        text: include_str!("../../workloads/digits-mlp-float.toml"),
        files: embedded![
            "digits-mlp-float/test_images.npy",
            "digits-mlp/test_labels.npy",
            "digits-mlp-float/fc1_weights.npy",
            "digits-mlp-float/fc1_bias.npy",
            "digits-mlp-float/fc2_weights.npy",
            "digits-mlp-float/fc2_bias.npy",
            "digits-mlp-float/fc3_weights.npy",
            "digits-mlp-float/fc3_bias.npy",
        ],
    },
    Shipped {
        name: "gemm-256",
        summary: "one product of 256 x 256 matrices, N(0,20)",
        text: include_str!("../../workloads/gemm-256.toml"),
        files: &[],
    },
    Shipped {
        name: "gemm-1024",
        summary: "one product of 1024 x 1024 matrices, N(0,20)",
        text: include_str!("../../workloads/gemm-1024.toml"),
        files: &[],
    },
    Shipped {
        name: "bert-base-128",
        summary: "the products of BERT-base on a sequence of 128 tokens, N(0,20)",
        text: include_str!("../../workloads/bert-base-128.toml"),
        files: &[],
    },
    Shipped {
        name: "resnet-18",
        summary: "ResNet-18, one image of 224 x 224; shapes as published, N(0,20)",
        text: include_str!("../../workloads/resnet-18.toml"),
        files: &[],
    },
    Shipped {
        name: "resnet-50",
        summary: "ResNet-50, one image of 224 x 224; shapes as published, N(0,20)",
        text: include_str!("../../workloads/resnet-50.toml"),
        files: &[],
    },
    Shipped {
        name: "resnet-50-2-4",
        summary: "ResNet-50 with 2 of every 4 weights along K; N(0,20)",
        text: include_str!("../../workloads/resnet-50-2-4.toml"),
        files: &[],
    },
    Shipped {
        name: "mobilenet-v3-large",
        summary: "MobileNet-V3-Large, one image of 224 x 224; shapes as published, N(0,20)",
        text: include_str!("../../workloads/mobilenet-v3-large.toml"),
        files: &[],
    },
    Shipped {
        name: "mobilevit-s",
        summary: "MobileViT-S, one image of 256 x 256; shapes as published, N(0,20)",
        text: include_str!("../../workloads/mobilevit-s.toml"),
        files: &[],
    },
    Shipped {
        name: "vit-b-16",
        summary: "ViT-B/16, one image of 224 x 224; shapes as published, N(0,20)",
        text: include_str!("../../workloads/vit-b-16.toml"),
        files: &[],
    },
    Shipped {
        name: "gpt2-prefill",
        summary: "GPT-2 small reads 1,024 tokens; shapes as published, N(0,20)",
        text: include_str!("../../workloads/gpt2-prefill.toml"),
        files: &[],
    },
    Shipped {
        name: "gpt2-decode",
        summary: "GPT-2 small makes a token with 1,024 in its context; shapes as published, N(0,20)",
        text: include_str!("../../workloads/gpt2-decode.toml"),
        files: &[],
    },
    Shipped {
        name: "llama-3-8b-prefill",
        summary: "Llama-3-8B reads 2,048 tokens; shapes as published, N(0,20)",
        text: include_str!("../../workloads/llama-3-8b-prefill.toml"),
        files: &[],
    },
    Shipped {
        name: "llama-3-8b-decode",
        summary: "Llama-3-8B makes a token with 2,048 in its context; shapes as published, N(0,20)",
        text: include_str!("../../workloads/llama-3-8b-decode.toml"),
        files: &[],
    },
];
