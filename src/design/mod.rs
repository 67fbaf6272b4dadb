//! The page of TOML that chooses an engine.
//!
//! [`Design::load`] reads a file or a shipped name, puts `--set` overrides over it, checks everything and resolves every
//! default. A [`Design`] prints as canonical TOML that reads back as itself; [`Design::hash`] is a hash of that text.

mod check;
mod document;
mod error;
mod file;
mod print;
mod shipped;

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::encoding::EncodingKind;
use crate::engine::{self, Dataflow, EngineSpec, Operand};
use crate::mistake::{Mistake, did_you_mean};
use crate::netlist::ResetKind;

use document::Document;
pub use document::Override;
pub use file::DesignFile;
pub use shipped::{Shipped, shipped};

/// Width of the counter of a tile's steps, in bits.
const LENGTH_BITS: u32 = 16;
/// Most rows or columns of an array.
pub const MAX_SIZE: u32 = 256;

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
    /// What only the RTL and the estimate need.
    pub rtl: Rtl,
}

/// Signed operand formats, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operands {
    /// Bits of an element of A, 2 to 16.
    pub a_bits: u32,
    /// Bits of an element of B, 2 to 16.
    pub b_bits: u32,
    /// Bits of the accumulator and of a result, `a_bits + b_bits` to 64.
    pub accumulator_bits: u32,
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
    /// Which array.
    pub kind: ArrayKind,
    /// What stays in the PEs.
    pub dataflow: Dataflow,
    /// PEs from north to south, 1 to 256.
    pub rows: u32,
    /// PEs from west to east, 1 to 256.
    pub cols: u32,
}

/// Arrays that can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArrayKind {
    /// Neighbours pass operands on; two-dimensional.
    Systolic,
}

/// Clock and reset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rtl {
    /// Target period of the clock in ns, for the constraints file and the estimate.
    pub clock_period_ns: f64,
    /// Reset of the control registers.
    pub reset: ResetKind,
}

impl ArrayKind {
    /// Every kind that can be built.
    pub const ALL: [Self; 1] = [Self::Systolic];

    /// The name in a TOML.
    pub fn name(self) -> &'static str {
        match self {
            Self::Systolic => "systolic",
        }
    }

    /// One line for lists.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Systolic => "rows x cols PEs that pass operands to their neighbours; output or weight stationary",
        }
    }

    /// The page that `explain` prints.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Systolic => include_str!("../../docs/arrays/systolic.md"),
        }
    }
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
        let path = Path::new(name_or_path);
        let names_a_file = name_or_path.contains(['/', '\\']) || name_or_path.ends_with(".toml");
        let document = match shipped().iter().find(|design| design.name == name_or_path) {
            Some(design) if !names_a_file => {
                let shown = format!("designs/{}.toml", design.name);
                Document::parse(&shown, design.text, overrides)?
            }
            None if !names_a_file && !path.is_file() => return Err(vec![unknown_design(name_or_path)]),
            _ => Document::read(path, overrides)?,
        };
        Self::from_document(&document)
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

    /// One line: size, dataflow, formats, encoding, transforms.
    pub fn summary(&self) -> String {
        let Operands { a_bits, b_bits, accumulator_bits } = self.operands;
        let transforms = if self.transforms.is_empty() { "plain MAC".to_owned() } else { self.transforms.join(", ") };
        let dataflow = self.array.dataflow.name().replace('-', " ");
        let product = match self.encoding.kind {
            Some(kind) => format!("{} of {}", kind.name(), operand_name(self.encoding.operand)),
            None => "products left to synthesis".to_owned(),
        };
        let (rows, cols) = (self.array.rows, self.array.cols);
        format!(
            "{rows}x{cols} {dataflow}, int{a_bits} x int{b_bits} into int{accumulator_bits}, {product}, {transforms}"
        )
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
        array: engine::Array::Systolic(design.array.dataflow),
        a_bits: design.operands.a_bits,
        b_bits: design.operands.b_bits,
        acc_bits: design.operands.accumulator_bits,
        encoding: design.encoding.kind,
        encoded: design.encoding.operand,
        transforms: design.transforms.clone(),
        reset: design.rtl.reset,
        length_bits: LENGTH_BITS,
        ..EngineSpec::default()
    }
}

fn unknown_design(name: &str) -> Mistake {
    let names = || shipped().iter().map(|design| design.name);
    let guess = did_you_mean(name, names(), "a path ends in `.toml`.");
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
}
