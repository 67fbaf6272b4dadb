//! What a mapper sees of a library: functions, areas, delays.

use super::cut::WIDEST;
use super::hash::Map;
use super::truth::{INPUTS, invert_input, swap, widen};

/// A cell with one output.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetGate {
    /// A number of the caller's.
    pub id: usize,
    /// How many inputs it has, at most [`WIDEST`].
    pub inputs: usize,
    /// Its truth table: bit i is the value where input j is bit j of i.
    pub table: u64,
    /// Area, um2.
    pub area: f64,
    /// From each input to the output at a nominal load, ns.
    pub delays: Vec<f64>,
}

/// A gate computes a function: its input `pin` reads input `order[pin]`, complemented if that bit of `signs` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    pub gate: u16,
    pub order: [u8; WIDEST],
    pub signs: u8,
}

/// Why a library cannot be mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// No cell inverts.
    NoInverter,
    /// No cell makes a conjunction or disjunction of two.
    NoGate,
}

/// A library with every way to use its gates.
#[derive(Clone, Debug)]
pub struct Target {
    /// Whether registers without reset, reset to 0, and reset to 1 hand out the complement of their value.
    inverted_registers: [bool; 3],
    gates: Vec<TargetGate>,
    inverter: usize,
    matches: Map<u64, Vec<Match>>,
}

impl Target {
    /// Of several cells of one function the smallest is taken, the faster one of equal ones; wider ones than
    /// [`WIDEST`] and those without a function of their inputs are left out.
    ///
    /// # Errors
    /// If the rest does not suffice to map every network.
    pub fn new(cells: impl IntoIterator<Item = TargetGate>) -> Result<Target, TargetError> {
        let mut gates: Vec<TargetGate> = Vec::new();
        let mut known: Map<u64, usize> = Map::default();
        for mut gate in cells {
            if gate.inputs == 0 || gate.inputs > WIDEST || gate.delays.len() != gate.inputs {
                continue;
            }
            gate.table = widen(gate.table, gate.inputs);
            // The same function with its inputs in another order is another drive of it, or another layout.
            let least = orders(&gate).into_iter().map(|(table, _)| table).min().unwrap_or(gate.table);
            let slower = |gate: &TargetGate| gate.delays.iter().copied().fold(0.0, f64::max);
            match known.get(&least) {
                Some(&at) if (gates[at].area, slower(&gates[at])) <= (gate.area, slower(&gate)) => {}
                Some(&at) => gates[at] = gate,
                None => {
                    known.insert(least, gates.len());
                    gates.push(gate);
                }
            }
        }
        let inverter = gates.iter().position(|gate| gate.table == !INPUTS[0]).ok_or(TargetError::NoInverter)?;
        let both = INPUTS[0] & INPUTS[1];
        let mut target = Target { inverted_registers: [false; 3], gates, inverter, matches: Map::default() };
        target.match_all();
        let enough = [both, !both].iter().any(|table| target.matches.contains_key(table));
        if enough { Ok(target) } else { Err(TargetError::NoGate) }
    }

    /// The same with registers of which those without reset, reset to 0, and reset to 1 may hand out the complement of their value.
    #[must_use]
    pub fn with_inverted_registers(self, inverted_registers: [bool; 3]) -> Target {
        Target { inverted_registers, ..self }
    }

    /// Whether a register hands out the complement of its value.
    pub fn inverts(&self, reset: Option<bool>) -> bool {
        self.inverted_registers[reset.map_or(0, |value| 1 + usize::from(value))]
    }

    fn match_all(&mut self) {
        for (index, gate) in self.gates.iter().enumerate() {
            if gate.inputs == 1 {
                continue;
            }
            for (table, order) in orders(gate) {
                for signs in 0..1u8 << gate.inputs {
                    let flipped = (0..gate.inputs).filter(|i| signs >> i & 1 == 1).fold(table, invert_input);
                    let found = self.matches.entry(flipped).or_default();
                    if !found.iter().any(|known| known.gate == index as u16 && known.signs == signs) {
                        found.push(Match { gate: index as u16, order, signs });
                    }
                }
            }
        }
    }

    /// The gates, one for each function.
    pub fn gates(&self) -> &[TargetGate] {
        &self.gates
    }

    /// The inverter, an index of [`gates`](Self::gates).
    pub fn inverter(&self) -> usize {
        self.inverter
    }

    /// The gates that compute a function, and how.
    pub fn matches(&self, table: u64) -> &[Match] {
        self.matches.get(&table).map_or(&[], Vec::as_slice)
    }
}

/// The function's tables with the inputs in every order that gives another table, and the order of each: input `pin` of the gate
/// reads input `order[pin]`.
fn orders(gate: &TargetGate) -> Vec<(u64, [u8; WIDEST])> {
    let mut found: Vec<(u64, [u8; WIDEST])> = vec![(gate.table, [0, 1, 2, 3, 4, 5])];
    let mut next = 0;
    // Exchanges of neighbours reach every order; only orders that change the table are followed, as others lead nowhere new.
    while next < found.len() {
        let (table, order) = found[next];
        next += 1;
        for i in 0..gate.inputs.saturating_sub(1) {
            let swapped = swap(table, i, i + 1);
            if found.iter().all(|(known, _)| *known != swapped) {
                let exchange = |input: u8| match usize::from(input) {
                    at if at == i => input + 1,
                    at if at == i + 1 => input - 1,
                    _ => input,
                };
                found.push((swapped, order.map(exchange)));
            }
        }
    }
    found
}
