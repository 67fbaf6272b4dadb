//! What each figure says, in a line computed from its data.

use super::Cost;
use super::number::{area, grouped, percent, rounded, share, time};
use super::results::Results;
use super::sparsity;
use super::tensors::Tensor;
use crate::design::{Design, engine_spec};
use crate::engine::{Family, Timing};

/// What was done to tensors from files, and how many digits all of them have.
pub fn tensors(results: &Results) -> String {
    let text = "Integers are taken as they are, less their zero point; reals are quantised when they are read.";
    match all_tensors(results) {
        Some(all) => format!("{text} {all}"),
        None => text.to_owned(),
    }
}

/// All elements from files in a sentence: how many are zeros, and how many digits an element has. Nothing without files.
pub fn all_tensors(results: &Results) -> Option<String> {
    let tensors = || results.layers.iter().flat_map(|layer| &layer.tensors);
    let sum = |of: fn(&Tensor) -> u64| tensors().map(of).fold(0, u64::saturating_add);
    let (elements, zeros) = (sum(|tensor| tensor.elements), sum(|tensor| tensor.zeros));
    if elements == 0 {
        return None;
    }
    let head = format!("In all {} elements from files, {} zeros", grouped(elements), percent(share(zeros, elements)));
    let digits = tensors().map(|tensor| tensor.digits).try_fold(0_u64, |sum, digits| Some(sum.saturating_add(digits?)));
    let encoding = results.layers.iter().find_map(|layer| layer.digits.as_ref());
    Some(match (digits, encoding) {
        (Some(digits), Some(encoding)) => {
            let each = share(digits, elements);
            format!("{head}, {each:.3} non-zero digits each as {}.", encoding.encoding)
        }
        _ => format!("{head}."),
    })
}

/// What was left out because a value is zero; nothing if the engine skips none.
fn skipped_values(results: &Results) -> String {
    let layers = results.layers.iter().filter_map(|layer| Some((layer.repeat, layer.skipped_values?)));
    let sums = layers.fold(None, |sums: Option<[u64; 3]>, (repeat, skipped)| {
        let [macs, cycles, bits] = sums.unwrap_or_default();
        Some([macs + skipped.macs * repeat, cycles + skipped.cycles * repeat, bits + skipped.mask_bits * repeat])
    });
    let Some([macs, cycles, bits]) = sums else { return String::new() };
    let masks = match bits {
        0 => String::new(),
        bits => format!(", for {} bits of masks", rounded(bits)),
    };
    format!(
        " {} of the multiply-accumulates meet a value of zero and are left out, each with a word of B, which saves {} \
         cycles{masks}.",
        percent(share(macs, results.total.macs)),
        grouped(cycles)
    )
}

/// The answer of the run in a sentence or two.
pub fn answer(results: &Results, cost: Option<&Cost>) -> String {
    let total = &results.total;
    let array = &results.array;
    let mut text = format!(
        "{} computes {} in {} cycles: {} multiply-accumulates",
        results.design.name,
        results.workload.name,
        grouped(total.cycles),
        rounded(total.macs),
    );
    let (part, rows, cols) = (percent(total.utilization), array.rows, array.cols);
    text.push_str(&match array.operation.as_str() {
        "multiply-accumulates" => match cycles_of_a_product(results) {
            1 => format!(", {part} of what its {rows} \u{d7} {cols} PEs could have done."),
            cycles => format!(
                ", {part} of one in every cycle and place of its {rows} \u{d7} {cols} PEs. Here one takes {cycles} cycles, so \
                 at most {} is possible.",
                percent(1.0 / f64::from(cycles))
            ),
        },
        operation => format!(". Its {rows} \u{d7} {cols} PEs work on {part} of the {operation} that they could."),
    });
    text.push_str(&skipped_values(results));
    text.push_str(&match (total.matches_reference, total.compared == total.results) {
        (true, true) => " Every result equals the software reference".to_owned(),
        (true, false) => {
            let (compared, all) = (grouped(total.compared), grouped(total.results));
            format!(" {compared} of {all} results were compared with the software reference and equal it")
        }
        (false, _) => " Results differ from the software reference".to_owned(),
    });
    let classified = results.layers.iter().rev().find_map(|layer| layer.classified);
    if let Some(classified) = classified {
        text.push_str(&format!(
            "; {} of {} inputs are classified correctly ({}), the same ones as by the reference",
            grouped(classified.correct as u64),
            grouped(classified.of as u64),
            percent(share(classified.correct as u64, classified.of as u64)),
        ));
    }
    text.push('.');
    if let Some(cost) = cost
        && let Some(period) = cost.period_ns()
    {
        let clock = match (cost.clock_ns, cost.min_period_ns) {
            (Some(wanted), Some(least)) if wanted < least => {
                format!("the estimated {least:.2} ns a cycle (the design asks for {wanted:.2} ns, too short)")
            }
            (Some(wanted), Some(least)) => {
                format!("the design's {wanted:.2} ns a cycle (the estimate allows {least:.2} ns)")
            }
            _ => format!("{period:.2} ns a cycle"),
        };
        text.push_str(&format!(
            " At {clock} that is {}, on {} of {}.",
            time(period * total.cycles as f64),
            area(cost.area_um2),
            cost.process,
        ));
    }
    text
}

/// Zeros among values, and among digits: empty where they were not counted.
pub fn zeros(results: &Results) -> String {
    let Some(sum) = sparsity::sum(results) else { return String::new() };
    let [a, b] = sum.zero_share.map(percent);
    let mut text = format!("Of the values of A {a} are 0, of those of B {b}.");
    if let Some((encoding, [of_zeros, inside, nonzero])) = sum.digits {
        text.push_str(&format!(
            " Of the {encoding} digits {} belong to zeros, {} are 0 in other values, and {} are not.",
            percent(of_zeros),
            percent(inside),
            percent(nonzero)
        ));
    }
    text
}

/// Cycles that a multiply-accumulate takes where bit weights follow each other, else 1. The results count it once, and a page that did
/// not say so would show an array at work as an idle one.
fn cycles_of_a_product(results: &Results) -> u32 {
    // The design of a run is one that was checked; a text that does not read is of a run made by hand.
    let design = Design::from_toml("results", &results.made.design_toml, &[]).ok();
    let spec = design.as_ref().map(engine_spec).filter(|spec| spec.family() == Family::Dense);
    spec.and_then(|spec| Timing::new(&spec).ok()).map_or(1, |timing| timing.step_cycles)
}

/// Where the cycles go.
pub fn cycles(results: &Results) -> String {
    let total = &results.total;
    let mut parts = total.parts.named();
    let compute = share(total.parts.compute, total.cycles);
    parts.sort_by_key(|&(_, cycles)| std::cmp::Reverse(cycles));
    let mut text = format!("{} of the cycles compute", percent(compute));
    if let Some((name, cycles)) = parts.into_iter().find(|&(name, cycles)| name != "compute" && cycles > 0) {
        text.push_str(&format!("; the largest loss is {name}, {}", percent(share(cycles, total.cycles))));
    }
    if results.layers.len() > 1
        && let Some(longest) = results.layers.iter().max_by_key(|layer| layer.cycles * layer.repeat)
    {
        let part = percent(share(longest.cycles * longest.repeat, total.cycles));
        text.push_str(&format!("; {} takes {part} of the time", longest.name));
    }
    text + "."
}

/// Which PEs work.
pub fn array(results: &Results) -> String {
    let counts = || results.array.useful.iter().flatten().copied();
    let busiest = counts().max().unwrap_or(0);
    let idlest = counts().min().unwrap_or(0);
    let part = |count| percent(share(count, results.array.possible(results.total.cycles)));
    let operation = &results.array.operation;
    let cycles = cycles_of_a_product(results);
    if cycles > 1 {
        let spread = match busiest == idlest {
            true => format!("All PEs work equally: each does {}", part(busiest)),
            false => format!("The busiest PE does {}, the idlest {}", part(busiest), part(idlest)),
        };
        let most = percent(1.0 / f64::from(cycles));
        return format!(
            "{spread} of one of the {operation} a cycle; as one takes {cycles} cycles, {most} is the most."
        );
    }
    if busiest == idlest {
        return format!("All PEs work equally: each does {} of the {operation} that it could.", part(busiest));
    }
    let full = counts().filter(|&count| count == busiest).count();
    format!(
        "{} of {} PEs do {} of the {operation} that they could, the idlest {}{}.",
        grouped(full as u64),
        grouped((results.array.rows * results.array.cols) as u64),
        part(busiest),
        part(idlest),
        match operation.as_str() {
            "multiply-accumulates" | "multiplications by stored weights" =>
                ": tiles at the edge of a matrix leave rows or columns without operands",
            _ =>
                ": operands differ in their digits, and tiles at the edge of a matrix leave rows or columns without any",
        },
    )
}

/// How many digits are not zero. `measured` and `expected` are shares by count.
pub fn digits(encoding: &str, measured: &[f64], expected: &[f64], drawn: bool) -> String {
    let mean = |shares: &[f64]| shares.iter().enumerate().map(|(count, share)| count as f64 * share).sum::<f64>();
    let (ours, theirs) = (mean(measured), mean(expected));
    let difference = (ours / theirs - 1.0) * 100.0;
    let slots = measured.len().saturating_sub(1);
    let what = match drawn {
        true => "the exact expectation for the distribution the values are drawn from is",
        false => "uniformly distributed operands would have",
    };
    format!(
        "An operand has {ours:.3} non-zero {encoding} digits of {slots} on average; {what} {theirs:.3} \
         ({} %).",
        format!("{difference:+.1}").replace('-', "\u{2212}"),
    )
}

/// What takes the area.
pub fn area_parts(cost: &Cost) -> String {
    let total: f64 = cost.parts.iter().map(|part| part.area_um2).sum();
    let largest = cost.parts.iter().max_by(|x, y| x.area_um2.total_cmp(&y.area_um2));
    match largest {
        Some(part) => format!(
            "The largest part is the {}: {} of {} in {}.",
            part.name,
            percent(part.area_um2 / total),
            area(cost.area_um2),
            cost.process,
        ),
        None => format!("{} in {}.", area(cost.area_um2), cost.process),
    }
}

/// What limits the clock.
pub fn clock(cost: &Cost) -> String {
    let slowest = cost.critical_path.iter().max_by(|x, y| x.delay_ns.total_cmp(&y.delay_ns));
    match (cost.min_period_ns, slowest) {
        (Some(period), Some(step)) => format!(
            "The longest path takes {period:.2} ns; its slowest stretch, {} of it, ends at {}.",
            percent(step.delay_ns / period),
            step.net,
        ),
        _ => String::new(),
    }
}
