//! Configurations: the array of a `.cfg` as a design.

use bitweight::design::scalesim::ScalesimConfig;
use bitweight::design::{Array, Design, Override};
use bitweight::engine::{self, Buffer, Dataflow, Memory};
use bitweight::mistake::Mistake;
use proptest::prelude::*;

const FULL: &str = "[general]\nrun_name = My Run_1\n\n[architecture_presets]\nArrayHeight:    12\nArrayWidth = 14\n\
                    IfmapSramSzkB:   64 \nFilterSramSzkB: 65\nOfmapSramSzkB: 66\nIfmapOffset: 0\nBandwidth : 10, 20\nDataflow : ws\n\
                    MemoryBanks: 1\n\n[run_presets]\nInterfaceBandwidth: CALC\n";

fn read(text: &str) -> (ScalesimConfig, Vec<String>) {
    let (config, notes) = ScalesimConfig::parse("scale.cfg", text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    (config, notes.iter().map(ToString::to_string).collect())
}

fn design(text: &str, overrides: &[Override]) -> Result<Design, Vec<Mistake>> {
    Design::from_toml("made", &read(text).0.to_toml("nets/scale.cfg"), overrides)
}

#[test]
fn all_that_matters_is_read() {
    let (config, notes) = read(FULL);
    assert_eq!((config.run_name.as_str(), config.rows, config.cols), ("My Run_1", 12, 14));
    assert_eq!(config.dataflow, Dataflow::WeightStationary);
    assert_eq!((config.sram_kib, config.bandwidth), ([Some(64), Some(65), Some(66)], vec![10, 20]));
    assert_eq!(
        notes,
        [
            "scale.cfg:10:1: offsets, banks, request buffers and layouts of memories are read but not modelled",
            "scale.cfg:11:1: of several bandwidths the first counts, for each of A, B and C",
        ]
    );
}

#[test]
fn buffers_have_as_many_elements_and_the_channel_is_as_wide_as_its_three_together() {
    let kib = |kib: u32| Buffer { kib: Some(kib), bits_per_cycle: None };
    // A sum has 4 bytes here and one there.
    let calc = Memory { a: kib(64), b: kib(65), c: kib(4 * 66), ..Memory::default() };
    assert_eq!(design(FULL, &[]).expect("a design").memory, Some(calc));
    let user = FULL.replace("CALC", "User");
    let limited = Memory { dram_bits_per_cycle: Some(10 * (8 + 8 + 32)), ..calc };
    assert_eq!(design(&user, &[]).expect("a design").memory, Some(limited));
    let wide = user.replace("10, 20", "4000");
    assert_eq!(design(&wide, &[]).expect("a design").memory, Some(calc));
    let said = "scale.cfg:11:1: `Bandwidth` is more than a channel can have: DRAM takes no time";
    assert_eq!(read(&wide).1[1], said);
    // A configuration without memories makes a design without them.
    assert_eq!(design("[architecture_presets]\nArrayWidth: 8\nBandwidth: 3\n", &[]).expect("a design").memory, None);
    let bad = FULL.replace("64 ", "0").replace("66", "262145").replace("10, 20", "0");
    let mistakes = ScalesimConfig::parse("scale.cfg", &bad).expect_err("no sizes");
    let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let no_value = |value: &str, key: &str| format!("`{value}` is no value of `{key}`");
    let [ifmap, ofmap, bandwidth] = [("0", "IfmapSramSzkB"), ("262145", "OfmapSramSzkB"), ("0", "Bandwidth")];
    assert_eq!(said, [ifmap, ofmap, bandwidth].map(|(value, key)| no_value(value, key)));
}

#[test]
fn a_configuration_is_a_systolic_design_of_its_size_and_can_be_overridden() {
    for (word, dataflow) in
        [("os", Dataflow::OutputStationary), ("ws", Dataflow::WeightStationary), ("IS", Dataflow::InputStationary)]
    {
        let made = design(&FULL.replace(": ws", &format!(": {word}")), &[]).expect("a design");
        assert_eq!(made.array, Array { kind: engine::Array::Systolic(dataflow), rows: 12, cols: 14, length_bits: 16 });
        assert_eq!((made.name.as_str(), made.transforms.len()), ("my-run-1", 0));
        let plain = Design::load("mac-os", &[]).expect("a shipped design");
        assert_eq!((made.operands, made.encoding, made.rtl), (plain.operands, plain.encoding, plain.rtl));
    }
    let wider = design(FULL, &["array.cols=20".into()]).expect("a design");
    assert_eq!((wider.array.rows, wider.array.cols), (12, 20));
    assert_eq!(design(FULL, &["array.cols=0".into()]).expect_err("no column")[0].code(), "design::size_out_of_range");
}

#[test]
fn names_become_kebab_case_or_are_those_of_the_file() {
    for (name, expected) in [
        ("GoogleTPU_v1_os", "googletpu-v1-os"),
        ("32x32 run", "scalesim-32x32-run"),
        ("\u{e4}", "scale"),
        ("", "scale"),
        (&"ab-".repeat(40), "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab"),
    ] {
        let made = design(&format!("[general]\nrun_name = {name}\n"), &[]).expect(name);
        assert_eq!(made.name, expected);
    }
}

#[test]
fn what_an_older_file_does_not_say_has_a_default_and_a_note() {
    let (config, notes) = read("[architecture_presets]\nArrayWidth: 8\n");
    assert_eq!((config.rows, config.cols, config.dataflow), (32, 8, Dataflow::OutputStationary));
    assert_eq!(notes, ["scale.cfg:1:1: `ArrayHeight` is not given: 32", "scale.cfg:1:1: `Dataflow` is not given: os"]);
    let (config, _) = read("");
    assert_eq!(config, ScalesimConfig::default());
}

#[test]
fn unknown_keys_sections_and_switches_are_noted_with_their_place() {
    let text = "[architecture_presets]\nArrayHieght: 4\nArrayHeight: 4\nArrayWidth: 4\nDataflow: os\nArrayWidth: 5\nrun_name: x\n\
                [extras]\nfoo = 1\n[sparsity]\nSparsitySupport : true\n";
    let (config, notes) = read(text);
    assert_eq!((config.rows, config.cols, config.run_name.as_str()), (4, 5, "x"));
    assert_eq!(
        notes,
        [
            "scale.cfg:2:1: the key `ArrayHieght` is unknown and ignored: did you mean `ArrayHeight`?",
            "scale.cfg:6:1: `ArrayWidth` is given again: this value counts",
            "scale.cfg:7:1: `run_name` belongs in [general]; it is read all the same",
            "scale.cfg:8:2: the section [extras] is unknown",
            "scale.cfg:9:1: the key `foo` is unknown and ignored: nothing reads it",
            "scale.cfg:11:1: `SparsitySupport`: weights are sparse where the topology has an N:M, whatever stands here",
        ]
    );
}

#[test]
fn every_bad_value_and_line_is_refused_at_once() {
    let text = "[architecture_presets]\nArrayHeight: 512\nArrayWidth:\nDataflow: rs\nBandwidth: 1,x\nIfmapOffset: -1\nwhat\n\
                [run_presets]\nInterfaceBandwidth: MAYBE\nUseRamulatorTrace: 2\n[open\n";
    let mistakes = ScalesimConfig::parse("scale.cfg", text).expect_err("a bad file");
    let said: Vec<String> = mistakes.iter().map(|mistake| format!("{} {mistake}", mistake.code())).collect();
    assert_eq!(
        said,
        [
            "design::cfg_value `512` is no value of `ArrayHeight`",
            "design::cfg_value `ArrayWidth` has no value",
            "design::cfg_value `rs` is no value of `Dataflow`",
            "design::cfg_value `1,x` is no value of `Bandwidth`",
            "design::cfg_value `-1` is no value of `IfmapOffset`",
            "design::cfg_syntax this is no section, no key and no comment",
            "design::cfg_value `MAYBE` is no value of `InterfaceBandwidth`",
            "design::cfg_value `2` is no value of `UseRamulatorTrace`",
            "design::cfg_syntax this is no section, no key and no comment",
        ]
    );
    assert!(mistakes.iter().all(|mistake| !mistake.help().is_empty()));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), keys in prop::collection::vec("(\\[|ArrayHeight|run_name|Dataflow|Bandwidth|[:=#;, \\n]|[0-9]{1,3}|os|.)*", 0..4)) {
        for text in [text, keys.join("\n")] {
            if let Ok((config, _)) = ScalesimConfig::parse("x.cfg", &text) {
                prop_assert!(Design::from_toml("made", &config.to_toml("x.cfg"), &[]).is_ok());
            }
        }
    }
}
