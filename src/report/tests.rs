//! A report of a real run: what is in the files, and that the page is whole.

use super::*;
use crate::encoding::EncodingKind;
use crate::engine::{Array, Buffer, Dataflow, EngineSpec, Memory};
use crate::netlist::ResetKind;
use crate::notation::Operand;
use crate::simulate::Method;
use crate::workload::Workload;

fn spec(rows: u32, cols: u32, dataflow: Dataflow, encoding: Option<EncodingKind>) -> EngineSpec {
    EngineSpec {
        name: "opt1-os".into(),
        rows,
        cols,
        array: Array::Systolic(dataflow),
        a_bits: 8,
        b_bits: 8,
        acc_bits: 32,
        encoding,
        encoded: Operand::A,
        transforms: encoding.map(|_| "compress-accumulate".into()).into_iter().collect(),
        reset: ResetKind::AsyncLow,
        length_bits: 16,
        ..EngineSpec::default()
    }
}

fn results(spec: &EngineSpec, workload: &str) -> Results {
    results_of(spec, &Workload::load(workload).expect("shipped"))
}

fn results_of(spec: &EngineSpec, workload: &Workload) -> Results {
    let run = crate::simulate::workload(spec, workload, Method::default(), |_| ()).expect("a clean run");
    Results::new(
        DesignId { name: spec.name.clone(), hash: "0123456789abcdef".into() },
        WorkloadId { name: workload.name.clone(), seed: workload.seed },
        Made {
            version: env!("CARGO_PKG_VERSION").into(),
            command: format!("bitweight run {} {}", spec.name, workload.name),
            summary: format!("{} x {} systolic array", spec.rows, spec.cols),
            design_toml: "name = \"opt1-os\" # <&>\n".into(),
        },
        &run,
    )
}

fn cost() -> Cost {
    let part = |name: &str, area_um2| CostPart { name: name.into(), area_um2 };
    let step = |net: &str, delay_ns| CostStep { net: net.into(), delay_ns };
    Cost {
        process: "nangate45".into(),
        calibration: "errors against synthesis: docs/estimate.md".into(),
        area_um2: 1_034_567.0,
        min_period_ns: Some(1.234),
        clock_ns: Some(1.0),
        parts: vec![
            part("compressor", 402_000.0),
            part("registers", 331_000.0),
            part("partial products", 171_000.0),
            part("encoder", 61_567.0),
            part("drain", 42_000.0),
            part("skew", 21_000.0),
            part("adders", 4_900.0),
            part("control", 1_100.0),
            part("multiplier", 0.0),
        ],
        critical_path: vec![step("u_pe.a_q", 0.12), step("u_pe.u_encoder.digit", 0.31), step("u_pe.sum_q", 0.80)],
        energy: None,
        limits: vec!["an estimate".into()],
    }
}

#[test]
fn results_read_back_as_themselves_and_have_the_promised_keys() {
    let results = results(&spec(8, 8, Dataflow::OutputStationary, Some(EncodingKind::EnT)), "digits-mlp");
    let text = results.to_json();
    assert_eq!(Results::from_json(&text).unwrap(), results);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&value)[..5], ["format_version", "design", "workload", "total", "layers"]);
    let total = ["cycles", "parts", "macs", "utilization", "matches_reference", "compared", "results"];
    assert_eq!(keys(&value["total"]), total);
    assert_eq!(keys(&value["total"]["parts"]), ["load", "fill", "compute", "sync", "empty", "drain", "stall"]);
    let layer = ["name", "m", "n", "k", "products", "conv", "repeat", "cycles", "parts", "utilization"];
    assert_eq!(keys(&value["layers"][0])[..layer.len()], layer);
    assert!(value["layers"][0]["accuracy"].is_null());
    assert!(value["layers"][2]["accuracy"].as_f64().unwrap() > 0.9);
}

/// Without memory there is no key, column or table of it, so what was written before reads as before.
#[test]
fn memory_has_keys_columns_and_a_table_of_its_own_and_nothing_without_it() {
    let plain = spec(8, 8, Dataflow::OutputStationary, Some(EncodingKind::EnT));
    let buffer = Buffer { kib: Some(4), bits_per_cycle: Some(64) };
    let memory = Memory { a: buffer, b: buffer, c: buffer, dram_bits_per_cycle: Some(64), ..Memory::default() };
    let [without, with] =
        [None, Some(memory)].map(|memory| results(&EngineSpec { memory, ..plain.clone() }, "digits-mlp"));
    assert!(!without.to_json().contains("memory") && !layers_csv(&without).unwrap().contains("loop_order"));
    assert!(!html(&without, None).unwrap().contains("What memory does"));
    assert_eq!(memory_sentence(&without), None);

    assert_eq!(Results::from_json(&with.to_json()).unwrap(), with);
    let total = with.total.memory.as_ref().expect("memory");
    let layers: Vec<_> = with.layers.iter().map(|layer| (layer.memory.as_ref().expect("memory"), layer)).collect();
    for (memory, layer) in &layers {
        assert_eq!(memory.sram_stall + memory.dram_stall, layer.parts.stall);
        assert_eq!(memory.array_cycles + layer.parts.stall, layer.cycles);
        assert_eq!(memory.a.sram_read_words, layer.a_words);
        assert_eq!(memory.a.dram_read_bits, memory.a.dram_read_words * 8);
        assert!(memory.c.dram_write_bits == memory.c.dram_write_words * 32 && memory.dram_busy > 0);
    }
    assert!(with.total.parts.stall > 0 && total.sram_stall + total.dram_stall == with.total.parts.stall);
    assert_eq!(total.dram_bits, layers.iter().map(|(memory, _)| memory.dram_bits).sum::<u64>());
    assert_eq!(total.bounds.values().sum::<usize>(), layers.len());
    let csv = layers_csv(&with).unwrap();
    let columns: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert!(columns.iter().all(|&count| count == columns[0]), "{csv}");
    let page = html(&with, None).unwrap();
    assert!(page.contains("What memory does") && page.contains("first fetch"));
    assert!(page.contains(&memory_sentence(&with).unwrap()));
    assert!(memory_sentence(&with).unwrap().contains("of 3 layers"));
}

#[test]
fn results_of_another_format_version_are_refused() {
    let error = Results::from_json("{\"format_version\": 4}").unwrap_err();
    assert!(matches!(error, ReportError::BadVersion { .. }), "{error}");
    assert!(matches!(Results::from_json("{\"format_version\": 3}"), Err(ReportError::BadResults { .. })));
}

#[test]
fn zeros_and_digits_of_both_operands_are_in_the_results_the_table_and_the_page() {
    let text = "name = \"x\"\nvalues = { distribution = \"normal\", std = 20.0 }\n\
                [[gemm]]\nname = \"s\"\nm = 6\nn = 8\nk = 16\nrepeat = 3\n\
                b = { distribution = \"normal\", std = 20.0, sparsity = { n-of-m = [1, 4] } }\n";
    let workload = Workload::from_text("x.toml", text.to_owned(), ".".into()).expect("a workload");
    let mut results = results_of(&spec(2, 3, Dataflow::OutputStationary, Some(EncodingKind::EnT)), &workload);
    let sparsity = results.layers[0].sparsity.clone().expect("counts");
    assert_eq!((sparsity.a.pruning.as_deref(), sparsity.b.pruning.as_deref()), (None, Some("n-of-m = [1, 4]")));
    assert_eq!((sparsity.a.elements, sparsity.b.elements), (96, 128));
    assert!(sparsity.b.zeros >= 96 && sparsity.b.zero_share >= 0.75);
    let formats: Vec<&str> = sparsity.b.storage.iter().map(|stored| stored.format.as_str()).collect();
    assert_eq!(formats, ["dense", "bitmap", "csr", "1-of-4"]);
    assert_eq!(sparsity.b.smallest().map(|stored| (stored.format.as_str(), stored.bytes())), Some(("1-of-4", 40)));
    let digits = sparsity.a.digits.as_ref().expect("A is encoded");
    assert!(sparsity.b.digits.is_none());
    assert_eq!(digits.of_zeros + digits.zeros_inside + digits.nonzero, 96 * digits.slots);

    let csv = layers_csv(&results).unwrap();
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let (header, row) = (lines.next().expect("a header"), lines.next().expect("a row"));
    let cell = |name: &str| row[header.iter().position(|&column| column == name).expect(name)];
    assert_eq!((cell("b_zeros"), cell("b_nonzero_digits")), (sparsity.b.zeros.to_string().as_str(), ""));
    assert_eq!(cell("a_nonzero_digits"), digits.nonzero.to_string());
    let page = html(&results, None).unwrap();
    assert!(page.contains("<td>b of s</td><td>n-of-m = [1, 4]</td><td>128</td>"), "{page}");
    assert!(page.contains("<td>40</td><td>1-of-4</td>") && page.contains("Of the values of A "), "{page}");

    // A record that was tampered with, and one that has no counts.
    let tampered = results.layers[0].sparsity.as_mut().and_then(|sparsity| sparsity.a.digits.as_mut());
    tampered.expect("digits").nonzero += 1;
    let error = Results::from_json(&results.to_json()).unwrap_err().to_string();
    assert!(error.contains("an operand of layer `s` has digits that do not sum"), "{error}");
    results.layers[0].sparsity = None;
    let old = Results::from_json(&results.to_json()).unwrap();
    assert!(!html(&old, None).unwrap().contains("id=\"zeros\""));
}

/// `often` is the shorter of two layers but occurs 12 times: a figure that forgets that names the other one.
#[test]
fn every_figure_counts_repetitions() {
    let text = "name = \"x\"\nvalues = { distribution = \"uniform\" }\n\
                [[gemm]]\nname = \"often\"\nm = 5\nn = 6\nk = 7\nrepeat = 12\n\
                [[gemm]]\nname = \"once\"\nm = 5\nn = 6\nk = 29\n";
    let workload = Workload::from_text("x.toml", text.to_owned(), ".".into()).expect("a workload");
    let results = results_of(&spec(2, 3, Dataflow::OutputStationary, Some(EncodingKind::EnT)), &workload);
    let [often, once] = &results.layers[..] else { panic!("two layers") };
    assert!(often.cycles < once.cycles);
    assert_eq!(results.total.cycles, 12 * often.cycles + once.cycles);
    let share = number::percent(number::share(12 * often.cycles, results.total.cycles));
    let line = takeaway::cycles(&results);
    assert!(line.contains(&format!("often takes {share} of the time")), "{line}");

    let sum = |csv: &str, column: usize| -> u64 {
        let rows = csv.lines().skip(1).map(|line| line.split(',').nth(column).expect("a column"));
        rows.map(|cell| cell.parse::<u64>().expect("a number")).sum()
    };
    assert_eq!(sum(&table::cycle_parts(&results).unwrap(), 2), results.total.cycles);
    let elements = 5 * (12 * 7 + 29);
    let page = html(&results, None).unwrap();
    assert!(page.contains(&format!("{elements} elements of the encoded operand")), "the digits of one product");
    let figures = figures(&results, None).unwrap();
    let bars = &figures.iter().find(|(name, _)| *name == "cycles").expect("a figure").1;
    assert!(bars.contains(&format!("{} ({share} of all)", number::grouped(12 * often.cycles))), "{bars}");
}

#[test]
fn tensors_from_files_are_in_the_results_and_on_the_page() {
    let text = "name = \"t\"\n[[gemm]]\nname = \"fc1\"\nm = 6\nn = 6\nk = 10\n\
                a = { npz = \"stored.npz\", tensor = \"int8\" }\n\
                b = { safetensors = \"model.safetensors\", tensor = \"fc2.weight\", transpose = true, quantize = \"per-channel\" }\n";
    let workload = Workload::from_text("t.toml", text.to_owned(), "tests/data/tensors".into()).expect("a workload");
    let results = results_of(&spec(4, 4, Dataflow::OutputStationary, Some(EncodingKind::EnT)), &workload);
    let [a, b] = &results.layers[0].tensors[..] else { panic!("two tensors: {:?}", results.layers[0].tensors) };
    assert_eq!((a.operand.as_str(), a.source().as_str()), ("a", "stored.npz: int8"));
    assert_eq!((a.treatment().as_str(), &a.quantized), ("int8, as it is", &None));
    let quantized = b.quantized.as_ref().expect("reals are quantised");
    assert_eq!((quantized.scheme.as_str(), quantized.format.as_str(), quantized.scales), ("per-channel", "int8", 6));
    assert!(0.0 < quantized.scale_min && quantized.scale_min < quantized.scale_max && quantized.clipped == 0);
    let json = results.to_json();
    assert_eq!(Results::from_json(&json).unwrap(), results);
    // Records of the versions before did not have the key.
    let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
    value["layers"][0].as_object_mut().unwrap().remove("tensors").expect("the key");
    assert!(Results::from_json(&value.to_string()).unwrap().layers[0].tensors.is_empty());
    let page = html(&results, None).unwrap();
    assert!(page.contains(
        "<td>b of fc1</td><td>model.safetensors: fc2.weight</td><td>bfloat16, transposed to int8 per channel, 6 scales"
    ));
    let drawn = results_of(&spec(4, 4, Dataflow::OutputStationary, None), &Workload::load("gemm-256").unwrap());
    assert!(!html(&drawn, None).unwrap().contains("id=\"tensors\""));
}

/// What the program wrote draws; the same with one number changed must be refused, not drawn wrong, nor end in a panic.
#[test]
fn results_that_no_run_can_write_are_refused() {
    use serde_json::{Value, json};
    let results = results(&spec(2, 3, Dataflow::OutputStationary, Some(EncodingKind::EnT)), "digits-mlp");
    let sound: Value = serde_json::from_str(&results.to_json()).unwrap();
    let changes: [(&str, Value); 10] = [
        ("/array/peak_per_pe", json!(u64::MAX)),
        ("/array/rows", json!(0)),
        ("/array/useful", json!([])),
        ("/array/useful/1", json!([1, 2])),
        ("/array/useful/0/0", json!(u64::MAX)),
        ("/layers/1/digits/histogram", json!([1, 2, 3, 4, 5, 6, 7])),
        ("/layers/0/digits/histogram", json!([])),
        ("/layers/0/parts/stall", json!(1)),
        ("/layers/0/repeat", json!(u64::MAX)),
        ("/total/cycles", json!(1)),
    ];
    for (place, value) in changes {
        let mut changed = sound.clone();
        *changed.pointer_mut(place).expect(place) = value;
        let outcome = Results::from_json(&changed.to_string());
        assert!(matches!(outcome, Err(ReportError::BadResults { .. })), "{place}");
    }
}

#[test]
fn the_page_needs_nothing_from_outside_and_escapes_what_it_quotes() {
    let results = results(&spec(8, 8, Dataflow::OutputStationary, Some(EncodingKind::EnT)), "digits-mlp");
    let page = html(&results, Some(&cost())).unwrap();
    let namespace = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!namespace.contains("http"), "the page refers to a network address");
    assert!(page.contains("cell area, estimated"));
    assert!(page.contains("name = &#34;opt1-os&#34; # &#60;&#38;&#62;"), "the resolved design is quoted");
    assert_eq!(page.matches("<svg").count(), 4);
    assert_eq!(page.matches("</section>").count(), page.matches("<section").count());
    for figure in ["cycles", "pes", "digits", "area"] {
        assert!(page.contains(&format!("<section id=\"{figure}\">")), "{figure} is missing");
        assert!(page.contains(&format!("download=\"{figure}.csv\"")), "{figure} has no data");
    }
}

#[test]
fn the_answer_says_whose_clock_it_counts_with() {
    let results = results(&spec(8, 8, Dataflow::OutputStationary, Some(EncodingKind::EnT)), "digits-mlp");
    let answer = |cost: Cost| takeaway::answer(&results, Some(&cost));
    let too_short = answer(cost());
    assert!(
        too_short.contains("the estimated 1.23 ns a cycle (the design asks for 1.00 ns, too short)"),
        "{too_short}"
    );
    let relaxed = answer(Cost { clock_ns: Some(2.0), ..cost() });
    assert!(relaxed.contains("the design's 2.00 ns a cycle (the estimate allows 1.23 ns)"), "{relaxed}");
    let nanoseconds = 2.0 * results.total.cycles as f64;
    assert!(relaxed.contains(&number::time(nanoseconds)), "{relaxed}");
    assert!(answer(Cost { clock_ns: None, ..cost() }).contains("At 1.23 ns a cycle that is"));
}

#[test]
fn an_engine_without_an_encoding_has_no_digit_figure_and_without_an_estimate_no_area() {
    let results = results(&spec(4, 4, Dataflow::WeightStationary, None), "digits-mlp");
    let page = html(&results, None).unwrap();
    assert_eq!(page.matches("<svg").count(), 2);
    assert!(!page.contains("id=\"digits\"") && !page.contains("id=\"area\""));
}

#[test]
fn the_layer_table_has_one_row_a_layer_and_parts_that_sum_to_its_cycles() {
    let results = results(&spec(8, 4, Dataflow::WeightStationary, Some(EncodingKind::Naf4)), "digits-mlp");
    let text = layers_csv(&results).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let column = |name: &str| header.iter().position(|column| column == name).expect("a column");
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let number = |name: &str| row[column(name)].parse::<u64>().unwrap();
        let parts = ["load", "fill", "compute", "sync", "empty", "drain", "stall"];
        assert_eq!(parts.iter().map(|part| number(part)).sum::<u64>(), number("cycles"));
        rows += 1;
    }
    assert_eq!(rows, results.layers.len());
}

#[test]
fn files_of_a_run_are_written_whole() {
    let results = results(&spec(8, 8, Dataflow::OutputStationary, Some(EncodingKind::EnT)), "digits-mlp");
    let folder = tempfile::tempdir().unwrap();
    write_results(folder.path(), &results).unwrap();
    write_report(folder.path(), &results, Some(&cost())).unwrap();
    let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["figures", "layers.csv", "report.html", "results.json"]);
    for name in ["cycles", "pes", "digits", "area"] {
        let svg = std::fs::read_to_string(folder.path().join(format!("figures/{name}.svg"))).unwrap();
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{name}");
    }
}

#[test]
fn a_product_that_takes_several_cycles_is_said_to() {
    for (name, cycles, most) in [("stripes-4x4", 8, "12.5"), ("opt2-tree-temporal-4x4", 4, "25.0")] {
        let design = crate::design::Design::load(name, &[]).expect("shipped");
        let text =
            "name = \"x\"\nvalues = { distribution = \"uniform\" }\n[[gemm]]\nname = \"one\"\nm = 4\nn = 4\nk = 64\n";
        let workload = Workload::from_text("x.toml", text.to_owned(), ".".into()).expect("a workload");
        let mut results = results_of(&crate::design::engine_spec(&design), &workload);
        results.made.design_toml = design.to_toml();
        let said = [takeaway::answer(&results, None), takeaway::array(&results)];
        for line in &said {
            assert!(line.contains(&format!("one takes {cycles} cycles")), "{line}");
            assert!(line.contains(&format!("{most}\u{a0}%")), "{line}");
            assert!(!line.contains("could"), "{line}");
        }
        // What the program made before: a design text that cannot be read.
        results.made.design_toml.clear();
        assert!(takeaway::answer(&results, None).contains("could have done"));
    }
}

#[test]
fn energy_is_among_the_key_figures_if_it_was_counted() {
    let results = results(&spec(8, 8, Dataflow::OutputStationary, Some(EncodingKind::EnT)), "digits-mlp");
    let engine = CostEfficiency { pj_per_mac: 3.3313, tops_per_w: 0.6, tops_per_mm2: 0.85 };
    let energy = CostEnergy { workload: "gemm-256".into(), clock_ns: 2.0, glitch_share: 0.414, engine };
    let page = |cost: &Cost| super::page::html(&results, Some(cost)).unwrap();
    let with = page(&Cost { energy: Some(energy), ..cost() });
    for shown in ["energy a multiply-accumulate", "3.33 pJ", "of it glitches", "41.4\u{a0}%"] {
        assert!(with.contains(shown), "{shown}");
        assert!(!page(&cost()).contains(shown), "{shown}");
    }
}
