//! The shipped networks against what has been published of them: parameters and multiply-accumulates.

use bitweight::workload::{Layer, Workload, shipped};

/// Multiply-accumulates and weights of all layers, repetitions included. The products of attention have no weights.
fn totals(name: &str) -> (u64, u64) {
    let workload = Workload::load(name).expect(name);
    let is_attention = |layer: &Layer| layer.name.ends_with(".scores") || layer.name.ends_with(".context");
    let weights = |layer: &Layer| match layer.conv {
        Some(conv) => conv.weights(),
        None if is_attention(layer) => 0,
        None => (layer.n * layer.k) as u64 * layer.products,
    };
    let macs = workload.layers.iter().map(|layer| layer.macs() * layer.repeat).sum();
    (macs, workload.layers.iter().map(|layer| weights(layer) * layer.repeat).sum())
}

/// What has no product: batch and layer normalisation, biases, embeddings.
struct Network {
    name: &'static str,
    macs: u64,
    /// Parameters as published, or as every public implementation counts them.
    parameters: u64,
    others: u64,
}

/// Scale and offset of each channel.
const fn normalised(channels: u64) -> u64 {
    2 * channels
}

const NETWORKS: [Network; 7] = [
    Network {
        name: "resnet-18",
        macs: 1_814_073_344,
        parameters: 11_689_512,
        // conv1, two blocks of two convolutions a stage, three projections; the bias of the classifier.
        others: normalised(64 + 4 * (64 + 128 + 256 + 512) + 128 + 256 + 512) + 1000,
    },
    Network {
        name: "resnet-50",
        macs: 4_089_184_256,
        parameters: 25_557_032,
        others: normalised(64 + 6 * (3 * 64 + 4 * 128 + 6 * 256 + 3 * 512) + 4 * (64 + 128 + 256 + 512)) + 1000,
    },
    // Weights that are 0 are weights.
    Network {
        name: "resnet-50-2-4",
        macs: 4_089_184_256,
        parameters: 25_557_032,
        others: normalised(64 + 6 * (3 * 64 + 4 * 128 + 6 * 256 + 3 * 512) + 4 * (64 + 128 + 256 + 512)) + 1000,
    },
    Network { name: "mobilenet-v3-large", macs: 216_589_760, parameters: 5_483_032, others: 24_400 + 7_360 },
    Network {
        name: "mobilevit-s",
        macs: 2_000_831_488,
        parameters: 5_578_632,
        // Batch normalisation, layer normalisation, biases of the transformers and the classifier.
        others: 12_256 + 8_256 + 13_432,
    },
    Network {
        name: "vit-b-16",
        macs: 17_563_828_224,
        parameters: 86_567_656,
        // Positions, class token, patch bias; biases and normalisation of 12 layers and of the end; the classifier's bias.
        others: 197 * 768 + 768 + 768 + 12 * (4 * 768 + 3072 + 768 + 2 * normalised(768)) + normalised(768) + 1000,
    },
    // 124,439,808 with token and position embeddings; the vocabulary is multiplied by the token embedding.
    Network {
        name: "gpt2-decode",
        macs: 142_406_400,
        parameters: 124_439_808,
        others: 1024 * 768 + 12 * (2 * normalised(768) + 3 * 768 + 768 + 3072 + 768) + normalised(768),
    },
];

#[test]
fn parameters_and_multiply_accumulates_of_shipped_networks_are_the_published_ones() {
    for network in &NETWORKS {
        let (macs, weights) = totals(network.name);
        assert_eq!(macs, network.macs, "{}", network.name);
        assert_eq!(weights + network.others, network.parameters, "{}", network.name);
    }
}

/// 8,030,261,248 parameters: the layers, token embedding and vocabulary of 128,256 x 4,096 each, 65 normalisations.
#[test]
fn llama_3_8b_has_its_parameters_whether_it_reads_or_writes() {
    let others = 128_256 * 4096 + (2 * 32 + 1) * 4096;
    for name in ["llama-3-8b-prefill", "llama-3-8b-decode"] {
        assert_eq!(totals(name).1 + others, 8_030_261_248, "{name}");
    }
    // A product of every weight for each token, but those of the vocabulary once; queries of 32 heads by 2,048 tokens, twice.
    let layers = 32 * (2 * 4096 * 4096 + 2 * 1024 * 4096 + 3 * 14336 * 4096);
    let attention = 32 * 2 * 32 * 128 * 2048;
    let vocabulary = 128_256 * 4096;
    assert_eq!(totals("llama-3-8b-decode").0, layers + attention + vocabulary);
    assert_eq!(totals("llama-3-8b-prefill").0, 2048 * (layers + attention) + vocabulary);
}

#[test]
fn bert_base_reads_128_tokens_with_the_weights_of_its_layers() {
    let layers = 12 * (4 * 768 * 768 + 2 * 768 * 3072);
    assert_eq!(totals("bert-base-128"), (128 * layers + 12 * 2 * 12 * 128 * 128 * 64, layers));
    assert_eq!(totals("gpt2-prefill").1, totals("gpt2-decode").1);
}

#[test]
fn every_shipped_network_that_is_no_test_of_a_size_is_counted_here() {
    let counted: Vec<&str> = NETWORKS.iter().map(|network| network.name).collect();
    let perceptrons = ["digits-mlp", "digits-mlp-pruned", "digits-mlp-float"];
    let others = [&perceptrons[..], &["gemm-256", "gemm-1024", "bert-base-128", "gpt2-prefill"]].concat();
    for workload in shipped().iter().filter(|workload| !workload.name.starts_with("llama-3-8b")) {
        assert!(counted.contains(&workload.name) || others.contains(&workload.name), "{}", workload.name);
    }
}
