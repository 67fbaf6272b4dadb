//! The page of TOML that chooses an engine.
//!
//! [`Design::load`] reads a file or a shipped name, puts `--set` overrides over it, checks everything and resolves every
//! default. A [`Design`] prints as canonical TOML that reads back as itself; [`Design::hash`] is a hash of that text.

mod array;
mod check;
mod document;
mod error;
mod file;
mod parameters;
mod print;
pub mod scalesim;
mod shipped;

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::encoding::{EncodingKind, Format};
use crate::engine::{self, EngineSpec, Family, Operand};
use crate::mistake::{Mistake, did_you_mean};
use crate::netlist::ResetKind;
use crate::notation::transform::{BitWeightLoop, Parameters};
use crate::note::Note;

use document::Document;

pub use array::{ArrayChoices, ArrayKind};
pub use document::Override;
pub use file::DesignFile;
pub use shipped::{Shipped, shipped};

/// Most rows or columns of an array.
pub const MAX_SIZE: u32 = 256;
/// Most products that one PE or unit reduces at a time.
pub const MAX_DEPTH: u32 = 64;
/// Most products of a whole array at a time.
pub const MAX_PRODUCTS: u64 = 1 << 16;

/// Most words of A that the PEs of an array select from.
pub const MAX_WORDS: u64 = 4 * MAX_PRODUCTS;

/// A checked design, every default resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// Kebab-case name; file and module names come from it.
    pub name: String,
    /// Transforms of the loop nest, in order of application.
    pub transforms: Vec<String>,
    /// Formats of C\[M,N\] += A\[M,K\] * B\[K,N\].
    pub operands: Operands,
    /// Which operand becomes digits, and how.
    pub encoding: EncodingChoice,
    /// The array.
    pub array: Array,
    /// Choices about the transforms that are applied; defaults for the others.
    pub parameters: Parameters,
    /// The memory around the engine; `None`: everything always offered.
    pub memory: Option<engine::Memory>,
    /// What only the RTL and the estimate need.
    pub rtl: Rtl,
}

/// Formats of operands and sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operands {
    /// Of an element of A, 2 to 16 bits.
    pub a: Format,
    /// Of an element of B, 2 to 16 bits.
    pub b: Format,
    /// Bits of the accumulator and of a result, 8 to 64; at least those of a product unless `saturate`.
    pub accumulator_bits: u32,
    /// Whether results are clipped where they leave, or wrap.
    pub saturate: bool,
}

/// How one operand becomes digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodingChoice {
    /// The operand that becomes digits.
    pub operand: Operand,
    /// The encoding; `None` leaves the product to the synthesiser's `*`.
    pub kind: Option<EncodingKind>,
}

/// The array of PEs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Array {
    /// How PEs stand, with what stays in them or how deep they are.
    pub kind: engine::Array,
    /// PEs from north to south, 1 to 256.
    pub rows: u32,
    /// PEs from west to east, 1 to 256.
    pub cols: u32,
    /// Bits of the counter of a tile's steps, 4 to 32.
    pub length_bits: u32,
}

/// Clock and reset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rtl {
    /// Target period of the clock in ns, for the constraints file and the estimate.
    pub clock_period_ns: f64,
    /// Reset of the control registers.
    pub reset: ResetKind,
}

/// Name of an operand in a TOML.
pub fn operand_name(operand: Operand) -> &'static str {
    match operand {
        Operand::A => "a",
        Operand::B => "b",
    }
}

/// Name of a reset in a TOML.
pub fn reset_name(reset: ResetKind) -> &'static str {
    match reset {
        ResetKind::AsyncLow => "async-low",
        ResetKind::SyncLow => "sync-low",
        ResetKind::SyncHigh => "sync-high",
    }
}

/// Name of an encoding in a TOML; `none` is the synthesiser's `*`.
pub fn encoding_name(kind: Option<EncodingKind>) -> &'static str {
    kind.map_or("none", EncodingKind::name)
}

impl Design {
    /// The design of a path or of a shipped name, with overrides.
    ///
    /// # Errors
    /// There is no such design, the file cannot be read, or it has mistakes: all that can be found at once.
    pub fn load(name_or_path: &str, overrides: &[Override]) -> Result<Self, Vec<Mistake>> {
        Self::load_noted(name_or_path, overrides).map(|(design, _)| design)
    }

    /// [`Design::load`] with notes about what was ignored in its file: the configurations of SCALE-Sim (`.cfg`) say more than a
    /// design has.
    ///
    /// # Errors
    /// Those of [`Design::load`].
    pub fn load_noted(name_or_path: &str, overrides: &[Override]) -> Result<(Self, Vec<Note>), Vec<Mistake>> {
        if scalesim::is_config(name_or_path) {
            return scalesim::load(name_or_path, overrides);
        }
        Ok((Self::from_document(&Self::document(name_or_path, overrides)?)?, Vec::new()))
    }

    /// The text of a design.
    fn document(name_or_path: &str, overrides: &[Override]) -> Result<Document, Vec<Mistake>> {
        let path = Path::new(name_or_path);
        let names_a_file = name_or_path.contains(['/', '\\']) || name_or_path.ends_with(".toml");
        match shipped().iter().find(|design| design.name == name_or_path) {
            Some(design) if !names_a_file => {
                let shown = format!("designs/{}.toml", design.name);
                Document::parse(&shown, design.text, overrides)
            }
            None if !names_a_file && !path.is_file() => Err(vec![unknown_design(name_or_path)]),
            _ => Document::read(path, overrides),
        }
    }

    /// An error about the values of a design that was loaded, such as what a layer makes of its memory, with the place of the first of
    /// these keys that is written; the same error if none is.
    pub fn mistake_at_key(name_or_path: &str, overrides: &[Override], keys: &[String], mistake: Mistake) -> Mistake {
        let document = Self::document(name_or_path, overrides).ok().filter(|_| !scalesim::is_config(name_or_path));
        document.and_then(|document| document.mistake_at_key(keys, &mistake)).unwrap_or(mistake)
    }

    /// The design of a TOML text that messages call `shown`.
    ///
    /// # Errors
    /// The text has mistakes: all that can be found at once.
    pub fn from_toml(shown: &str, text: &str, overrides: &[Override]) -> Result<Self, Vec<Mistake>> {
        Self::from_document(&Document::parse(shown, text, overrides)?)
    }

    fn from_document(document: &Document) -> Result<Self, Vec<Mistake>> {
        let file: DesignFile = document.read_into()?;
        check::check(document, &file)
    }

    /// The resolved design as TOML that reads back as the same design.
    pub fn to_toml(&self) -> String {
        print::toml(self)
    }

    /// Sixteen hexadecimal digits of the SHA-256 of [`Design::to_toml`].
    pub fn hash(&self) -> String {
        Sha256::digest(self.to_toml().as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// One line: size, array, formats, encoding, transforms.
    pub fn summary(&self) -> String {
        let [size, array, formats, product, transforms] =
            [self.size(), self.array_words(), self.formats(), self.product(), self.transform_list()];
        let memory = if self.memory.is_some() { ", with memory" } else { "" };
        format!("{size} {array}, {formats}, {product}, {transforms}{memory}")
    }

    /// `32x32`; with the depth in front where there is one.
    pub fn size(&self) -> String {
        let Array { kind, rows, cols, .. } = self.array;
        match ArrayKind::of(kind).depth_key() {
            Some(_) => format!("{}x{rows}x{cols}", kind.depth()),
            None => format!("{rows}x{cols}"),
        }
    }

    /// The array, and what stays in it where that is a choice: `systolic output stationary`.
    pub fn array_words(&self) -> String {
        match self.array.kind {
            engine::Array::Systolic(dataflow) => format!("systolic {}", dataflow.name().replace('-', " ")),
            other => other.name().to_owned(),
        }
    }

    /// `int8 x int8 into int32`.
    pub fn formats(&self) -> String {
        let Operands { a, b, accumulator_bits, saturate } = self.operands;
        let clipped = if saturate { " saturated" } else { "" };
        format!("{a} x {b} into int{accumulator_bits}{clipped}")
    }

    /// `booth-4 of a`.
    pub fn product(&self) -> String {
        match self.encoding.kind {
            Some(kind) if matches!(self.array.kind, engine::Array::Laconic { .. }) => format!("{kind} of a and b"),
            Some(kind) => format!("{kind} of {}", operand_name(self.encoding.operand)),
            None => "products left to synthesis".to_owned(),
        }
    }

    /// The transforms, or what an array without any is.
    pub fn transform_list(&self) -> String {
        match (self.transforms.is_empty(), engine_spec(self).family()) {
            (false, _) => self.transforms.iter().map(|name| self.transform_words(name)).collect::<Vec<_>>().join(", "),
            (true, _) if matches!(self.array.kind, engine::Array::Stripes { .. }) => "as published".to_owned(),
            (true, Family::Laconic) | (true, Family::Serial) => "as published".to_owned(),
            (true, _) => "plain MAC".to_owned(),
        }
    }

    /// A transform, and what was chosen about it where that is not the default: `skip-zero-digits (skipped)`.
    fn transform_words(&self, name: &str) -> String {
        let (chosen, default) = (self.parameters, Parameters::default());
        let choice = match name {
            parameters::ALIGN if chosen.bit_weight != default.bit_weight => {
                parameters::name_of(&parameters::BIT_WEIGHTS, chosen.bit_weight)
            }
            parameters::SKIP if chosen.empty_groups != default.empty_groups => {
                parameters::name_of(&parameters::EMPTY_GROUPS, chosen.empty_groups)
            }
            parameters::SKIP_VALUES => {
                match (chosen.matching != default.matching, chosen.empty_groups != default.empty_groups) {
                    (false, false) => return name.to_owned(),
                    (true, false) => "match both",
                    (false, true) => parameters::name_of(&parameters::EMPTY_GROUPS, chosen.empty_groups),
                    (true, true) => "match both, skipped",
                }
            }
            parameters::KEEP if chosen.n_of_m != default.n_of_m => return format!("{name} ({})", chosen.n_of_m),
            parameters::EXTEND if chosen.pace != default.pace => parameters::name_of(&parameters::PACES, chosen.pace),
            _ => return name.to_owned(),
        };
        format!("{name} ({choice})")
    }

    /// What the whole array can do at most in a cycle: multiply-accumulates (MAC) if every product takes equally long, else
    /// what it is serial in.
    pub fn rate(&self) -> String {
        let Array { kind, rows, cols, .. } = self.array;
        let pes = rows * cols;
        let applied = |name: &str| self.transforms.iter().any(|transform| transform == name);
        let lanes = if applied(parameters::EXTEND) { self.parameters.lanes } else { 1 };
        let temporal = applied(parameters::ALIGN) && self.parameters.bit_weight == BitWeightLoop::Temporal;
        match (kind, engine_spec(self).family()) {
            (engine::Array::Stripes { .. }, _) => format!("{} MAC/{} cycles", pes * kind.depth(), self.slots()),
            (engine::Array::Laconic { .. }, _) => format!("{} term pairs/cycle", pes * kind.depth()),
            (engine::Array::Pragmatic { .. }, _) => format!("{} terms/cycle", pes * kind.depth()),
            (_, Family::Serial) if !engine_spec(self).takes_values() => format!("{} digits/cycle", pes * lanes),
            _ if temporal => format!("{} MAC/{} cycles", pes * kind.depth(), self.slots()),
            _ => format!("{} MAC/cycle", pes * kind.depth()),
        }
    }

    /// Digits of an element of the encoded operand, 1 if none is encoded.
    pub fn slots(&self) -> u32 {
        let format = match self.encoding.operand {
            Operand::A => self.operands.a,
            Operand::B => self.operands.b,
        };
        self.encoding.kind.map_or(1, |kind| kind.encoding().slots(format.word_bits()))
    }
}

/// Code and page of everything that can be wrong with a design.
pub fn error_codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    document::error_codes().iter().chain(error::error_codes()).copied()
}

/// What the engine is built from.
pub fn engine_spec(design: &Design) -> EngineSpec {
    EngineSpec {
        name: design.name.clone(),
        rows: design.array.rows,
        cols: design.array.cols,
        array: design.array.kind,
        a_bits: design.operands.a.bits,
        a_signed: design.operands.a.signed,
        a_element: design.operands.a.element,
        b_bits: design.operands.b.bits,
        b_signed: design.operands.b.signed,
        b_element: design.operands.b.element,
        acc_bits: design.operands.accumulator_bits,
        saturate: design.operands.saturate,
        encoding: design.encoding.kind,
        encoded: design.encoding.operand,
        transforms: design.transforms.clone(),
        parameters: design.parameters,
        reset: design.rtl.reset,
        length_bits: design.array.length_bits,
        memory: design.memory,
    }
}

fn unknown_design(name: &str) -> Mistake {
    let names = || shipped().iter().map(|design| design.name);
    let guess = did_you_mean(name, names(), "a path ends in `.toml`, that of a SCALE-Sim configuration in `.cfg`.");
    let help = format!("{guess} Shipped designs: {}", names().collect::<Vec<_>>().join(", "));
    Mistake::new("design::not_found", format!("there is no design `{name}`"), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_design_is_named_like_its_file_and_reads_back_from_its_printed_form() {
        for design in shipped() {
            let read = Design::load(design.name, &[]).expect(design.name);
            assert_eq!(read.name, design.name);
            let again = Design::from_toml("printed", &read.to_toml(), &[]).expect("the printed form");
            assert_eq!(read, again);
            assert_eq!(read.to_toml(), again.to_toml());
        }
    }

    #[test]
    fn the_hash_follows_the_resolved_design_and_not_its_spelling() {
        let plain = Design::load("opt1-os", &[]).expect("a shipped design");
        let same = Design::load("opt1-os", &["encoding.operand=a".into()]).expect("the default spelled out");
        let other = Design::load("opt1-os", &["array.rows=16".into()]).expect("a smaller array");
        assert_eq!(plain.hash(), same.hash());
        assert_ne!(plain.hash(), other.hash());
        assert_eq!(plain.hash().len(), 16);
    }

    #[test]
    fn a_memory_is_printed_reads_back_and_changes_the_hash_and_without_it_there_is_no_trace() {
        let plain = Design::load("opt1-os", &[]).expect("a shipped design");
        assert!(plain.memory.is_none() && !plain.to_toml().contains("memory"));
        let set = [
            "memory.a.kib=64",
            "memory.a.bits-per-cycle=256",
            "memory.c.kib=8",
            "memory.loop-order=nkm",
            "memory.block.m=96",
        ];
        let design = Design::load("opt1-os", &set.map(Override::from)).expect("a memory");
        let lines = "[memory]\na = { kib = 64, bits-per-cycle = 256 }\nc = { kib = 8 }\nloop-order = \"nkm\"\nblock = { m = 96 }\n\n[rtl]";
        assert!(design.to_toml().contains(lines), "{}", design.to_toml());
        assert_eq!(Design::from_toml("printed", &design.to_toml(), &[]).expect("the printed form"), design);
        assert_ne!(design.hash(), plain.hash());
        assert_eq!(engine_spec(&design).memory, design.memory);
        let auto = Design::load("opt1-os", &["memory.dram-bits-per-cycle=64".into()]).expect("a memory");
        assert!(auto.to_toml().contains("[memory]\ndram-bits-per-cycle = 64\nloop-order = \"auto\"\n"));
    }

    #[test]
    fn every_shipped_file_in_the_folder_is_in_the_registry() {
        let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/designs"))
            .expect("the designs")
            .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        files.sort();
        let mut names: Vec<&str> = shipped().iter().map(|design| design.name).collect();
        names.sort_unstable();
        assert_eq!(files, names);
    }

    #[test]
    fn a_design_of_compressed_weights_prints_its_choice_and_holds_so_many_words_and_no_more() {
        let with = |overrides: &[&str]| {
            let overrides: Vec<Override> = overrides.iter().map(|&text| text.into()).collect();
            Design::load("mac-ws-2-4", &overrides)
        };
        let three = with(&["compress-n-of-m.n-of-m=[1, 8]", "array.rows=4"]).expect("eight words a PE");
        assert!(three.to_toml().contains("[compress-n-of-m]\nn-of-m = [1, 8]\n"), "{}", three.to_toml());
        assert_eq!(three.transform_list(), "compress-n-of-m (1 of 8)");
        assert_eq!(Design::from_toml("printed", &three.to_toml(), &[]).expect("the printed form"), three);
        assert!(with(&["array.rows=256", "array.cols=256"]).is_ok());
        let mistakes =
            with(&["array.rows=256", "array.cols=256", "compress-n-of-m.n-of-m=[2, 5]"]).expect_err("327,680");
        assert_eq!(mistakes[0].code(), "design::size_out_of_range");
    }
}
