//! Engines whose rows run at their own pace, register by register, against the interpreter of the netlist in lockstep: every
//! hand-shake of every reader, every word of B asked for, every result and every sum of every PE, on every cycle, streams waiting or
//! not; and against the event-exact engine. `BITWEIGHT_SEED=n` runs one design again.

mod seeds;

use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, Engine, EngineSpec, Operand, Patterns, SerialSchedule, Stream, Traffic};
use bitweight::netlist::flatten::Word as Place;
use bitweight::netlist::{Interpreter, PortHandle};
use bitweight::notation::transform::{EmptyGroups, LanePace, Matching, Parameters, SyncPeriod};
use bitweight::simulate::serial::{SerialCycle, gemm_observed};
use bitweight::simulate::{events, wrap};
use bitweight::verify::{Draw, describe, random_gemms};

/// What a data port shows while nothing is offered: an array that looked at it would go wrong.
const GARBAGE: u64 = 0x5a5a_5a5a_5a5a_5a5a;

/// OPT3, OPT4C or OPT4E with any encoding, formats and parameters, up to 4 x 3 PEs.
fn random_serial(seed: u64) -> EngineSpec {
    let mut draw = Draw::new(seed);
    let lanes = draw.one_of(&[1, 1, 2, 4, 8]);
    let group = draw.between(1, 6) as u32;
    let mut transforms = vec!["compress-accumulate", "skip-zero-digits"];
    if lanes > 1 || draw.below(2) == 0 {
        transforms.push("share-encoder");
    }
    if lanes > 1 {
        transforms.push("extend-reduction");
    }
    let sync = match draw.below(2) {
        0 => SyncPeriod::Tile,
        _ => SyncPeriod::Operands(lanes * group * draw.between(1, 3) as u32),
    };
    let (a_bits, b_bits) = (draw.between(2, 16) as u32, draw.between(2, 16) as u32);
    let saturate = draw.below(4) == 0;
    EngineSpec {
        name: "serial".to_owned(),
        array: Array::Matrix2d,
        rows: draw.between(1, 4) as u32,
        cols: draw.between(1, 3) as u32,
        a_bits,
        a_signed: draw.below(3) > 0,
        b_bits,
        b_signed: draw.below(3) > 0,
        acc_bits: (a_bits + b_bits + 2 + draw.one_of(&[0, 1, 9, 48])).min(64),
        saturate,
        encoding: Some(draw.one_of(&EncodingKind::ALL)),
        transforms: transforms.into_iter().map(str::to_owned).collect(),
        parameters: Parameters {
            group,
            lanes,
            sync,
            empty_groups: draw.one_of(&[EmptyGroups::CostACycle, EmptyGroups::Skipped]),
            pace: draw.one_of(&[LanePace::Lockstep, LanePace::PerGroup, LanePace::PerBitWeight]),
            ..Parameters::default()
        },
        length_bits: draw.between(7, 9) as u32,
        ..EngineSpec::default()
    }
}

/// Pragmatic with any radix-2 encoding, formats and parameters, up to 4 x 3 units.
fn random_pragmatic(seed: u64) -> EngineSpec {
    let mut draw = Draw::new(!seed);
    let lanes = draw.between(1, 9) as u32;
    let sync = match draw.below(2) {
        0 => SyncPeriod::Tile,
        _ => SyncPeriod::Operands(lanes * draw.between(1, 3) as u32),
    };
    let spec = random_serial(seed);
    EngineSpec {
        name: "pragmatic".to_owned(),
        array: Array::Pragmatic { lanes, shift_bits: draw.between(0, 4) as u32, sync },
        encoding: Some(draw.one_of(&[EncodingKind::Csd, EncodingKind::SignMagnitude, EncodingKind::TwosComplement])),
        // Also narrower than the sum of a step.
        acc_bits: draw.one_of(&[spec.acc_bits, 8, 64]),
        transforms: Vec::new(),
        ..spec
    }
}

/// Rows that skip values of zero, with any encoding or none and a word or a pair, up to 4 x 3 PEs.
fn random_values(seed: u64) -> EngineSpec {
    let spec = random_serial(seed);
    let mut draw = Draw::new(seed ^ 0x7a65_726f);
    let encoded = draw.one_of(&[Operand::A, Operand::A, Operand::B]);
    let mut spec = EngineSpec {
        name: "values".to_owned(),
        encoding: (draw.below(4) > 0).then_some(spec.encoding).flatten(),
        encoded,
        transforms: Vec::new(),
        parameters: Parameters { matching: draw.one_of(&[Matching::A, Matching::Both]), ..spec.parameters },
        ..spec
    };
    let group = spec.parameters.group;
    let period = SyncPeriod::Operands(group * draw.between(1, 3) as u32);
    spec.parameters.sync = draw.one_of(&[SyncPeriod::Tile, period]);
    // In any order that the nest allows.
    let mut names = ["skip-zero-values", "compress-accumulate", "share-encoder", "store-encoded"];
    names.swap(0, draw.below(4) as usize);
    for name in names {
        // A row of A shares no encoders of B.
        let is_shared = name == "share-encoder" && encoded == Operand::B;
        if is_shared || name != "skip-zero-values" && draw.below(2) == 0 {
            continue;
        }
        spec.transforms.push(name.to_owned());
        if spec.nests().is_err() {
            assert_ne!(spec.transforms.pop().as_deref(), Some("skip-zero-values"), "{}", describe(&spec));
        }
    }
    spec
}

/// The words of a PE whose sum is the PE's, found once for all of them; each with how far it is shifted.
struct Sums(Vec<Vec<(Place, u32)>>);

impl Sums {
    fn new(interpreter: &Interpreter, spec: &EngineSpec) -> Result<Self, String> {
        let (stem, words): (_, &[(&str, u32)]) = match spec.array {
            Array::Pragmatic { .. } => ("unit", &[("acc_q", 0)]),
            _ if !spec.carry_save().map_err(|error| error.to_string())? => ("pe", &[("acc_q", 0)]),
            _ => ("pe", &[("sum_q", 0), ("carry_q", 1)]),
        };
        let of_pe = |row: u32, col: u32| {
            // With a sequencer in every PE the first one of a row is an instance of its own.
            let leads = interpreter.flat().find("u_row[0].u_lead_pe.sum_q").is_some();
            let (others, index) = if leads { (spec.cols - 1, col.wrapping_sub(1)) } else { (spec.cols, col) };
            let pe = match () {
                () if leads && col == 0 => "u_lead_pe".to_owned(),
                () if others == 1 => format!("u_{stem}"),
                () => format!("u_{stem}[{index}]"),
            };
            let register = |&(name, up): &(&str, u32)| {
                let path = format!("u_row[{row}].{pe}.{name}");
                let place = interpreter.flat().find(&path).ok_or_else(|| format!("there is no {path}"))?;
                Ok::<_, String>((place, up))
            };
            words.iter().map(register).collect()
        };
        let all = (0..spec.rows).flat_map(|row| (0..spec.cols).map(move |col| (row, col)));
        all.map(|(row, col)| of_pe(row, col)).collect::<Result<_, String>>().map(Self)
    }
}

/// Runs the netlist beside the register-level engine.
struct Lockstep<'a> {
    spec: &'a EngineSpec,
    interpreter: Interpreter,
    sums: &'a Sums,
    a: Traffic,
    compared: u64,
    difference: Option<String>,
}

impl Lockstep<'_> {
    fn port(&self, name: &str) -> PortHandle {
        self.interpreter.port(name).expect("a port")
    }

    fn drive(&mut self, name: &str, values: impl IntoIterator<Item = u64>) {
        let port = self.port(name);
        values.into_iter().enumerate().for_each(|(lane, value)| self.interpreter.set(port, lane, value));
    }

    fn lane(&self, name: &str, lane: usize) -> u64 {
        self.interpreter.get(self.port(name), lane)
    }

    fn offer(&mut self, cycle: &SerialCycle) {
        let offered = cycle.offered;
        // The words of all fields of a beat, the operands first; where B is looked at, the mask of its rows is the last one.
        let matches = self.spec.streams().iter().any(|stream| stream.fields.iter().any(|field| field == "a_match_i"));
        let (mut a, mut masks) = (Vec::new(), Vec::new());
        for (reader, &valid) in offered.a.iter().enumerate() {
            let mut beat = match valid {
                true => self.a.readers[reader][cycle.a_beats[reader]].clone(),
                false => vec![GARBAGE; self.a.readers[reader][0].len()],
            };
            masks.extend(beat.pop_if(|_| matches));
            a.extend(beat);
        }
        if matches {
            self.drive("a_match_i", masks);
        }
        let mut b = Vec::new();
        for (reader, &valid) in offered.b.iter().enumerate() {
            b.extend(cycle.b[reader].iter().map(|&word| if valid { word as u64 } else { GARBAGE }));
        }
        self.drive("cmd_valid_i", [u64::from(offered.cmd.is_some())]);
        self.drive("cmd_length_i", [offered.cmd.map_or(GARBAGE, u64::from)]);
        self.drive("a_valid_i", offered.a.iter().map(|&valid| u64::from(valid)));
        self.drive("a_data_i", a);
        self.drive("b_valid_i", offered.b.iter().map(|&valid| u64::from(valid)));
        self.drive("b_data_i", b);
        self.drive("c_ready_i", [u64::from(offered.c_ready)]);
    }

    /// What differs in this cycle, before its edge.
    fn look(&mut self, cycle: &SerialCycle) -> Option<String> {
        let (offered, taken, array) = (cycle.offered, cycle.taken, cycle.array);
        let mut pairs =
            vec![("cmd is accepted", 0, offered.cmd.is_some() && self.lane("cmd_ready_o", 0) == 1, taken.cmd)];
        for reader in 0..taken.a.len() {
            let a = offered.a[reader] && self.lane("a_ready_o", reader) == 1;
            pairs.push(("a group is accepted, reader", reader, a, taken.a[reader]));
            let b = offered.b[reader] && self.lane("b_ready_o", reader) == 1;
            pairs.push(("a row of B is accepted, reader", reader, b, taken.b[reader]));
        }
        pairs.push(("a result is offered", 0, self.lane("c_valid_o", 0) == 1, array.result_offered()));
        self.compared += pairs.len() as u64;
        if let Some((what, index, theirs, ours)) = pairs.into_iter().find(|(_, _, theirs, ours)| theirs != ours) {
            return Some(format!("{what} {index}: {ours}, by the netlist: {theirs}"));
        }
        let indexed = self.spec.streams().iter().any(|stream| stream.index.is_some());
        for reader in (0..taken.b.len()).filter(|&reader| indexed && taken.b[reader]) {
            let (ours, theirs) = (array.b_index(reader) as u64, self.lane("b_index_o", reader));
            if ours != theirs {
                return Some(format!("reader {reader} asks for word {ours} of B, in the netlist for {theirs}"));
            }
        }
        if array.result_offered() {
            for (col, ours) in array.result(self.spec).enumerate() {
                let theirs = wrap(self.lane("c_data_o", col) as i64, self.spec.acc_bits);
                if ours != theirs {
                    return Some(format!("c_data_o[{col}] is {ours}, in the netlist {theirs}"));
                }
            }
        }
        for (pe, (&ours, words)) in array.totals().values().iter().zip(&self.sums.0).enumerate() {
            let word = |&(place, up): &(Place, u32)| (self.interpreter.word(place) as i64) << up;
            let theirs = wrap(words.iter().map(word).fold(0, i64::wrapping_add), self.spec.sum_bits());
            self.compared += 1;
            if ours != theirs {
                return Some(format!("the sum of PE {pe} is {ours}, in the netlist {theirs}"));
            }
        }
        None
    }

    fn cycle(&mut self, cycle: &SerialCycle) {
        if self.difference.is_some() {
            return;
        }
        self.offer(cycle);
        self.interpreter.settle();
        self.difference = self.look(cycle).map(|what| format!("cycle {}: {what}", cycle.index));
        self.interpreter.step();
    }
}

/// Compares `designs` designs that `draw` makes.
fn compare(designs: u64, draw: impl Fn(u64) -> EngineSpec + Sync) {
    let compared = seeds::each(0..designs, |seed| {
        let spec = draw(seed);
        let what = || format!("BITWEIGHT_SEED={seed}: {}", describe(&spec));
        let engine = Engine::elaborate(&spec).map_err(|error| format!("{}: {error}", what()))?;
        let interpreter = Interpreter::new(&engine.netlist).map_err(|errors| format!("{}: {errors:?}", what()))?;
        let sums = Sums::new(&interpreter, &spec).map_err(|why| format!("{}: {why}", what()))?;
        let mut lockstep =
            Lockstep { spec: &spec, interpreter, sums: &sums, a: Traffic::default(), compared: 0, difference: None };
        for gemm in random_gemms(&spec, seed, 3, 2) {
            let fail = |why: String| format!("{}\n  {gemm}: {why}", what());
            let (m, n, k) = gemm.extents();
            let schedule = SerialSchedule::new(&spec, m, n, k).map_err(|error| fail(error.to_string()))?;
            let traffic = schedule.traffic(&spec, (&gemm.a, &gemm.b), &gemm.patterns);
            let of_a = spec.streams().iter().position(|stream| stream.role == Stream::A).expect("a stream a");
            lockstep.a = traffic[of_a].clone();
            lockstep.interpreter.reset();
            let run = gemm_observed(&spec, &gemm.a, &gemm.b, &gemm.patterns, |cycle| lockstep.cycle(cycle));
            if let Some(why) = lockstep.difference.take() {
                return Err(fail(why));
            }
            let run = run.map_err(|error| fail(error.to_string()))?;
            let fast = events(&spec, &gemm.a, &gemm.b).map_err(|error| fail(error.to_string()))?;
            if gemm.patterns == Patterns::ALWAYS && run != fast {
                return Err(fail(format!(
                    "{} cycles {:?}, from events {} {:?}",
                    run.counts.cycles, run.counts.parts, fast.counts.cycles, fast.counts.parts
                )));
            }
        }
        assert!(lockstep.compared > 0, "nothing was compared");
        Ok(lockstep.compared)
    });
    println!("{compared} hand-shakes and sums compared");
}

#[test]
fn every_handshake_and_every_pair_equals_that_of_the_netlist_on_every_cycle() {
    compare(250, random_serial);
}

#[test]
fn every_handshake_and_every_sum_of_pragmatic_equals_that_of_the_netlist_on_every_cycle() {
    compare(150, random_pragmatic);
}

#[test]
fn every_handshake_and_every_sum_of_rows_that_skip_values_equals_that_of_the_netlist_on_every_cycle() {
    compare(250, random_values);
}
