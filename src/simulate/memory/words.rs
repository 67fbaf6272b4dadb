//! What a stored word costs.

use super::tiling::Tensor;
use crate::engine::parts::encoder::EncoderPorts;
use crate::engine::{EncoderPlace, EngineSpec, Operand};

/// Bits of a stored element of each matrix: those of its format (of the select lines, if it is stored encoded; of the
/// accumulator for results and partial sums), rounded up to a power of two so that no word lies across two others.
pub fn word_bits(spec: &EngineSpec) -> [u32; 3] {
    let stored = |operand: Operand, bits: u32, word_bits: u32| match (spec.encoding, spec.encoder_place()) {
        (Some(kind), EncoderPlace::Stored) if spec.encoded == operand => EncoderPorts::new(kind, word_bits).word_bits(),
        _ => bits,
    };
    Tensor::ALL.map(|tensor| {
        let bits = match tensor {
            Tensor::A => stored(Operand::A, spec.a_bits, spec.a_word_bits()),
            Tensor::B => stored(Operand::B, spec.b_bits, spec.b_word_bits()),
            Tensor::C => spec.acc_bits,
        };
        bits.next_power_of_two()
    })
}
