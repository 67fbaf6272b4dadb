//! The canonical text of a resolved design: every key, in the order of the documentation.

use std::fmt::Write;

use super::file::AUTO;
use super::{ArrayKind, Design, Operands, encoding_name, operand_name, parameters, reset_name};
use crate::engine::{self, BlockOrder, Buffer, EngineSpec, Memory};

/// TOML that reads back as `design`.
pub(super) fn toml(design: &Design) -> String {
    let mut text = String::new();
    let transforms: Vec<String> = design.transforms.iter().map(|name| format!("\"{name}\"")).collect();
    let Operands { a, b, accumulator_bits, saturate } = design.operands;
    let array = design.array.kind;
    let mut lines = vec![
        format!("name = \"{}\"", design.name),
        format!("transforms = [{}]", transforms.join(", ")),
        String::new(),
        "[operands]".to_owned(),
        format!("a = \"{a}\""),
        format!("b = \"{b}\""),
    ];
    for (key, format) in [("a", a), ("b", b)] {
        if format.element.is_some_and(|element| element.word_bits() < format.bits) {
            lines.push(format!("{key}-word = {}", format.bits));
        }
    }
    lines.extend([
        format!("accumulator = \"int{accumulator_bits}\""),
        format!("saturate = {saturate}"),
        String::new(),
        "[encoding]".to_owned(),
        format!("operand = \"{}\"", operand_name(design.encoding.operand)),
        format!("kind = \"{}\"", encoding_name(design.encoding.kind)),
        String::new(),
        "[array]".to_owned(),
        format!("kind = \"{}\"", array.name()),
    ]);
    if let engine::Array::Systolic(dataflow) = array {
        lines.push(format!("dataflow = \"{}\"", dataflow.name()));
    }
    lines.push(format!("rows = {}", design.array.rows));
    lines.push(format!("cols = {}", design.array.cols));
    // What few designs have is no line of the others.
    if design.array.length_bits != EngineSpec::DEFAULT_LENGTH_BITS {
        lines.push(format!("length-bits = {}", design.array.length_bits));
    }
    if let Some(key) = ArrayKind::of(array).depth_key() {
        lines.push(format!("{key} = {}", array.depth()));
    }
    if let engine::Array::Pragmatic { shift_bits, sync, .. } = array {
        lines.push(format!("shift-bits = {shift_bits}"));
        lines.push(parameters::sync_line(sync));
    }
    lines.extend(parameters::toml_lines(&design.transforms, &design.parameters));
    lines.extend(design.memory.iter().flat_map(memory_lines));
    lines.extend([
        String::new(),
        "[rtl]".to_owned(),
        // `{:?}` keeps the point, which makes it a TOML float.
        format!("clock-period-ns = {:?}", design.rtl.clock_period_ns),
        format!("reset = \"{}\"", reset_name(design.rtl.reset)),
    ]);
    for line in lines {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    text
}

/// The section of the memory, a blank line before it. What has no limit has no key.
fn memory_lines(memory: &Memory) -> Vec<String> {
    let mut lines = vec![String::new(), "[memory]".to_owned()];
    for (name, buffer) in [("a", memory.a), ("b", memory.b), ("c", memory.c)] {
        let Buffer { kib, bits_per_cycle } = buffer;
        let keys = [("kib", kib), ("bits-per-cycle", bits_per_cycle)];
        let keys: Vec<String> =
            keys.iter().filter_map(|(key, value)| value.map(|value| format!("{key} = {value}"))).collect();
        if !keys.is_empty() {
            lines.push(format!("{name} = {{ {} }}", keys.join(", ")));
        }
    }
    lines.extend(memory.dram_bits_per_cycle.map(|width| format!("dram-bits-per-cycle = {width}")));
    lines.push(format!("loop-order = \"{}\"", memory.order.map_or(AUTO, BlockOrder::name)));
    let sizes = ["m", "n", "k"].into_iter().zip(memory.block);
    let sizes: Vec<String> = sizes.filter_map(|(key, size)| size.map(|size| format!("{key} = {size}"))).collect();
    if !sizes.is_empty() {
        lines.push(format!("block = {{ {} }}", sizes.join(", ")));
    }
    lines
}
