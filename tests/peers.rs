//! Cycles that others have counted for a step of their engines, against ours on operands of the same kind.
//!
//! The figures are those of `peer_cycle_laws.csv` (BITWEIGHT_SHARED names its folder): means over drawn steps, of models of bare
//! lanes. So single steps are run here, and their cycles are the working ones, `compute + empty + sync`, without the way in and the way
//! out. The tables in docs/arrays and docs/skipping.md are made here.
//!
//! Their operands are int8, drawn 1024 x 1024 from N(0, 1) and scaled until the largest is 127; `relu` has max(0, x) for activations.
//! Hence the scale is an accident of each draw, and not given. One row is about EN-T digits and no engine, their mean product: the
//! scale is taken from that one (25.1, and 25.7 for rectified activations) and the other rows follow, nothing else being chosen.

mod drawn;

use std::path::Path;

use bitweight::encoding::{Distribution, EncodingKind, expected_nonzero_digits};
use bitweight::engine::{Array, EngineSpec};
use bitweight::matrix::Matrix;
use bitweight::notation::transform::{EmptyGroups, Parameters, SyncPeriod};
use bitweight::simulate::{GemmRun, events};

/// A row of the table that one of our engines has a counterpart of.
struct Row {
    /// Its name there.
    design: &'static str,
    /// What it is, on `page`.
    engine_in_words: &'static str,
    page: &'static str,
    engine: EngineSpec,
    /// Steps over which the figure is a mean. The printed figures are multiples of 1 / 3000, 1 / 600 and so on, to their four places; a row that
    /// is not is taken to be over as many steps as 2^20 operands make.
    steps: usize,
    /// Operands of K in a step.
    k: usize,
    /// Whether weights are the engine's operand A, and activations B.
    weights_first: bool,
    /// What is counted of a step.
    count: fn(&GemmRun) -> f64,
}

impl Row {
    /// Cycles of a step of 16 lanes.
    fn of(
        design: &'static str,
        (page, engine_in_words): (&'static str, &'static str),
        engine: EngineSpec,
        steps: usize,
    ) -> Row {
        Row { design, engine_in_words, page, engine, steps, k: 16, weights_first: false, count: working }
    }
}

/// Every row; a rival has one line for each of its shapes.
fn rows() -> Vec<Row> {
    let stripes = |rows, cols| rival(Array::Stripes { lanes: 16 }, rows, cols);
    let laconic = |rows, cols| rival(Array::Laconic { lanes: 16 }, rows, cols);
    let opt4c = |design, words| Row {
        k: 128,
        count: |vector| working(vector) / 128.0,
        ..Row::of(design, ("skipping.md", words), opt4c(), (1 << 20) / 128)
    };
    // Shifters of 4 bits reach every term; rows meet at the end of a tile, which is one step here.
    let pragmatic = |rows| rival(Array::Pragmatic { lanes: 16, shift_bits: 4, sync: SyncPeriod::Tile }, rows, 1);
    let (of_stripes, of_pragmatic, of_laconic) = ("arrays/stripes.md", "arrays/pragmatic.md", "arrays/laconic.md");
    vec![
        Row::of("Stripes", (of_stripes, "units of 16 lanes, all in step"), stripes(1, 1), 3000),
        Row::of("Pragmatic-NAF 16 lanes, 1 col", (of_pragmatic, "a row of 16 lanes alone"), pragmatic(1), 3000),
        Row::of(
            "Pragmatic-NAF 16 lanes x 16 cols (pallet sync)",
            (of_pragmatic, "16 rows of 16 lanes, in step"),
            pragmatic(16),
            400,
        ),
        Row::of("Laconic 1 LPE 16 lanes", (of_laconic, "1 x 1 units of 16 lanes"), laconic(1, 1), 3000),
        // 16 windows of activations by 8 filters.
        Row::of("Laconic tile 8x16 LPE (128), lockstep", (of_laconic, "16 x 8 units of 16 lanes"), laconic(16, 8), 600),
        Row {
            count: |step| step.counts.useful.values().iter().sum::<u64>() as f64 / step.counts.macs as f64,
            ..Row::of(
                "Laconic mean (no sync)",
                (of_laconic, "a lane that waits for none"),
                laconic(1, 1),
                (1 << 20) / 16,
            )
        },
        opt4c("OPT4C RTL pack4 EN-T (acts serial)", "activations"),
        Row { weights_first: true, ..opt4c("OPT4C RTL pack4 EN-T (weights serial)", "weights") },
    ]
}

/// A bit-serial engine of others with its published digits: bits, or the canonical signed ones.
fn rival(array: Array, rows: u32, cols: u32) -> EngineSpec {
    let kind = if matches!(array, Array::Stripes { .. }) { EncodingKind::TwosComplement } else { EncodingKind::Csd };
    EngineSpec { name: array.name().into(), array, rows, cols, encoding: Some(kind), ..EngineSpec::default() }
}

/// One PE with the released control.
fn opt4c() -> EngineSpec {
    EngineSpec {
        name: "opt4c".into(),
        array: Array::Matrix2d,
        rows: 1,
        cols: 1,
        encoding: Some(EncodingKind::EnT),
        transforms: ["compress-accumulate", "skip-zero-digits", "share-encoder"].map(str::to_owned).to_vec(),
        parameters: Parameters {
            group: 4,
            empty_groups: EmptyGroups::CostACycle,
            sync: SyncPeriod::Tile,
            ..Parameters::default()
        },
        ..EngineSpec::default()
    }
}

fn working(run: &GemmRun) -> f64 {
    (run.counts.parts.compute + run.counts.parts.empty + run.counts.parts.sync) as f64
}

/// The figures of one kind of activations by design.
struct Published(Vec<(String, f64)>);

impl Published {
    fn of(&self, design: &str) -> f64 {
        let found = self.0.iter().find(|(name, _)| name == design);
        found.unwrap_or_else(|| panic!("peer_cycle_laws.csv has no row `{design}`")).1
    }
}

/// The fields of a line, some in quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().expect("at least one").push(character),
        }
    }
    fields
}

fn published(text: &str, activations: &str) -> Published {
    let rows = text.lines().map(fields).filter(|fields| fields[0] == activations);
    Published(rows.map(|fields| (fields[1].clone(), fields[3].parse().expect("cycles"))).collect())
}

/// The standard deviation at which N(0, sigma) has this many EN-T digits on average.
fn sigma_of(digits: f64) -> f64 {
    let mean = |std| expected_nonzero_digits(EncodingKind::EnT, 8_u32, &Distribution::Normal { std }).expect("8 bits");
    let (mut least, mut greatest) = (1.0, 100.0);
    for _ in 0..50 {
        let middle = (least + greatest) / 2.0;
        *(if mean(middle) < digits { &mut least } else { &mut greatest }) = middle;
    }
    least
}

/// The rows of `values` from `from` on, `count` of them.
fn part(values: &Matrix<i32>, from: usize, count: usize) -> Matrix<i32> {
    Matrix::from_fn(count, values.cols(), |row, col| values[(from + row, col)])
}

fn transposed(values: &Matrix<i32>) -> Matrix<i32> {
    Matrix::from_fn(values.cols(), values.rows(), |row, col| values[(col, row)])
}

/// What is counted of each of many steps, every one with operands of its own.
fn counted(row: &Row, [a_sigma, w_sigma]: [f64; 2], relu: bool) -> Vec<f64> {
    let steps = OUR_OPERANDS / (row.k * (row.engine.rows * row.engine.cols).isqrt() as usize);
    let (m, n) = (row.engine.rows as usize, row.engine.cols as usize);
    let [activations, weights] = if row.weights_first { [n, m] } else { [m, n] };
    let (mut activations, _) = drawn::operands(1, (a_sigma, 8), steps * activations, row.k);
    let (weights, _) = drawn::operands(2, (w_sigma, 8), steps * weights, row.k);
    if relu {
        activations = Matrix::from_fn(activations.rows(), row.k, |at, k| activations[(at, k)].max(0));
    }
    let (a, b) = if row.weights_first { (weights, activations) } else { (activations, weights) };
    let step = |at: usize| {
        let run = events(&row.engine, &part(&a, at * m, m), &transposed(&part(&b, at * n, n))).expect("a clean run");
        (row.count)(&run)
    };
    (0..steps).map(step).collect()
}

/// Operands of one PE; larger engines, whose steps vary less, are run for fewer steps.
const OUR_OPERANDS: usize = 256_000;

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / values.len() as f64).sqrt())
}

/// The table, or `None` (said on stderr) where `BITWEIGHT_SHARED` is not set.
fn table() -> Option<String> {
    let Some(shared) = std::env::var_os("BITWEIGHT_SHARED") else {
        eprintln!("skipped: comparison with peer_cycle_laws.csv (BITWEIGHT_SHARED is not set)");
        return None;
    };
    Some(std::fs::read_to_string(Path::new(&shared).join("reference/peer_cycle_laws.csv")).expect("the table"))
}

fn compare(activations: &str) {
    let Some(text) = table() else { return };
    const EN_T: &str = "Laconic product with EN-T/MBE terms, mean";
    let (published, relu) = (published(&text, activations), activations == "relu");
    let weights = crate::published(&text, "normal").of(EN_T).sqrt();
    // Half of the activations are cut off, and EN-T treats both signs alike.
    let digits = published.of(EN_T) / weights * if relu { 2.0 } else { 1.0 };
    let sigmas = [digits, weights].map(sigma_of);
    for row in rows() {
        let counts = counted(&row, sigmas, relu);
        let (ours, deviation) = mean_and_deviation(&counts);
        let theirs = published.of(row.design);
        // Both are means over drawn steps, so apart by chance; three standard errors are exceeded once in 370 comparisons. The
        // figure is rounded, too.
        let tolerance = 3.0 * deviation * (1.0 / row.steps as f64 + 1.0 / counts.len() as f64).sqrt() + 0.00005;
        let what = format!("{}, {activations}: {ours:.4}, published {theirs}", row.design);
        println!("{what}, tolerance {tolerance:.4}");
        assert!((ours - theirs).abs() <= tolerance, "{what}, tolerance {tolerance:.4}");
        let line = format!("| {} | `{activations}` | {theirs:.3} | {ours:.3} |", row.engine_in_words);
        let page = std::fs::read_to_string(Path::new("docs").join(row.page)).expect("a page");
        assert!(page.lines().any(|written| written == line), "docs/{} lacks\n{line}", row.page);
    }
}

#[test]
fn steps_take_the_cycles_that_others_counted_for_operands_of_both_signs() {
    compare("normal");
}

#[test]
fn steps_take_the_cycles_that_others_counted_for_rectified_activations() {
    compare("relu");
}
