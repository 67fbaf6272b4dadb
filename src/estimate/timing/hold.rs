//! The multiplexer that holds a register of a library without enables.

use crate::estimate::process::{Cell, Process};

/// A multiplexer and its pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    pub cell: u32,
    pub select: u8,
    /// The input that is passed on while `select` is 1.
    pub data: u8,
    /// The input that wants the complement of `select`, where a pair of gates makes the multiplexer.
    pub not_select: Option<u8>,
    /// Whether what is passed on is the complement of the data.
    pub inverting: bool,
}

impl Hold {
    /// The inputs of the cell, which all read `net`, and count for nothing.
    pub fn inputs(self, net: u32) -> Vec<(u32, f64)> {
        vec![(net, 0.0); if self.not_select.is_some() { 4 } else { 3 }]
    }
}

/// The smallest multiplexer of a library, whichever way its inputs stand; an `inverting` one if there is one and that is asked for.
/// A library without any may have two conjunctions or disjunctions in one cell, which with both polarities of the select do the
/// same.
pub fn find(process: &Process, inverting: bool) -> Option<Hold> {
    let smallest = |inputs: usize, inverting: bool| {
        let mut best: Option<(f64, Hold)> = None;
        for (index, cell) in process.cells().iter().enumerate() {
            if best.is_some_and(|(area, _)| area <= cell.area_um2) {
                continue;
            }
            let found =
                of_cell(cell, inputs, inverting).map(|hold| (cell.area_um2, Hold { cell: index as u32, ..hold }));
            best = found.or(best);
        }
        best.map(|(_, hold)| hold)
    };
    let asked = || smallest(3, inverting).or_else(|| smallest(4, inverting));
    let plain = || smallest(3, false).or_else(|| smallest(4, false));
    asked().or_else(plain)
}

/// How a cell of so many inputs passes one of two on.
fn of_cell(cell: &Cell, inputs: usize, inverting: bool) -> Option<Hold> {
    let [output] = &cell.outputs[..] else { return None };
    let function = output.function;
    if function.inputs() != inputs {
        return None;
    }
    let pins = || 0..inputs as u8;
    for (select, data) in pins().flat_map(|select| pins().map(move |data| (select, data))) {
        for not_select in pins().map(Some).chain([None]) {
            if select == data
                || not_select.is_some() != (inputs == 4)
                || not_select.is_some_and(|not| not == select || not == data)
            {
                continue;
            }
            let Some(other) = pins().find(|&pin| pin != select && pin != data && Some(pin) != not_select) else {
                continue;
            };
            // Only cases in which the pins of the select are what they have to be count.
            let fits = (0..1usize << inputs).all(|case| {
                let value = |pin: u8| case >> pin & 1 == 1;
                let chosen = if value(select) { data } else { other };
                not_select.is_some_and(|not| value(not) == value(select))
                    || function.value(case) == (value(chosen) != inverting)
            });
            if fits {
                return Some(Hold { cell: 0, select, data, not_select, inverting });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::process::Process;

    #[test]
    fn the_smallest_multiplexer_is_taken() {
        let process = Process::shipped("nangate45").expect("sound");
        let hold = find(&process, false).expect("it has one");
        assert_eq!(process.cells()[hold.cell as usize].name, "MUX2_X1");
        assert_eq!((hold.not_select, hold.inverting), (None, false));
        // There is no inverting one of three inputs, but a pair of conjunctions.
        let hold = find(&process, true).expect("AOI22");
        let cell = &process.cells()[hold.cell as usize];
        assert!(["AOI22_X1", "OAI22_X1"].contains(&cell.name.as_str()), "{}", cell.name);
        assert!(hold.inverting && hold.not_select.is_some());
    }
}
