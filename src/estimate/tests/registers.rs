//! Flip-flops of which the library has only some: with an inverted output, with both set and reset; and several files.

use super::equivalence::target;
use super::example::alone;
use crate::estimate::liberty::{Imported, Input, import_all};
use crate::estimate::process::{Process, to_toml};
use crate::estimate::{Estimate, Options, estimate, netlist_of};
use crate::mistake::{Mistake, render};
use crate::netlist::{ModuleBuilder, Netlist, RegisterControl, SkewDepth};

const TINY: &str = include_str!("../../../tests/data/liberty/tiny.lib");
/// Other flip-flops for it: their only output is inverted, and one of them has set and reset.
const TURNED: &str = include_str!("../../../tests/data/liberty/turned.lib");

fn read(files: &[(&str, String)]) -> Result<Imported, Mistake> {
    let inputs: Vec<Input> = files.iter().map(|(name, text)| Input::bytes(name, text.clone().into())).collect();
    import_all(&inputs, "mine")
}

/// Its logic, without its own flip-flops.
fn logic() -> String {
    let end = TINY.find("  cell (DFF_1)").expect("flip-flops stand behind the logic");
    format!("{}}}\n", &TINY[..end])
}

fn turned() -> Process {
    with_flip_flops(TURNED.to_owned()).process
}

fn with_flip_flops(text: String) -> Imported {
    read(&[("logic.lib", logic()), ("turned.lib", text)]).expect("sound")
}

#[test]
fn set_and_reset_are_what_they_do_to_the_data_whatever_the_state_is_called() {
    let process = turned();
    let plain = process.flip_flop(None, false).expect("DFFQN");
    assert_eq!((plain.name.as_str(), plain.q.name.as_str(), plain.q.inverted), ("DFFQN_1", "QN", true));
    let cell = process.flip_flop(Some(false), false).expect("DFFSRQN");
    assert_eq!(process.flip_flop(Some(true), false), Some(cell));
    // Its state is the complement of the data, so that what presets the state resets the data.
    for (value, pin) in [(false, "RN"), (true, "S")] {
        let reset = cell.reset_to(value).expect("both");
        assert_eq!((reset.pin.name.as_str(), reset.active_low), (pin, !value));
    }
    assert!(cell.q.inverted && cell.qn.is_none());
    let reset = |process: &Process| {
        let cell = process.flip_flop(Some(false), false).expect("there");
        [false, true].map(|value| cell.reset_to(value).map(|reset| reset.pin.name.clone()))
    };
    // The same cell with the data as its state.
    let other = TURNED
        .replace("ff (IQN, IQNN)", "ff (IQNN, IQN)")
        .replace("next_state : \"!D\"", "next_state : \"D\"")
        .replace("clear : \"S\"", "other : \"S\"")
        .replace("preset : \"!RN\"", "clear : \"!RN\"")
        .replace("other : \"S\"", "preset : \"S\"");
    let other = with_flip_flops(other).process;
    assert_eq!(reset(&other), reset(&process));
    assert!(other.flip_flops().iter().all(|cell| cell.q.inverted));
    // The energy in set or in reset does not count: 9 fJ there, 2.2 fJ beside.
    let clock = cell.clock.energy.as_ref().expect("given");
    assert_eq!(clock.rise.at(0.001, 0.0), 2.2);
    let text = to_toml(&process, &[]);
    assert_eq!(to_toml(&Process::parse("mine.toml", &text).expect("sound"), &[]), text);
    for (from, to) in [("value = true", "value = false"), ("[flip-flop.reset", "[flip-flop.enable")] {
        let error = Process::parse("mine.toml", &text.replace(from, to)).expect_err("no pair of set and reset");
        assert!(["process::bad_function", "process::syntax"].contains(&error.code()), "{error}");
    }
}

#[test]
fn both_set_and_reset_are_for_libraries_that_lack_one_of_each() {
    let begin = TURNED.find("  cell (DFFSRQN_1)").expect("it is the last");
    let cell = TURNED[begin..].trim_end().strip_suffix('}').expect("the end of the library");
    let without = |control: &str, name: &str| cell.replace(control, "").replace("DFFSRQN_1", name);
    let (set, reset) = (without("preset : \"!RN\";", "DFFS"), without("clear : \"S\";", "DFFR"));
    let with = |cells: &[&str]| {
        let text = format!("{}{}}}\n", TURNED.trim_end().strip_suffix('}').expect("its end"), cells.concat());
        with_flip_flops(text)
    };
    let names = |imported: &Imported| {
        imported.process.flip_flops().iter().map(|cell| cell.name.clone()).collect::<Vec<_>>().join(" ")
    };
    let one = with(&[&set]);
    assert_eq!(names(&one), "DFFQN_1 DFFS DFFSRQN_1");
    let both = with(&[&set, &reset]);
    assert_eq!(names(&both), "DFFQN_1 DFFR DFFS");
    let said: Vec<String> = both.notes.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|note| note.contains("both set and reset: DFFSRQN_1")), "{said:?}");
}

/// A register of a bit for each reset, each of which goes out.
fn registers() -> Netlist {
    let mut m = ModuleBuilder::new("registers");
    let d = m.input("d_i", 1, "");
    for (name, reset) in [("free", None), ("low", Some(0)), ("high", Some(1))] {
        let q = m.register(name, d, RegisterControl { enable: None, clear: None, reset });
        m.output(&format!("{name}_o"), q, "");
    }
    alone(m.finish().expect("sound"))
}

fn count(estimate: &Estimate, cell: &str) -> u64 {
    estimate.cells.iter().filter(|row| row.cell == cell).map(|row| row.count).sum()
}

#[test]
fn a_netlist_ties_off_what_is_not_wanted_and_shows_values_as_they_are() {
    let process = turned();
    let netlist = registers();
    let text = netlist_of(&netlist, &process, Options::default()).expect("no loop").expect("one module");
    let line = |index: usize| {
        let begin = format!(" r{index} (");
        text.lines().find(|line| line.contains(&begin)).unwrap_or_else(|| panic!("no {begin} in {text}"))
    };
    assert!(line(0).contains("DFFQN_1") && line(0).contains(".QN(q0)"), "{text}");
    assert!(line(1).contains(".RN(rst_n)") && line(1).contains(".S(1'b0)"), "{text}");
    assert!(line(2).contains(".RN(1'b1)") && line(2).contains(".S(!rst_n)"), "{text}");
    // Three inverters between what comes out and the ports.
    let found = estimate(&netlist, &process, Options::default()).expect("no loop");
    assert_eq!(found.cells.iter().filter(|row| row.kind == "inverter").map(|row| row.count).sum::<u64>(), 3);
    // One cell of each constant for the whole module.
    assert_eq!([count(&found, "TIE0"), count(&found, "TIE1")], [1, 1]);
    let area: f64 = found
        .cells
        .iter()
        .map(|row| {
            let cell = process.cell_named(&row.cell).map(|cell| cell.area_um2);
            let flip_flop = || process.flip_flops().iter().find(|cell| cell.name == row.cell).map(|cell| cell.area_um2);
            let tie = || process.ties.iter().find(|tie| tie.name == row.cell).map(|tie| tie.area_um2);
            row.count as f64 * cell.or_else(flip_flop).or_else(tie).expect("of the library")
        })
        .sum();
    assert!((area - found.area_um2).abs() < 1e-9, "{area} for {}", found.area_um2);
    let plain = read(&[("tiny.lib", TINY.to_owned())]).expect("sound").process;
    let found = estimate(&netlist, &plain, Options::default()).expect("no loop");
    assert_eq!((count(&found, "TIE0"), count(&found, "INV_1")), (0, 0));
}

#[test]
fn between_the_flip_flops_of_a_delay_line_inverters_stand_where_they_are_needed() {
    let line = |enabled: bool| {
        let mut m = ModuleBuilder::new("line");
        let (d, enable) = (m.input("d_i", 1, ""), m.input("enable_i", 1, ""));
        let q = m.skew("delayed", d, SkewDepth::Uniform(5), enabled.then_some(enable), false);
        let inverted = m.not("inverted", q);
        m.output("q_o", inverted, "");
        alone(m.finish().expect("sound"))
    };
    let counts = |process: &Process, enabled: bool| {
        let found = estimate(&line(enabled), process, Options::default()).expect("no loop");
        let of = |kind: &str| found.cells.iter().filter(|row| row.kind == kind).map(|row| row.count).sum::<u64>();
        [of("flip-flop"), of("inverter"), of("gate")]
    };
    let (plain, turned) = (read(&[("tiny.lib", TINY.to_owned())]).expect("sound").process, turned());
    // The inverter behind the line is absorbed; four stand in it.
    assert_eq!([counts(&plain, false), counts(&turned, false)], [[5, 1, 0], [5, 4, 0]]);
    // The multiplexers of this library do not invert, so that each flip-flop has an inverter behind it.
    assert_eq!([counts(&plain, true), counts(&turned, true)], [[5, 1, 5], [5, 5, 5]]);
    // Those of asap7 are pairs of gates, and do.
    let asap7 = Process::shipped("asap7").expect("sound");
    assert_eq!(counts(&asap7, true), [5, 0, 5]);
    assert!(target(&turned).inverts(None) && !target(&plain).inverts(None));
}

#[test]
fn supplies_are_added_up_and_conditions_averaged() {
    let begin = TINY.find("      internal_power () {").expect("that of INV_1");
    let end = begin + TINY[begin..].find("\n      }\n").expect("its end") + "\n      }\n".len();
    let group = &TINY[begin..end];
    let of = |supply: &str| group.replacen("{", &format!("{{ related_pg_pin : {supply};"), 1);
    let doubled = TINY.replacen(group, &(of("VDD") + &of("VSS")), 1).replacen(
        "cell_leakage_power : 10;",
        "leakage_power () { related_pg_pin : VDD; when : \"A\"; value : 12; } leakage_power () { related_pg_pin : VSS; when : \"A\"; value : 0; } \
         leakage_power () { related_pg_pin : VDD; when : \"!A\"; value : 20; } leakage_power () { related_pg_pin : VSS; when : \"!A\"; value : 2; }",
        1,
    );
    let energy = |text: &str| {
        let process = read(&[("mine.lib", text.to_owned())]).expect("sound").process;
        let cell = process.cell_named("INV_1").expect("there");
        let rise = cell.outputs[0].arcs[0].rise.energy.as_ref().expect("given");
        (rise.at(0.01, 2.0), cell.leakage_nw)
    };
    let (one, two) = (energy(TINY), energy(&doubled));
    assert!((two.0 - 2.0 * one.0).abs() < 1e-12, "{two:?} for {one:?}");
    assert_eq!([one.1, two.1], [10.0, 17.0]);
}

#[test]
fn files_of_one_library_become_one_process() {
    let (first, second) = (logic(), TURNED.to_owned());
    let cells = &second[second.find("  cell (").expect("cells")..];
    // The same in one file: templates of one name are those of each file, so the second file's has another name here.
    let template = second.find("  lu_table_template (delay)").expect("there");
    let end = second.find("  lu_table_template (constraint)").expect("behind it");
    let renamed = (second[template..end].to_owned() + cells).replace("(delay)", "(other_delay)");
    let whole = read(&[("whole.lib", first.trim_end().strip_suffix('}').expect("its end").to_owned() + &renamed)])
        .expect("sound");
    let files = [("a.lib", first.clone()), ("b.lib", second.clone())];
    let both = read(&files).expect("sound");
    assert_eq!((both.process.cells(), both.process.flip_flops()), (whole.process.cells(), whole.process.flip_flops()));
    assert_eq!(both.process.source.library, "tiny, turned");
    assert!(both.head[0].contains("a.lib b.lib"), "{:?}", both.head);
    let cases = [
        (
            "time_unit : \"1ns\"",
            "time_unit : \"1ps\"",
            "liberty::differing_files",
            "`time_unit` is 1ps here, and 1ns in `a.lib`",
        ),
        (
            "nom_voltage : 1.0",
            "nom_voltage : 0.9",
            "liberty::differing_files",
            "the supply is 0.9 here, and 1 in `a.lib`",
        ),
        ("nom_temperature : 25.0", "nom_temperature : 125.0", "liberty::differing_files", "the temperature is 125"),
        ("cell (DFFQN_1)", "cell (INV_4)", "liberty::duplicate_cell", "the cell `INV_4` is also in `a.lib`, line"),
    ];
    for (from, to, code, message) in cases {
        assert!(second.contains(from), "{from}");
        let broken = second.replacen(from, to, 1);
        let line = broken.lines().position(|line| line.contains(to)).expect("there") + 1;
        let error = read(&[("a.lib", first.clone()), ("b.lib", broken)]).expect_err(to);
        let said = render(&error, false, false);
        assert_eq!(error.code(), code, "{said}");
        assert!(said.contains(message) && said.contains(&format!("b.lib:{line}:")), "{said}");
    }
    // What is lacking is lacking in all of them.
    assert_eq!(read(&files[..1]).expect_err("no flip-flop").code(), "liberty::missing_cell");
    assert_eq!(read(&[]).expect_err("no file").code(), "cli::cannot_read");
}
