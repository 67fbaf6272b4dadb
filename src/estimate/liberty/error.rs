//! What can be wrong with a Liberty file.

use miette::NamedSource;

use super::input::Input;
use crate::mistake::Mistake;

/// Lines that an excerpt is shown of: beyond, the place is in the message only.
const MOST_LINES: usize = 1_000_000;

/// Every code of an error of a Liberty file, with its page.
pub fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "liberty::not_liberty",
            "The file does not begin with `library (NAME) {`. A Liberty file (.lib, or .lib.gz) describes standard cells; Verilog, LEF, \
             SPICE and compiled .db files of the same library do not say how fast its cells are in a form that is read here.",
        ),
        (
            "liberty::syntax",
            "The text does not read as Liberty: statements are `name : value ;`, `name (value, ...) ;` or `name (value, ...) { ... }`.",
        ),
        (
            "liberty::unbalanced",
            "A brace, a quote or a comment is opened and never closed, or closed and never opened. A file that was cut off ends so.",
        ),
        (
            "liberty::compressed",
            "The file begins as gzip does, and does not go on as such, or ends early. Fetch or copy it again.",
        ),
        (
            "liberty::too_large",
            "A file may have 512 MiB of text, a cell 64 MiB of it that matters, all together a hundred thousand cells and sixteen million figures. Current-source \
             and noise tables do not count, they are skipped. A larger library can be cut to the cells that are wanted.",
        ),
        (
            "liberty::unknown_unit",
            "A unit is missing, or is none that is known. `time_unit`, `voltage_unit`, `leakage_power_unit` and `pulling_resistance_unit` hold a \
             number and a unit, as in \"1ns\", \"10mV\", \"1pW\", \"1kohm\"; `capacitive_load_unit` a number and ff or pf. They stand before \
             the first cell.",
        ),
        (
            "liberty::bad_table",
            "A table does not fit its axes: as many figures are needed as the points of its axes multiplied, the points of an axis rise, and \
             every figure is finite. Axes stand in the table or in the template that it names.",
        ),
        ("liberty::bad_number", "A value that should be a number is none, or is infinite."),
        (
            "liberty::not_a_quantity",
            "Areas are above 0; capacitances, loads and leakages are not below it; all are finite.",
        ),
        (
            "liberty::bad_function",
            "A function does not read: it holds names of pins, 0, 1, the operators ! ' ^ & * | + and parentheses; two operands side by side \
             are a conjunction.",
        ),
        (
            "liberty::missing",
            "Something is missing that nothing can stand for: the delay model has to be `table_lookup`, the supply is in `nom_voltage` or in \
             the operating conditions, a table's template is in the file, and a pin of a cell has a capacitance or the library a default.",
        ),
        (
            "liberty::differing_files",
            "Several files can make one library, as a vendor may have flip-flops in a file of their own. Their figures have to mean the \
             same: all have the same units, supply, temperature, corner and thresholds. A file of another corner or supply voltage is \
             another process: import it under a name of its own.",
        ),
        (
            "liberty::duplicate_cell",
            "Two files of one library have a cell of the same name, and which of both is meant cannot be known. Within one file the first \
             of a name is taken, and a note says so.",
        ),
        (
            "liberty::missing_cell",
            "Logic needs an inverter, a gate of two inputs that makes everything with it (a NAND, NOR, AND or OR) and a rising-edge flip-flop. \
             The notes say which cells were left out, and why.",
        ),
    ]
}

/// An error at a line.
#[derive(Clone, Debug)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
    pub help: String,
    /// From 1; 0 where the whole file is meant.
    pub line: usize,
    pub label: String,
}

impl Fault {
    pub fn new(code: &'static str, line: usize, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into(), help: String::new(), line, label: "here".into() }
    }

    pub fn help(self, help: impl Into<String>) -> Fault {
        Fault { help: help.into(), ..self }
    }

    pub fn label(self, label: impl Into<String>) -> Fault {
        Fault { label: label.into(), ..self }
    }

    /// The error as it is shown, with the line as the file has it. The file is read once more for it.
    pub fn mistake(self, input: &Input) -> Mistake {
        let message = match self.line {
            0 => format!("{}: {}", input.name(), self.message),
            line => format!("{}:{line}: {}", input.name(), self.message),
        };
        let mistake = Mistake::new(self.code, message, self.help);
        let Some(text) = input.line(self.line).filter(|_| (1..=MOST_LINES).contains(&self.line)) else {
            return mistake;
        };
        // Empty lines stand for those before, so that the line has its number.
        let before = "\n".repeat(self.line - 1);
        let indent = text.len() - text.trim_start().len();
        let span = before.len() + indent..before.len() + text.trim_end().len().max(indent);
        mistake.at(NamedSource::new(input.name(), before + &text), span, self.label)
    }
}

/// Why a cell does not become one of the process.
#[derive(Clone, Debug)]
pub enum Stop {
    /// The file is wrong.
    Fault(Fault),
    /// The cell is not one that is used; the reason reads on after "left out,".
    LeftOut(&'static str),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}
