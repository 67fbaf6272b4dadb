//! Bit-Pragmatic: cases counted by hand, and random ones against the law from digits.

use super::{cases, events_equal_registers, waiting_changes_no_value};
use crate::encoding::EncodingKind;
use crate::engine::{Array, EngineError, EngineSpec, Parts, Patterns, SerialSchedule, Stream};
use crate::matrix::Matrix;
use crate::netlist::wiring::mask;
use crate::notation::transform::SyncPeriod;
use crate::simulate::serial::{events, gemm, gemm_observed};
use crate::simulate::{GemmRun, SimulateError, Words};
use proptest::prelude::*;

/// int8, csd, rows that meet at the end of a tile.
fn pragmatic((rows, cols): (u32, u32), lanes: u32, shift_bits: u32) -> EngineSpec {
    let array = Array::Pragmatic { lanes, shift_bits, sync: SyncPeriod::Tile };
    EngineSpec {
        name: "under-test".into(),
        array,
        rows,
        cols,
        encoding: Some(EncodingKind::Csd),
        ..EngineSpec::default()
    }
}

fn meeting_after(operands: u32, spec: EngineSpec) -> EngineSpec {
    match spec.array {
        Array::Pragmatic { lanes, shift_bits, .. } => {
            let array = Array::Pragmatic { lanes, shift_bits, sync: SyncPeriod::Operands(operands) };
            EngineSpec { array, ..spec }
        }
        _ => spec,
    }
}

prop_compose! {
    fn spec()(
        rows in 1_u32..6, cols in 1_u32..4, lanes in 1_u32..=20, shift_bits in 0_u32..=4, period in 0_u32..4,
        kind in prop::sample::select(vec![EncodingKind::Csd, EncodingKind::SignMagnitude, EncodingKind::TwosComplement]),
        bits in (2_u32..=16, 2_u32..=16), signed in any::<(bool, bool)>(), more in 0_u32..=36, saturate in prop::bool::weighted(0.3),
    ) -> EngineSpec {
        let acc_bits = if saturate { 8 + more / 4 } else { (bits.0 + bits.1 + more).min(64) };
        let spec = EngineSpec {
            a_bits: bits.0, a_signed: signed.0, b_bits: bits.1, b_signed: signed.1, acc_bits, saturate, encoding: Some(kind),
            ..pragmatic((rows, cols), lanes, shift_bits)
        };
        if period == 0 { spec } else { meeting_after(period * lanes, spec) }
    }
}

/// Cycles of a step, place by place through the digits of its operands.
fn cycles_of_step(spec: &EngineSpec, values: &[i32], window: usize) -> u64 {
    let encoding = spec.encoding.expect("an encoding").encoding();
    let digits = |&value| encoding.encode(value, spec.a_word_bits()).expect("it fits");
    let mut places: Vec<Vec<usize>> = values
        .iter()
        .map(|value| (0..).zip(digits(value)).filter(|&(_, digit)| digit != 0).map(|(place, _)| place).collect())
        .collect();
    let mut cycles = 0;
    while let Some(lowest) = places.iter().filter_map(|places| places.first()).min().copied() {
        for places in &mut places {
            if places.first().is_some_and(|&place| place < lowest + window) {
                places.remove(0);
            }
        }
        cycles += 1;
    }
    cycles.max(1)
}

/// W_1 + sum of max(W_t, R) + R + 4.
fn law(spec: &EngineSpec, a: &Matrix<i32>, n: usize) -> u64 {
    let Array::Pragmatic { lanes, shift_bits, sync } = spec.array else {
        panic!("the law of terms is that of Bit-Pragmatic, the array is {}", spec.array.name())
    };
    let (rows, lanes, window) = (spec.rows as usize, lanes as usize, 1 << shift_bits);
    let period = match sync {
        SyncPeriod::Tile => a.cols(),
        SyncPeriod::Operands(operands) => operands as usize,
    };
    let row = |m: usize, from: usize| -> u64 {
        let stretch = &a.row(m)[from..a.cols().min(from + period)];
        stretch.chunks(lanes).map(|step| cycles_of_step(spec, step, window)).sum()
    };
    let steps = |from: usize| (a.cols().min(from + period) - from).div_ceil(lanes) as u64;
    let (mut cycles, mut first) = (0, true);
    for tile in (0..a.rows()).step_by(rows) {
        let slowest =
            |from: usize| (tile..a.rows().min(tile + rows)).map(|m| row(m, from)).max().unwrap_or(steps(from));
        let work: u64 = (0..a.cols()).step_by(period).map(slowest).sum();
        for _ in 0..n.div_ceil(spec.cols as usize) {
            cycles += if first { work } else { work.max(rows as u64) };
            first = false;
        }
    }
    cycles + rows as u64 + 4
}

fn column(values: &[i32]) -> Matrix<i32> {
    Matrix::from_fn(values.len(), 1, |k, _| values[k])
}

fn row(values: &[i32]) -> Matrix<i32> {
    Matrix::from_fn(1, values.len(), |_, k| values[k])
}

/// By events and by registers, the same run.
#[track_caller]
fn run(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> GemmRun {
    let run = events(spec, a, b).expect("a clean run");
    assert_eq!(run, gemm(spec, a, b, &Patterns::ALWAYS).expect("a clean run"));
    run
}

/// W of one tile of one row of A on two lanes.
#[track_caller]
fn work(shift_bits: u32, values: &[i32]) -> u64 {
    let spec = pragmatic((1, 1), 2, shift_bits);
    let run = run(&spec, &row(values), &column(&vec![3; values.len()]));
    assert_eq!(run.c[(0, 0)], values.iter().map(|&value| i64::from(value) * 3).sum::<i64>());
    run.counts.cycles - 1 - 4
}

#[test]
fn a_wider_shifter_takes_terms_further_above_the_lowest() {
    // Places 0 and 2: together only within four places of the lowest.
    assert_eq!([0, 1, 2, 3].map(|shift_bits| work(shift_bits, &[1, 4])), [2, 2, 1, 1]);
    // 5 has places 0 and 2, 2 has place 1: one place each; both, then the 4; the same, as a lane gives one term a cycle.
    assert_eq!([0, 1, 2, 4].map(|shift_bits| work(shift_bits, &[5, 2])), [3, 2, 2, 2]);
    // 1 and 64: only a window of 8 places holds place 6 too.
    assert_eq!([0, 1, 2, 3].map(|shift_bits| work(shift_bits, &[1, 64])), [2, 2, 2, 1]);
    // The window moves with the lowest place: 85 = 64 + 16 + 4 + 1, and -64 waits for place 4 (S = 2) or 6 (S = 1).
    assert_eq!([1, 2, 3].map(|shift_bits| work(shift_bits, &[85, -64])), [4, 4, 4]);
}

#[test]
fn the_widest_shifter_reaches_from_the_lowest_to_the_highest_place_of_any_operand() {
    // -2^15 is one term at place 15, 16 places wide is the window from place 0 on.
    let work = |shift_bits: u32| {
        let spec = EngineSpec { a_bits: 16, ..pragmatic((1, 1), 2, shift_bits) };
        let run = run(&spec, &row(&[1, -32768]), &column(&[1, 1]));
        assert_eq!(run.c[(0, 0)], -32767);
        run.counts.cycles - 1 - 4
    };
    assert_eq!([0, 3, 4].map(work), [2, 2, 1]);
}

#[test]
fn a_step_without_a_term_takes_one_cycle_and_its_beats() {
    let spec = pragmatic((1, 1), 2, 2);
    let run = run(&spec, &row(&[0, 0, 1, 4]), &column(&[7, 7, 2, 5]));
    assert_eq!(run.c[(0, 0)], 22);
    assert_eq!(run.counts.cycles, 2 + 1 + 4);
    assert_eq!(run.counts.parts, Parts { fill: 3, compute: 1, empty: 1, drain: 2, ..Parts::default() });
    assert_eq!(run.counts.words, Words { a: 4, b: 4, partial: 0, c: 1 });
    assert_eq!((run.counts.peak_per_pe, run.counts.useful[(0, 0)]), (2, 2));
}

#[test]
fn rows_that_meet_after_every_step_take_the_slowest_of_each() {
    // 5 takes two cycles, 0 one: a row alone 3, two rows in step 4.
    let a = Matrix::from_rows(2, 2, vec![5, 0, 0, 5]).expect("four values");
    let free = run(&pragmatic((2, 1), 1, 2), &a, &column(&[1, 1]));
    assert_eq!(free.counts.parts, Parts { fill: 3, compute: 2, empty: 1, drain: 3, ..Parts::default() });
    let met = run(&meeting_after(1, pragmatic((2, 1), 1, 2)), &a, &column(&[1, 1]));
    assert_eq!(met.counts.parts, Parts { fill: 3, compute: 2, empty: 1, sync: 1, drain: 3, ..Parts::default() });
    assert_eq!((free.counts.cycles, met.counts.cycles), (9, 10));
}

#[test]
fn padding_takes_its_beats_and_is_not_counted() {
    // One row of two, one column of three, three operands of four.
    let run = run(&pragmatic((2, 3), 4, 1), &row(&[5, 1, 4]), &column(&[1, 10, 100]));
    assert_eq!(run.c[(0, 0)], 415);
    assert_eq!(run.counts.words, Words { a: 3, b: 3, partial: 0, c: 1 });
    // 5 and 1 give place 0; then 5 and 4 give place 2. The row of padding is done in its first cycle of two.
    assert_eq!(run.counts.parts, Parts { fill: 3, compute: 0, empty: 0, sync: 2, drain: 3, ..Parts::default() });
    assert_eq!(run.counts.useful.values(), [4, 0, 0, 0, 0, 0]);
}

#[test]
fn tiles_shorter_than_the_chain_wait_for_the_results_before_them() {
    let run = run(&pragmatic((4, 1), 1, 2), &Matrix::filled(4, 1, 1), &Matrix::filled(1, 3, 1));
    assert_eq!(run.counts.cycles, 1 + 4 + 4 + 4 + 4);
    assert_eq!(run.counts.parts, Parts { fill: 3, compute: 3, drain: 3 + 3 + 5, ..Parts::default() });
    assert_eq!(run.counts.words, Words { a: 12, b: 12, partial: 0, c: 12 });
}

/// What a 1 x 1 engine with two lanes and S = 0 does with 3 and 4 times 10 and 100 in each cycle: a, b, c accepted, and the sum.
fn trace(patterns: &Patterns) -> (Vec<[bool; 3]>, Vec<i64>, GemmRun) {
    let (mut accepted, mut sums) = (Vec::new(), Vec::new());
    let spec = pragmatic((1, 1), 2, 0);
    let run = gemm_observed(&spec, &row(&[3, 4]), &column(&[10, 100]), patterns, |cycle| {
        accepted.push([cycle.taken.a[0], cycle.taken.b[0], cycle.taken.c]);
        sums.push(cycle.array.totals()[(0, 0)]);
    });
    (accepted, sums, run.expect("a clean run"))
}

#[test]
fn terms_pass_slot_and_tree_on_their_way_to_the_sum() {
    // Cycle 0 takes the command, 1 the group. 3 = 4 - 1: cycle 2 looks at place 0, cycle 3 at place 2.
    let (accepted, sums, run) = trace(&Patterns::ALWAYS);
    let [nothing, a, b, c] = [[false; 3], [true, false, false], [false, true, false], [false, false, true]];
    assert_eq!(accepted, [nothing, a, b, nothing, nothing, nothing, nothing, c]);
    // The edge that ends cycle 2 loads the slot, 3 the tree register, 4 the sum.
    assert_eq!(sums, [0, 0, 0, 0, 0, -10, 430, 430]);
    assert_eq!(run.c[(0, 0)], 430);
    assert_eq!(run.counts.parts, Parts { fill: 3, compute: 1, sync: 1, drain: 2, ..Parts::default() });
}

#[test]
fn a_late_beat_of_b_holds_its_row_and_a_result_that_is_not_taken_holds_everything() {
    let (accepted, sums, run) = trace(&Patterns { b: 1 << 5, c: 1 << 13, ..Patterns::ALWAYS });
    let taken = |stream: usize| accepted.iter().position(|accepted| accepted[stream]);
    assert_eq!([0, 1, 2].map(taken), [Some(1), Some(5), Some(13)]);
    assert_eq!(accepted.len(), 14);
    assert_eq!(sums[8..], [-10, 430, 430, 430, 430, 430]);
    // Cycles 2 to 4 have no b, 10 to 12 no taker.
    assert_eq!(run.counts.parts, Parts { fill: 3, compute: 1, sync: 1, drain: 2, stall: 3 + 3, ..Parts::default() });
}

#[test]
fn an_empty_step_asks_for_its_beat_of_b_too() {
    let spec = pragmatic((1, 1), 2, 2);
    let patterns = Patterns { b: 1 << 9, ..Patterns::ALWAYS };
    let run = gemm(&spec, &row(&[0, 0]), &column(&[1, 1]), &patterns).expect("a clean run");
    // The group is accepted in cycle 1, its b in cycle 9, its result in cycle 13.
    assert_eq!(run.counts.cycles, 13);
    assert_eq!(run.counts.parts, Parts { fill: 3, empty: 1, drain: 2, stall: 7, ..Parts::default() });
}

#[test]
fn designs_that_are_none_and_tiles_that_cannot_be_counted_are_errors() {
    let (a, b) = (row(&[1, 2, 3]), column(&[1, 2, 3]));
    let both = |spec: EngineSpec| [events(&spec, &a, &b), gemm(&spec, &a, &b, &Patterns::ALWAYS)];
    let base = || pragmatic((1, 1), 2, 2);
    for result in both(EngineSpec { encoding: Some(EncodingKind::Booth4), ..base() }) {
        assert_eq!(result, Err(SimulateError::Engine(EngineError::NotBuilt { array: "pragmatic" })));
    }
    for result in both(meeting_after(3, base())) {
        assert_eq!(result, Err(SimulateError::Engine(EngineError::SyncPeriod { operands: 3, step: 2 })));
    }
    for result in both(EngineSpec { length_bits: 1, ..base() }) {
        assert!(matches!(result, Err(SimulateError::Engine(EngineError::TileTooLong { length: 2, .. }))), "{result:?}");
    }
    for result in both(EngineSpec { a_bits: 2, ..base() }) {
        assert!(matches!(result, Err(SimulateError::OperandRange { operand: "A", .. })), "{result:?}");
    }
}

/// The words that a reader of b accepts, beat by beat.
fn beats_of_b(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>, patterns: &Patterns) -> Vec<Vec<Vec<u64>>> {
    let mut beats = vec![Vec::new(); spec.rows as usize];
    let run = gemm_observed(spec, a, b, patterns, |cycle| {
        for (reader, beats) in beats.iter_mut().enumerate().filter(|&(reader, _)| cycle.taken.b[reader]) {
            let words = cycle.b[reader].iter().map(|&word| i64::from(word) as u64 & mask(spec.b_bits));
            beats.push(words.collect());
        }
    });
    run.expect("a clean run");
    beats
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn events_equal_registers_in_every_field_and_both_the_triple_loop((spec, a, b, _) in cases(spec())) {
        events_equal_registers(&spec, &a, &b)?;
        prop_assert_eq!(events(&spec, &a, &b).expect("a clean run").counts.cycles, law(&spec, &a, b.cols()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn waiting_streams_change_no_value_and_save_no_cycle((spec, a, b, patterns) in cases(spec())) {
        waiting_changes_no_value(&spec, &a, &b, &patterns)?;
    }

    #[test]
    fn every_reader_of_b_accepts_the_beats_of_its_traffic((spec, a, b, patterns) in cases(spec())) {
        let schedule = SerialSchedule::new(&spec, a.rows(), b.cols(), a.cols()).expect("it fits");
        let traffic = schedule.traffic(&spec, (&a, &b), &patterns);
        let stream = spec.streams().iter().position(|stream| stream.role == Stream::B).expect("a stream b");
        prop_assert_eq!(&beats_of_b(&spec, &a, &b, &patterns), &traffic[stream].readers);
    }
}
