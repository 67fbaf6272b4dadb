//! The tables and examples of `docs/`, recomputed: a number in a document is a promise like any other.

use std::fs;
use std::path::{Path, PathBuf};

use bitweight::design::{Design, engine_spec};
use bitweight::encoding::{Distribution, EncodingKind, expected_nonzero_digits};
use bitweight::engine::{Array, Dataflow, Engine, EngineSpec, Parts, Patterns, Schedule};
use bitweight::estimate::process::{Process, SHIPPED};
use bitweight::matrix::Matrix;
use bitweight::netlist::{Item, Module, Netlist};
use bitweight::simulate::gemm;
use bitweight::workload::{Fibres, Requantize, Workload, shipped};

/// GEMMs of at most this many multiplications are run, not only computed.
const RUN_AT_MOST: usize = 1000;

fn document(name: &str) -> String {
    fs::read_to_string(Path::new("docs").join(name)).expect("a document of this repository")
}

/// The rows of the first table whose header begins with these columns, cells without blanks and backquotes round them.
fn table(text: &str, header: &[&str]) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let inside = line.trim().trim_start_matches('|').trim_end_matches('|');
        inside.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let mut lines = text.lines().skip_while(|line| !cells(line).iter().zip(header).all(|(cell, name)| cell == name));
    assert!(lines.next().is_some(), "no table begins with {header:?}");
    let rows: Vec<_> = lines.skip(1).take_while(|line| line.starts_with('|')).map(cells).collect();
    assert!(!rows.is_empty(), "the table of {header:?} is empty");
    rows
}

fn number(cell: &str) -> u64 {
    cell.parse().unwrap_or_else(|_| panic!("`{cell}` is no number"))
}

fn spec(design: &str) -> EngineSpec {
    engine_spec(&Design::load(design, &[]).expect("a shipped design"))
}

/// Some operands; what they are does not matter for cycles.
fn operands(m: usize, n: usize, k: usize) -> (Matrix<i32>, Matrix<i32>) {
    (
        Matrix::from_fn(m, k, |m, k| (m * 7 + k * 3) as i32 % 17 - 8),
        Matrix::from_fn(k, n, |k, n| (k * 5 + n) as i32 % 13 - 6),
    )
}

/// The cells of a row in a table of cycles, by the names of its columns.
fn shown(parts: &Parts, cycles: u64) -> [u64; 5] {
    assert_eq!((parts.sync, parts.empty), (0, 0));
    [parts.load, parts.fill, parts.compute, parts.drain, cycles]
}

#[test]
fn the_examples_of_cycles_are_the_laws() {
    let rows = table(&document("cycles.md"), &["design", "M", "N", "K", "T", "P"]);
    let mut run = 0;
    for row in &rows {
        let spec = spec(&row[0]);
        let [m, n, k] = [1, 2, 3].map(|column| number(&row[column]) as usize);
        let schedule = Schedule::new(&spec, m, n, k).expect("a GEMM");
        let (law, (outer, inner)) = (schedule.law(), schedule.tiles());
        let written: Vec<u64> = row[4..].iter().map(|cell| number(cell)).collect();
        let mut expected = vec![(outer * inner) as u64, schedule.pitch() as u64];
        expected.extend(shown(&law.parts, law.cycles));
        assert_eq!(written, expected, "{row:?}");
        if m * n * k <= RUN_AT_MOST {
            let (a, b) = operands(m, n, k);
            let done = gemm(&spec, &a, &b, &Patterns::ALWAYS).expect("a run");
            assert_eq!((done.counts.cycles, done.counts.parts), (law.cycles, law.parts), "{row:?}");
            run += 1;
        }
    }
    assert!(run >= 3, "only {run} examples are small enough to run");
}

/// Every dense array, 1 place of K deep and deeper.
const ARRAYS: [Array; 8] = [
    Array::Systolic(Dataflow::OutputStationary),
    Array::Systolic(Dataflow::WeightStationary),
    Array::Systolic(Dataflow::InputStationary),
    Array::Cube { depth: 4 },
    Array::Cube { depth: 5 },
    Array::Matrix2d,
    Array::AdderTree { depth: 1 },
    Array::AdderTree { depth: 6 },
];

fn dense(array: Array, rows: u32, cols: u32, s: u64) -> EngineSpec {
    let like = match (array, s) {
        (Array::Stripes { .. }, _) => "stripes",
        (_, 1) => "opt1-os",
        _ => "mac-os",
    };
    EngineSpec { array, rows, cols, ..spec(like) }
}

/// D, H, S and G, written here a second time from the document.
fn numbers(array: Array, r: u64, c: u64) -> [u64; 4] {
    match array {
        Array::Matrix2d => [1, 0, 0, r],
        Array::AdderTree { depth } => {
            let levels = (0..).find(|&levels| 1_u32 << levels >= depth).expect("a tree of 2^31 leaves is enough");
            [depth.into(), 0, 1 + levels, r]
        }
        Array::Stripes { lanes } => [lanes.into(), 0, 2, r],
        other => [other.depth().into(), r + c - 2, 0, r + c - 1],
    }
}

/// The formulas of the table of laws, written here a second time from the document.
#[test]
fn the_formulas_of_cycles_are_the_laws() {
    // Stripes has no pair to resolve; a step of it takes a cycle for each bit of A, and of its sign if it has none of its own.
    let stripes = [Array::Stripes { lanes: 1 }, Array::Stripes { lanes: 6 }].map(|array| (array, 0));
    let cases = ARRAYS.into_iter().flat_map(|array| [(array, 0), (array, 1)]).chain(stripes);
    let signed = |(array, s)| match array {
        Array::Stripes { .. } => vec![(array, s, true, 8), (array, s, false, 9)],
        _ => vec![(array, s, true, 1)],
    };
    for (array, s, a_signed, w) in cases.flat_map(signed) {
        for (rows, cols) in [(1, 1), (1, 5), (5, 1), (2, 2), (3, 4), (8, 2)] {
            for (m, n, k) in [(1, 1, 1), (7, 9, 3), (20, 4, 11), (6, 17, 40)] {
                let spec = EngineSpec { a_signed, ..dense(array, rows, cols, s) };
                let law = Schedule::new(&spec, m, n, k).expect("a GEMM").law();
                let [r, c, m, n, k] = [rows as u64, cols as u64, m as u64, n as u64, k as u64];
                let [d, h, stages, g] = numbers(array, r, c);
                let stays = |t: u64, l: u64| {
                    let p = l.max(r + h.max(1));
                    ([r + (t - 1) * (p - l), h + 1, t * l, 2 + s], (t - 1) * p + l + h + r + 3 + s)
                };
                let expected = match spec.dataflow() {
                    Dataflow::OutputStationary => {
                        let (t, l) = (m.div_ceil(r) * n.div_ceil(c), k.div_ceil(d));
                        let p = (w * l).max(g);
                        let drain = (t - 1) * (p - w * l) + 1 + r + s;
                        ([0, h + stages + 1, t * w * l, drain], (t - 1) * p + w * l + h + stages + r + 2 + s)
                    }
                    Dataflow::WeightStationary => stays(n.div_ceil(c) * k.div_ceil(r), m),
                    Dataflow::InputStationary => stays(m.div_ceil(c) * k.div_ceil(r), n),
                };
                let [load, fill, compute, drain, cycles] = shown(&law.parts, law.cycles);
                assert_eq!(([load, fill, compute, drain], cycles), expected, "{array:?} {s} {rows}x{cols} {m}x{n}x{k}");
            }
        }
    }
}

/// The table of compressed weights, with K' and the words written here a second time from the document.
#[test]
fn the_cycles_and_the_words_of_compressed_weights_are_those_of_kept_places() {
    for row in table(&document("n-of-m.md"), &["design", "M", "N", "K", "K'"]) {
        let spec = spec(&row[0]);
        let [m, n, k, kept] = [1, 2, 3, 4].map(|column| number(&row[column]) as usize);
        assert_eq!(kept, 2 * k.div_ceil(4));
        let schedule = Schedule::new(&spec, m, n, k).expect("a GEMM");
        let (law, (outer, inner)) = (schedule.law(), schedule.tiles());
        let written: Vec<u64> = row[5..].iter().map(|cell| number(cell)).collect();
        let mut expected = vec![(outer * inner) as u64, schedule.pitch() as u64];
        expected.extend(shown(&law.parts, law.cycles));
        assert_eq!(written, expected, "{row:?}");
        // The law of an array without the transform, of kept places.
        let mut plain = spec.clone();
        plain.transforms.retain(|name| name != "compress-n-of-m");
        assert_eq!(law, Schedule::new(&plain, m, n, kept).expect("a GEMM").law(), "{row:?}");
        let (a, mut b) = operands(m, n, k);
        (0..k).filter(|k| k % 4 < 2).for_each(|k| b.row_mut(k).fill(0));
        let done = gemm(&spec, &a, &b, &Patterns::ALWAYS).expect("a run").counts;
        assert_eq!((done.cycles, done.parts), (law.cycles, law.parts), "{row:?}");
        let [rows, cols] = [spec.rows, spec.cols].map(|side| side as usize);
        let passes_of_b = if spec.dataflow() == Dataflow::WeightStationary { 1 } else { m.div_ceil(rows) };
        assert_eq!(done.words.a, (m * k * n.div_ceil(cols)) as u64, "{row:?}");
        assert_eq!(done.words.b, (kept * n * passes_of_b) as u64, "{row:?}");
        assert_eq!(done.macs, (m * n * k) as u64);
        assert_eq!(done.useful.values().iter().sum::<u64>(), (m * n * kept) as u64);
        assert!(done.utilization() <= 1.0);
    }
}

/// The paragraph on laconic, written here a second time: steps as long as the lane with the most pairs, R + 3 cycles beside them, and last
/// steps that wait for the results of the tile before.
#[test]
fn the_law_of_laconic_is_what_happens() {
    assert!(document("cycles.md").contains("cycles = w_1 + ... + w_J + R + 3"));
    for (rows, cols) in [(4, 4), (1, 3), (2, 2), (7, 2)] {
        let spec = EngineSpec { rows, cols, ..spec("laconic-4x4") };
        let lanes = spec.array.depth() as usize;
        let terms = |value: i32| {
            let digits = EncodingKind::Csd.encoding().encode(value, 8).expect("8 bits");
            digits.iter().filter(|&&digit| digit != 0).count() as u64
        };
        // One tile; several, long and short: those of one step have to wait.
        for (m, n, k) in [(rows as usize, cols as usize, 3 * lanes), (9, 8, 4 * lanes - 1), (9, 8, 1)] {
            let (a, b) = operands(m, n, k);
            let (r, c) = (rows as usize, cols as usize);
            let (mut time, mut end) = (0, None);
            for (row, col) in (0..m).step_by(r).flat_map(|row| (0..n).step_by(c).map(move |col| (row, col))) {
                for step in (0..k).step_by(lanes) {
                    let pairs = (step..k.min(step + lanes)).flat_map(|k| {
                        let (a, b) = (&a, &b);
                        let columns = move |m| (col..n.min(col + c)).map(move |n| terms(a[(m, k)]) * terms(b[(k, n)]));
                        (row..m.min(row + r)).flat_map(columns)
                    });
                    if let (Some(end), true) = (end, step + lanes >= k) {
                        time = time.max(end + u64::from(rows) - 1);
                    }
                    time += pairs.max().unwrap_or(0).max(1);
                }
                end = Some(time);
            }
            let done = gemm(&spec, &a, &b, &Patterns::ALWAYS).expect("a run");
            assert_eq!(done.counts.cycles, time + u64::from(rows) + 3, "{rows}x{cols} {m}x{n}x{k}");
        }
    }
}

#[test]
fn one_tile_takes_the_published_cycles_and_the_named_constants() {
    for s in [0, 1] {
        for (r, c, length) in [(4, 4, 1), (3, 5, 9), (8, 8, 64)] {
            let [rows, cols] = [r, c].map(u64::from);
            let (drain, output) = (rows + 1, 2);
            let steps = length as u64;
            let cycles = |array: Array, m: usize, k: usize| {
                Schedule::new(&dense(array, r, c, s), m, 1, k).expect("a GEMM").law().cycles
            };
            let systolic = steps + rows + cols - 1;
            assert_eq!(cycles(Array::Systolic(Dataflow::OutputStationary), 1, length), systolic + drain + s);
            assert_eq!(cycles(Array::Systolic(Dataflow::WeightStationary), length, 1), rows + systolic + output + s);
            assert_eq!(cycles(Array::Matrix2d, 1, length), steps + 1 + drain + s);
            if r == c {
                let cube = cycles(Array::Cube { depth: r }, 1, length * r as usize);
                assert_eq!(cube, steps + 3 * rows - 2 + 2 + s);
            }
        }
    }
}

#[test]
fn the_example_of_offer_patterns_is_what_happens() {
    let spec = spec("opt1-os-4x4");
    let (a, b) = operands(6, 8, 5);
    for row in table(&document("cycles.md"), &["held up", "cmd", "a"]) {
        let pattern = |column: usize| u64::from_str_radix(&row[column], 16).expect("a pattern in hex");
        let patterns = Patterns { cmd: pattern(1), a: pattern(2), b: pattern(3), c: pattern(4), p: !0 };
        let done = gemm(&spec, &a, &b, &patterns).expect("a run");
        let [load, fill, compute, drain, cycles] = shown(&done.counts.parts, done.counts.cycles);
        let written: Vec<u64> = row[5..].iter().map(|cell| number(cell)).collect();
        assert_eq!(written, [load, fill, compute, drain, done.counts.parts.stall, cycles], "{}", row[0]);
    }
}

#[test]
fn the_utilisation_in_cycles_follows_from_its_cycles() {
    let text = document("cycles.md");
    let macs = 360.0 * 128.0 * 64.0;
    for design in ["opt1-os", "mac-ws"] {
        let cycles = Schedule::new(&spec(design), 360, 128, 64).expect("a GEMM").law().cycles;
        let percent = format!("{:.1} %", 100.0 * macs / (cycles as f64 * 1024.0));
        assert!(text.contains(&percent), "{design}: {percent}");
    }
}

#[test]
fn the_table_of_encodings_is_what_they_do() {
    let rows = table(&document("encodings.md"), &["name", "radix", "digits"]);
    let expectation = |kind, distribution: &Distribution| {
        format!("{:.3}", expected_nonzero_digits(kind, 8_u32, distribution).expect("8 bits"))
    };
    let expected: Vec<Vec<String>> = EncodingKind::ALL
        .into_iter()
        .map(|kind| {
            let encoding = kind.encoding();
            let (least, greatest) = (encoding.digit_set().first(), encoding.digit_set().last());
            let digits = encoding.encode(91, 8).expect("91 fits");
            let digits: Vec<String> = digits.iter().rev().map(i8::to_string).collect();
            vec![
                kind.name().to_owned(),
                encoding.radix().to_string(),
                format!("{}..{}", least.expect("digits"), greatest.expect("digits")),
                encoding.slots(8).to_string(),
                digits.join(" "),
                expectation(kind, &Distribution::Uniform),
                expectation(kind, &Distribution::Normal { std: 20.0 }),
            ]
        })
        .collect();
    assert_eq!(rows, expected, "{expected:#?}");
}

#[test]
fn the_streams_of_rtl_are_the_ports_of_the_engines() {
    let text = document("rtl.md");
    let (output, weight) = text.split_once("**Weight stationary**").expect("both dataflows");
    for (design, text) in [("opt1-os-4x4", output), ("opt1-ws-4x4", weight)] {
        let engine = Engine::elaborate(&spec(design)).expect("an engine");
        let top = engine.netlist.top_module();
        let mut ports: Vec<&str> = top.ports.iter().map(|port| top.net(port.net).name.as_str()).collect();
        let rows = table(text, &["port", "lanes x bits", "beat"]);
        let mut written: Vec<&str> = rows.iter().flat_map(|row| row[0].split("` `")).collect();
        ports.sort_unstable();
        written.sort_unstable();
        assert_eq!(written, ports, "{design}");
    }
}

/// Sizes in bytes of each storage format, by the formats' names.
#[test]
fn the_sizes_of_stored_tensors_are_the_formulas() {
    let fibres = Fibres { count: 64, length: 64, bits: 8 };
    let sizes = [
        fibres.dense(),
        fibres.bitmap(1024),
        fibres.csr(1024),
        fibres.n_of_m(2, 4),
        fibres.n_of_m(1, 4),
        fibres.block_bitmap([4, 4], 256, 1024),
    ];
    let rows = table(&document("sparsity.md"), &["format", "value bytes"]);
    assert_eq!(rows.len(), sizes.len());
    for (row, size) in rows.iter().zip(sizes) {
        let shown = (row[0].clone(), number(&row[1]), number(&row[2]));
        assert_eq!(shown, (size.format.to_string(), size.value_bytes, size.metadata_bytes));
    }
}

/// Every kind of the table parses, and what it says is what results say.
#[test]
fn the_kinds_of_sparsity_are_those_of_the_table() {
    for row in table(&document("sparsity.md"), &["sparsity", "becomes 0"]) {
        let keys = format!("{{ distribution = \"uniform\", sparsity = {} }}", row[0]);
        let text = format!("name = \"t\"\n[[gemm]]\nname = \"g\"\nm = 4\nn = 4\nk = 4\nb = {keys}\n");
        let workload = Workload::from_text("t.toml", text, PathBuf::new()).expect("a kind of the table");
        let sparsity = workload.layers[0].b.sparsity.expect("sparse");
        assert_eq!(format!("{{ {sparsity} }}"), row[0]);
    }
}

#[test]
fn the_example_of_workloads_is_a_workload() {
    let text = document("workloads.md") + &document("sparsity.md");
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty(), "no example found");
    for block in blocks {
        // Where the file is that one of them names.
        let folder = PathBuf::from("tests/data/tensors");
        let workload = Workload::from_text("docs/workloads.md", block.to_owned(), folder);
        assert!(workload.is_ok(), "{:?}", workload.err());
    }
}

#[test]
fn the_examples_of_requantisation_are_its_arithmetic() {
    for row in table(&document("workloads.md"), &["acc", "multiplier", "shift"]) {
        let cell = |column: usize| row[column].parse::<i64>().expect("a number");
        let step = Requantize {
            multiplier: cell(1) as i32,
            shift: cell(2) as u32,
            zero_point: cell(3) as i32,
            relu: row[4] == "true",
            bits: 8,
        };
        assert_eq!(i64::from(step.apply(cell(0))), cell(5), "{row:?}");
    }
}

#[test]
fn every_shipped_workload_is_in_its_table() {
    let text: String = document("workloads.md").split("## Shipped").skip(1).collect();
    for workload in shipped() {
        assert!(text.contains(&format!("`{}`", workload.name)), "{}", workload.name);
    }
}

#[test]
fn every_shipped_process_is_in_its_table_with_its_cells() {
    let rows = table(&document("processes.md"), &["name", "library", "conditions", "cells", "flip-flops"]);
    let names: Vec<String> = SHIPPED.iter().map(|shipped| shipped.name.to_owned()).collect();
    assert_eq!(rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), names);
    for (shipped, row) in SHIPPED.iter().zip(&rows) {
        let process = Process::shipped(shipped.name).expect("sound");
        assert_eq!(
            [number(&row[3]), number(&row[4])],
            [process.cells().len() as u64, process.flip_flops().len() as u64]
        );
        let supply = format!("{} V, {} C", process.conditions.voltage_v, process.conditions.temperature_c);
        assert!(row[2].ends_with(&supply), "{row:?}");
    }
}

/// Flip-flops of one copy of a module, instances included.
fn flip_flops(netlist: &Netlist, module: &Module, named: &str) -> u32 {
    let own = |item: &Item| match item {
        Item::Register(register) if module.net(register.q).name.starts_with(named) => module.net(register.q).width,
        Item::Instance(instance) => flip_flops(netlist, netlist.module(instance.module), named),
        _ => 0,
    };
    module.items.iter().map(own).sum()
}

#[test]
fn the_cost_of_the_drain_chain_is_as_the_architecture_says() {
    let of = |design: &str, named: &str| {
        let engine = Engine::elaborate(&spec(design)).expect("an engine");
        let is_pe = |module: &&Module| module.name.contains("_pe_");
        let pe = engine.netlist.modules.iter().find(is_pe).expect("a PE");
        flip_flops(&engine.netlist, pe, named)
    };
    assert_eq!((of("mac-os", "drain_"), of("opt1-os", "drain_")), (32, 63));
    assert_eq!(of("opt1-os", "") - of("mac-os", ""), 2 * 31);
    let text = fs::read_to_string("ARCHITECTURE.md").expect("the architecture");
    assert!(text.contains("32 flip-flops, and 63 with OPT1") && text.contains("31 flip-flops twice"));
}
