//! What the interpreter runs, before addresses: buffers, nodes that fill them, and state that is loaded at the edge.

use crate::netlist::wiring::{Part, mask};

/// Where the words of a net are: that of instance `i` is word `offset + i * stride` of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Index of the buffer.
    pub buffer: u32,
    /// Word of instance 0.
    pub offset: u32,
    /// From one instance to the next.
    pub stride: u32,
}

/// A word in normal form, its parts in buffers.
pub type Parts = Vec<Part<Place>>;

/// What a buffer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Registers; the value under reset.
    State(u64),
    /// Set from outside, or a constant that nobody changes.
    Fixed(u64),
    /// Results of a node.
    Computed,
}

/// A run of words of equal width.
#[derive(Clone, Copy, Debug)]
pub struct Buffer {
    /// How many.
    pub words: u32,
    /// Bits of each; those above are 0.
    pub width: u32,
    /// What they are.
    pub kind: Kind,
}

/// What is read of a word: `((word << left) >> right) & mask ^ flip`, the right shift arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Shift to the left, first.
    pub left: u32,
    /// Arithmetic shift to the right, second.
    pub right: u32,
    /// Bits that are kept.
    pub mask: u64,
    /// Bits that are inverted: constant ones, or a complement.
    pub flip: u64,
}

/// A source of a node.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    /// Where; the stride is 1 except for what is the same for all instances (0).
    pub place: Place,
    /// What of it.
    pub view: View,
}

/// What a node computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The operand.
    Copy,
    /// Two or more operands that have no bit in common, side by side.
    Join,
    /// Words from anywhere, by the node's table.
    Gather,
    And,
    Or,
    Xor,
    /// Select, one, zero.
    Mux,
    Equal,
    Add,
    Sub,
    /// Low bits of the product.
    Mul,
    /// Sum and carry rows of three.
    Compress32,
    /// Sum and carry rows of two.
    Compress22,
    /// Only the sum row of three.
    Xor3,
    /// Only the carry row of three.
    Majority,
}

/// Fills one buffer, or for the compressor rows two.
#[derive(Clone, Debug)]
pub struct Node {
    /// How.
    pub code: Code,
    /// Words.
    pub count: u32,
    /// Bits of a result word.
    pub width: u32,
    /// Buffers that are filled.
    pub outputs: Vec<u32>,
    /// Sources; empty for a gather.
    pub operands: Vec<Operand>,
    /// (buffer, word) of each result of a gather.
    pub table: Vec<(u32, u32)>,
}

/// A register, or one of every instance.
#[derive(Clone, Debug)]
pub struct Load {
    /// The buffer.
    pub q: u32,
    /// Instances.
    pub count: u32,
    /// Next value.
    pub d: Operand,
    /// Loads only if 1; uniform if its stride is 0.
    pub enable: Option<Operand>,
    /// Clears if 1; uniform if its stride is 0.
    pub clear: Option<Operand>,
}

/// A bundle of delay lines: every word moves to the next, the first of each line is loaded.
#[derive(Clone, Debug)]
pub struct Shift {
    /// The buffer: instance by instance, lane by lane, first register first.
    pub q: u32,
    /// Instances.
    pub count: u32,
    /// Registers of one instance.
    pub words: u32,
    /// Word that each lane enters, within an instance.
    pub heads: Vec<u32>,
    /// Where the entering words are: instance by instance, lane by lane. Never state.
    pub source: Place,
    /// Moves only if 1.
    pub enable: Option<Operand>,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub buffers: Vec<Buffer>,
    pub nodes: Vec<Node>,
    pub loads: Vec<Load>,
    pub shifts: Vec<Shift>,
}

impl Program {
    /// A new buffer.
    pub fn buffer(&mut self, words: u32, width: u32, kind: Kind) -> u32 {
        self.buffers.push(Buffer { words, width, kind });
        self.buffers.len() as u32 - 1
    }

    /// The place of a word that is exactly one buffer word, else `None`.
    pub fn whole(&self, parts: &[Part<Place>]) -> Option<Place> {
        match parts {
            &[Part::Bits { net, low: 0, width }] if self.buffers[net.buffer as usize].width == width => Some(net),
            _ => None,
        }
    }
}

/// A part of a word that one view can fetch: bits of one buffer word at a position, their top bit repeated or not.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    pub place: Place,
    pub view: View,
}

/// Splits a word into what views can fetch, and the constant that is left. `bits` is the size of a machine word.
pub fn pieces(parts: &[Part<Place>], bits: u32) -> (Vec<Piece>, u64) {
    let (mut pieces, mut constant) = (Vec::new(), 0);
    let mut position = crate::netlist::wiring::width(parts);
    let mut index = 0;
    while index < parts.len() {
        let part = parts[index];
        position -= part.width();
        match part {
            Part::Const { value, .. } => constant |= value << position,
            Part::Bits { net, low, width } => {
                let (left, right) = (position.saturating_sub(low), low.saturating_sub(position));
                let view = View { left, right, mask: mask(width) << position, flip: 0 };
                pieces.push(Piece { place: net, view });
            }
            Part::Repeat { net, bit, count } => {
                // Copies of a sign usually stand before the word they belong to: one arithmetic shift does both.
                // Alone, the bit goes to the lowest of its copies.
                let (mut width, mut top) = (count, position);
                if let Some(&Part::Bits { net: next, low, width: below }) = parts.get(index + 1)
                    && next == net
                    && low + below == bit + 1
                {
                    index += 1;
                    position -= below;
                    (width, top) = (count + below, position + below - 1);
                }
                let view = View { left: bits - 1 - bit, right: bits - 1 - top, mask: mask(width) << position, flip: 0 };
                pieces.push(Piece { place: net, view });
            }
        }
        index += 1;
    }
    (merged(pieces), constant)
}

/// Pieces of one word that are moved alike are one: bits 5 and 2 of a word stay three apart.
fn merged(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut result: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let moved = |view: &View| (view.left, view.right);
        let alike = |known: &&mut Piece| known.place == piece.place && moved(&known.view) == moved(&piece.view);
        match result.iter_mut().find(alike) {
            Some(known) => known.view.mask |= piece.view.mask,
            None => result.push(piece),
        }
    }
    result
}

impl View {
    /// All of a word of `width` bits.
    pub fn whole(width: u32) -> Self {
        View { left: 0, right: 0, mask: mask(width), flip: 0 }
    }

    /// Whether a word of `width` bits is read as it is.
    pub fn is_plain(&self, width: u32) -> bool {
        self.left == 0 && self.right == 0 && self.flip == 0 && self.mask & mask(width) == mask(width)
    }
}
