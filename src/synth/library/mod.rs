//! A cell library as the flow uses it: the process that is made of its Liberty file, and the file itself with the cells of that
//! process only, so that synthesis and estimate choose from the same ones.

mod cells;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

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
    /// SHA-256 of the unpacked file, in hex.
    pub digest: String,
    /// The file without the cells that are left out.
    pub text: String,
    /// The mid-size buffer that drives every input, and that repeats signals into modules.
    pub buffer: Buffer,
    /// The constant 0.
    pub low: Tie,
    /// The constant 1.
    pub high: Tie,
}

impl Library {
    /// Reads a Liberty file, packed with gzip or not.
    ///
    /// # Errors
    /// Those of [`liberty::import`]; the library has no buffer or no cell of a constant.
    pub fn load(path: &Path) -> Result<Self, Mistake> {
        Self::read(&Input::file(path), &name_of(path))
    }

    /// The same from any input.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read(input: &Input, name: &str) -> Result<Self, Mistake> {
        let Imported { process, notes, .. } = liberty::import_from(input, name)?;
        let shown = input.name();
        let text = text(input).map_err(|reason| {
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
        let digest = hex(&Sha256::digest(text.as_bytes()));
        let text = cells::with_cells(&text, &kept);
        Ok(Self { process, notes, digest, text, buffer, low, high })
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
        let mut controls = controls.chain(flip_flop.reset.as_ref().map(|reset| &reset.pin));
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
        Library::read(&Input::bytes("tiny.lib", text.as_bytes().to_vec()), "tiny")
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
