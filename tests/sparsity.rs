//! Sparse workloads as a user writes them: what becomes 0, what is counted, and what engines make of it.

use std::path::{Path, PathBuf};

use bitweight::design::{Design, Override, engine_spec};
use bitweight::encoding::Format;
use bitweight::engine::EngineSpec;
use bitweight::matrix::Matrix;
use bitweight::simulate::{self, AuditShare, Compare, LayerRun, Method, Plan, WorkloadRun};
use bitweight::workload::{OperandWidths, Sparsity, StorageFormat, Workload, WorkloadError, run_network};

const INT8: OperandWidths = OperandWidths::signed(8, 8);
const NORMAL: &str = "distribution = \"normal\", std = 20.0";

fn spec(design: &str) -> EngineSpec {
    engine_spec(&Design::load(design, &[]).expect("a shipped design"))
}

fn workload(text: &str) -> Workload {
    Workload::from_text("t.toml", format!("name = \"t\"\nseed = 3\n{text}"), PathBuf::new()).expect("a workload")
}

/// One product whose operands have these keys.
fn gemm((m, n, k): (usize, usize, usize), a: &str, b: &str) -> Workload {
    workload(&format!("[[gemm]]\nname = \"one\"\nm = {m}\nn = {n}\nk = {k}\na = {{ {a} }}\nb = {{ {b} }}\n"))
}

/// A and B of every product.
fn operands(workload: &Workload) -> Vec<(Matrix<i32>, Matrix<i32>)> {
    let mut found = Vec::new();
    run_network::<WorkloadError>(workload, INT8, |layer| {
        found.extend(layer.products.iter().map(|product| (product.a.whole(), product.b.whole())));
        Ok(None)
    })
    .expect("operands");
    found
}

/// Every result compared, every tile run register by register too.
fn run(design: &str, workload: &Workload) -> WorkloadRun {
    let plan = Plan { method: Method::Events(AuditShare::All), compare: Compare::All };
    simulate::workload(&spec(design), workload, plan, |_| ()).unwrap_or_else(|error| panic!("{design}: {error}"))
}

fn zeros(matrix: &Matrix<i32>) -> u64 {
    matrix.values().iter().filter(|&&value| value == 0).count() as u64
}

const KINDS: [&str; 5] =
    ["bernoulli = 0.5", "magnitude = 0.7", "n-of-m = [2, 4]", "n-of-m = [1, 5]", "block = [3, 2], zero = 0.6"];

#[test]
fn engines_compute_the_dense_reference_of_sparse_operands_and_count_what_is_there() {
    for kind in KINDS {
        let sparse = format!("{NORMAL}, sparsity = {{ {kind} }}");
        let workload = gemm((9, 10, 23), &sparse, &sparse);
        let (a, b) = operands(&workload).remove(0);
        for design in ["mac-os-4x4", "mac-ws-4x4", "opt4c-4x4", "laconic-4x4", "pragmatic-4x4"] {
            let run = run(design, &workload);
            let layer = &run.layers[0];
            assert_eq!(layer.compared, 90, "{kind} on {design}");
            assert!(run.utilization() <= 1.0);
            for (tally, matrix) in layer.tallies.iter().zip([&a, &b]) {
                assert_eq!((tally.elements, tally.zeros), (matrix.values().len() as u64, zeros(matrix)), "{kind}");
                assert_eq!(tally.sparsity.map(|sparsity| sparsity.to_string()).as_deref(), Some(kind));
                assert_eq!(tally.changed, None, "what is drawn was never dense");
            }
            // Only Laconic makes digits of both.
            let encoded = [0, 1].map(|operand| layer.tallies[operand].digits.is_some());
            assert_eq!(encoded, [true, design == "laconic-4x4"], "{design}");
        }
    }
}

/// Groups of a convolution's filters run along im2col's K: channel, then row and column of the kernel.
#[test]
fn filters_and_inputs_of_convolutions_are_pruned_as_they_are_stored() {
    let keys = |of: &str, kind: &str| format!("{of} = {{ {NORMAL}, sparsity = {{ {kind} }} }}\n");
    let conv = "[[conv]]\nname = \"c\"\ninput = [6, 7, 7]\nfilters = 8\nkernel = [3, 2]\npadding = [1, 1]\ngroups = 2\nbatch = 2\n";
    let dense = operands(&workload(&format!("{conv}a = {{ {NORMAL} }}\nb = {{ {NORMAL} }}\n")));
    let workload =
        workload(&format!("{conv}{}{}", keys("a", "block = [7, 3], zero = 0.5"), keys("b", "n-of-m = [2, 4]")));
    for ((_, b), (_, dense)) in operands(&workload).iter().zip(&dense) {
        assert_eq!((b.rows(), b.cols()), (18, 4));
        for (filter, from) in (0..4).flat_map(|filter| [0, 4, 8, 12, 16].map(|from| (filter, from))) {
            let nonzeros = |of: &Matrix<i32>| (from..18.min(from + 4)).filter(|&k| of[(k, filter)] != 0).count();
            // Of the two values at the end both stay; a value that was drawn as 0 does not come back.
            assert_eq!(nonzeros(b), nonzeros(dense).min(2), "filter {filter}, k {from}");
            let is_drawn = |k: usize| b[(k, filter)] == 0 || b[(k, filter)] == dense[(k, filter)];
            assert!((from..18.min(from + 4)).all(is_drawn), "filter {filter}, k {from}");
        }
    }
    for design in ["mac-os-4x4", "opt4c-4x4"] {
        let layer = run(design, &workload).layers.remove(0);
        let [a, b] = &layer.tallies;
        // The input as it is stored: 2 images of 6 channels of 49 pixels, half of its blocks of 7 pixels and 3 channels.
        assert_eq!((a.elements, b.elements), (2 * 6 * 49, 8 * 18));
        assert!(a.zeros >= 2 * 3 * 49 && a.zeros < 2 * 3 * 49 + 30, "{}", a.zeros);
        assert!(b.zeros >= 8 * 8 && b.zeros < 8 * 8 + 12, "{}", b.zeros);
    }
}

#[test]
fn a_rival_that_multiplies_term_by_term_does_no_more_than_there_are_pairs() {
    let workload = gemm((8, 8, 32), NORMAL, &format!("{NORMAL}, sparsity = {{ n-of-m = [2, 4] }}"));
    let (a, b) = operands(&workload).remove(0);
    let run = run("laconic-4x4", &workload);
    let spec = spec("laconic-4x4");
    let encoding = spec.encoding.expect("terms").encoding();
    let digits = |value: i32| u64::from(encoding.nonzero_digits(value, 8));
    let pairs: u64 = (0..8 * 8 * 32)
        .map(|index| (index / 256, index / 32 % 8, index % 32))
        .map(|(m, n, k)| digits(a[(m, k)]) * digits(b[(k, n)]))
        .sum();
    assert_eq!(run.layers[0].useful.values().iter().sum::<u64>(), pairs);
}

/// Each non-zero digit of A meets every column of B once, so what PEs do falls exactly as the digits that are counted, and cycles
/// fall with it; a dense array does the same work in the same cycles.
#[test]
fn cycles_of_a_design_that_skips_digits_fall_with_the_digits_that_are_counted() {
    let layer = |design: &str, sparsity: &str| -> LayerRun {
        let a = format!("{NORMAL}{sparsity}");
        let run = run(design, &gemm((16, 8, 64), &a, NORMAL));
        run.layers.into_iter().next().expect("a layer")
    };
    let steps = [
        "",
        ", sparsity = { n-of-m = [3, 4] }",
        ", sparsity = { n-of-m = [2, 4] }",
        ", sparsity = { n-of-m = [1, 4] }",
    ];
    let runs = steps.map(|sparsity| layer("opt4c-4x4", sparsity));
    let digits = |layer: &LayerRun| layer.tallies[0].digits.as_ref().expect("A is encoded").nonzero;
    for (layer, sparsity) in runs.iter().zip(steps) {
        assert_eq!(layer.useful.values().iter().sum::<u64>(), digits(layer) * 8, "{sparsity}");
        let counted = layer.digits.as_ref().expect("A is encoded");
        assert_eq!(counted.histogram[0], layer.tallies[0].zeros);
        let sum: u64 = counted.histogram.iter().zip(0..).map(|(&elements, digits)| elements * digits).sum();
        assert_eq!(sum, digits(layer));
        // Each of two tiles of columns takes the digits of A, a row of four one a cycle: the slowest row is no faster than their mean.
        assert!(layer.cycles * 4 >= digits(layer) * 2, "{sparsity}");
    }
    for pair in runs.windows(2) {
        let [before, after] = [&pair[0], &pair[1]];
        assert!(digits(after) < digits(before) && after.cycles < before.cycles, "{} {}", before.cycles, after.cycles);
    }
    // A quarter of the values: less than half of the digits, as the greatest values stay, and of the cycles.
    assert!(digits(&runs[3]) * 2 < digits(&runs[0]) && runs[3].cycles * 10 < runs[0].cycles * 6);
    let dense = steps.map(|sparsity| layer("mac-os-4x4", sparsity).cycles);
    assert!(dense.iter().all(|&cycles| cycles == dense[0]));
}

#[test]
fn what_is_n_of_m_in_its_file_is_left_as_it_is_and_what_is_not_is_counted() {
    let folder = std::env::temp_dir().join(format!("bitweight-sparsity-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    // Column 0 is 2:4, in both its groups of four and in the two rows behind; column 1 is dense.
    let sparse = [5, 0, 0, -7, 0, 0, 3, 0, 1, -1];
    let b = Matrix::from_fn(10, 2, |k, n| if n == 0 { sparse[k] } else { k as i32 - 12 });
    write_npy(&folder.join("b.npy"), &b);
    let of = |columns: usize| {
        let text = format!(
            "name = \"t\"\n[[gemm]]\nname = \"one\"\nm = 3\nn = {columns}\nk = 10\nb = {{ npy = \"{}.npy\", sparsity = {{ n-of-m = [2, 4] }} }}\n",
            if columns == 1 { "sparse" } else { "b" }
        );
        Workload::from_text("t.toml", text, folder.clone()).expect("a workload")
    };
    write_npy(&folder.join("sparse.npy"), &Matrix::from_fn(10, 1, |k, _| sparse[k]));
    let (alone, both) = (of(1), of(2));
    assert_eq!(operands(&alone)[0].1.values(), sparse);
    let tally = |workload| run("mac-os-4x4", workload).layers.remove(0).tallies[1].clone();
    assert_eq!((tally(&alone).changed, tally(&alone).zeros), (Some(0), 5));
    // -12 -11 [-10 -9] -8 -7 [-6 -5] [-4 -3]: the two greatest magnitudes of four stay.
    let (_, pruned) = operands(&both).remove(0);
    let column: Vec<i32> = (0..10).map(|k| pruned[(k, 1)]).collect();
    assert_eq!(column, [-12, -11, 0, 0, -8, -7, 0, 0, -4, -3]);
    assert_eq!((tally(&both).changed, tally(&both).zeros), (Some(4), 9));
    std::fs::remove_dir_all(&folder).expect("a folder of this test");
}

/// A file of `numpy.save`.
fn write_npy(path: &Path, values: &Matrix<i32>) {
    let shape = format!("({}, {})", values.rows(), values.cols());
    let header = format!("{{'descr': '<i4', 'fortran_order': False, 'shape': {shape}, }}");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len() + 1).expect("short").to_le_bytes());
    bytes.extend(header.bytes().chain(*b"\n"));
    bytes.extend(values.values().iter().flat_map(|value| value.to_le_bytes()));
    std::fs::write(path, bytes).expect("a file");
}

#[test]
fn half_of_the_weights_of_the_perceptron_recognise_nearly_all_that_all_of_them_do() {
    let run = |name: &str| run("opt4c-4x4", &Workload::load(name).expect("shipped"));
    let (dense, pruned) = (run("digits-mlp"), run("digits-mlp-pruned"));
    let correct = |run: &WorkloadRun| run.layers[2].classification.as_ref().expect("labels").correct();
    assert_eq!([&dense, &pruned].map(correct), [353, 350]);
    for (dense, pruned) in dense.layers.iter().zip(&pruned.layers) {
        let (before, after) = (&dense.tallies[1], &pruned.tallies[1]);
        assert_eq!(after.zeros, after.elements / 2);
        assert_eq!(after.changed, Some(after.zeros - before.zeros));
        // The file is recorded as it is.
        assert_eq!(pruned.tensors.last().map(|record| record.zeros), Some(before.zeros));
    }
}

#[test]
fn values_of_all_tensors_are_pruned_unless_a_tensor_names_its_own() {
    let text = format!(
        "values = {{ {NORMAL}, sparsity = {{ bernoulli = 0.25 }} }}\n\
         [[gemm]]\nname = \"g\"\nm = 4\nn = 4\nk = 8\nb = {{ {NORMAL} }}\n\
         [[attention]]\nname = \"t\"\nqueries = 8\nheads = 2\nhead-dim = 4\n"
    );
    let workload = workload(&text);
    let some = |layer: &bitweight::workload::Layer| [layer.a.sparsity.is_some(), layer.b.sparsity.is_some()];
    assert_eq!(workload.layers.iter().map(some).collect::<Vec<_>>(), [[true, false], [true, true], [true, true]]);
    // Each product has draws of its own.
    let all = operands(&workload);
    let holes = |matrix: &Matrix<i32>| matrix.values().iter().map(|&value| value == 0).collect::<Vec<_>>();
    assert_ne!(holes(&all[1].0), holes(&all[2].0));
}

/// Weights of ResNet-50 with two of every four along K: the storage of their paper, 4 bits a weight and 2 for the places.
#[test]
fn weights_of_the_shipped_sparse_network_are_two_of_four() {
    let workload = Workload::load("resnet-50-2-4").expect("shipped");
    let dense = Workload::load("resnet-50").expect("shipped");
    let mut names = Vec::new();
    run_network::<WorkloadError>(&workload, INT8, |operands| {
        let layer = operands.layer;
        if !["conv1", "conv2_1b", "conv5_down", "fc"].contains(&layer.name.as_str()) {
            return Ok(None);
        }
        names.push(layer.name.clone());
        let tally = operands.stored[1].tally(Format::int(8), None).expect("eight bits");
        let sizes = |format: StorageFormat| {
            let size = tally.storage.iter().find(|size| size.format == format);
            size.map(|size| (size.value_bytes, size.metadata_bytes))
        };
        let weights = (layer.n * layer.k) as u64;
        assert_eq!(sizes(StorageFormat::Dense), Some((weights, 0)));
        assert_eq!(layer.b.sparsity, Some(Sparsity::NOfM { n: 2, m: 4 }));
        // K of the first layer is 147: of the last three of a filter two stay.
        let slots = (layer.n * layer.k.div_ceil(4) * 2) as u64;
        // Hardly a value that stays is 0.
        let pruned = weights - slots;
        assert!(tally.zeros >= pruned && tally.zeros < pruned + weights / 1000, "{}: {}", layer.name, tally.zeros);
        assert_eq!(sizes(StorageFormat::NOfM { n: 2, m: 4 }), Some((slots, slots / 4)));
        Ok(None)
    })
    .expect("operands");
    assert_eq!(names, ["conv1", "conv2_1b", "conv5_down", "fc"]);
    assert_eq!(workload.layers.len(), dense.layers.len());
}

#[test]
fn a_product_in_blocks_of_k_saves_no_more_than_its_dense_steps() {
    let sparse = format!("{NORMAL}, sparsity = {{ bernoulli = 0.5 }}");
    let workload = gemm((8, 8, 72), &sparse, &sparse);
    for formats in [["int8", "int8"], ["mxint8", "mxint8"], ["int8", "mxfp4"]] {
        let set = [0, 1].map(|at| Override(format!("operands.{}={}", ["a", "b"][at], formats[at])));
        let spec = engine_spec(&Design::load("skip-values-4x4", &set).expect("a design"));
        let run = simulate::workload(&spec, &workload, Plan::default(), |_| ()).expect("a run");
        let layer = &run.layers[0];
        let (skipped, parts) = (layer.skipped.expect("values are skipped"), layer.parts);
        // 2 x 2 tiles, whatever the number of blocks that K is cut into.
        assert_eq!(skipped.cycles + parts.compute + parts.empty + parts.sync, 4 * 72, "{formats:?}");
    }
}

#[test]
fn windows_that_are_stored_for_their_scales_are_not_said_to_be_n_of_m() {
    let keys = format!("{{ {NORMAL}, sparsity = {{ n-of-m = [1, 4] }} }}");
    let text =
        format!("[[conv]]\nname = \"c\"\ninput = [8, 5, 5]\nfilters = 4\nkernel = [3, 3]\na = {keys}\nb = {keys}\n");
    let of = |format: &str| {
        let set = ["a", "b"].map(|operand| Override(format!("operands.{operand}={format}")));
        let spec = engine_spec(&Design::load("mac-os-4x4", &set).expect("a design"));
        let run = simulate::workload(&spec, &workload(&text), Plan::default(), |_| ()).expect("a run");
        let n_of_m = StorageFormat::NOfM { n: 1, m: 4 };
        run.layers[0]
            .tallies
            .each_ref()
            .map(|tally| (tally.elements, tally.storage.iter().any(|size| size.format == n_of_m)))
    };
    assert_eq!(of("int8"), [(8 * 25, true), (72 * 4, true)]);
    // 9 windows of 72 values, whose groups along K are of the kernel's elements and not of channels.
    assert_eq!(of("mxint8"), [(9 * 72, false), (72 * 4, true)]);
}
