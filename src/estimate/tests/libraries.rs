//! Shipped processes against the libraries that they come from, figures that others measured, and OpenSTA.

use std::fmt::Write;
use std::io::Read;
use std::path::PathBuf;
use std::process::Command;

use crate::estimate::liberty::{Imported, Input, import, import_all};
use crate::estimate::process::{Cell, Edge, Lut, Process, SHIPPED, to_toml};

/// A shipped process, its library, and its measured figures.
const LIBRARIES: [(&str, &str, &str); 3] = [
    ("nangate45", "nangate45_typ.lib.gz", "cells_nangate45.csv"),
    ("sky130hd", "sky130hd_tt.lib.gz", "cells_sky130hd.csv"),
    ("ihp-sg13g2", "ihp_sg13g2_typ_1p20V_25C.lib.gz", "cells_ihp.csv"),
];

fn shared(what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("BITWEIGHT_SHARED");
    if folder.is_none() {
        println!("skipped: BITWEIGHT_SHARED does not say where the libraries are");
    }
    folder.map(|folder| PathBuf::from(folder).join(what))
}

#[test]
fn every_shipped_process_is_what_import_makes_of_its_library() {
    for (name, file, _) in LIBRARIES {
        let Some(path) = shared(&format!("liberty/{file}")) else { return };
        is_shipped(name, &import(&path, name).expect("sound"));
    }
}

#[test]
fn the_process_asap7_is_what_import_makes_of_its_five_files() {
    let Some(folder) = std::env::var_os("BITWEIGHT_ASAP7") else {
        println!("skipped: BITWEIGHT_ASAP7 does not name a folder with what scripts/asap7 fetches");
        return;
    };
    let file = |part: &str| {
        let name = format!("asap7sc7p5t_{part}_RVT_TT_nldm.lib.gz");
        Input::file(&PathBuf::from(&folder).join(name))
    };
    let files = ["AO", "INVBUF", "OA", "SEQ", "SIMPLE"].map(file);
    is_shipped("asap7", &import_all(&files, "asap7").expect("sound"));
}

fn is_shipped(name: &str, imported: &Imported) {
    let shipped = SHIPPED.iter().find(|shipped| shipped.name == name).expect("shipped");
    let text = to_toml(&imported.process, &imported.head);
    assert!(text == shipped.text, "processes/{name}.toml: `bitweight process import` makes another");
    // Figures have four digits: off by at most half of the last one, 0.05 %.
    let again = Process::shipped(name).expect("sound");
    for (exact, rounded) in imported.process.cells().iter().zip(again.cells()) {
        for (exact, rounded) in exact.luts().zip(rounded.luts()) {
            for (a, b) in exact.values().iter().zip(rounded.values()) {
                assert!((a - b).abs() <= 0.00051 * a.abs() + 1e-12, "{name}: {a} became {b}");
            }
        }
    }
}

/// A row of measured figures by the names of its columns.
fn rows(path: PathBuf) -> (f64, f64, Vec<Vec<(String, String)>>) {
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let head = text.lines().next().expect("a comment").to_owned();
    let number = |after: &str| -> f64 {
        let rest = head.split(after).nth(1).expect("in the comment");
        rest.split_whitespace().next().expect("a number").parse().expect("a number")
    };
    let mut lines = text.lines().skip(1);
    let header: Vec<String> = lines.next().expect("a header").split(',').map(str::to_owned).collect();
    let row = |line: &str| header.iter().cloned().zip(line.split(',').map(str::to_owned)).collect();
    (number("FO4 slew=") / 1000.0, number("nominal load=4*Cin(INV)="), lines.map(row).collect())
}

#[test]
fn cells_have_the_figures_that_were_measured_on_the_same_libraries() {
    for (name, _, file) in LIBRARIES {
        let Some(path) = shared(&format!("synthesis/{file}")) else { return };
        let (slew, load, rows) = rows(path);
        let process = Process::shipped(name).expect("shipped");
        let mut compared = 0;
        for row in rows {
            let get = |key: &str| {
                row.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str()).expect("a column")
            };
            let figure = |key: &str| get(key).parse::<f64>().expect("a number");
            let near = |what: &str, ours: f64, theirs: f64, tolerance: f64| {
                let off = (ours - theirs).abs();
                assert!(
                    off <= tolerance * theirs.abs() + 1e-3,
                    "{name} {} {what}: {ours}, measured {theirs}",
                    get("cell")
                );
            };
            if let Some(cell) = process.cell_named(get("cell")).filter(|cell| cell.outputs.len() == 1) {
                near("area", cell.area_um2, figure("area_um2"), 1e-4);
                near("leakage", cell.leakage_nw, figure("leak_nW"), 1e-3);
                let inputs: Vec<f64> = cell.inputs.iter().map(|input| input.capacitance.nominal_ff).collect();
                near("capacitance", inputs.iter().sum::<f64>() / inputs.len() as f64, figure("cin_mean_fF"), 1e-3);
                let edges = || cell.outputs[0].arcs.iter().flat_map(|arc| [&arc.rise, &arc.fall]);
                let delays: Vec<f64> = edges().map(|edge| 1000.0 * edge.delay.at(slew, load)).collect();
                let worst = delays.iter().copied().fold(0.0, f64::max);
                let mean = delays.iter().sum::<f64>() / delays.len() as f64;
                // Rounding moves a figure by at most 0.05 %.
                near("worst delay", worst, figure("d_max_ps"), 1e-3);
                // Theirs is the mean over the conditions of other inputs, ours over inputs, of the worst condition: a multiplexer's
                // select has fewer conditions than its data.
                assert!(mean >= 0.95 * figure("d_mean_ps") && mean <= 1.001 * worst, "{name} {}: {mean}", get("cell"));
                let energies: Vec<f64> =
                    edges().flat_map(|edge| &edge.energy).map(|energy| energy.at(slew, load)).collect();
                // Theirs weighs every condition alike, ours every input: they differ where inputs have not equally many of them.
                let alike = ["INV", "BUF", "NAND", "NOR2", "NOR3", "NOR4", "AND", "OR"]
                    .iter()
                    .any(|kind| get("kind").starts_with(kind));
                let tolerance = if alike { 0.01 } else { 0.25 };
                near("energy", energies.iter().sum::<f64>() / energies.len() as f64, figure("e_int_fJ"), tolerance);
                compared += 1;
            } else if let Some(cell) = process.flip_flops().iter().find(|flip_flop| flip_flop.name == get("cell")) {
                near("area", cell.area_um2, figure("area_um2"), 1e-4);
                let setup = cell.data.setup_rise.at(slew, slew).max(cell.data.setup_fall.at(slew, slew));
                near("set-up", 1000.0 * setup, figure("setup_ps"), 0.002);
                let clock_to_q = cell.q.rise.delay.at(slew, load).max(cell.q.fall.delay.at(slew, load));
                near("clock to output", 1000.0 * clock_to_q, figure("clk2q_ps"), 0.001);
                compared += 1;
            }
        }
        assert!(compared >= 15, "{name}: only {compared} cells compared");
    }
}

/// Cells that OpenSTA is asked for: of one input, of two, of conditions, of several senses, and of two outputs.
const ASKED: [(&str, [&str; 5]); 3] = [
    ("nangate45", ["INV_X1", "NAND2_X2", "AOI21_X1", "XOR2_X1", "FA_X1"]),
    (
        "sky130hd",
        [
            "sky130_fd_sc_hd__inv_2",
            "sky130_fd_sc_hd__nor3_1",
            "sky130_fd_sc_hd__a21oi_1",
            "sky130_fd_sc_hd__mux2_1",
            "sky130_fd_sc_hd__ha_1",
        ],
    ),
    ("ihp-sg13g2", ["sg13g2_inv_1", "sg13g2_nand2_1", "sg13g2_a21oi_1", "sg13g2_xnor2_1", "sg13g2_mux2_1"]),
];

#[test]
fn delays_and_slews_are_those_of_opensta() {
    for (name, cells) in ASKED {
        let file = LIBRARIES.iter().find(|row| row.0 == name).expect("listed").1;
        let Some(packed) = shared(&format!("liberty/{file}")) else { return };
        if Command::new("sta").arg("-version").output().is_err() {
            println!("skipped: no OpenSTA (sta)");
            return;
        }
        // Not the shipped one, whose four digits extrapolation beyond a table would make less of.
        let process = import(&packed, name).expect("sound").process;
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("library.lib");
        let mut text = flate2::read::MultiGzDecoder::new(std::fs::File::open(packed).expect("the library"));
        let mut whole = String::new();
        text.read_to_string(&mut whole).expect("unpacked");
        // Without the default wire load, which OpenSTA puts on every net.
        let bare =
            whole.replace("default_wire_load ", "other_wire_load ").replace("default_wire_load\t", "other_wire_load ");
        std::fs::write(&library, bare.replace("default_wire_load:", "other_wire_load:")).expect("written");
        // Slews and loads in ns and fF: within all tables, and the last one beyond some.
        let points = [(0.02, 3.0), (0.05, 11.0), (0.15, 24.0), (0.3, 80.0)];
        let cells = cells.map(|cell| process.cell_named(cell).expect("in the process"));
        let expected = expected(&cells, &points);
        std::fs::write(folder.path().join("t.v"), netlist(&cells)).expect("written");
        std::fs::write(folder.path().join("t.tcl"), script(&cells, &points)).expect("written");
        let said = Command::new("sta")
            .args(["-no_splash", "-exit", "t.tcl"])
            .current_dir(folder.path())
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let mut measured = Vec::new();
        for line in said.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["DELAY", delay, slew] = words[..] {
                measured.push((delay.parse::<f64>().expect("a number"), slew.parse::<f64>().expect("a number")));
            }
        }
        assert_eq!(measured.len(), expected.len(), "{name}: {said}");
        for ((what, delay, slew), (their_delay, their_slew)) in expected.iter().zip(measured) {
            // Where the library tells conditions apart, a table holds the worst of them at each of its points, which is not quite
            // the worst of them between or beyond; all else agrees to the six digits of OpenSTA's single precision.
            let tolerance = if what.contains("80 fF") { 1e-2 } else { 1e-3 };
            let near = |ours: f64, theirs: f64| (ours - theirs).abs() <= tolerance * theirs.abs() + 1e-6;
            assert!(near(*delay, their_delay), "{name} {what}: delay {delay}, OpenSTA {their_delay}");
            assert!(near(*slew, their_slew), "{name} {what}: slew {slew}, OpenSTA {their_slew}");
        }
    }
}

/// From each input to each output, both edges, at each point: delay, and the slew of the output.
fn expected(cells: &[&Cell], points: &[(f64, f64)]) -> Vec<(String, f64, f64)> {
    let mut all = Vec::new();
    for (slew, load) in points {
        for cell in cells {
            for output in &cell.outputs {
                for (input, pin) in cell.inputs.iter().enumerate() {
                    let arcs = || output.arcs.iter().filter(|arc| arc.input == input);
                    let edges: [(&str, Vec<&Edge>); 2] = [
                        ("rise", arcs().map(|arc| &arc.rise).collect()),
                        ("fall", arcs().map(|arc| &arc.fall).collect()),
                    ];
                    for (edge, tables) in edges {
                        // OpenSTA shows the worst slew of all that make this edge, also of other inputs: they have the same slew.
                        let at = |lut: &Lut| lut.at(*slew, *load);
                        let delay = tables.iter().map(|edge| at(&edge.delay)).fold(0.0, f64::max);
                        let edges = output.arcs.iter().map(|arc| if edge == "rise" { &arc.rise } else { &arc.fall });
                        let worst = edges.map(|edge| at(&edge.slew)).fold(0.0, f64::max);
                        all.push((
                            format!("{} {}>{} {edge} at {slew} ns, {load} fF", cell.name, pin.name, output.name),
                            delay,
                            worst,
                        ));
                    }
                }
            }
        }
    }
    all
}

fn netlist(cells: &[&Cell]) -> String {
    let (mut ports, mut body) = (Vec::new(), String::new());
    for (index, cell) in cells.iter().enumerate() {
        let inputs = cell.inputs.iter().map(|pin| ("input", &pin.name));
        let pins: Vec<(&str, &String)> = inputs.chain(cell.outputs.iter().map(|pin| ("output", &pin.name))).collect();
        for (direction, pin) in &pins {
            ports.push(format!("c{index}_{pin}"));
            let _ = writeln!(body, "  {direction} c{index}_{pin};");
        }
        let connections: Vec<String> = pins.iter().map(|(_, pin)| format!(".{pin}(c{index}_{pin})")).collect();
        let _ = writeln!(body, "  {} c{index} ({});", cell.name, connections.join(", "));
    }
    format!("module t ({});\n{body}endmodule\n", ports.join(", "))
}

fn script(cells: &[&Cell], points: &[(f64, f64)]) -> String {
    let mut script = String::from(
        "read_liberty library.lib\nread_verilog t.v\nlink_design t\nset_cmd_units -capacitance fF -time ns\n\
         proc ask {from to edge cell} {\n\
         \x20 with_output_to_variable text \"report_checks -unconstrained -from $from -${edge}_to $to -digits 7 -fields {slew}\"\n\
         \x20 foreach line [split $text \\n] {\n\
         \x20   if {[regexp \"^ +(\\[0-9.\\]+) +(-?\\[0-9.\\]+) +-?\\[0-9.\\]+ \\[v^\\] $cell/\" $line all slew delay]} { puts \"DELAY $delay $slew\" }\n\
         \x20 }\n}\n",
    );
    for (slew, load) in points {
        let _ = writeln!(script, "set_input_transition {slew} [all_inputs]");
        let _ = writeln!(script, "set_load -pin_load {load} [all_outputs]");
        for (index, cell) in cells.iter().enumerate() {
            for output in &cell.outputs {
                for from in &cell.inputs {
                    for edge in ["rise", "fall"] {
                        let _ = writeln!(script, "ask c{index}_{} c{index}_{} {edge} c{index}", from.name, output.name);
                    }
                }
            }
        }
    }
    script.push_str("exit\n");
    script
}
