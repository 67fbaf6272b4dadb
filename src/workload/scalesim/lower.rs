//! The rows of a topology become layers: the one place that knows both.

use std::collections::BTreeMap;

use super::error::Source;
use super::names::{LONGEST_NAME, cleaned, unique};
use super::reader::shown;
use super::rows::{ConvRow, GemmRow, Topology, TopologyRow};
use crate::encoding::Distribution;
use crate::mistake::Mistake;
use crate::note::Notes;
use crate::workload::layer::{Layer, Tensor, Values};
use crate::workload::sparsity::Sparsity;

/// Multiply-accumulates of a whole topology.
const MOST_MACS: u128 = 1 << 52;
/// How often a layer occurs.
const MOST_REPEATS: u64 = 1_000_000;

/// A matrix product and how often it occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Product {
    m: u128,
    n: u128,
    k: u128,
    repeat: u128,
}

/// Windows along one side: SCALE-Sim's ceil((input - filter + stride) / stride), which rounds up.
fn windows(input: u64, filter: u64, stride: u64) -> u64 {
    (input - filter).div_ceil(stride) + 1
}

/// The product that SCALE-Sim makes of a row: a convolution by im2col, channel by channel if it is depth-wise; images of a
/// batch one after another.
fn product(row: &TopologyRow) -> Product {
    match row {
        TopologyRow::Gemm(GemmRow { m, n, k, common, .. }) => {
            let [m, n, k, repeat] = [m, n, k, &common.batch].map(|&number| number.into());
            Product { m, n, k, repeat }
        }
        TopologyRow::Conv(ConvRow { input, filter, stride, channels, filters, depthwise, common, .. }) => {
            let along = |side: usize| u128::from(windows(input[side], filter[side], stride[side]));
            let [channels, batch] = [*channels, common.batch].map(u128::from);
            let (taken, apart) = if *depthwise { (1, channels) } else { (channels, 1) };
            let k = u128::from(filter[0]) * u128::from(filter[1]) * taken;
            Product { m: along(0) * along(1), n: (*filters).into(), k, repeat: batch * apart }
        }
    }
}

/// The layers of a topology, values drawn evenly over the operands' range; notes say what became of names and of windows
/// that do not end with their input.
///
/// # Errors
/// More work than can be counted.
pub(super) fn layers(topology: &Topology, source: &Source, notes: &mut Notes) -> Result<Vec<Layer>, Mistake> {
    let names = names(&topology.rows, notes);
    note_rounding(&topology.rows, notes);
    let mut macs = Some(0_u128);
    let layer = |(row, name): (&TopologyRow, String)| {
        let Product { m, n, k, repeat } = product(row);
        let of_layer = [n, k, repeat].into_iter().try_fold(m, u128::checked_mul);
        macs = macs.zip(of_layer).and_then(|(sum, more)| sum.checked_add(more));
        let extent = |extent: u128| usize::try_from(extent).ok();
        let counts =
            (extent(m), extent(n), extent(k), u64::try_from(repeat).ok().filter(|&times| times <= MOST_REPEATS));
        let (true, (Some(m), Some(n), Some(k), Some(repeat))) = (macs.is_some_and(|macs| macs <= MOST_MACS), counts)
        else {
            return Err(too_large(row, repeat, source));
        };
        let at = row.common().at.clone().into();
        let drawn = |sparsity| Tensor { values: Values::Drawn(Distribution::Uniform), sparsity, at };
        // A ratio has at most 1,024 values in a group.
        let weights = row.common().sparsity.map(|ratio| Sparsity::NOfM { n: ratio.kept as u32, m: ratio.of as u32 });
        let (a, b) = (drawn(None), drawn(weights));
        let (products, conv) = (1, None);
        Ok(Layer { name, m, n, k, products, repeat, conv, a, b, bias: None, requantize: None, labels: None, at })
    };
    topology.rows.iter().zip(names).map(layer).collect()
}

fn too_large(row: &TopologyRow, repeat: u128, source: &Source) -> Mistake {
    let name = shown(row.name());
    let (message, help) = match repeat <= MOST_REPEATS.into() {
        true => (
            format!("up to `{name}` there are more than 2^52 multiply-accumulates"),
            "use smaller numbers, or split the file",
        ),
        false => {
            (format!("`{name}` occurs {repeat} times"), "use a smaller batch: a layer occurs at most 1000000 times")
        }
    };
    source.mistake("workload::topology_too_large", row.common().at.clone(), message, "this layer", help)
}

/// The name of each layer, allowed and unique.
fn names(rows: &[TopologyRow], notes: &mut Notes) -> Vec<String> {
    let mut clean = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let name = cleaned(row.name());
        clean.push(if name.is_empty() { format!("layer-{}", index + 1) } else { name });
    }
    let names = unique(clean.clone());
    // Networks repeat their layers, so what happened to a name is said once, where it first did.
    let mut changed: BTreeMap<&str, (usize, usize, &str)> = BTreeMap::new();
    let mut suffixed: BTreeMap<&str, (usize, usize, &str, &str)> = BTreeMap::new();
    for ((row, clean), name) in rows.iter().zip(&clean).zip(&names) {
        let start = row.common().at.start;
        match row.name() {
            "" => notes.add(start, format!("a layer without a name is `{name}`")),
            written if written != clean => changed.entry(written).or_insert((start, 0, clean)).1 += 1,
            _ => {}
        }
        if clean != name {
            let (_, count, _, last) = suffixed.entry(clean).or_insert((start, 0, name, name));
            (*count, *last) = (*count + 1, name);
        }
    }
    for (written, (start, count, clean)) in changed {
        let times = if count == 1 { String::new() } else { format!(", {count} times") };
        let written = shown(written);
        let allowed = format!("names have 1 to {LONGEST_NAME} of A-Z a-z 0-9 _ - .");
        notes.add(start, format!("`{written}` is `{clean}` here{times}: {allowed}"));
    }
    for (clean, (start, count, first, last)) in suffixed {
        let text = match count {
            1 => format!("one more layer is named `{clean}`: this one is `{first}`"),
            _ => format!("{count} more layers are named `{clean}`: they are `{first}` to `{last}`"),
        };
        notes.add(start, text);
    }
    names
}

/// One note for all convolutions whose last window does not end with the input.
fn note_rounding(rows: &[TopologyRow], notes: &mut Notes) {
    let convolutions = rows.iter().filter_map(|row| match row {
        TopologyRow::Conv(row) => Some(row),
        TopologyRow::Gemm(_) => None,
    });
    let rest = |row: &ConvRow, side: usize| (row.input[side] - row.filter[side]) % row.stride[side];
    let rounded: Vec<&ConvRow> = convolutions.filter(|row| rest(row, 0) + rest(row, 1) > 0).collect();
    let Some(first) = rounded.first() else { return };
    let side = usize::from(rest(first, 0) == 0);
    let (input, filter, stride) = (first.input[side], first.filter[side], first.stride[side]);
    let count = windows(input, filter, stride);
    let others = match rounded.len() {
        1 => String::new(),
        several => format!("; so in {several} layers"),
    };
    let text = format!(
        "windows of {filter} at stride {stride} do not end with an input of {input}: {count} along this side, rounded up as in \
         SCALE-Sim, where a convolution without padding has {}{others}",
        count - 1
    );
    notes.add(first.common.at.start, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_those_of_the_formula_rounded_up() {
        for input in 1..40_u64 {
            for filter in 1..=input {
                for stride in 1..9_u64 {
                    let formula = ((input - filter + stride) as f64 / stride as f64).ceil() as u64;
                    assert_eq!(windows(input, filter, stride), formula, "{input} {filter} {stride}");
                }
            }
        }
    }
}
