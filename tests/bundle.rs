//! The bundle of an engine: style that text can show, size and speed, a test bench that can fail, files that tools read.

#[allow(dead_code)]
mod bench;

use std::path::Path;
use std::time::Instant;

use bench::toolbox;
use bitweight::emit::{Bundle, Provenance, engine_bundle};
use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, Dataflow, Engine, EngineSpec, Operand};
use bitweight::netlist::ResetKind;
use bitweight::verify::{Talk, Tool, bench_cases, lint, random_spec, run, run_bench};

fn provenance() -> Provenance {
    Provenance {
        hash: "0123456789abcdef".to_owned(),
        tool: "bitweight 0.1.0".to_owned(),
        regenerate: "bitweight emit opt1-os".to_owned(),
        clock_period_ns: 0.8,
    }
}

fn opt1(dataflow: Dataflow, rows: u32, cols: u32) -> EngineSpec {
    EngineSpec {
        name: "opt1".to_owned(),
        rows,
        cols,
        array: Array::Systolic(dataflow),
        a_bits: 8,
        b_bits: 8,
        acc_bits: 32,
        encoding: Some(EncodingKind::EnT),
        encoded: Operand::A,
        transforms: vec!["compress-accumulate".to_owned()],
        reset: ResetKind::AsyncLow,
        length_bits: 16,
        ..EngineSpec::default()
    }
}

fn bundle_of(spec: &EngineSpec) -> Bundle {
    let engine = Engine::elaborate(spec).expect("a sound engine");
    let cases = bench_cases(spec, 7).expect("a simulator that agrees with arithmetic");
    engine_bundle(&engine, &provenance(), &cases).expect("a bundle")
}

fn written(bundle: &Bundle) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    bundle.write(directory.path()).expect("files");
    directory
}

/// What is wrong with a line of RTL or test bench, if a look at its text can tell.
fn objection(path: &str, line: &str) -> Option<&'static str> {
    let code = line.split("//").next().unwrap_or("");
    let words: Vec<&str> = code
        .split(|c: char| !c.is_ascii_alphanumeric() && !"_$`".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |word: &str| words.contains(&word);
    if line.len() > 100 {
        return Some("longer than 100 columns");
    }
    if line.ends_with(' ') || line.contains('\t') || !line.is_ascii() {
        return Some("trailing space, tab or letter that is not ASCII");
    }
    if path.ends_with(".v") {
        let forbidden = [
            "initial",
            "function",
            "parameter",
            "localparam",
            "logic",
            "always_ff",
            "always_comb",
            "defparam",
            "inout",
            "casex",
            "tri",
            "task",
            "integer",
            "`timescale",
            "`define",
            "specify",
        ];
        if forbidden.iter().any(|word| has(word)) {
            return Some("not in the subset of Verilog-2005");
        }
        if words.iter().any(|word| word.contains('$') && *word != "$signed") {
            return Some("a system function or an escaped name");
        }
        if code.contains("always @(*)") || code.contains("always @*") || code.contains('#') {
            return Some("a combinational always block or a delay");
        }
        if has("always") && !code.trim_start().starts_with("always @(posedge clk_i") {
            return Some("an always block that is not clocked");
        }
        if code.contains(" : ") && has("begin") && !code.contains(": gen_") {
            return Some("a generate label without its prefix");
        }
    }
    None
}

#[test]
fn emitted_files_keep_the_rules_that_text_can_show() {
    let random = (2000..2012).map(|seed| random_spec(seed, 6));
    let shipped = [opt1(Dataflow::OutputStationary, 32, 32), opt1(Dataflow::WeightStationary, 3, 1)];
    for spec in random.chain(shipped) {
        let bundle = bundle_of(&spec);
        for file in &bundle.files {
            let is_code = file.path.ends_with(".v") || file.path.ends_with(".sv");
            assert!(file.text.ends_with('\n') && !file.text.ends_with("\n\n"), "{} ends badly", file.path);
            assert!(file.text.is_ascii(), "{} is not ASCII", file.path);
            for place in ["/home", "/tmp", "/root", "/usr"] {
                assert!(!file.text.contains(place), "{} has the path {place}", file.path);
            }
            if !is_code {
                continue;
            }
            for (number, line) in file.text.lines().enumerate() {
                if let Some(objection) = objection(&file.path, line) {
                    panic!("{}:{}: {objection}: {line}", file.path, number + 1);
                }
            }
            let modules: Vec<&str> = file.text.lines().filter_map(|line| line.strip_prefix("module ")).collect();
            let stem = Path::new(&file.path).file_stem().and_then(|stem| stem.to_str()).expect("a name");
            assert_eq!(modules.len(), 1, "{}", file.path);
            assert_eq!(modules[0].trim_end_matches([' ', '(', ';']), stem);
            let head: String = file.text.lines().take_while(|line| line.starts_with("//")).collect();
            for fact in ["bitweight 0.1.0", "0123456789abcdef", "bitweight emit opt1-os", "Latency", "Rate", "int"] {
                assert!(head.contains(fact), "the header of {} does not say `{fact}`", file.path);
            }
        }
    }
}

#[test]
fn the_rules_see_what_breaks_them() {
    for line in [
        "  initial begin",
        "  always @(*) begin",
        "  always @(posedge clk) begin",
        "  parameter W = 3;",
        "  x <= #1 y;",
        "  assign \\a$b = $clog2(3);",
        "    for (i = 0; i < 3; i = i + 1) begin : rows",
        "  wire x; ",
        "\twire x;",
    ] {
        assert!(objection("rtl/a.v", line).is_some(), "{line}");
    }
    assert!(objection("rtl/a.v", &format!("  assign x = {};", "y".repeat(100))).is_some());
}

#[test]
fn the_same_design_makes_the_same_bytes_and_the_manifest_has_their_digests() {
    use sha2::{Digest, Sha256};
    let spec = opt1(Dataflow::WeightStationary, 4, 4);
    let bundle = bundle_of(&spec);
    assert_eq!(bundle, bundle_of(&spec));
    let manifest: serde_json::Value =
        serde_json::from_str(bundle.file("manifest.json").expect("a manifest")).expect("JSON");
    let digests = manifest["sha256"].as_object().expect("digests");
    assert_eq!(digests.len() + 1, bundle.files.len());
    for (path, digest) in digests {
        let text = bundle.file(path).expect("a file that the manifest lists");
        let hex: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest.as_str(), Some(hex.as_str()), "{path}");
    }
}

#[test]
fn where_a_design_lies_does_not_show_in_its_bundle() {
    let files = ["here", "there"].map(|place| {
        let directory = tempfile::tempdir().expect("a directory");
        let folder = directory.path().join(place);
        std::fs::create_dir(&folder).expect("a folder");
        let design = folder.join("mine.toml");
        let text = std::fs::read_to_string("designs/opt1-os-4x4.toml").expect("a shipped design");
        std::fs::write(&design, text).expect("a file");
        let out = directory.path().join("out");
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_bitweight"))
            .args(["-q", "emit"])
            .args([design.as_os_str(), "--out".as_ref(), out.as_os_str()])
            .output()
            .expect("the program runs")
            .status;
        assert!(status.success());
        ["rtl/opt1_os_4x4.v", "README.md", "manifest.json"]
            .map(|file| std::fs::read_to_string(out.join(file)).expect("a file of the bundle"))
    });
    assert_eq!(files[0], files[1]);
    assert!(files[0][0].contains("bitweight emit mine.toml"));
}

#[test]
fn a_128_by_128_array_is_emitted_in_under_a_second_and_under_200_kilobytes() {
    for dataflow in [Dataflow::OutputStationary, Dataflow::WeightStationary] {
        let engine = Engine::elaborate(&opt1(dataflow, 128, 128)).expect("a sound engine");
        // Operands for so many PEs take long to simulate; a small array's cases stand in for the size of the rest.
        let start = Instant::now();
        let files = bitweight::emit::verilog(&engine.netlist, &["header".to_owned()]).expect("RTL");
        let elapsed = start.elapsed();
        let bytes: usize = files.iter().map(|file| file.text.len()).sum();
        println!("{dataflow:?}: {elapsed:?}, {bytes} bytes of RTL");
        assert!(elapsed.as_secs_f64() < 1.0, "{elapsed:?}");
        let rest = bundle_of(&opt1(dataflow, 8, 8)).bytes_without_vectors();
        assert!(bytes + rest < 200_000, "{bytes} bytes of RTL, {rest} of the rest");
    }
}

#[test]
fn writing_a_bundle_twice_replaces_what_is_old_and_leaves_what_is_not_ours() {
    let spec = opt1(Dataflow::OutputStationary, 2, 2);
    let directory = written(&bundle_of(&opt1(Dataflow::WeightStationary, 3, 2)));
    let here = directory.path();
    for (path, text) in
        [("notes.txt", "mine\n"), ("rtl/mine.v", "module mine;\nendmodule\n"), ("tb/vectors/my.hex", "0\n")]
    {
        std::fs::write(here.join(path), text).expect("a file");
    }
    std::fs::write(here.join("README.md"), "broken\n").expect("a file");
    assert!(here.join("rtl/opt1_3x2.v").exists());
    let bundle = bundle_of(&spec);
    bundle.write(here).expect("files");
    assert!(!here.join("rtl/opt1_3x2.v").exists(), "of the bundle before");
    assert!(here.join("notes.txt").exists() && here.join("rtl/mine.v").exists());
    assert!(here.join("tb/vectors/my.hex").exists());
    for file in &bundle.files {
        assert_eq!(std::fs::read_to_string(here.join(&file.path)).expect("a file"), file.text);
    }
}

#[test]
fn a_file_that_is_of_no_bundle_is_not_replaced_and_nothing_is_written() {
    let bundle = bundle_of(&opt1(Dataflow::OutputStationary, 2, 2));
    let directory = tempfile::tempdir().expect("a folder");
    let here = directory.path();
    std::fs::write(here.join("Makefile"), "all:\n").expect("a file");
    let error = bundle.write(here).expect_err("a file is in the way");
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists, "{error}");
    assert_eq!(std::fs::read_dir(here).expect("the folder").count(), 1);
    // A manifest that lists what is outside leads to nothing outside.
    std::fs::remove_file(here.join("Makefile")).expect("removed");
    let inner = here.join("inner");
    std::fs::create_dir(&inner).expect("a folder");
    std::fs::write(here.join("precious.txt"), "mine\n").expect("a file");
    let manifest = r#"{ "tool": "bitweight 0.1.0", "sha256": { "../precious.txt": "", "/tmp/x": "" } }"#;
    std::fs::write(inner.join("manifest.json"), manifest).expect("a file");
    bundle.write(&inner).expect("files");
    assert!(here.join("precious.txt").exists());
}

#[test]
fn the_test_bench_fails_on_a_wrong_result_a_wrong_cycle_count_and_a_wrong_engine() {
    if !toolbox().has(Tool::Icarus) {
        println!("skipped: needs `iverilog`");
        return;
    }
    let bundle = bundle_of(&opt1(Dataflow::OutputStationary, 3, 2));
    let directory = written(&bundle);
    let here = directory.path();
    run_bench(Tool::Icarus, &bundle, here, here).expect("a bench that passes");
    let top = "rtl/opt1_3x2.v";
    type Change<'a> = &'a dyn Fn(&str) -> String;
    let breaks: [(&str, Change); 3] = [
        ("tb/vectors/c.hex", &|text| {
            let last = text.trim_end().rfind('\n').expect("lines") + 1;
            let flipped = if text[last..].starts_with('0') { "1" } else { "0" };
            format!("{}{flipped}{}", &text[..last], &text[last + 1..])
        }),
        ("tb/vectors/cases.hex", &|text| {
            let words: Vec<&str> = text.trim_end().rsplitn(3, ' ').collect();
            let cycles = u64::from_str_radix(words[1], 16).expect("cycles") + 1;
            format!("{} {cycles:x} {}\n", words[2], words[0])
        }),
        (top, &|text| text.replace("assign c_valid_o = c_valid_q", "assign c_valid_o = c_valid_q & advance")),
    ];
    for (path, change) in breaks {
        let sound = bundle.file(path).expect("a file");
        let broken = change(sound);
        assert_ne!(sound, broken, "{path}");
        std::fs::write(here.join(path), broken).expect("a file");
        assert!(run_bench(Tool::Icarus, &bundle, here, here).is_err(), "{path} was changed and nothing noticed");
        std::fs::write(here.join(path), sound).expect("a file");
    }
}

#[test]
fn what_yosys_reads_passes_the_test_bench() {
    if !toolbox().has(Tool::Yosys) || !toolbox().has(Tool::Icarus) {
        println!("skipped: needs `yosys` and `iverilog`");
        return;
    }
    for dataflow in [Dataflow::OutputStationary, Dataflow::WeightStationary] {
        let bundle = bundle_of(&opt1(dataflow, 3, 2));
        let directory = written(&bundle);
        let here = directory.path();
        let script = format!(
            "read_verilog {}; hierarchy -check -top {}; proc; flatten; opt; write_verilog -noattr yosys.v",
            bundle.rtl().join(" "),
            bundle.top
        );
        run("yosys", &["-q", "-p", &script], here, Talk::Silent).expect("silence");
        let bench = format!("tb/{}_tb.sv", bundle.top);
        run("iverilog", &["-g2012", "-o", "yosys.vvp", "yosys.v", &bench], here, Talk::Free).expect("compiles");
        let log = run("vvp", &["-n", "yosys.vvp"], here, Talk::Free).expect("passes");
        assert!(log.contains("PASS 7 of 7"), "{log}");
    }
}

#[test]
fn make_runs_every_line_of_the_readme() {
    let needed = [Tool::Icarus, Tool::Verilator, Tool::Yosys];
    if let Some(tool) = needed.into_iter().find(|&tool| !toolbox().has(tool)) {
        println!("skipped: needs `{}`", tool.program());
        return;
    }
    if run("make", &["--version"], Path::new("."), Talk::Free).is_err() {
        println!("skipped: needs `make`");
        return;
    }
    let bundle = bundle_of(&opt1(Dataflow::WeightStationary, 2, 3));
    let directory = written(&bundle);
    for target in ["lint", "sim", "sim-verilator", "synth"] {
        let log = run("make", &["-s", target], directory.path(), Talk::Free)
            .unwrap_or_else(|error| panic!("make {target}: {error}"));
        assert!(!target.starts_with("sim") || log.contains("PASS 7 of 7"), "{log}");
    }
}

#[test]
fn opensta_reads_the_constraints_of_a_mapped_engine_without_an_error() {
    let Some(shared) = std::env::var_os("BITWEIGHT_SHARED") else {
        println!("skipped: BITWEIGHT_SHARED names no folder with a Liberty file");
        return;
    };
    if !toolbox().has(Tool::OpenSta) || !toolbox().has(Tool::Yosys) {
        println!("skipped: needs `sta` and `yosys`");
        return;
    }
    let packed = Path::new(&shared).join("liberty/nangate45_typ.lib.gz");
    // In the last one Yosys ties nets together, which must not become a concatenation on the left of an `assign`.
    let cases = [
        (ResetKind::AsyncLow, Dataflow::OutputStationary, 2),
        (ResetKind::SyncLow, Dataflow::OutputStationary, 2),
        (ResetKind::SyncHigh, Dataflow::OutputStationary, 2),
        (ResetKind::AsyncLow, Dataflow::WeightStationary, 1),
    ];
    for (reset, dataflow, size) in cases {
        let bundle = bundle_of(&EngineSpec { reset, ..opt1(dataflow, size, size) });
        let directory = written(&bundle);
        let here = directory.path();
        let liberty = run("gzip", &["-dc", &packed.to_string_lossy()], here, Talk::Free);
        let Ok(liberty) = liberty else {
            println!("skipped: {} cannot be unpacked", packed.display());
            return;
        };
        std::fs::write(here.join("cells.lib"), liberty).expect("a file");
        // Not `run`: Yosys warns of scan cells in this Liberty file that it does not use.
        let made = std::process::Command::new("make")
            .args(["-s", "synth", "LIBERTY=cells.lib"])
            .current_dir(here)
            .output()
            .expect("make");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let script = format!(
            "read_liberty cells.lib\nread_verilog build/netlist.v\nlink_design {0}\nread_sdc {0}.sdc\n\
             report_checks -path_delay max\nreport_worst_slack\nexit\n",
            bundle.top
        );
        std::fs::write(here.join("read.tcl"), script).expect("a file");
        let log = run("sta", &["-exit", "read.tcl"], here, Talk::Free).expect("no Error in the log");
        assert!(log.contains("slack"), "{log}");
    }
}

#[test]
fn linters_are_silent_about_an_array_of_some_size() {
    let bundle = bundle_of(&opt1(Dataflow::OutputStationary, 9, 8));
    let directory = written(&bundle);
    for (tool, _) in toolbox().found() {
        lint(*tool, directory.path(), &bundle.rtl(), &bundle.top).unwrap_or_else(|error| panic!("{tool}: {error}"));
    }
}
