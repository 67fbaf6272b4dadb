//! Operands and expected results as hex files that `$readmemh` reads.

use crate::emit::EmittedFile;
use crate::emit::bundle::{BundleInfo, TestCase, index_bits, shapes};
use crate::engine::{StreamInfo, Traffic};
use crate::netlist::Netlist;
use std::fmt::Write;

/// Words of the case table that a stream has: first beat and number of beats of each reader, and one pattern.
pub(super) fn words_a_stream(stream: &StreamInfo) -> usize {
    2 * stream.readers as usize + 1
}

/// Words of a row of the case table: those of the streams, then cycles and the edge at which to give up.
pub(super) fn words_a_case(info: &BundleInfo) -> usize {
    info.streams.iter().map(words_a_stream).sum::<usize>() + 2
}

/// Where the beats of a stream lie in its memory.
pub(super) struct Layout {
    /// For each case and reader: its first word, and how many.
    places: Vec<Vec<(usize, usize)>>,
    /// Words of all cases together.
    pub words: usize,
}

impl Layout {
    /// Readers that are to be given the same in a case share their words.
    pub fn new(cases: &[TestCase], stream: usize) -> Self {
        let mut words = 0;
        let mut places = Vec::new();
        for case in cases {
            let data = &case.streams[stream];
            let mut row: Vec<(usize, usize)> = Vec::new();
            for reader in 0..data.readers.len() {
                let twin = (0..reader).find(|&other| same(data, other, reader));
                row.push(twin.map_or((words, data.readers[reader].len()), |other| row[other]));
                if twin.is_none() {
                    words += data.readers[reader].len();
                }
            }
            places.push(row);
        }
        Layout { places, words }
    }
}

/// Whether two readers are to be given the same words.
fn same(data: &Traffic, one: usize, other: usize) -> bool {
    data.readers[one] == data.readers[other] && data.indices.get(one) == data.indices.get(other)
}

/// The table of cases, and one file a stream with the beats of all cases.
pub(super) fn files(netlist: &Netlist, info: &BundleInfo, cases: &[TestCase]) -> Vec<EmittedFile> {
    let mut all = vec![EmittedFile { path: "tb/vectors/cases.hex".to_owned(), text: table(info, cases) }];
    for (index, stream) in info.streams.iter().enumerate() {
        let layout = Layout::new(cases, index);
        let mut text = String::new();
        let mut written = 0;
        for (case, places) in cases.iter().zip(&layout.places) {
            let _ = writeln!(text, "// {}", case.name);
            let data = &case.streams[index];
            for (reader, &(first, beats)) in places.iter().enumerate() {
                if first < written || beats == 0 {
                    continue; // shared with an earlier one, or nothing
                }
                written += beats;
                for (at, beat) in data.readers[reader].iter().enumerate() {
                    let asked = data.indices.get(reader).map(|indices| indices[at]);
                    text.push_str(&hex(netlist, stream, beat, asked));
                    text.push('\n');
                }
            }
        }
        all.push(EmittedFile { path: format!("tb/vectors/{}.hex", stream.name()), text });
    }
    all
}

fn table(info: &BundleInfo, cases: &[TestCase]) -> String {
    let mut text = String::from("// A row a case: for each of");
    for stream in &info.streams {
        let _ = match stream.readers {
            1 => write!(text, " {}", stream.name()),
            readers => write!(text, " {} ({readers} readers)", stream.name()),
        };
    }
    text.push_str("\n// first beat, beats, pattern; then cycles, and the edge at which to give up.\n");
    if info.streams.iter().any(|stream| stream.readers > 1) {
        text.push_str("// A stream with several readers has first beat and beats of each, then one pattern.\n");
    }
    let layouts: Vec<Layout> = (0..info.streams.len()).map(|index| Layout::new(cases, index)).collect();
    for (number, case) in cases.iter().enumerate() {
        let _ = writeln!(text, "// {}", case.name);
        let mut row = Vec::new();
        for (stream, layout) in case.streams.iter().zip(&layouts) {
            row.extend(layout.places[number].iter().flat_map(|&(first, beats)| [first as u64, beats as u64]));
            row.push(stream.pattern);
        }
        // An engine that is not done by then never will be: every pattern offers something in 64 edges.
        row.extend([case.cycles, 2 * case.cycles + 1024]);
        let words: Vec<String> = row.iter().map(|word| format!("{word:x}")).collect();
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
}

/// One beat, the first field's lane 0 in the low bits, the index above all.
fn hex(netlist: &Netlist, stream: &StreamInfo, beat: &[u64], index: Option<u64>) -> String {
    let widths = shapes(netlist, stream).into_iter().flat_map(|(width, lanes)| (0..lanes).map(move |_| width));
    let widths = widths.chain([index_bits(netlist, stream)]);
    let mut digits = Vec::new();
    let (mut pending, mut bits) = (0_u128, 0);
    for (word, width) in beat.iter().copied().chain(index).zip(widths) {
        pending |= u128::from(word) << bits;
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
