//! Cycles as SCALE-Sim counts them, beside those of an engine of the same array.
//!
//! Its model (v3) knows an array by rows R, columns C and dataflow. A product is cut into folds of the array, none of which
//! overlaps another, and an edge fold is as long as a full one. Operands are always there: stalls are 0.

use super::{LayerRun, SimulateError, WorkloadRun};
use crate::engine::{Array, Dataflow, EngineSpec};

/// What SCALE-Sim counts for one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalesimCount {
    /// Loads of the array.
    pub folds: u64,
    /// Steps of operands in a fold.
    pub steps: u64,
    /// Cycles that a fold has besides its steps.
    pub overhead: u64,
    /// Its "Total Cycles": folds * (steps + overhead) - 1.
    pub cycles: u64,
}

/// SCALE-Sim's counts for the layers of a run, with what makes the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalesim {
    /// Of one product of each layer.
    pub layers: Vec<ScalesimCount>,
    /// Of all layers, all products and repetitions included.
    pub cycles: u64,
    /// Why that is another number than the engine's, in its parts.
    pub difference: String,
}

/// The dataflow, where SCALE-Sim can describe the array.
///
/// # Errors
/// [`SimulateError::NotSystolic`] for any other array than a systolic one.
pub fn scalesim_dataflow(spec: &EngineSpec) -> Result<Dataflow, SimulateError> {
    match spec.array {
        Array::Systolic(dataflow) => Ok(dataflow),
        other => Err(SimulateError::NotSystolic { design: spec.name.clone(), array: other.name() }),
    }
}

/// What SCALE-Sim counts for an M x N x K product on the array of an engine. Numbers beyond 64 bits stop at their greatest.
///
/// # Errors
/// An array that SCALE-Sim cannot describe.
pub fn scalesim_count(spec: &EngineSpec, (m, n, k): (usize, usize, usize)) -> Result<ScalesimCount, SimulateError> {
    let [rows, cols] = [spec.rows, spec.cols].map(u64::from);
    let (along_rows, along_cols, steps, loads) = match scalesim_dataflow(spec)? {
        Dataflow::OutputStationary => (m, n, k, 1),
        Dataflow::WeightStationary => (k, n, m, 2),
        Dataflow::InputStationary => (k, m, n, 2),
    };
    let overhead = loads * rows + cols - 2;
    let folds = (along_rows as u64).div_ceil(rows).saturating_mul((along_cols as u64).div_ceil(cols));
    let steps = steps as u64;
    let cycles = folds.saturating_mul(steps.saturating_add(overhead)).saturating_sub(1);
    Ok(ScalesimCount { folds, steps, overhead, cycles })
}

/// What SCALE-Sim counts for the layers of a run.
///
/// # Errors
/// An array that SCALE-Sim cannot describe.
pub fn scalesim(spec: &EngineSpec, run: &WorkloadRun) -> Result<Scalesim, SimulateError> {
    let counts = run.layers.iter().map(|layer| scalesim_count(spec, (layer.m, layer.n, layer.k)));
    let layers = counts.collect::<Result<Vec<ScalesimCount>, SimulateError>>()?;
    let sum = |of: fn(&ScalesimCount) -> u64| {
        let times = |layer: &LayerRun| layer.repeat.saturating_mul(layer.products);
        let terms = layers.iter().zip(&run.layers).map(|(count, layer)| of(count).saturating_mul(times(layer)));
        terms.fold(0, u64::saturating_add)
    };
    let cycles = sum(|count| count.cycles);
    let folds = sum(|count| count.folds);
    let steps = sum(|count| count.folds.saturating_mul(count.steps));
    let products: u64 = sum(|_| 1);
    let difference = difference(spec, run, [cycles, folds, steps, products])?;
    Ok(Scalesim { layers, cycles, difference })
}

/// The difference in its parts: numbers of all layers, repetitions included.
fn difference(
    spec: &EngineSpec,
    run: &WorkloadRun,
    [theirs, folds, steps, products]: [u64; 4],
) -> Result<String, SimulateError> {
    let parts = run.parts();
    // Its count leaves stalls out, so ours are left out of the comparison.
    let ours = run.cycles() - parts.stall;
    let stays = scalesim_dataflow(spec)? == Dataflow::OutputStationary;
    let (rows, cols) = (u64::from(spec.rows), u64::from(spec.cols));
    let (overhead, formula) = match stays {
        true => (rows + cols - 2, format!("{rows} + {cols} - 2")),
        false => (2 * rows + cols - 2, format!("2 * {rows} + {cols} - 2")),
    };
    let without = match parts.stall {
        0 => String::new(),
        stall => format!(" without its {stall} cycles of stall"),
    };
    let compared = match theirs.cmp(&ours) {
        std::cmp::Ordering::Greater => format!("{} more than the {ours} of this engine{without}", theirs - ours),
        std::cmp::Ordering::Equal => format!("as many as this engine{without}"),
        std::cmp::Ordering::Less => format!("{} fewer than the {ours} of this engine{without}", ours - theirs),
    };
    let both = match steps == parts.compute {
        true => format!("Both spend {steps} of them on steps of operands."),
        false => format!("There {steps} of them are steps of operands, here {}.", parts.compute),
    };
    let (all, rest) = (folds.saturating_mul(overhead), ours - parts.compute);
    let named = parts.named().into_iter().filter(|&(name, cycles)| !matches!(name, "compute" | "stall") && cycles > 0);
    let named: Vec<String> = named.map(|(name, cycles)| format!("{name} {cycles}")).collect();
    let less = if products == 1 {
        "1 is taken off".to_owned()
    } else {
        format!("1 is taken off for each of {products} products")
    };
    let drain = match stays {
        true => "; the drain of the results is among these, and left out there",
        false => "",
    };
    Ok(format!(
        "SCALE-Sim counts {theirs} cycles, {compared}. {both} There no fold overlaps another: each of the {folds} adds {formula} = \
         {overhead} cycles, {all} in all, and {less}. Here tiles follow each other, and {rest} cycles are no steps ({}){drain}.",
        named.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(dataflow: Dataflow) -> EngineSpec {
        EngineSpec { array: Array::Systolic(dataflow), rows: 32, cols: 32, ..EngineSpec::default() }
    }

    #[test]
    fn the_counts_are_those_of_its_own_runs() {
        use Dataflow::{InputStationary, OutputStationary, WeightStationary};
        for (dataflow, side, cycles) in [
            (OutputStationary, 64, 503),
            (WeightStationary, 64, 631),
            (InputStationary, 64, 631),
            (OutputStationary, 256, 20_351),
            (WeightStationary, 256, 22_399),
            (InputStationary, 256, 22_399),
            (OutputStationary, 1024, 1_112_063),
            (WeightStationary, 1024, 1_144_831),
        ] {
            let count = scalesim_count(&square(dataflow), (side, side, side)).expect("a systolic array");
            assert_eq!(count.cycles, cycles, "{side} {dataflow:?}");
        }
    }

    #[test]
    fn rows_and_columns_hold_what_the_dataflow_keeps() {
        let count = |dataflow| {
            let spec = EngineSpec { rows: 4, cols: 8, ..square(dataflow) };
            let ScalesimCount { folds, steps, overhead, cycles } =
                scalesim_count(&spec, (9, 20, 33)).expect("systolic");
            assert_eq!(cycles, folds * (steps + overhead) - 1);
            (folds, steps, overhead)
        };
        assert_eq!(count(Dataflow::OutputStationary), (3 * 3, 33, 10));
        assert_eq!(count(Dataflow::WeightStationary), (9 * 3, 9, 14));
        assert_eq!(count(Dataflow::InputStationary), (9 * 2, 20, 14));
    }

    #[test]
    fn numbers_beyond_64_bits_stop_at_the_greatest() {
        let spec = EngineSpec { rows: 1, cols: 1, ..square(Dataflow::WeightStationary) };
        let count = scalesim_count(&spec, (usize::MAX, usize::MAX, usize::MAX)).expect("systolic");
        assert_eq!(count.folds, u64::MAX);
    }

    #[test]
    fn an_array_that_is_not_systolic_is_refused() {
        let spec = EngineSpec { array: Array::Cube { depth: 2 }, ..square(Dataflow::OutputStationary) };
        assert!(matches!(scalesim_count(&spec, (1, 1, 1)), Err(SimulateError::NotSystolic { array: "cube", .. })));
    }
}
