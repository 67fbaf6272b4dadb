//! Process tables: what is refused and how it is said, and the shipped one against figures measured elsewhere.

use crate::estimate::process::{CellKind, Process, ProcessError, SHIPPED, error_codes};

fn text() -> String {
    SHIPPED[0].text.to_owned()
}

fn error(text: &str) -> ProcessError {
    Process::parse("mine.toml", text).expect_err("it has a defect")
}

fn rendered(error: &ProcessError) -> String {
    let mut out = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none());
    handler.render_report(&mut out, error).expect("writing to a string");
    out
}

#[test]
fn every_shipped_table_is_sound_and_has_all_cells() {
    for shipped in SHIPPED {
        let process = Process::shipped(shipped.name).expect("sound");
        assert_eq!(process.name, shipped.name);
        for kind in CellKind::ALL {
            assert!(process.cell(kind).is_some(), "{} has no {}", shipped.name, kind.name());
        }
        assert!(process.source.library.contains("Nangate") && process.conditions.voltage_v == 1.1);
    }
}

#[test]
fn a_defect_is_shown_at_its_place_with_its_code() {
    let cases = [
        ("process::syntax", text().replacen("area-um2 = 0.532", "area-um2 = \"small\"", 1), "small"),
        ("process::syntax", text().replacen("leakage-nw", "leakage-mw", 1), "leakage-mw"),
        ("process::syntax", "name = ".to_owned(), "name"),
        ("process::unknown_cell", text().replacen("\"aoi21\"", "\"aoi12\"", 1), "aoi12"),
        ("process::unknown_cell", text().replacen("\"dffr\"", "\"latch\"", 1), "latch"),
        ("process::duplicate_cell", text().replacen("kind = \"nor2\"", "kind = \"nand2\"", 1), "nand2"),
        ("process::input_count", text().replacen("[1.599, 1.6642]", "[1.599]", 1), "[1.599]"),
        ("process::not_a_quantity", text().replacen("area-um2 = 1.596", "area-um2 = -1.596", 1), "xor2"),
    ];
    for (code, text, excerpt) in cases {
        let error = error(&text);
        assert_eq!(error.code(), code, "{error}");
        let shown = rendered(&error);
        assert!(shown.contains("mine.toml") && shown.contains(excerpt), "{shown}");
        assert!(shown.contains(code), "{shown}");
    }
}

#[test]
fn a_table_without_multiplexers_or_flip_flops_is_refused() {
    let without = |kind: &str| {
        let text = text();
        let mut blocks: Vec<&str> = text.split("\n[[").collect();
        blocks.retain(|block| !block.contains(&format!("kind = \"{kind}")));
        blocks.join("\n[[")
    };
    let error = error(&without("mux2"));
    assert_eq!((error.code(), error.to_string().as_str()), ("process::missing_cell", "no cell of kind `mux2`"));
    // TOML has no list of flip-flops left at all: that is a missing key.
    assert_eq!(self::error(&without("dff")).code(), "process::syntax");
    Process::parse("mine.toml", &without("oai22")).expect("oai22 is not required");
    Process::parse("mine.toml", &without("dffs")).expect("a flip-flop with set is not required");
}

#[test]
fn an_unknown_process_names_the_shipped_ones() {
    let error = Process::shipped("nangate54").expect_err("there is none");
    assert_eq!(error.code(), "process::unknown_process");
    assert!(rendered(&error).contains("nangate45"));
}

#[test]
fn every_code_is_explained_once() {
    let codes: Vec<&str> = error_codes().iter().map(|entry| entry.code).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), codes.len());
    assert!(codes.iter().all(|code| code.starts_with("process::")));
    for error in [error("name ="), Process::shipped("x").expect_err("none")] {
        assert!(codes.contains(&error.code()));
    }
}

#[test]
fn the_shipped_table_agrees_with_cell_figures_measured_independently() {
    let Some(shared) = std::env::var_os("BITWEIGHT_SHARED") else {
        println!("skipped: BITWEIGHT_SHARED does not say where the measured cell figures are");
        return;
    };
    let path = std::path::Path::new(&shared).join("synthesis/cells_nangate45.csv");
    let table = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let process = Process::shipped("nangate45").expect("shipped");
    let mut lines = table.lines().skip(1);
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let mut compared = Vec::new();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let get = |name: &str| -> f64 {
            let index = header.iter().position(|field| *field == name).expect("a column");
            fields[index].parse().unwrap_or(f64::NAN)
        };
        let near = |what: &str, ours: f64, theirs: f64, tolerance: f64| {
            let off = (ours - theirs).abs() / theirs.abs();
            assert!(off <= tolerance, "{} {what}: {ours} here, {theirs} measured", fields[0]);
        };
        let kind = match fields[0] {
            "INVx4" => "inv-x4".to_owned(),
            "BUFx4" => "buf-x4".to_owned(),
            name => name.to_lowercase(),
        };
        if let Some(cell) = CellKind::from_name(&kind).and_then(|kind| process.cell(kind)) {
            let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
            assert_eq!(cell.name, fields[1]);
            near("area", cell.area_um2, get("area_um2"), 1e-6);
            near("leakage", cell.leakage_nw, get("leak_nW"), 1e-3);
            near("input capacitance", mean(&cell.input_capacitance_ff), get("cin_mean_fF"), 1e-3);
            near("internal energy", cell.internal_energy_fj, get("e_int_fJ"), 0.01);
            // Theirs is the mean over side conditions, ours the worst of them, and the line is fitted over a wide range of
            // loads: an exclusive or differs most.
            let load = process.conditions.nominal_load_ff;
            let delays: Vec<f64> =
                cell.delay_ns.iter().zip(&cell.resistance_ns_per_ff).map(|(d, r)| 1000.0 * (d + r * load)).collect();
            let (low, high) = (0.93 * get("d_mean_ps"), 1.03 * get("d_max_ps"));
            let delay = mean(&delays);
            assert!((low..=high).contains(&delay), "{} delay: {delay} here, {low} to {high} measured", fields[0]);
            compared.push(kind);
        } else if let "DFF" | "DFFR" = fields[0] {
            let cell = process.flip_flop((fields[0] == "DFFR").then_some(false));
            assert_eq!(cell.name, fields[1]);
            near("area", cell.area_um2, get("area_um2"), 1e-6);
            near("set-up", 1000.0 * cell.setup_ns, get("setup_ps"), 0.01);
            let clock_to_q =
                1000.0 * (cell.clock_to_q_ns + cell.resistance_ns_per_ff * process.conditions.nominal_load_ff);
            near("clock to output", clock_to_q, get("clk2q_ps"), 0.12);
            near("clock energy", cell.clock_energy_fj, get("e_clk_cycle_fJ"), 0.01);
            compared.push(kind);
        }
    }
    assert!(compared.len() >= 17, "{compared:?}");
}
