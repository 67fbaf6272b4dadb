//! A cell library as the flow uses it: its Liberty file without the cells that no synthesiser should pick, the cell that drives
//! inputs, the cells of constants.

mod text;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::mistake::Mistake;
use text::Group;

/// Bytes of a Liberty file, unpacked.
const MOST_BYTES: u64 = 512 << 20;
/// How much more than the weakest buffer the cell drives that is taken to stand before every input.
const DRIVER_STRENGTH: f64 = 3.5;
/// Parts of the names of cells that are for clock trees, delays, power domains and test pads.
const SPECIAL_NAMES: [&str; 4] = ["clk", "dly", "lpflow", "probe"];

/// What the flow knows of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellFacts {
    /// Area, um2.
    pub area_um2: f64,
    /// Whether it is a flip-flop.
    pub flip_flop: bool,
    /// Capacitance of each input, fF.
    pub input_capacitance_ff: BTreeMap<String, f64>,
}

/// A pin that is always 0 or 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The cell.
    pub cell: String,
    /// Its output.
    pub pin: String,
}

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
    /// Its name, from the file.
    pub name: String,
    /// SHA-256 of the unpacked file, in hex.
    pub digest: String,
    /// The file without the cells that are left out.
    pub text: String,
    /// The cells that are kept, by name.
    pub cells: BTreeMap<String, CellFacts>,
    /// Why cells were left out, and how many for each reason.
    pub left_out: BTreeMap<&'static str, usize>,
    /// The mid-size buffer that drives every input, and that repeats signals into grids.
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
    /// The file cannot be read, is no Liberty, or lacks what every netlist needs.
    pub fn load(path: &Path) -> Result<Self, Mistake> {
        let bytes = read_file(path).map_err(|reason| {
            let message = format!("cannot read the Liberty file `{}`: {reason}", path.display());
            Mistake::new("synth::cannot_read", message, "give the path of a `.lib` file, packed with gzip or not")
        })?;
        Self::parse(&path.display().to_string(), &String::from_utf8_lossy(&bytes))
    }

    /// Reads the text of a Liberty file; `shown` is what errors call it.
    ///
    /// # Errors
    /// It is no Liberty, or lacks what every netlist needs.
    pub fn parse(shown: &str, text: &str) -> Result<Self, Mistake> {
        let library = text::read(text).map_err(|error| {
            let message = format!("`{shown}`, line {}: {}", error.line, error.what);
            Mistake::new("synth::bad_liberty", message, "the file has to be a whole Liberty library; was it cut off?")
        })?;
        let farads = femtofarads(library.attribute("capacitive_load_unit")).ok_or_else(|| {
            let message = format!("`{shown}`: `capacitive_load_unit` is missing, or is neither in fF nor in pF");
            Mistake::new("synth::bad_liberty", message, "Liberty writes it as `capacitive_load_unit (1, ff);`")
        })?;
        let mut kept = String::new();
        let mut end = 0;
        let (mut cells, mut left_out) = (BTreeMap::new(), BTreeMap::new());
        for cell in library.of_kind("cell") {
            match reason_to_leave_out(cell) {
                None => {
                    cells.insert(cell.name().to_owned(), facts(cell, farads));
                }
                Some(reason) => {
                    kept.push_str(&text[end..cell.span.start]);
                    end = cell.span.end;
                    *left_out.entry(reason).or_default() += 1;
                }
            }
        }
        kept.push_str(&text[end..]);
        let kept_cells = || library.of_kind("cell").filter(|cell| cells.contains_key(cell.name()));
        let lacks = |what: &str| {
            let message = format!("`{shown}` lacks {what} that may be used");
            Mistake::new("synth::lacks_cells", message, "take a library of standard cells that has one")
        };
        if !kept_cells().any(|cell| cell.of_kind("ff").next().is_some()) {
            return Err(lacks("a rising-edge flip-flop"));
        }
        let is_inverter =
            |cell: &Group| function_of_one(cell).is_some_and(|(_, input, _, inverts)| inverts && !input.is_empty());
        if !kept_cells().any(is_inverter) {
            return Err(lacks("an inverter"));
        }
        let buffer = buffer(kept_cells(), farads).ok_or_else(|| lacks("a buffer"))?;
        let tie = |value| kept_cells().find_map(|cell| tie(cell, value));
        let low = tie("0").ok_or_else(|| lacks("a cell of the constant 0"))?;
        let high = tie("1").ok_or_else(|| lacks("a cell of the constant 1"))?;
        let digest = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { name: library.name().to_owned(), digest, text: kept, cells, left_out, buffer, low, high })
    }
}

fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut packed = BufReader::new(File::open(path)?);
    let mut bytes = Vec::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        MultiGzDecoder::new(packed).take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    } else {
        packed.by_ref().take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MOST_BYTES {
        return Err(std::io::Error::other(format!("it is longer than {} MiB", MOST_BYTES >> 20)));
    }
    Ok(bytes)
}

/// What a unit of `capacitive_load_unit` is, fF.
fn femtofarads(unit: Option<&str>) -> Option<f64> {
    let (count, unit) = unit?.split_once(',')?;
    let scale = match unit.trim().to_ascii_lowercase().as_str() {
        "ff" => 1.0,
        "pf" => 1e3,
        _ => return None,
    };
    count.trim().parse::<f64>().ok().map(|count| count * scale).filter(|unit| *unit > 0.0 && unit.is_finite())
}

/// Why a synthesiser should not pick a cell.
fn reason_to_leave_out(cell: &Group) -> Option<&'static str> {
    let outputs = || cell.of_kind("pin").filter(|pin| pin.attribute("direction") == Some("output"));
    if tie(cell, "0").or_else(|| tie(cell, "1")).is_some() {
        return None;
    }
    let is_test = |pin: &Group| {
        let types = [pin.attribute("nextstate_type"), pin.attribute("signal_type")];
        types.into_iter().flatten().any(|kind| kind.contains("scan"))
    };
    let name = cell.name().to_ascii_lowercase();
    let has = |kind: &'static str| cell.of_kind(kind).next().is_some();
    if cell.is("dont_use") {
        Some("marked dont_use")
    } else if outputs().any(|pin| pin.attribute("three_state").is_some()) {
        Some("tri-state")
    } else if cell.attribute("clock_gating_integrated_cell").is_some() {
        Some("clock gate")
    } else if has("latch") || has("latch_bank") || has("statetable") {
        Some("latch")
    } else if has("test_cell") || cell.of_kind("pin").any(is_test) {
        Some("scan flip-flop")
    } else if has("ff_bank") {
        Some("multi-bit flip-flop")
    } else if has("ff") {
        let falls =
            cell.of_kind("ff").any(|ff| ff.attribute("clocked_on").is_some_and(|clock| clock.contains(['!', '\''])));
        falls.then_some("falling-edge flip-flop")
    } else if outputs().next().is_none() || outputs().any(|pin| pin.attribute("function").is_none()) {
        Some("without a function")
    } else if SPECIAL_NAMES.iter().any(|part| name.contains(part))
        || cell.is("is_level_shifter")
        || cell.is("is_isolation_cell")
    {
        Some("for clocks, delays or power domains")
    } else if outputs().count() > 1 {
        Some("with several outputs")
    } else {
        None
    }
}

fn facts(cell: &Group, farads: f64) -> CellFacts {
    let inputs = cell.of_kind("pin").filter(|pin| pin.attribute("direction") == Some("input"));
    CellFacts {
        area_um2: cell.number("area").unwrap_or(0.0),
        flip_flop: cell.of_kind("ff").next().is_some(),
        input_capacitance_ff: inputs
            .map(|pin| (pin.name().to_owned(), pin.number("capacitance").unwrap_or(0.0) * farads))
            .collect(),
    }
}

/// Input, output and sense of a cell that has one input and one output: (output, input, largest load, whether it inverts).
fn function_of_one(cell: &Group) -> Option<(&Group, String, Option<f64>, bool)> {
    let pins: Vec<&Group> = cell.of_kind("pin").collect();
    let direction = |wanted: &'static str| pins.iter().filter(move |pin| pin.attribute("direction") == Some(wanted));
    let (input, output) = (direction("input").next()?, direction("output").next()?);
    if direction("input").count() != 1 || direction("output").count() != 1 {
        return None;
    }
    let function: String = output.attribute("function")?.chars().filter(|letter| !" ()".contains(*letter)).collect();
    let inverts = match () {
        () if function == input.name() => false,
        () if function == format!("!{}", input.name()) || function == format!("{}'", input.name()) => true,
        () => return None,
    };
    Some((output, input.name().to_owned(), output.number("max_capacitance"), inverts))
}

/// The weakest buffer that drives [`DRIVER_STRENGTH`] times what the weakest of all does; by area where no largest load is stated.
fn buffer<'a>(cells: impl Iterator<Item = &'a Group>, farads: f64) -> Option<Buffer> {
    let mut buffers: Vec<(f64, Buffer)> = cells
        .filter_map(|cell| {
            let (output, input, largest, inverts) = function_of_one(cell)?;
            let pin = cell.of_kind("pin").find(|pin| pin.name() == input)?;
            let buffer = Buffer {
                cell: cell.name().to_owned(),
                input,
                output: output.name().to_owned(),
                input_capacitance_ff: pin.number("capacitance").unwrap_or(0.0) * farads,
            };
            (!inverts).then_some((largest.or_else(|| cell.number("area"))?, buffer))
        })
        .collect();
    buffers.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cell.cmp(&b.1.cell)));
    let weakest = buffers.first()?.0;
    let strong = buffers.iter().position(|(drive, _)| *drive >= DRIVER_STRENGTH * weakest).unwrap_or(buffers.len() - 1);
    Some(buffers.swap_remove(strong).1)
}

/// The output of a cell without inputs that is always `value`.
fn tie(cell: &Group, value: &str) -> Option<Tie> {
    let pins = || cell.of_kind("pin");
    if pins().any(|pin| pin.attribute("direction") == Some("input")) {
        return None;
    }
    let is_tie = |pin: &&Group| pin.attribute("function").is_some_and(|function| function.trim() == value);
    pins().find(is_tie).map(|pin| Tie { cell: cell.name().to_owned(), pin: pin.name().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: &str = include_str!("../../../tests/data/tiny.lib");

    #[test]
    fn what_no_synthesiser_should_pick_is_gone_and_the_rest_is_as_it_was() {
        let library = Library::parse("tiny.lib", TINY).expect("a library");
        assert_eq!(
            library.left_out,
            BTreeMap::from([("for clocks, delays or power domains", 1), ("marked dont_use", 1)])
        );
        assert!(!library.text.contains("CLKBUF_1") && !library.text.contains("AND2_GOLD"));
        assert!(library.text.contains("cell (XOR2_1)") && library.text.contains("lu_table_template"));
        assert!(library.cells["DFFR_1"].flip_flop && !library.cells["NAND2_1"].flip_flop);
        assert_eq!(library.cells["MUX2_1"].input_capacitance_ff["S"], 1.2);
        let buffer = &library.buffer;
        assert_eq!((buffer.cell.as_str(), buffer.input.as_str(), buffer.output.as_str()), ("BUF_4", "A", "Y"));
        assert_eq!((library.low.cell.as_str(), library.high.cell.as_str()), ("TIE0", "TIE1"));
    }

    #[test]
    fn picofarads_are_femtofarads() {
        let library = Library::parse("tiny.lib", &TINY.replace("(1, ff)", "(1, pf)")).expect("a library");
        assert_eq!(library.cells["MUX2_1"].input_capacitance_ff["S"], 1200.0);
    }

    #[test]
    fn a_library_that_lacks_something_is_refused_by_name() {
        for (cell, what) in
            [("INV", "an inverter"), ("BUF", "a buffer"), ("TIE0", "constant 0"), ("TIE1", "constant 1")]
        {
            // Its cells stay, under the mark of those that nobody may use.
            let text =
                TINY.replace(&format!("cell ({cell}"), "cell (GONE").replace("function : \"A\"", "function : \"A\"");
            let mut text = text;
            while let Some(at) = text.find("cell (GONE") {
                let end = at + text[at..].find("{\n").expect("a cell has a body") + 2;
                text.insert_str(end, "    dont_use : true;\n    pin (P) { direction : input; }\n");
                text.replace_range(at..at + "cell (GONE".len(), "cell (LEFT");
            }
            let error = Library::parse("tiny.lib", &text).expect_err(cell);
            assert_eq!(error.code(), "synth::lacks_cells");
            assert!(error.to_string().contains(what), "{error}");
        }
        let error =
            Library::parse("tiny.lib", &TINY.replace("ff (IQ, IQN)", "latch (IQ, IQN)")).expect_err("no flip-flop");
        assert!(error.to_string().contains("flip-flop"), "{error}");
    }

    #[test]
    fn a_cut_off_file_and_an_unknown_unit_are_named() {
        let error = Library::parse("cut.lib", &TINY[..TINY.len() / 2]).expect_err("half a library");
        assert_eq!(error.code(), "synth::bad_liberty");
        assert!(error.to_string().contains("cut.lib") && error.to_string().contains("line "), "{error}");
        let error = Library::parse("odd.lib", &TINY.replace("(1, ff)", "(1, acres)")).expect_err("no unit");
        assert!(error.to_string().contains("capacitive_load_unit"), "{error}");
    }
}
