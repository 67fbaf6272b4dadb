//! The ports of an engine whose rows run at their own pace, and what its header says about cycles.

use super::{Sequencing, Take};
use crate::engine::EncoderPlace;
use crate::engine::{EngineSpec, Stream, StreamInfo};

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
    let a_doc = format!("{what} of the row's lane, again for each bit weight; {lane}");
    if let Take::Terms { .. } = sequencing.take {
        let lanes = sequencing.group;
        let a_doc = format!("{what}: {lanes} columns of the row's A; {lane}");
        let b_doc =
            format!("{lanes} rows of the B tile, lane = {lanes} n + place of k, once for each beat of a; {lane}");
        let length = format!("one a tile: K / {lanes}, rounded up, at least 1");
        return vec![
            StreamInfo::new(Stream::Command, &["cmd_length_i"], &length),
            StreamInfo { readers, ..StreamInfo::new(Stream::A, &["a_data_i"], &a_doc) },
            StreamInfo { readers, ..StreamInfo::new(Stream::B, &["b_data_i"], &b_doc) },
            StreamInfo::new(Stream::C, &["c_data_o"], "rows of the C tile, last row first, lane = column n"),
        ];
    }
    let b_doc = format!("the row of the B tile that the lane asks for, lane = column n; {lane}");
    vec![
        StreamInfo::new(Stream::Command, &["cmd_length_i"], "one a tile: groups of a lane and pass, at least 1"),
        StreamInfo { readers, ..StreamInfo::new(Stream::A, &["a_data_i"], &a_doc) },
        StreamInfo {
            readers,
            index: Some("b_index_o".to_owned()),
            ..StreamInfo::new(Stream::B, &["b_data_i"], &b_doc)
        },
        StreamInfo::new(Stream::C, &["c_data_o"], "rows of the C tile, last row first, lane = column n"),
    ]
}

/// Latency of one tile and pitch of several, with the numbers of this array.
pub fn law_text(spec: &EngineSpec) -> Vec<String> {
    let Ok(sequencing) = Sequencing::new(spec) else { return Vec::new() };
    let Sequencing { group, lanes, passes, .. } = sequencing;
    let meet = match sequencing.stretch {
        Some(stretch) => format!("Rows meet after every {} operands of K.", stretch * group * lanes),
        None => "Rows meet at the end of a tile.".to_owned(),
    };
    let latency =
        format!("Latency of a tile: W + {} cycles, first operand to last result, W the slowest row's.", spec.rows + 4);
    let rate = format!("Rate: a tile every max(W, {}) cycles.", spec.rows);
    if let Take::Terms { shift_bits } = sequencing.take {
        return vec![
            format!("Cycles follow the data: a row takes {group} operands of K at a time, and stays at them until no"),
            format!(
                "term is left, at least 1 cycle; a cycle takes terms less than {} places above the",
                1 << shift_bits
            ),
            "lowest.".to_owned(),
            meet,
            latency,
            rate,
        ];
    }
    let of = match lanes {
        1 => format!("groups of {group} operands of K"),
        lanes => format!("groups of {lanes} x {group} operands of K"),
    };
    let empty = match sequencing.skips_empty {
        true => "a group without any is dropped, but the first of a pass takes 1",
        false => "at least 1",
    };
    vec![
        format!("Cycles follow the data: {passes} passes over {of}; a group takes its non-zero digits"),
        format!("of the pass in cycles, {empty}. {meet}"),
        latency,
        rate,
    ]
}
