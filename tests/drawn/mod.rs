//! Operands as a workload draws them: N(0, sigma), rounded, clipped to their format.

use std::path::PathBuf;

use bitweight::matrix::Matrix;
use bitweight::workload::{OperandWidths, Workload, WorkloadError, reference, run_network};

/// M x K operands of `bits` bits and a K x 1 column of others, uniform.
pub fn operands(seed: u64, (sigma, bits): (f64, u32), m: usize, k: usize) -> (Matrix<i32>, Matrix<i32>) {
    let text = format!(
        "name = \"published\"\nseed = {seed}\nvalues = {{ distribution = \"uniform\" }}\n[[gemm]]\nname = \"dot\"\n\
         m = {m}\nn = 1\nk = {k}\na = {{ distribution = \"normal\", std = {sigma:?} }}\n"
    );
    let workload = Workload::from_text("published.toml", text, PathBuf::from(".")).expect("a workload");
    let mut drawn = None;
    let widths = OperandWidths::signed(bits, 8);
    run_network::<WorkloadError>(&workload, widths, |layer| {
        drawn = Some(layer.first());
        layer.multiply(|a, b| Ok(reference(a, b))).map(Some)
    })
    .expect("a layer");
    drawn.expect("a layer")
}
