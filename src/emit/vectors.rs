//! Operands and expected results as hex files that `$readmemh` reads.

use crate::emit::EmittedFile;
use crate::emit::bundle::{BundleInfo, TestCase, shapes};
use crate::engine::StreamInfo;
use crate::netlist::Netlist;
use std::fmt::Write;

/// Words of the case table that every stream has: first beat, number of beats, pattern.
pub(super) const WORDS_A_STREAM: usize = 3;

/// Words of a row of the case table: those of the streams, then cycles and the edge at which to give up.
pub(super) fn words_a_case(info: &BundleInfo) -> usize {
    WORDS_A_STREAM * info.streams.len() + 2
}

/// Beats of a stream in all cases together.
pub(super) fn beats(cases: &[TestCase], stream: usize) -> usize {
    cases.iter().map(|case| case.streams[stream].beats().len()).sum()
}

/// The table of cases, and one file a stream with the beats of all cases.
pub(super) fn files(netlist: &Netlist, info: &BundleInfo, cases: &[TestCase]) -> Vec<EmittedFile> {
    let mut all = vec![EmittedFile { path: "tb/vectors/cases.hex".to_owned(), text: table(info, cases) }];
    for (index, stream) in info.streams.iter().enumerate() {
        let mut text = String::new();
        for case in cases {
            let _ = writeln!(text, "// {}", case.name);
            for beat in case.streams[index].beats() {
                text.push_str(&hex(netlist, stream, beat));
                text.push('\n');
            }
        }
        all.push(EmittedFile { path: format!("tb/vectors/{}.hex", stream.name()), text });
    }
    all
}

fn table(info: &BundleInfo, cases: &[TestCase]) -> String {
    let mut text = String::from("// A row a case: for each of");
    for stream in &info.streams {
        let _ = write!(text, " {}", stream.name());
    }
    text.push_str("\n// first beat, beats, pattern; then cycles, and the edge at which to give up.\n");
    let mut first = vec![0; info.streams.len()];
    for case in cases {
        let _ = writeln!(text, "// {}", case.name);
        let mut row = Vec::new();
        for (stream, first) in case.streams.iter().zip(&mut first) {
            row.extend([*first, stream.beats().len() as u64, stream.pattern]);
            *first += stream.beats().len() as u64;
        }
        // An engine that is not done by then never will be: every pattern offers something in 64 edges.
        row.extend([case.cycles, 2 * case.cycles + 1024]);
        let words: Vec<String> = row.iter().map(|word| format!("{word:x}")).collect();
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
}

/// One beat, the first field's lane 0 in the low bits.
fn hex(netlist: &Netlist, stream: &StreamInfo, beat: &[u64]) -> String {
    let widths = shapes(netlist, stream).into_iter().flat_map(|(width, lanes)| (0..lanes).map(move |_| width));
    let mut digits = Vec::new();
    let (mut pending, mut bits) = (0_u128, 0);
    for (word, width) in beat.iter().zip(widths) {
        pending |= u128::from(*word) << bits;
        bits += width;
        while bits >= 4 {
            digits.push((pending & 15) as u32);
            pending >>= 4;
            bits -= 4;
        }
    }
    if bits > 0 {
        digits.push(pending as u32);
    }
    digits.into_iter().rev().map(|digit| char::from_digit(digit, 16).unwrap_or('x')).collect()
}
