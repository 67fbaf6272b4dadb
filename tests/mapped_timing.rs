//! The periods of sized processing elements against OpenSTA, which reads the same cells and the same Liberty file.

use std::path::{Path, PathBuf};
use std::process::Command;

use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, Dataflow, Engine, EngineSpec, Operand};
use bitweight::estimate::{Options, estimate, liberty, netlist_of};
use bitweight::netlist::{ModuleId, Netlist, ResetKind};

/// Both sides do the same arithmetic on the same tables: what is left are the digits of OpenSTA's report (5 decimals of ns) and
/// `f32` there against `f64` here. Conditional arcs of one input are merged here, worst of all, as they are there.
const SAME: f64 = 1e-3;
/// OpenSTA's own calculator also sees the resistance of wires. With the wire-load models of these libraries it then reports
/// 0.3 % less to 7 % more (sky130hd, whose wires are of the highest resistance).
const WITH_RESISTANCE: f64 = 0.09;

const LIBRARIES: [&str; 3] = ["nangate45_typ", "sky130hd_tt", "ihp_sg13g2_typ_1p20V_25C"];

/// Where Liberty files are, if OpenSTA is there too.
fn shared() -> Option<PathBuf> {
    let there = Command::new("sta").arg("-version").output().is_ok();
    let shared = std::env::var_os("BITWEIGHT_SHARED").filter(|_| there);
    if shared.is_none() {
        println!("skipped: no OpenSTA, or BITWEIGHT_SHARED names no folder with Liberty files");
    }
    Some(PathBuf::from(shared?).join("liberty"))
}

/// A processing element by itself.
fn pe(transforms: &[&str]) -> Netlist {
    let spec = EngineSpec {
        name: "one".into(),
        rows: 2,
        cols: 2,
        array: Array::Systolic(Dataflow::OutputStationary),
        a_bits: 8,
        b_bits: 8,
        acc_bits: 32,
        encoding: Some(EncodingKind::Booth4),
        encoded: Operand::A,
        transforms: transforms.iter().map(|&name| name.to_owned()).collect(),
        reset: ResetKind::AsyncLow,
        length_bits: 16,
        ..EngineSpec::default()
    };
    let mut netlist = Engine::elaborate(&spec).expect("a sound specification").netlist;
    let top = netlist.modules.iter().position(|module| module.name.contains("_pe_")).expect("it has one");
    netlist.top = ModuleId(top as u32);
    netlist
}

/// The period that OpenSTA finds between flip-flops, ns.
fn by_opensta(folder: &Path, libraries: &[PathBuf], netlist: &str, top: &str, calculator: &str) -> f64 {
    let verilog = folder.join("cells.v");
    std::fs::write(&verilog, netlist).expect("a writable folder");
    let read: String = libraries.iter().map(|library| format!("read_liberty {}\n", library.display())).collect();
    let script = format!(
        "{read}read_verilog {}\nlink_design {top}\nset_cmd_units -time ns\ncreate_clock -name clk -period 100 [get_ports clk]\n\
         foreach port [all_inputs] {{ set_false_path -from $port }}\n\
         foreach port [all_outputs] {{ set_false_path -to $port }}\n\
         set_delay_calculator {calculator}\nreport_checks -path_delay max -digits 6\n",
        verilog.display()
    );
    let path = folder.join("time.tcl");
    std::fs::write(&path, script).expect("a writable folder");
    let run = Command::new("sta").args(["-exit", "-no_splash"]).arg(&path).output().expect("it was there before");
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(!text.contains("Error") && run.stderr.is_empty(), "{text}{}", String::from_utf8_lossy(&run.stderr));
    let slack = text.lines().find(|line| line.contains("slack")).unwrap_or_else(|| panic!("no slack in {text}"));
    100.0 - slack.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).expect("a number")
}

/// Files of a library, unpacked in a folder.
fn unpacked(folder: &Path, packed: &[PathBuf]) -> Vec<PathBuf> {
    let unpack = |packed: &PathBuf| {
        let library = folder.join(packed.file_stem().expect("a file"));
        let packed = std::fs::File::open(packed).unwrap_or_else(|error| panic!("{}: {error}", packed.display()));
        let mut text = std::fs::File::create(&library).expect("a writable folder");
        std::io::copy(&mut flate2::read::GzDecoder::new(packed), &mut text).expect("it unpacks");
        library
    };
    packed.iter().map(unpack).collect()
}

#[test]
fn sized_processing_elements_have_the_period_that_opensta_finds() {
    let Some(shared) = shared() else { return };
    for name in LIBRARIES {
        let folder = tempfile::tempdir().expect("a folder");
        let library = unpacked(folder.path(), &[shared.join(format!("{name}.lib.gz"))]);
        compare(name, folder.path(), &library);
    }
}

/// The flip-flops of this one hand out the complement of their data, and those with a reset have a set too.
#[test]
fn so_do_those_of_asap7() {
    let files = std::env::var_os("BITWEIGHT_ASAP7").filter(|_| Command::new("sta").arg("-version").output().is_ok());
    let Some(files) = files else {
        println!("skipped: no OpenSTA, or BITWEIGHT_ASAP7 names no folder with what scripts/asap7 fetches");
        return;
    };
    let packed = ["AO", "INVBUF", "OA", "SEQ", "SIMPLE"]
        .map(|part| Path::new(&files).join(format!("asap7sc7p5t_{part}_RVT_TT_nldm.lib.gz")));
    let folder = tempfile::tempdir().expect("a folder");
    compare("asap7", folder.path(), &unpacked(folder.path(), &packed));
}

fn compare(name: &str, folder: &Path, libraries: &[PathBuf]) {
    let inputs: Vec<liberty::Input> = libraries.iter().map(|library| liberty::Input::file(library)).collect();
    let process = liberty::import_all(&inputs, name).expect("a sound library").process;
    for transforms in [&[][..], &["compress-accumulate"]] {
        let netlist = pe(transforms);
        for clock_ns in [None, Some(50.0)] {
            let options = Options { clock_ns, curve: false };
            let found = estimate(&netlist, &process, options).expect("no loop");
            let period = found.min_period_ns.expect("it has state");
            let cells = netlist_of(&netlist, &process, options).expect("no loop").expect("one module");
            let top = &netlist.top_module().name;
            let lumped = by_opensta(folder, libraries, &cells, top, "lumped_cap");
            let own = by_opensta(folder, libraries, &cells, top, "dmp_ceff_elmore");
            println!(
                "{name} {top} {clock_ns:?}: {period:.5} ns, OpenSTA {lumped:.5} and {own:.5}, {:.1} um2",
                found.area_um2
            );
            assert!((period / lumped - 1.0).abs() < SAME, "{name} {top}: {period} against {lumped}");
            assert!((period / own - 1.0).abs() < WITH_RESISTANCE, "{name} {top}: {period} against {own}");
        }
    }
}
