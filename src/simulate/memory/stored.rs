//! What is stored of each matrix: how many words, how many bits each, and the bits that stand beside them.

use super::tiling::Tensor;
use crate::encoding::{BLOCK, Format};
use crate::engine::parts::encoder::EncoderPorts;
use crate::engine::{Dataflow, EncoderPlace, EngineSpec, NOfM, Operand};
use crate::notation::transform::Matching;

/// Bits of an exponent that a block of elements shares: those of E8M0.
const EXPONENT_BITS: u64 = 8;

/// How the matrices of a GEMM are stored.
///
/// A *word* is an element of A or C, or of B an element that is kept. *Metadata* are bits that go with words: the index of each kept
/// element, the exponent that the elements of a row of A or a column of B share in a block of K, and masks, which are made where B
/// comes in and are in its buffer only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Bits of a word of A, B and C: those of its format (of the select lines, if it is stored encoded; of the accumulator for results,
    /// partial sums and sums of blocks), rounded up to a power of two so that no word lies across two others.
    pub word_bits: [u32; 3],
    /// What of each group of B is stored.
    pub kept: Option<NOfM>,
    /// Elements along K that share exponents, if an operand's do: sums of these blocks are made outside of the engine.
    pub block_of_k: Option<usize>,
    /// Bits of the exponent of a row of A and of a column of B, for each block of K.
    exponent_bits: [u64; 2],
    /// Columns of a tile, if a row of its B has a mask bit.
    masked: Option<u64>,
    /// Words that a place of C has in its buffer: 2 where the sum of earlier blocks waits beside the partial sums of this one.
    c_words: u64,
}

impl Stored {
    /// How an engine's matrices are stored, of so many places of K.
    pub fn new(spec: &EngineSpec, k: usize) -> Self {
        let formats = [spec.a_format(), spec.b_format()];
        let block_of_k = formats.iter().any(|format| format.is_blocked()).then_some(BLOCK);
        let goes_round = spec.dataflow() != Dataflow::OutputStationary && (spec.rows_of_k() as usize) < BLOCK;
        let matches_b = spec.takes_values() && spec.parameters.matching == Matching::Both;
        Self {
            word_bits: word_bits(spec),
            kept: spec.kept(),
            block_of_k,
            exponent_bits: formats.map(|format: Format| if format.is_blocked() { EXPONENT_BITS } else { 0 }),
            masked: matches_b.then_some(u64::from(spec.cols)),
            c_words: if goes_round && block_of_k.is_some_and(|block| block < k) { 2 } else { 1 },
        }
    }

    /// Words of a matrix in a region of these extents along M, N and K, whose K begins with a group.
    pub fn words(&self, tensor: Tensor, [m, n, k]: [usize; 3]) -> u64 {
        let k = match self.kept {
            Some(kept) if tensor == Tensor::B => kept.places(k),
            _ => k,
        };
        tensor.elements([m, n, k])
    }

    /// Bits of indices that so many words of a matrix have.
    pub fn index_bits(&self, tensor: Tensor, words: u64) -> u64 {
        match self.kept {
            Some(kept) if tensor == Tensor::B => words * u64::from(kept.index_bits()),
            _ => 0,
        }
    }

    /// Bits of the exponents of a matrix in a region of these extents, that lies in one block of K.
    pub fn exponents(&self, tensor: Tensor, [m, n, _]: [usize; 3]) -> u64 {
        match tensor {
            Tensor::A => m as u64 * self.exponent_bits[0],
            Tensor::B => n as u64 * self.exponent_bits[1],
            Tensor::C => 0,
        }
    }

    /// Bits of the masks of a block of B of these extents: one for each row of each of its tiles.
    pub fn masks(&self, tensor: Tensor, [_, n, k]: [usize; 3]) -> u64 {
        match self.masked {
            Some(cols) if tensor == Tensor::B => k as u64 * (n as u64).div_ceil(cols),
            _ => 0,
        }
    }

    /// Bits of masks that the array reads beside so many words of A.
    pub fn masks_read(&self, words_of_a: u64) -> u64 {
        if self.masked.is_some() { words_of_a } else { 0 }
    }

    /// Bits of so many words of a matrix.
    pub fn bits(&self, tensor: Tensor, words: u64) -> u64 {
        words * u64::from(self.word_bits[tensor as usize])
    }

    /// Bits of metadata that DRAM moves with so many words of a matrix, which have a region of these extents.
    pub fn beside(&self, tensor: Tensor, extents: [usize; 3], words: u64) -> u64 {
        self.index_bits(tensor, words) + self.exponents(tensor, extents)
    }

    /// Bits that a buffer has to have for a block of these extents that is so many words.
    pub fn held(&self, tensor: Tensor, extents: [usize; 3], words: u64) -> u64 {
        let copies = if tensor == Tensor::C { self.c_words } else { 1 };
        self.bits(tensor, words) * copies + self.beside(tensor, extents, words) + self.masks(tensor, extents)
    }
}

fn word_bits(spec: &EngineSpec) -> [u32; 3] {
    let stored = |operand: Operand, bits: u32, word_bits: u32| match (spec.encoding, spec.encoder_place()) {
        (Some(kind), EncoderPlace::Stored) if spec.encoded == operand => EncoderPorts::new(kind, word_bits).word_bits(),
        _ => bits,
    };
    Tensor::ALL.map(|tensor| {
        let bits = match tensor {
            Tensor::A => stored(Operand::A, spec.a_format().stored_bits(), spec.a_word_bits()),
            Tensor::B => stored(Operand::B, spec.b_format().stored_bits(), spec.b_word_bits()),
            Tensor::C => spec.acc_bits,
        };
        bits.next_power_of_two()
    })
}
