//! Process tables: what is refused and how it is said, and the shipped ones.

use super::liberty::SMALL;
use crate::estimate::choose::target_of;
use crate::estimate::liberty::{Input, import_all};
use crate::estimate::process::{Process, SHIPPED, error_codes, page, to_toml};
use crate::estimate::timing::Library;
use crate::mistake::{Mistake, render};

/// A small table.
fn text() -> String {
    let imported = import_all(&[Input::bytes("small.lib", SMALL.into())], "small").expect("sound");
    to_toml(&imported.process, &imported.head)
}

fn error(text: &str) -> Mistake {
    Process::parse("mine.toml", text).expect_err("it has a defect")
}

#[test]
fn every_shipped_process_is_sound_and_serves_the_estimate() {
    for shipped in SHIPPED {
        let process = Process::shipped(shipped.name).expect("sound");
        assert_eq!(process.name, shipped.name);
        assert!(process.cells().len() >= 49 && process.inverters().len() >= 5 && process.buffers().len() >= 5);
        assert!([false, true].iter().all(|&value| process.tie(value).is_some()), "{} drives constants", shipped.name);
        let library = Library::new(&process);
        assert!(
            target_of(&process, &library).is_ok() && !library.repeaters.is_empty() && library.hold(false).is_some()
        );
        let page = page(shipped);
        assert!(page.contains("Made by") && page.lines().count() > process.cells().len(), "{page}");
        assert!(process.cells().iter().all(|cell| page.contains(&format!("{} ", cell.name))));
    }
}

#[test]
fn a_family_is_one_function_from_the_weakest_to_the_strongest() {
    let process = Process::shipped("nangate45").expect("sound");
    let names = |name: &str| -> Vec<&str> {
        let cell = process.cell_named(name).expect("there");
        process.family(cell).iter().map(|cell| cell.name.as_str()).collect()
    };
    assert_eq!(names("NAND2_X2"), ["NAND2_X1", "NAND2_X2", "NAND2_X4"]);
    assert_eq!(names("BUF_X4"), ["BUF_X1", "BUF_X2", "BUF_X4", "BUF_X8", "BUF_X16", "BUF_X32"]);
    assert_eq!(names("FA_X1"), ["FA_X1"]);
    assert_eq!(process.inverters().first().map(|cell| cell.name.as_str()), Some("INV_X1"));
}

#[test]
fn a_defect_is_shown_at_its_place_with_its_code() {
    let cases = [
        ("process::syntax", "area-um2 = 1.5", "area-um2 = \"small\"", "small"),
        ("process::syntax", "leakage-nw = 1.5", "leakage-mw = 1.5", "leakage-mw"),
        ("process::syntax", "name = \"small\"", "name = ", "name"),
        ("process::duplicate_cell", "name = \"NAND2\"", "name = \"INV\"", "INV"),
        ("process::bad_table", "10 20 110\n20 30 120", "10 20 110\n20 30", "rise-delay-ps"),
        ("process::bad_table", "10 20 110\n20 30 120", "10 20 110\n20 30 x", "rise-delay-ps"),
        ("process::bad_table", "10 20 110\n20 30 120", "10 20 110\n20 30 1e999", "rise-delay-ps"),
        ("process::bad_table", "l1 = \"1 10 100\"", "l1 = \"1 10 10\"", "1 10 10"),
        ("process::unknown_axis", "\"\"\"s1 l1", "\"\"\"s1 l7", "rise-delay-ps"),
        ("process::bad_function", "function = \"!(A & B)", "function = \"!(A & C)", "!(A & C)"),
        ("process::bad_function", "function = \"!(A & B)", "function = \"!(A & B", "!(A & B"),
        ("process::bad_function", "function = \"!(A & B)", "function = \"1", "function"),
        ("process::bad_arc", "input = \"B\"", "input = \"C\"", "input = \"C\""),
        ("process::bad_arc", "input = \"B\"", "input = \"A\"", "!(A & B)"),
        ("process::not_a_quantity", "area-um2 = 1.5", "area-um2 = 0", "NAND2"),
        ("process::not_a_quantity", "leakage-nw = 1.5", "leakage-nw = -1", "NAND2"),
        ("process::not_a_quantity", "[2, 2, 2]", "[2, 2, nan]", "NAND2"),
        ("process::missing_cell", "function = \"!A\"", "function = \"A\"", "name = \"small\""),
    ];
    for (code, from, to, shown) in cases {
        let text = text();
        assert!(text.contains(from), "{from}: {text}");
        let error = error(&text.replacen(from, to, 1));
        let said = render(&error, false, false);
        assert_eq!(error.code(), code, "{to}: {said}");
        assert!(said.contains("mine.toml") && said.contains(shown) && !error.help().is_empty(), "{to}: {said}");
    }
}

#[test]
fn a_table_may_also_be_written_with_escapes_and_comments() {
    let plain = Process::parse("mine.toml", &text()).expect("sound");
    // A comment with quotes in it: from there on TOML itself reads the tables.
    let commented = text().replacen("[source]", "# \"\"\"\n[source]", 1);
    assert_eq!(Process::parse("mine.toml", &commented).expect("sound"), plain);
    let escaped = text().replacen("10 20 110\n20 30 120", "10 20 110 \\\n 20 30 120", 1);
    assert_ne!(escaped, text());
    assert_eq!(Process::parse("mine.toml", &escaped).expect("sound"), plain);
}

#[test]
fn broken_tables_never_panic() {
    let (text, mut state) = (text(), 0x9e37_79b9u64);
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    let mut refused = 0;
    for round in 0..300 {
        let mut bytes = text.clone().into_bytes();
        match round % 2 {
            0 => bytes.truncate(random(text.len())),
            _ => (0..1 + random(4)).for_each(|_| bytes[random(text.len())] = (32 + random(95)) as u8),
        }
        let broken = String::from_utf8_lossy(&bytes).into_owned();
        refused += usize::from(Process::parse("mine.toml", &broken).is_err());
    }
    assert!(refused > 100, "only {refused} were refused: the test breaks nothing");
}

#[test]
fn an_unknown_process_names_the_shipped_ones() {
    let error = Process::shipped("nangate54").expect_err("there is none");
    assert_eq!(error.code(), "process::unknown_process");
    assert!(error.help().contains("nangate45") && error.help().contains("sky130hd"), "{}", error.help());
}

#[test]
fn every_code_is_explained_once() {
    let mut codes: Vec<&str> = error_codes().iter().map(|row| row.0).collect();
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count);
    assert!(codes.iter().all(|code| code.starts_with("process::")));
}
