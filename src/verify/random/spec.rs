//! Designs: any that its nest allows.

use super::Draw;
use crate::encoding::{ElementFormat, EncodingKind, Format, MAX_DECODED_BITS};
use crate::engine::{Array, Dataflow, Engine, EngineError, EngineSpec, Operand};
use crate::netlist::ResetKind;
use crate::notation::NOfM;
use crate::notation::transform::{self, BitWeightLoop, EmptyGroups, LanePace, Matching, Parameters, SyncPeriod};

/// A design of at most `max_side` rows and columns that can be elaborated. One in four is a single row or column.
///
/// Array, formats, encoding, transforms and parameters are drawn; whether they go together is for the nest to say, and for
/// whoever builds it. What cannot be built is drawn again.
pub fn random_spec(seed: u64, max_side: u32) -> EngineSpec {
    random_spec_where(seed, max_side, |_| true)
}

/// The first design of a seed that `wanted` holds of. It must hold of some, or this runs for ever.
pub fn random_spec_where(seed: u64, max_side: u32, wanted: impl Fn(&EngineSpec) -> bool) -> EngineSpec {
    let mut draw = Draw::new(seed);
    loop {
        let spec = candidate(&mut draw, max_side);
        if wanted(&spec) && can_be_built(&spec) {
            return spec;
        }
    }
}

/// A netlist that is no good can be "built": it is a defect, and whoever runs the design must see it. What has no streams cannot be
/// run.
fn can_be_built(spec: &EngineSpec) -> bool {
    matches!(Engine::elaborate(spec), Ok(_) | Err(EngineError::Netlist(_))) && !spec.streams().is_empty()
}

fn candidate(draw: &mut Draw, max_side: u32) -> EngineSpec {
    let side = |draw: &mut Draw| draw.between(1, u64::from(max_side)) as u32;
    let (mut rows, mut cols) = (side(draw), side(draw));
    match draw.below(8) {
        0 => rows = 1,
        1 => cols = 1,
        _ => {}
    }
    let bits = |draw: &mut Draw| match draw.below(3) {
        0 => draw.one_of(&[2, 4, 8, 16]),
        _ => draw.between(2, 16) as u32,
    };
    let (a_bits, b_bits) = (bits(draw), bits(draw));
    let (a_signed, b_signed) = (draw.below(4) > 0, draw.below(4) > 0);
    let mut spec = EngineSpec {
        name: "random".to_owned(),
        rows,
        cols,
        array: array(draw),
        a_bits,
        a_signed,
        b_bits,
        b_signed,
        saturate: draw.below(4) == 0,
        encoding: encoding(draw),
        encoded: draw.one_of(&[Operand::A, Operand::B]),
        parameters: parameters(draw),
        reset: draw.one_of(&[ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh]),
        length_bits: draw.one_of(&[4, 8, 16, 32]),
        ..EngineSpec::default()
    };
    match draw.below(12) {
        0 => put_elements(draw, &mut spec, Operand::A),
        1 => put_elements(draw, &mut spec, Operand::B),
        2 => [Operand::A, Operand::B].into_iter().for_each(|operand| put_elements(draw, &mut spec, operand)),
        _ => {}
    }
    let product_bits = spec.a_word_bits() + spec.b_word_bits();
    spec.acc_bits = match draw.below(4) {
        0 => product_bits,
        1 => (product_bits + draw.between(0, 12) as u32).min(64),
        2 => product_bits.max(32),
        // The widest words: what a mask or a shift of 64 bits gets wrong shows nowhere else.
        _ => (draw.between(44, 64).max(64 * draw.below(2)) as u32).max(product_bits),
    };
    if spec.saturate && draw.below(2) == 0 {
        // Narrower than a product.
        spec.acc_bits = draw.between(8, 16) as u32;
    }
    // With so many transforms few designs would have none.
    let is_bare = draw.below(8) == 0;
    for transform in transform::ALL.iter().filter(|_| !is_bare) {
        if transform.name() == "compress-n-of-m" {
            spec.parameters.n_of_m = n_of_m(draw, &spec);
        }
        if draw.below(3) > 0 {
            add_if_it_applies(&mut spec, transform.name());
        }
    }
    // Sums that are clipped must not wrap before, in the longest tile; a partial sum adds a bit.
    if spec.saturate && spec.longest_sum_bits() >= 64 {
        spec.length_bits = EngineSpec::DEFAULT_LENGTH_BITS;
    }
    spec
}

/// Groups that fit the places of K in the array.
fn n_of_m(draw: &mut Draw, spec: &EngineSpec) -> NOfM {
    let fits = |n: u32| match spec.dataflow() {
        Dataflow::OutputStationary => {
            let depth = spec.array.depth();
            depth.is_multiple_of(n) || n.is_multiple_of(depth)
        }
        _ => spec.rows.is_multiple_of(n),
    };
    let choices: Vec<u32> = (1..=6).filter(|&n| fits(n)).collect();
    let n = draw.one_of(&choices);
    NOfM { n, m: n + draw.between(1, 5) as u32 }
}

/// Elements that are decoded, to words that may be wider than they need; none that a word of 64 bits could not hold what is made of.
fn put_elements(draw: &mut Draw, spec: &mut EngineSpec, operand: Operand) {
    let format = Format::of(draw.one_of(&ElementFormat::ALL));
    let other = if operand == Operand::A { spec.b_word_bits() } else { spec.a_word_bits() };
    let wider = if draw.below(3) == 0 { draw.between(0, 4) as u32 } else { 0 };
    let bits = (format.bits + wider).min(MAX_DECODED_BITS);
    // The select lines of a radix-2 encoding are twice as many as bits; sums that are clipped must not wrap before.
    let is_short = bits <= 31 && bits + other + spec.length_bits + 8 <= 64;
    if bits + other > 64
        || (!is_short && (spec.saturate || spec.encoding.is_some_and(|kind| kind.encoding().radix() == 2)))
    {
        return;
    }
    let (to_bits, signed, element) = match operand {
        Operand::A => (&mut spec.a_bits, &mut spec.a_signed, &mut spec.a_element),
        Operand::B => (&mut spec.b_bits, &mut spec.b_signed, &mut spec.b_element),
    };
    (*to_bits, *signed, *element) = (bits, true, format.element);
}

/// The nest knows which transforms it can take after those that it has.
fn add_if_it_applies(spec: &mut EngineSpec, transform: &str) {
    spec.transforms.push(transform.to_owned());
    if spec.nests().is_err() {
        spec.transforms.pop();
    }
}

fn array(draw: &mut Draw) -> Array {
    let depth = draw.between(1, 8) as u32;
    let lanes = depth;
    // Arrays that more transforms are for, and those that few encodings are for, come up more often.
    match draw.below(20) {
        0 | 1 => Array::Systolic(Dataflow::OutputStationary),
        2 => Array::Systolic(Dataflow::WeightStationary),
        3 => Array::Systolic(Dataflow::InputStationary),
        4 | 5 => Array::Cube { depth },
        6 | 7 => Array::AdderTree { depth },
        8..=12 => Array::Matrix2d,
        13 => Array::Stripes { lanes },
        14..=16 => Array::Laconic { lanes },
        _ => {
            let sync = match draw.below(3) {
                0 => SyncPeriod::Operands(lanes * draw.between(1, 3) as u32),
                _ => SyncPeriod::Tile,
            };
            Array::Pragmatic { lanes, shift_bits: draw.between(0, 4) as u32, sync }
        }
    }
}

fn encoding(draw: &mut Draw) -> Option<EncodingKind> {
    match draw.below(9) {
        0 => None,
        other => Some(EncodingKind::ALL[(other as usize - 1) % EncodingKind::ALL.len()]),
    }
}

fn parameters(draw: &mut Draw) -> Parameters {
    let (group, lanes) = (draw.between(1, 8) as u32, draw.one_of(&[2, 4, 8]));
    let sync = match draw.below(3) {
        0 => SyncPeriod::Tile,
        // Rows meet between groups: of one lane, or of all.
        1 => SyncPeriod::Operands(group * draw.between(1, 3) as u32),
        _ => SyncPeriod::Operands(group * lanes * draw.between(1, 2) as u32),
    };
    Parameters {
        bit_weight: draw.one_of(&[BitWeightLoop::Spatial, BitWeightLoop::Temporal]),
        group,
        empty_groups: draw.one_of(&[EmptyGroups::CostACycle, EmptyGroups::Skipped]),
        sync,
        lanes,
        matching: draw.one_of(&[Matching::A, Matching::Both]),
        pace: draw.one_of(&[LanePace::Lockstep, LanePace::PerGroup, LanePace::PerBitWeight]),
        ..Parameters::default()
    }
}

/// All that is needed to make a design again.
pub fn describe(spec: &EngineSpec) -> String {
    let format = |format: Format| format.element.map_or(format.to_string(), |of| format!("{of} as int{}", format.bits));
    format!(
        "{} {}x{} {:?} a={} b={} acc{}{} {} of {:?} {:?} {:?} {:?} length {}",
        spec.name,
        spec.rows,
        spec.cols,
        spec.array,
        format(spec.a_format()),
        format(spec.b_format()),
        spec.acc_bits,
        if spec.saturate { " saturating" } else { "" },
        spec.encoding.map_or("none", EncodingKind::name),
        spec.encoded,
        spec.transforms,
        spec.parameters,
        spec.reset,
        spec.length_bits
    )
}
