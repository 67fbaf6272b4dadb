//! The register-level engine against the interpreter of the netlist in lockstep: every hand-shake and every operand register
//! and sum of every PE, on every cycle, streams waiting or not. `BITWEIGHT_SEED=n` runs one design again.

mod dense;
mod seeds;

use bitweight::engine::{Array, Dataflow, EncoderPlace, Engine, EngineSpec, Family, Selection};
use bitweight::matrix::Matrix;
use bitweight::netlist::flatten::Word as Place;
use bitweight::netlist::{Interpreter, PortHandle};
use bitweight::simulate::{Cycle, Machine, Observer, Word, gemm_observed, wrap};
use bitweight::verify::{describe, random_gemms, random_spec_where};

const DESIGNS: u64 = 400;

/// What a data port shows while nothing is offered: an array that looked at it would go wrong.
const GARBAGE: u64 = 0x5a5a_5a5a_5a5a_5a5a;

/// The registers of the PEs, found once.
struct Places {
    /// Operand registers, where each PE has one of its own.
    operands: Option<[Matrix<Place>; 2]>,
    sum: Matrix<Place>,
    carry: Option<Matrix<Place>>,
}

impl Places {
    fn new(interpreter: &Interpreter, spec: &EngineSpec, carry_save: bool) -> Result<Self, String> {
        let all = |register: &str| {
            let mut missing = None;
            let path = |row: usize, col: usize| format!("u_pe[{row}][{col}].{register}");
            let first = interpreter.flat().find(&path(0, 0)).ok_or_else(|| format!("there is no {}", path(0, 0)))?;
            let places = Matrix::from_fn(spec.rows as usize, spec.cols as usize, |row, col| {
                interpreter.flat().find(&path(row, col)).unwrap_or_else(|| {
                    missing = Some(path(row, col));
                    first
                })
            });
            missing.map_or(Ok(places), |path| Err(format!("there is no {path}")))
        };
        // Of the words of a group a PE multiplies the one that is selected.
        let a_q = if spec.kept().is_some() { "a_selected" } else { "a_q" };
        let names = match spec.array {
            Array::Systolic(Dataflow::OutputStationary) => Some([a_q, "b_q"]),
            Array::Systolic(Dataflow::WeightStationary) => Some([a_q, "weight_q"]),
            Array::Systolic(Dataflow::InputStationary) => Some(["input_q", "b_q"]),
            // Deeper PEs have lanes of registers, and where operands are broadcast they stand at the edges.
            _ => None,
        };
        let operands = names.map(|[a, b]| Ok::<_, String>([all(a)?, all(b)?])).transpose()?;
        Ok(Self {
            operands,
            sum: all(if carry_save { "sum_q" } else { "acc_q" })?,
            carry: carry_save.then(|| all("carry_q")).transpose()?,
        })
    }
}

/// Runs the netlist beside the register-level engine.
struct Lockstep<'a> {
    spec: &'a EngineSpec,
    interpreter: Interpreter,
    places: Places,
    cycles: u64,
    registers: u64,
    difference: Option<String>,
}

impl Lockstep<'_> {
    fn port(&self, name: &str) -> Option<PortHandle> {
        self.interpreter.port(name)
    }

    fn drive(&mut self, port: &str, values: impl Iterator<Item = u64>) {
        let handle = self.port(port).expect("an input");
        values.enumerate().for_each(|(lane, value)| self.interpreter.set(handle, lane, value));
    }

    fn lane(&self, port: &str, lane: usize) -> u64 {
        self.interpreter.get(self.port(port).expect("an output"), lane)
    }

    fn signed(&self, place: Place, bits: u32) -> i64 {
        wrap(self.interpreter.word(place) as i64, bits)
    }

    fn offer<M: Machine>(&mut self, cycle: &Cycle<M>) {
        let offered = cycle.offered;
        let keeps_operand = self.spec.dataflow() != Dataflow::OutputStationary;
        let [rows, cols, depth] =
            [self.spec.rows, self.spec.cols, self.spec.array.depth()].map(|extent| extent as usize);
        let selection = Selection::new(self.spec, self.spec.kept()).expect("whole groups");
        let (a_lanes, b_lanes) = match self.spec.dataflow() {
            Dataflow::InputStationary => (cols, rows),
            Dataflow::WeightStationary => (self.spec.rows_of_k() as usize, cols),
            _ if selection.is_some() => (rows * selection.map_or(1, |of| of.words as usize), cols * depth),
            _ => (rows * depth, cols * depth),
        };
        let operand = |offered: bool, beat: &[M::Element], lanes: usize| -> Vec<u64> {
            let word = |value: M::Element| i64::from(value.into()) as u64;
            (0..lanes).map(|lane| if offered { word(beat[lane]) } else { GARBAGE }).collect()
        };
        self.drive("cmd_valid_i", [u64::from(offered.cmd.is_some())].into_iter());
        self.drive("cmd_length_i", [offered.cmd.map_or(GARBAGE, |command| command.length.into())].into_iter());
        self.drive("a_valid_i", [u64::from(offered.a)].into_iter());
        self.drive("a_data_i", operand(offered.a, cycle.beats.a, a_lanes).into_iter());
        self.drive("b_valid_i", [u64::from(offered.b)].into_iter());
        self.drive("b_data_i", operand(offered.b, cycle.beats.b, b_lanes).into_iter());
        if selection.is_some() {
            let index = |lane: usize| if offered.b { cycle.beats.index[lane].into() } else { GARBAGE };
            self.drive("b_index_i", (0..b_lanes).map(index).collect::<Vec<_>>().into_iter());
        }
        self.drive("c_ready_i", [u64::from(offered.c_ready)].into_iter());
        if keeps_operand {
            let accumulate = offered.cmd.is_none_or(|command| command.accumulate);
            self.drive("cmd_accumulate_i", [u64::from(accumulate)].into_iter());
            self.drive("p_valid_i", [u64::from(offered.p)].into_iter());
            let partial = |lane: usize| {
                if cycle.taken.p { cycle.beats.p[lane].wrapped(self.spec.acc_bits) as u64 } else { GARBAGE }
            };
            self.drive("p_data_i", (0..cols).map(partial).collect::<Vec<_>>().into_iter());
        }
    }

    /// What differs in this cycle, before its edge.
    fn look<M: Machine>(&mut self, cycle: &Cycle<M>) -> Option<String> {
        let (taken, offered) = (cycle.taken, cycle.offered);
        for (name, ours) in [("cmd", taken.cmd), ("a", taken.a), ("b", taken.b), ("p", taken.p)] {
            if name == "p" && self.spec.dataflow() == Dataflow::OutputStationary {
                continue;
            }
            let valid = match name {
                "cmd" => offered.cmd.is_some(),
                "a" => offered.a,
                "b" => offered.b,
                _ => offered.p,
            };
            let theirs = valid && self.lane(&format!("{name}_ready_o"), 0) == 1;
            if ours != theirs {
                return Some(format!("stream {name} is accepted: {ours}, by the netlist: {theirs}"));
            }
        }
        let (ours, theirs) = (cycle.machine.result_offered(), self.lane("c_valid_o", 0) == 1);
        if ours != theirs {
            return Some(format!("a result is offered: {ours}, by the netlist: {theirs}"));
        }
        let bits = self.spec.acc_bits;
        if ours {
            for (col, word) in cycle.machine.result().iter().enumerate() {
                let (ours, theirs) = (word.wrapped(bits), wrap(self.lane("c_data_o", col) as i64, bits));
                if ours != theirs {
                    return Some(format!("c_data_o[{col}] is {ours}, in the netlist {theirs}"));
                }
            }
        }
        let registers = cycle.machine.registers();
        let sum_bits = self.spec.sum_bits();
        for row in 0..self.spec.rows as usize {
            for col in 0..self.spec.cols as usize {
                let pe = (row, col);
                let sum = self.signed(self.places.sum[pe], sum_bits);
                let carry = self.places.carry.as_ref().map_or(0, |carry| self.interpreter.word(carry[pe]) as i64);
                let total = wrap(sum.wrapping_add(carry.wrapping_mul(2)), sum_bits);
                let mut pairs = vec![("the sum", registers.total[pe], total)];
                if let Some([a, b]) = &self.places.operands {
                    let held = |place, bits, signed| match signed {
                        true => self.signed(place, bits),
                        false => self.interpreter.word(place) as i64,
                    };
                    let (a, b) = (
                        held(a[pe], self.spec.a_bits, self.spec.a_signed),
                        held(b[pe], self.spec.b_bits, self.spec.b_signed),
                    );
                    pairs.extend([("a", registers.a[pe].map(i64::from), a), ("b", registers.b[pe].map(i64::from), b)]);
                }
                for (name, ours, theirs) in pairs {
                    self.registers += u64::from(ours.is_some());
                    if ours.is_some_and(|ours| ours != theirs) {
                        return Some(format!("{name} of PE {pe:?} is {ours:?}, in the netlist {theirs}"));
                    }
                }
            }
        }
        None
    }
}

impl Observer for Lockstep<'_> {
    fn cycle<M: Machine>(&mut self, cycle: &Cycle<M>) {
        if self.difference.is_some() {
            return;
        }
        self.offer(cycle);
        self.interpreter.settle();
        self.difference = self.look(cycle).map(|what| format!("cycle {}: {what}", cycle.index));
        self.interpreter.step();
        self.cycles += 1;
    }
}

fn compare(spec: &EngineSpec, seed: u64) -> Result<u64, String> {
    let what = || format!("BITWEIGHT_SEED={seed}: {}", describe(spec));
    let engine = Engine::elaborate(spec).map_err(|error| format!("{}: {error}", what()))?;
    let carry_save = spec.carry_save().map_err(|error| error.to_string())?;
    let interpreter = Interpreter::new(&engine.netlist).map_err(|errors| format!("{}: {errors:?}", what()))?;
    let places = Places::new(&interpreter, spec, carry_save).map_err(|why| format!("{}: {why}", what()))?;
    let mut lockstep = Lockstep { spec, interpreter, places, cycles: 0, registers: 0, difference: None };
    for gemm in random_gemms(spec, seed, 2, 3) {
        lockstep.interpreter.reset();
        let run = gemm_observed(spec, &gemm.a, &gemm.b, &gemm.patterns, &mut lockstep);
        let why = lockstep.difference.take().or(run.err().map(|error| error.to_string()));
        if let Some(why) = why {
            return Err(format!("{}\n  {gemm}: {why}", what()));
        }
    }
    assert!(lockstep.cycles > 0 && lockstep.registers > 0, "nothing was compared");
    Ok(lockstep.registers)
}

#[test]
fn every_register_equals_that_of_the_netlist_on_every_cycle() {
    // Encoded on their way in, operands are select lines in the registers of the PEs.
    let dense = |spec: &EngineSpec| spec.family() == Family::Dense && spec.encoder_place() == EncoderPlace::Pe;
    let compared = seeds::each(0..DESIGNS, |seed| compare(&random_spec_where(seed, 5, dense), seed));
    println!("{compared} registers compared");
}

#[test]
fn every_register_of_every_dense_array_equals_that_of_the_netlist() {
    let compared = seeds::each(0..160, |seed| compare(&dense::spec(seed), seed));
    println!("{compared} registers compared");
}
