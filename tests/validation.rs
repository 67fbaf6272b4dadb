//! The errors of the estimate against synthesis, as `reports/validation/errors.csv` has them, do not grow, and the table is that of the
//! program as it is. No tools are needed: `scripts/validate --report` makes the table again.

use std::collections::BTreeMap;
use std::process::Command;

const ERRORS: &str = include_str!("../reports/validation/errors.csv");

/// What is allowed of the designs that no constant has seen: what was measured when the table was last made, rounded up to the next
/// half percent. A smaller error may replace a larger one, never the other way round.
const ALLOWED: &[(&str, &str, f64, f64)] = &[
    ("nangate45", "period", 0.045, 0.245),
    ("nangate45", "area at 1.15", 0.065, 0.290),
    ("nangate45", "area at 1.5", 0.045, 0.110),
    ("nangate45", "area at 2", 0.030, 0.085),
    ("nangate45", "energy", 0.030, 0.060),
];

/// Absolute errors by library and quantity, smallest first.
fn errors(set: &str) -> BTreeMap<(String, String), Vec<f64>> {
    let mut found: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    let mut table = csv::Reader::from_reader(ERRORS.as_bytes());
    let columns = table.headers().expect("a first line").clone();
    let at = |name: &str| columns.iter().position(|column| column == name).expect("a known column");
    let [of_set, library, what, synthesis, estimate, error] =
        ["set", "library", "what", "synthesis", "estimate", "error"].map(at);
    for row in table.records().map(|row| row.expect("a row")).filter(|row| &row[of_set] == set) {
        let number = |column: usize| row[column].parse::<f64>().expect("a number");
        let worked_out = number(estimate) / number(synthesis) - 1.0;
        // The table has four digits.
        assert!((worked_out - number(error)).abs() < 6e-5, "{row:?}");
        found.entry((row[library].to_owned(), row[what].to_owned())).or_default().push(worked_out.abs());
    }
    found.values_mut().for_each(|errors| errors.sort_by(f64::total_cmp));
    found
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

#[test]
fn the_errors_on_designs_that_no_constant_has_seen_do_not_grow() {
    let errors = errors("unseen");
    for ((library, what), sorted) in &errors {
        let allowed = ALLOWED.iter().find(|(of, quantity, ..)| of == library && quantity == what);
        let Some((_, _, most, worst)) = allowed else {
            panic!("no limit for {what} in {library}: add the measured one")
        };
        let (middle, last) = (median(sorted), sorted[sorted.len() - 1]);
        assert!(middle <= *most && last <= *worst, "{what} in {library}: {middle:.4} and {last:.4}");
    }
    assert_eq!(errors.len(), ALLOWED.len(), "a library or quantity is gone from the table");
}

/// Every so many rows are worked out again: all of them take a minute or two.
const EVERY: usize = 7;

#[test]
fn the_table_is_what_the_program_says_today() {
    let list = std::fs::read_to_string("reports/validation/unseen.toml").expect("the list");
    let list: toml::Table = list.parse().expect("TOML");
    let designs = list["design"].as_array().expect("designs");
    let mut table = csv::Reader::from_reader(ERRORS.as_bytes());
    let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
    let unseen: Vec<_> = rows.iter().filter(|row| &row[0] == "unseen").step_by(EVERY).collect();
    assert!(unseen.len() > 15, "{} rows", unseen.len());
    for row in unseen {
        let [id, library, what, clock_ns] = [1, 2, 3, 4].map(|column| &row[column]);
        let design = designs.iter().find(|design| design["id"].as_str() == Some(id)).expect("a design of the list");
        let text = |key: &str| design.get(key).and_then(toml::Value::as_str);
        let mut command = Command::new(env!("CARGO_BIN_EXE_bitweight"));
        command.args(["estimate", text("design").expect("a name"), "--process", library, "--format", "json", "-q"]);
        for set in design.get("set").and_then(toml::Value::as_array).into_iter().flatten() {
            command.args(["--set", set.as_str().expect("an override")]);
        }
        if !clock_ns.is_empty() {
            command.args(["--clock", &format!("{clock_ns}ns")]);
        }
        if what == "energy" {
            command.args(["--power", text("workload").unwrap_or("gemm-256")]);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let output = command.arg("--out").arg(folder.path()).output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let answer: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{id}: {said}"));
        let found = match what {
            "period" => &answer["min_period_ns"],
            "energy" => &answer["energy"]["with_delays"]["pj_per_mac"],
            _ => &answer["area_um2"],
        };
        let written: f64 = row[6].parse().expect("a number");
        // Sums over threads may differ in the last of the five decimals of an energy.
        let found = found.as_f64().unwrap_or_else(|| panic!("{id}: {said}"));
        assert!((found / written - 1.0).abs() < 1e-4, "{id}, {library}, {what}: {found}, in the table {written}");
    }
}
