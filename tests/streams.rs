//! Streams whose readers shake hands on their own and say which word they want: a small netlist made by hand, driven by the
//! interpreter and by the emitted test bench under both simulators.

#[allow(dead_code)]
mod bench;

use bench::toolbox;
use bitweight::emit::{Bundle, BundleInfo, EmitError, TestCase, bundle};
use bitweight::engine::{Stream, StreamInfo, Traffic};
use bitweight::netlist::{Link, ModuleBuilder, Netlist, NetlistBuilder, NetlistError, RegisterControl, ResetKind};
use bitweight::verify::{Interpreted, Tool, ToolError, difference, drive, run_bench};

const READERS: u32 = 3;
const WORDS: u32 = 2;
const WIDTH: u32 = 4;
const SUM: u32 = 8;

/// Three readers of two words each, one after the other; then their sum. Reader `r` asks for words 0, 3, 2, 1, 0 ...
fn gather() -> Result<Netlist, NetlistError> {
    let mut netlist = NetlistBuilder::new();
    let mut m = ModuleBuilder::new("gather_reader");
    let valid = m.input("valid_i", 1, "its beat is offered");
    let before = m.input("full_i", 1, "the reader before has its beat");
    let clear = m.input("clear_i", 1, "the sum is taken");
    let full = m.net("full_q", 1);
    let empty = m.not("empty", full);
    let ready = m.and("ready", &[empty, before]);
    let taken = m.and("taken", &[ready, valid]);
    let one = m.constant(1, 1);
    m.register_into(full, one, RegisterControl { enable: Some(taken), clear: Some(clear), reset: Some(0) });
    let index = m.net("index_q", 2);
    let three = m.constant(2, 3);
    let next = m.add("index_next", index, three);
    m.register_into(index, next, RegisterControl { enable: Some(taken), clear: None, reset: Some(0) });
    m.output("ready_o", ready, "the beat is taken");
    m.output("taken_o", taken, "a beat moves");
    m.output("index_o", index, "the word that is wanted");
    m.output("full_o", full, "it has its beat");
    let reader = netlist.intern(m.finish()?)?;

    let mut m = ModuleBuilder::new("gather_word");
    let load = m.input("load_i", 1, "a beat moves");
    let data = m.input("data_i", WIDTH, "a word of it");
    let q = m.register("data_q", data, RegisterControl { enable: Some(load), ..Default::default() });
    m.output("data_o", q, "the word");
    let word = netlist.intern(m.finish()?)?;

    let mut m = ModuleBuilder::new("gather");
    let valid = m.input_bundle("a_valid_i", 1, READERS, "a beat is offered to a reader");
    let data = m.input_bundle("a_data_i", WIDTH, READERS * WORDS, "beats");
    let c_ready = m.input("c_ready_i", 1, "the sum is taken");
    let ready = m.output_bundle("a_ready_o", 1, READERS, "a reader takes its beat");
    let index = m.output_bundle("a_index_o", 2, READERS, "the word that a reader wants");
    let (all_full, clear) = (m.net("all_full", 1), m.net("clear", 1));
    let taken = m.bundle("taken", 1, READERS);
    let ever = m.constant(1, 1);
    let ports = ["valid_i", "clear_i", "ready_o", "taken_o", "index_o", "full_i", "full_o"]
        .map(|port| m.port_of(&netlist, reader, "reader", port));
    let [valid_i, clear_i, ready_o, taken_o, index_o, into, out] = ports;
    let own = |port, net| Link::Own { port, net };
    let links = vec![
        own(valid_i, valid),
        Link::All { port: clear_i, net: clear },
        own(ready_o, ready),
        own(taken_o, taken),
        own(index_o, index),
        Link::Pass { into, out, axis: 0, reverse: false, entry: ever, exit: Some(all_full) },
    ];
    m.grid("reader", reader, &[("reader", READERS)], links);
    let kept = m.bundle("kept", WIDTH, READERS * WORDS);
    let [load_i, data_i, data_o] = ["load_i", "data_i", "data_o"].map(|port| m.port_of(&netlist, word, "word", port));
    let links = vec![Link::Along { port: load_i, axis: 0, net: taken }, own(data_i, data), own(data_o, kept)];
    m.grid("word", word, &[("reader", READERS), ("word", WORDS)], links);

    let mut sum = m.constant(SUM, 0);
    for lane in 0..READERS * WORDS {
        let word = m.lane(kept, lane);
        let word = m.zero_extend(word, SUM);
        sum = m.add(&format!("sum_{lane}"), sum, word);
    }
    let c_valid = m.net("c_valid_q", 1);
    let not_ready = m.not("c_ready_n", c_ready);
    let stalled = m.and("stalled", &[c_valid, not_ready]);
    let free = m.not("free", stalled);
    let go = m.and("go", &[all_full, free]);
    m.drive(clear, go);
    let valid_next = m.or("c_valid_d", &[go, stalled]);
    m.register_into(c_valid, valid_next, RegisterControl { reset: Some(0), ..Default::default() });
    let sum = m.register("c_data_q", sum, RegisterControl { enable: Some(go), ..Default::default() });
    m.output("c_valid_o", c_valid, "a sum is offered");
    m.output("c_data_o", sum, "the sum");
    let top = netlist.intern(m.finish()?)?;
    Ok(netlist.finish(top, ResetKind::AsyncLow))
}

fn info() -> BundleInfo {
    let a = StreamInfo {
        readers: READERS,
        index: Some("a_index_o".to_owned()),
        ..StreamInfo::new(Stream::A, &["a_data_i"], "two words")
    };
    BundleInfo {
        design: "gather".to_owned(),
        hash: "0123456789abcdef".to_owned(),
        tool: "bitweight 0.1.0".to_owned(),
        regenerate: "bitweight emit gather".to_owned(),
        summary: vec!["Sums.".to_owned()],
        formats: vec!["uint4".to_owned()],
        law: vec!["Four cycles a sum.".to_owned()],
        clock_period_ns: 1.0,
        streams: vec![a, StreamInfo::new(Stream::C, &["c_data_o"], "sums")],
    }
}

/// `sums` sums; readers are given words of their own, or all the same.
fn case(name: &str, sums: u64, alike: bool, [a, c]: [u64; 2]) -> TestCase {
    let word = |reader: u64, beat: u64, lane: u64| (7 * beat + 3 * lane + if alike { 0 } else { 5 * reader } + 1) % 16;
    let beat = |reader, beat| (0..u64::from(WORDS)).map(|lane| word(reader, beat, lane)).collect::<Vec<u64>>();
    let readers: Vec<Vec<Vec<u64>>> = (0..READERS.into()).map(|r| (0..sums).map(|at| beat(r, at)).collect()).collect();
    let sum = |at: usize| vec![readers.iter().flat_map(|beats| &beats[at]).sum::<u64>()];
    let results = (0..sums as usize).map(sum).collect();
    let indices = vec![(0..sums).map(|beat| 3 * beat % 4).collect(); READERS as usize];
    let mut case = TestCase {
        name: name.to_owned(),
        streams: vec![Traffic { readers, indices, pattern: a }, Traffic::single(results, c)],
        cycles: 4 * sums + 1,
    };
    if [a, c] != [!0; 2] {
        let mut device = Interpreted::new(&gather().expect("a netlist")).expect("a sound netlist");
        case.cycles = drive(&mut device, &info().streams, &case).expect("a device that works").cycles;
    }
    case
}

fn cases() -> Vec<TestCase> {
    vec![
        case("own words", 9, false, [!0, !0]),
        case("the same words", 6, true, [!0, !0]),
        case("everyone waits", 11, false, [0x8421_9234_0f31_5501, 0x1110_0301_5500_8001]),
    ]
}

fn verdict(case: &TestCase) -> Option<String> {
    let mut device = Interpreted::new(&gather().expect("a netlist")).expect("a sound netlist");
    let streams = info().streams;
    match drive(&mut device, &streams, case) {
        Ok(measured) => difference(&measured, &streams, case),
        Err(wrong) => Some(wrong),
    }
}

#[test]
fn each_reader_takes_its_own_beats_at_its_own_pace() {
    for case in cases() {
        assert_eq!(verdict(&case), None, "{}", case.name);
    }
}

#[test]
fn a_reader_that_wants_another_word_or_takes_another_number_of_beats_is_seen() {
    let sound = case("sound", 5, false, [!0, !0]);
    type Change = fn(&mut Traffic);
    let changes: [(&str, Change); 4] = [
        ("reader 1 of `a` asks for word 2, not 3, with beat 2", |a| a.indices[1][2] = 3),
        ("not done", |a| {
            a.readers[2].push(vec![0, 0]);
            a.readers[2].push(vec![0, 0]);
            a.indices[2].extend([3, 2]);
        }),
        ("result beat 0", |a| a.readers[2][0][1] ^= 1),
        ("2 readers of `a`, not 3", |a| drop(a.readers.pop())),
    ];
    for (message, change) in changes {
        let mut wrong = sound.clone();
        change(&mut wrong.streams[0]);
        let said = verdict(&wrong).expect(message);
        assert!(said.contains(message), "{said}");
    }
}

#[test]
fn a_case_that_does_not_fit_the_readers_is_refused() {
    let netlist = gather().expect("a netlist");
    type Change = fn(&mut BundleInfo, &mut TestCase);
    let changes: [(&str, Change); 6] = [
        ("does not fit stream `a`", |_, case| drop(case.streams[0].readers.pop())),
        ("does not fit stream `a`", |_, case| case.streams[0].indices[1].truncate(1)),
        ("does not fit stream `a`", |_, case| case.streams[0].indices[1][0] = 4),
        ("`a_valid_i` of `gather` is 1 bits x 3 lanes", |info, _| info.streams[0].readers = 2),
        ("stream `c` cannot have 2 readers", |info, _| info.streams[1].readers = 2),
        ("no port `a_which_o`", |info, _| info.streams[0].index = Some("a_which_o".to_owned())),
    ];
    for (message, change) in changes {
        let (mut info, mut case) = (info(), case("sound", 2, false, [!0, !0]));
        change(&mut info, &mut case);
        match bundle(&netlist, &info, &[case]) {
            Err(EmitError::Stream { reason }) => assert!(reason.contains(message), "{reason}"),
            other => panic!("{message}: {:?}", other.map(|bundle| bundle.top)),
        }
    }
}

#[test]
fn words_that_all_readers_are_given_are_stored_once() {
    let netlist = gather().expect("a netlist");
    let bundle = bundle(&netlist, &info(), &cases()).expect("a bundle");
    let words = |path: &str| {
        let text = bundle.file(path).expect(path);
        text.lines().filter(|line| !line.starts_with("//")).count()
    };
    assert_eq!(words("tb/vectors/a.hex"), 3 * 9 + 6 + 3 * 11);
    assert_eq!(words("tb/vectors/c.hex"), 9 + 6 + 11);
    let readme = bundle.file("README.md").expect("a README");
    assert!(readme.contains("| `a` | 3 readers: two words; `a_index_o` says which |"), "{readme}");
}

fn judged(tool: Tool, bundle: &Bundle) -> Result<(), ToolError> {
    let directory = tempfile::tempdir().expect("a directory");
    bundle.write(directory.path()).expect("files");
    run_bench(tool, bundle, directory.path(), directory.path())
}

#[test]
fn the_test_bench_serves_every_reader_under_both_simulators() {
    let netlist = gather().expect("a netlist");
    let sound = bundle(&netlist, &info(), &cases()).expect("a bundle");
    for tool in [Tool::Icarus, Tool::Verilator].into_iter().filter(|&tool| toolbox().has(tool)) {
        judged(tool, &sound).unwrap_or_else(|error| panic!("{tool}: {error}"));
    }
    if !toolbox().has(Tool::Icarus) {
        return;
    }
    type Change = fn(&mut TestCase);
    let changes: [(&str, Change); 3] = [
        ("readers 4 of a want another word", |case| case.streams[0].indices[2][3] ^= 1),
        ("c beat is", |case| case.streams[0].readers[1][4][0] ^= 1),
        ("cycles, not", |case| case.cycles += 1),
    ];
    for (message, change) in changes {
        let mut wrong = cases();
        change(&mut wrong[2]);
        let wrong = bundle(&netlist, &info(), &wrong).expect("a bundle");
        let said = judged(Tool::Icarus, &wrong).expect_err(message).to_string();
        assert!(said.contains(message), "{said}");
    }
}
