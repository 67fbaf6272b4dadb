//! Configurations of SCALE-Sim: the systolic array of a `.cfg` as a design.

mod ini;
mod keys;

use std::fs;
use std::ops::Range;
use std::path::Path;

use miette::NamedSource;

use super::file::MAX_WIDTH;
use super::{Design, Override};
use crate::engine::{Buffer, Dataflow, Memory};
use crate::mistake::{Mistake, did_you_mean};
use crate::note::{Note, Notes};
use ini::{Line, Piece, lines};
use keys::{BYTES_OF_SUM, KEYS, Key, USER, Value};

/// A configuration is a page of text; this is hundreds.
const GREATEST_FILE_BYTES: u64 = 1 << 20;
/// Letters of a design's name.
const LONGEST_NAME: usize = 48;

/// What a SCALE-Sim configuration says that matters here. What it does not say is what [`Default`] has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalesimConfig {
    /// `run_name`, as written; empty if absent.
    pub run_name: String,
    /// `ArrayHeight`.
    pub rows: u32,
    /// `ArrayWidth`.
    pub cols: u32,
    /// `Dataflow`.
    pub dataflow: Dataflow,
    /// `IfmapSramSzkB`, `FilterSramSzkB` and `OfmapSramSzkB`: KiB of both halves, an element a byte.
    pub sram_kib: [Option<u32>; 3],
    /// `Bandwidth`: elements that DRAM moves in a cycle to or from each buffer; empty if absent.
    pub bandwidth: Vec<u64>,
    /// Whether `InterfaceBandwidth` is `USER`: `bandwidth` counts. Else DRAM never holds up the array.
    pub is_bandwidth_given: bool,
}

impl Default for ScalesimConfig {
    /// The array of `mac-os`.
    fn default() -> Self {
        let dataflow = Dataflow::OutputStationary;
        Self {
            run_name: String::new(),
            rows: 32,
            cols: 32,
            dataflow,
            sram_kib: [None; 3],
            bandwidth: Vec::new(),
            is_bandwidth_given: false,
        }
    }
}

/// Whether a path is that of a configuration: it ends in `.cfg`.
pub fn is_config(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("cfg"))
}

impl ScalesimConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, or those of [`ScalesimConfig::parse`].
    pub fn read(path: &str) -> Result<(Self, Vec<Note>), Vec<Mistake>> {
        let failed = |code: &'static str, reason: String| {
            let message = format!("cannot read the configuration `{path}`: {reason}");
            vec![Mistake::new(code, message, "give the path of a TOML file or a SCALE-Sim .cfg, or a shipped name")]
        };
        let missing = |reason: std::io::Error| match reason.kind() {
            std::io::ErrorKind::NotFound => failed("design::not_found", reason.to_string()),
            _ => failed("design::cannot_read", reason.to_string()),
        };
        let bytes = fs::metadata(path).map_err(missing)?.len();
        if bytes > GREATEST_FILE_BYTES {
            let reason = format!("it has {bytes} bytes, more than {GREATEST_FILE_BYTES}");
            return Err(failed("design::cannot_read", reason));
        }
        Self::parse(path, &fs::read_to_string(path).map_err(missing)?)
    }

    /// Reads a text that messages call `shown`, with notes about what has no meaning here.
    ///
    /// # Errors
    /// Every line that is no section, key or comment, and every value that its key cannot have.
    pub fn parse(shown: &str, text: &str) -> Result<(Self, Vec<Note>), Vec<Mistake>> {
        let mut reader =
            Reader { shown, text, notes: Notes::new(shown, text), given: Vec::new(), mistakes: Vec::new() };
        let mut section: Option<&str> = None;
        for line in lines(text) {
            match line {
                Line::Section(name) => {
                    if !KEYS.iter().any(|key| key.section.eq_ignore_ascii_case(name.text)) {
                        reader.notes.add(name.at.start, format!("the section [{}] is unknown", name.text));
                    }
                    section = Some(name.text);
                }
                Line::Entry(key, value) => reader.entry(section, &key, &value),
                Line::Broken(line) => {
                    let message = "this is no section, no key and no comment";
                    let help = "a line is `[section]`, `Key : value`, `Key = value`, or a comment behind `#` or `;`";
                    reader.mistake("design::cfg_syntax", line.at, message.to_owned(), "this line", help.to_owned());
                }
            }
        }
        if !reader.mistakes.is_empty() {
            return Err(reader.mistakes);
        }
        let config = reader.config();
        Ok((config, reader.notes.finish()))
    }

    /// The design of this array, every default resolved, with a comment on where it is from.
    pub fn to_toml(&self, shown: &str) -> String {
        let base = match self.dataflow {
            Dataflow::OutputStationary => "mac-os",
            Dataflow::WeightStationary => "mac-ws",
            Dataflow::InputStationary => "mac-is",
        };
        let mut design = Design::load(base, &[]).expect("the tests load every shipped design");
        design.name = self.design_name(shown);
        (design.array.rows, design.array.cols) = (self.rows, self.cols);
        let mut text =
            "# From a SCALE-Sim configuration; what that does not say has the defaults of bitweight.\n".to_owned();
        design.memory = self.memory();
        if design.memory.is_some() {
            text.push_str(
                "# An element is a byte there; a sum is int32 here, so [memory] has 4 KiB for each kB of OfmapSramSzkB, and its one channel \n\
                 # has the bits of `Bandwidth` elements of A, of B and of C in a cycle.\n",
            );
        }
        format!("{text}{}", design.to_toml())
    }

    /// The memory that it describes, if it does: buffers of as many elements, and a channel as wide as its three together.
    fn memory(&self) -> Option<Memory> {
        let [a, b, c] = self.sram_kib;
        let buffer = |kib: Option<u32>| Buffer { kib, bits_per_cycle: None };
        let dram_bits_per_cycle = self.dram_bits().and_then(|bits| u32::try_from(bits).ok());
        let c = buffer(c.map(|kib| kib * BYTES_OF_SUM));
        let memory = Memory { a: buffer(a), b: buffer(b), c, dram_bits_per_cycle, ..Memory::default() };
        (memory != Memory::default()).then_some(memory)
    }

    /// Bits that its three channels move in a cycle, if that is a limit: more than a design can have is none.
    fn dram_bits(&self) -> Option<u64> {
        let elements = self.bandwidth.first().filter(|_| self.is_bandwidth_given)?;
        let bits = elements.saturating_mul(u64::from(8 + 8 + 8 * BYTES_OF_SUM));
        (bits <= u64::from(MAX_WIDTH)).then_some(bits)
    }

    /// The run's name, else that of its file, in kebab case.
    fn design_name(&self, shown: &str) -> String {
        let stem = Path::new(shown).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let kebab = |text: &str| {
            let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
            words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
        };
        let name = [kebab(&self.run_name), kebab(&stem)].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let name = match name.chars().next() {
            Some(first) if first.is_ascii_lowercase() => name,
            Some(_) => format!("scalesim-{name}"),
            None => "scalesim".to_owned(),
        };
        name[..name.len().min(LONGEST_NAME)].trim_end_matches('-').to_owned()
    }
}

/// The design of a configuration's file with overrides, and the notes about the file.
///
/// # Errors
/// Those of [`ScalesimConfig::read`], or overrides that do not fit.
pub(super) fn load(path: &str, overrides: &[Override]) -> Result<(Design, Vec<Note>), Vec<Mistake>> {
    let (config, notes) = ScalesimConfig::read(path)?;
    let design = Design::from_toml(&format!("{path}, as a design"), &config.to_toml(path), overrides)?;
    Ok((design, notes))
}

struct Reader<'t> {
    shown: &'t str,
    text: &'t str,
    notes: Notes<'t>,
    /// Keys with their values, the last one counts.
    given: Vec<(&'static Key, Value, usize)>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn mistake(&mut self, code: &'static str, at: Range<usize>, message: String, label: &str, help: String) {
        let source = NamedSource::new(self.shown, self.text.to_owned());
        self.mistakes.push(Mistake::new(code, message, help).at(source, at, label));
    }

    fn entry(&mut self, section: Option<&str>, written: &Piece, value: &Piece) {
        let start = written.at.start;
        let Some(key) = KEYS.iter().find(|key| key.name.eq_ignore_ascii_case(written.text)) else {
            let hint = did_you_mean(written.text, KEYS.iter().map(|key| key.name), "nothing reads it");
            return self.notes.add(start, format!("the key `{}` is unknown and ignored: {hint}", written.text));
        };
        if !section.is_some_and(|section| section.eq_ignore_ascii_case(key.section)) {
            self.notes.add(start, format!("`{}` belongs in [{}]; it is read all the same", key.name, key.section));
        }
        let Some(read) = key.kind.value(value.text) else {
            let message = match value.text {
                "" => format!("`{}` has no value", key.name),
                text => format!("`{text}` is no value of `{}`", key.name),
            };
            let help = format!("`{}` is {}", key.name, key.kind.wanted());
            return self.mistake("design::cfg_value", value.at.clone(), message, "this value", help);
        };
        if let Some(before) = self.given.iter_mut().find(|(given, ..)| *given == key) {
            (before.1, before.2) = (read, start);
            return self.notes.add(start, format!("`{}` is given again: this value counts", key.name));
        }
        self.given.push((key, read, start));
    }

    fn config(&mut self) -> ScalesimConfig {
        let mut config = ScalesimConfig::default();
        for (name, default) in [("ArrayHeight", "32"), ("ArrayWidth", "32"), ("Dataflow", "os")] {
            if !self.given.iter().any(|(key, ..)| key.name == name) {
                self.notes.add(0, format!("`{name}` is not given: {default}"));
            }
        }
        if let Some((_, _, start)) = self.given.iter().find(|(key, ..)| key.is_vain) {
            self.notes.add(*start, "offsets, banks, request buffers and layouts of memories are read but not modelled");
        }
        let mut start_of_bandwidth = 0;
        for (key, value, start) in std::mem::take(&mut self.given) {
            match (key.name, value) {
                ("run_name", Value::Text(name)) => config.run_name = name,
                ("ArrayHeight", Value::Size(size)) => config.rows = size,
                ("ArrayWidth", Value::Size(size)) => config.cols = size,
                (_, Value::Dataflow(dataflow)) => config.dataflow = dataflow,
                ("IfmapSramSzkB", Value::Kilobytes(size)) => config.sram_kib[0] = Some(size),
                ("FilterSramSzkB", Value::Kilobytes(size)) => config.sram_kib[1] = Some(size),
                ("OfmapSramSzkB", Value::Kilobytes(size)) => config.sram_kib[2] = Some(size),
                (_, Value::Numbers(elements)) => (config.bandwidth, start_of_bandwidth) = (elements, start),
                ("InterfaceBandwidth", Value::Text(word)) => config.is_bandwidth_given = word == USER,
                ("SparsitySupport", Value::Flag(true)) => {
                    let text =
                        "`SparsitySupport`: weights are sparse where the topology has an N:M, whatever stands here";
                    self.notes.add(start, text);
                }
                ("OptimizedMapping", Value::Flag(true)) => {
                    let text = "`OptimizedMapping` is ignored: an N:M holds for all rows of a layer alike";
                    self.notes.add(start, text);
                }
                (name, Value::Flag(true)) => self.notes.add(start, format!("`{name}` is ignored: it is not modelled")),
                _ => {}
            }
        }
        if config.bandwidth.len() > 1 {
            self.notes.add(start_of_bandwidth, "of several bandwidths the first counts, for each of A, B and C");
        }
        if config.is_bandwidth_given && !config.bandwidth.is_empty() && config.dram_bits().is_none() {
            self.notes.add(start_of_bandwidth, "`Bandwidth` is more than a channel can have: DRAM takes no time");
        }
        config
    }
}
