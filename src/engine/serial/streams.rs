//! The ports of an engine whose rows run at their own pace, and what its header says about cycles.

use super::{Sequencing, Take};
use crate::engine::EncoderPlace;
use crate::engine::stream::counted;
use crate::engine::{EngineSpec, Stream, StreamInfo};

/// What `b_index_o` is: of the operands that a lane takes in a pass the number i of the one whose digit is at hand, and which k that is.
pub(super) fn index_doc(sequencing: &Sequencing) -> String {
    let Sequencing { group, lanes, .. } = *sequencing;
    match (lanes, group) {
        (1, _) => "the index is k".to_owned(),
        (_, 1) => format!("index i is k = {lanes} i + lane"),
        _ => format!("index i is k = (i / {group} * {lanes} + lane) * {group} + i mod {group}, / rounded down"),
    }
}

/// The streams of the top module, in port order; none if the design has no generator.
pub fn streams(spec: &EngineSpec) -> Vec<StreamInfo> {
    let Ok(sequencing) = Sequencing::new(spec) else { return Vec::new() };
    let readers = spec.rows * sequencing.lanes;
    let lane = match sequencing.lanes {
        1 => "reader = row m".to_owned(),
        lanes => format!("reader = row m * {lanes} + lane"),
    };
    let what = match sequencing.encoder {
        EncoderPlace::Stored => "the select lines of a group of operands",
        EncoderPlace::Pe | EncoderPlace::Edge => "a group of operands",
    };
    let (a_doc, length) = match sequencing.take {
        Take::Value { .. } => {
            let mask = if sequencing.matches_b() {
                ", and a mask of those whose row of B has anything in the tile"
            } else {
                ""
            };
            (format!("{what}{mask}; {lane}"), "one a tile: its groups, at least 1")
        }
        _ => {
            let doc = format!("{what} of the row's lane, again for each bit weight; {lane}");
            (doc, "one a tile: groups of a lane and pass, at least 1")
        }
    };
    if let Take::Terms { .. } = sequencing.take {
        let lanes = sequencing.group;
        let a_doc = format!("{what}: {} of the row's A; {lane}", counted(lanes, "column"));
        let (place, length) = match lanes {
            1 => ("column n".to_owned(), "K".to_owned()),
            lanes => (format!("{lanes} n + place of k"), format!("K / {lanes} rounded up")),
        };
        let b_doc = format!("{} of the B tile, lane = {place}, once for each beat of a; {lane}", counted(lanes, "row"));
        let length = format!("one a tile: its steps, {length}, at least 1");
        return vec![
            StreamInfo::new(Stream::Command, &["cmd_length_i"], &length),
            StreamInfo { readers, ..StreamInfo::new(Stream::A, &["a_data_i"], &a_doc) },
            StreamInfo { readers, ..StreamInfo::new(Stream::B, &["b_data_i"], &b_doc) },
            StreamInfo::new(Stream::C, &["c_data_o"], "rows of the C tile, last row first, lane = column n"),
        ];
    }
    let a_fields: &[&str] = if sequencing.matches_b() { &["a_data_i", "a_match_i"] } else { &["a_data_i"] };
    let masks = u32::from(sequencing.matches_b());
    let asks = if let Take::Value { .. } = sequencing.take { "row" } else { "lane" };
    let b_doc =
        format!("the row of the B tile that the {asks} asks for, lane = column n; {lane}; {}", index_doc(&sequencing));
    vec![
        StreamInfo::new(Stream::Command, &["cmd_length_i"], length),
        StreamInfo { readers, masks, ..StreamInfo::new(Stream::A, a_fields, &a_doc) },
        StreamInfo {
            readers,
            index: Some("b_index_o".to_owned()),
            ..StreamInfo::new(Stream::B, &["b_data_i"], &b_doc)
        },
        StreamInfo::new(Stream::C, &["c_data_o"], "rows of the C tile, last row first, lane = column n"),
    ]
}

impl Sequencing {
    /// What the length of a command counts: a row that takes terms has no passes, and a group of its is a step.
    pub(super) fn length_doc(&self) -> &'static str {
        match self.take {
            Take::Digit => "groups of a lane and pass, at least 1",
            Take::Value { .. } => "groups of the tile, at least 1",
            Take::Terms { .. } => "steps of the tile, at least 1",
        }
    }
}

/// Latency of one tile and pitch of several, with the numbers of this array.
pub fn law_text(spec: &EngineSpec) -> Vec<String> {
    let Ok(sequencing) = Sequencing::new(spec) else { return Vec::new() };
    let Sequencing { group, lanes, passes, .. } = sequencing;
    let meet = match sequencing.stretch {
        Some(stretch) if stretch * group * lanes == 1 => "Rows meet after every operand of K.".to_owned(),
        Some(stretch) => format!("Rows meet after every {} operands of K.", stretch * group * lanes),
        None => "Rows meet at the end of a tile.".to_owned(),
    };
    // Two edges from a slot to the drain chain, or three; a pair takes one more on its way out.
    let outside = if sequencing.keeps_pair || !sequencing.asks_by_index() { 4 } else { 3 };
    let latency = format!(
        "Latency of a tile: W + {} cycles, first operand to last result, W the slowest row's.",
        spec.rows + outside
    );
    let rate = format!("Rate: a tile every max(W, {}) cycles.", spec.rows);
    if let Take::Terms { shift_bits } = sequencing.take {
        return vec![
            format!(
                "Cycles follow the data: a row takes {} of K at a time, and stays there until no",
                counted(group, "operand")
            ),
            match shift_bits {
                0 => "term is left, at least 1 cycle; a cycle takes the terms of the lowest place only.".to_owned(),
                bits => format!(
                    "term is left, at least 1 cycle; a cycle takes terms less than {} places above the lowest.",
                    1 << bits
                ),
            },
            meet,
            latency,
            rate,
        ];
    }
    if let Take::Value { .. } = sequencing.take {
        let empty = match sequencing.skips_empty {
            true => "a group without any is dropped, but the first of a tile takes 1.",
            false => "at least 1.",
        };
        return vec![
            format!(
                "Cycles follow the data: a row takes {} of K at a time, and stays there a",
                counted(group, "operand")
            ),
            format!("cycle for each value that is not 0, {empty} {meet}"),
            latency,
            rate,
        ];
    }
    let of = match lanes {
        1 => format!("groups of {} of K", counted(group, "operand")),
        lanes => format!("groups of {lanes} x {group} operands of K"),
    };
    let passes_text = if passes == 1 { "1 pass".to_owned() } else { format!("{passes} passes") };
    let empty = match sequencing.skips_empty {
        true => "a group without any is dropped, but the first of a pass takes 1",
        false => "at least 1",
    };
    vec![
        format!("Cycles follow the data: {} over {of}; a group takes its non-zero digits", passes_text),
        format!("of the pass in cycles, {empty}. {meet}"),
        latency,
        rate,
    ]
}
