//! A cell library as the flow uses it: the process that is made of its Liberty file, and the file itself with the cells of that
//! process only, so that synthesis and estimate choose from the same ones.

mod cells;
mod states;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::estimate::Process;
use crate::estimate::liberty::{self, Imported, Input};
use crate::estimate::process::Tie;
use crate::mistake::Mistake;
use crate::note::Note;

/// Bytes of a Liberty file, unpacked.
const MOST_BYTES: u64 = 512 << 20;

/// A buffer.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    /// The cell.
    pub cell: String,
    /// Its input.
    pub input: String,
    /// Its output.
    pub output: String,
    /// Capacitance of its input, fF.
    pub input_capacitance_ff: f64,
}

/// A library.
#[derive(Clone, Debug)]
pub struct Library {
    /// The same library as the estimate knows it.
    pub process: Process,
    /// What of the file was left out, and why.
    pub notes: Vec<Note>,
    /// SHA-256 of the unpacked file, in hex; of several, of one behind the other.
    pub digest: String,
    /// The file without the cells that are left out; of several, one with the cells of all.
    pub text: String,
    /// Whether the text says of some flip-flops in other words what they do, as Yosys misunderstands the file's.
    pub is_reworded: bool,
    /// The mid-size buffer that drives every input, and that repeats signals into modules.
    pub buffer: Buffer,
    /// The constant 0.
    pub low: Tie,
    /// The constant 1.
    pub high: Tie,
}

impl Library {
    /// Reads a Liberty file, packed with gzip or not, or several that make one library.
    ///
    /// # Errors
    /// Those of [`liberty::import_all`]; the library has no buffer or no cell of a constant.
    pub fn load(paths: &[PathBuf]) -> Result<Self, Mistake> {
        let inputs: Vec<Input> = paths.iter().map(|path| Input::file(path)).collect();
        Self::read(&inputs, &paths.first().map(|path| name_of(path)).unwrap_or_default())
    }

    /// The same from any inputs.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read(inputs: &[Input], name: &str) -> Result<Self, Mistake> {
        let Imported { process, notes, .. } = liberty::import_all(inputs, name)?;
        let shown = inputs.iter().map(Input::name).collect::<Vec<_>>().join("`, `");
        let texts = inputs.iter().map(text).collect::<Result<Vec<String>, _>>().map_err(|reason| {
            let message = format!("cannot read the Liberty file `{shown}`: {reason}");
            Mistake::new("cli::cannot_read", message, "give the path of a Liberty file, .lib or .lib.gz")
        })?;
        let lacks = |what: &str| {
            let message = format!("`{shown}` has no {what} that may be used");
            Mistake::new("synth::lacks_cells", message, "take a library of standard cells that has one")
        };
        let buffer = buffer(&process).ok_or_else(|| lacks("buffer"))?;
        let low = process.tie(false).cloned().ok_or_else(|| lacks("cell of the constant 0"))?;
        let high = process.tie(true).cloned().ok_or_else(|| lacks("cell of the constant 1"))?;
        // Cells of two outputs do not pay with this ABC, which knows them as two cells at best.
        let logic = process.cells().iter().filter(|cell| cell.outputs.len() == 1).map(|cell| &cell.name);
        let others = process.flip_flops().iter().map(|cell| &cell.name).chain([&low.name, &high.name]);
        let kept: BTreeSet<&str> = logic.chain(others).map(String::as_str).collect();
        let mut digest = Sha256::new();
        texts.iter().for_each(|text| digest.update(text.as_bytes()));
        let digest = hex(&digest.finalize());
        let text = cells::joined(&texts, &kept);
        let flip_flop = |name: &str| process.flip_flops().iter().find(|one| one.name == name);
        let reworded = states::with_plain_states(&text, |name| Some(flip_flop(name)?.data.pin.name.as_str()));
        let (is_reworded, text) = (reworded.is_some(), reworded.unwrap_or(text));
        Ok(Self { process, notes, digest, text, is_reworded, buffer, low, high })
    }

    /// Area of a cell, um2; `None` if it is no cell of the library.
    pub fn area_um2(&self, cell: &str) -> Option<f64> {
        let logic = self.process.cell_named(cell).map(|cell| cell.area_um2);
        let flip_flop = || self.process.flip_flops().iter().find(|one| one.name == cell).map(|one| one.area_um2);
        let tie = || [&self.low, &self.high].into_iter().find(|tie| tie.name == cell).map(|tie| tie.area_um2);
        logic.or_else(flip_flop).or_else(tie)
    }

    /// Whether a cell is a flip-flop.
    pub fn is_flip_flop(&self, cell: &str) -> bool {
        self.process.flip_flops().iter().any(|one| one.name == cell)
    }

    /// Capacitance of an input of a cell, fF; `None` for outputs.
    pub fn input_capacitance_ff(&self, cell: &str, pin: &str) -> Option<f64> {
        if let Some(cell) = self.process.cell_named(cell) {
            return cell.inputs.iter().find(|input| input.name == pin).map(|input| input.capacitance.nominal_ff);
        }
        let flip_flop = self.process.flip_flops().iter().find(|one| one.name == cell)?;
        let timed = [Some(&flip_flop.data), flip_flop.enable.as_ref().map(|enable| &enable.pin)];
        let controls = timed.into_iter().flatten().map(|data| &data.pin).chain([&flip_flop.clock]);
        let mut controls = controls.chain(flip_flop.resets().map(|reset| &reset.pin));
        controls.find(|control| control.name == pin).map(|control| control.capacitance.nominal_ff)
    }
}

/// The name of a file up to its first dot, as `process import` has it.
fn name_of(path: &Path) -> String {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    file.split('.').next().unwrap_or_default().to_owned()
}

fn text(input: &Input) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    input.text()?.bytes.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(std::io::Error::other(format!("it is longer than {} MiB", MOST_BYTES >> 20)));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Bytes in hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn buffer(process: &Process) -> Option<Buffer> {
    let strong = process.driving_buffer()?;
    let (input, output) = (strong.inputs.first()?, strong.outputs.first()?);
    Some(Buffer {
        cell: strong.name.clone(),
        input: input.name.clone(),
        output: output.name.clone(),
        input_capacitance_ff: input.capacitance.nominal_ff,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const TINY: &str = include_str!("../../../tests/data/liberty/tiny.lib");

    /// The library of the tests.
    pub fn tiny() -> Library {
        read(TINY).expect("the library of the tests")
    }

    fn read(text: &str) -> Result<Library, Mistake> {
        Library::read(&[Input::bytes("tiny.lib", text.as_bytes().to_vec())], "tiny")
    }

    #[test]
    fn what_no_synthesiser_should_pick_is_gone_and_the_rest_is_as_it_was() {
        let library = tiny();
        assert!(!library.text.contains("CLKBUF_1") && !library.text.contains("AND2_GOLD"));
        for kept in ["library (tiny) {", "cell (XOR2_1)", "cell (DFFR_1)", "cell (TIE0)", "lu_table_template (delay)"] {
            assert!(library.text.contains(kept), "{kept}");
        }
        assert_eq!(library.text.matches('{').count(), library.text.matches('}').count());
        assert!(library.is_flip_flop("DFFR_1") && !library.is_flip_flop("NAND2_1"));
        assert_eq!(library.input_capacitance_ff("MUX2_1", "S"), Some(1.2));
        assert_eq!(library.input_capacitance_ff("DFFR_1", "RN"), Some(1.2));
        assert_eq!(library.input_capacitance_ff("DFFR_1", "Q"), None);
        assert_eq!(library.area_um2("DFF_1"), Some(3.6));
        let buffer = &library.buffer;
        assert_eq!((buffer.cell.as_str(), buffer.input.as_str(), buffer.output.as_str()), ("BUF_4", "A", "Y"));
    }

    #[test]
    fn a_library_that_lacks_something_is_refused_by_name() {
        let without = |cell: &str| {
            let kept = TINY.replace(&format!("cell ({cell}"), "cell (GONE").replace("cell (GONE", "ignored (GONE");
            let error = read(&kept).expect_err(cell);
            (error.code().to_owned(), error.to_string())
        };
        for (cell, what) in [("BUF", "no buffer"), ("TIE0", "constant 0"), ("TIE1", "constant 1")] {
            let (code, message) = without(cell);
            assert_eq!(code, "synth::lacks_cells");
            assert!(message.contains(what), "{message}");
        }
    }
}
