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

static SHIPPED: [Shipped; 4] = [
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
];
