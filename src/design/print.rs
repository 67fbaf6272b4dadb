//! The canonical text of a resolved design: every key, in the order of the documentation.

use std::fmt::Write;

use super::{Design, encoding_name, operand_name, reset_name};

/// TOML that reads back as `design`.
pub(super) fn toml(design: &Design) -> String {
    let mut text = String::new();
    let transforms: Vec<String> = design.transforms.iter().map(|name| format!("\"{name}\"")).collect();
    let lines = [
        format!("name = \"{}\"", design.name),
        format!("transforms = [{}]", transforms.join(", ")),
        String::new(),
        "[operands]".to_owned(),
        format!("a = \"int{}\"", design.operands.a_bits),
        format!("b = \"int{}\"", design.operands.b_bits),
        format!("accumulator = \"int{}\"", design.operands.accumulator_bits),
        String::new(),
        "[encoding]".to_owned(),
        format!("operand = \"{}\"", operand_name(design.encoding.operand)),
        format!("kind = \"{}\"", encoding_name(design.encoding.kind)),
        String::new(),
        "[array]".to_owned(),
        format!("kind = \"{}\"", design.array.kind.name()),
        format!("dataflow = \"{}\"", design.array.dataflow.name()),
        format!("rows = {}", design.array.rows),
        format!("cols = {}", design.array.cols),
        String::new(),
        "[rtl]".to_owned(),
        // `{:?}` keeps the point, which makes it a TOML float.
        format!("clock-period-ns = {:?}", design.rtl.clock_period_ns),
        format!("reset = \"{}\"", reset_name(design.rtl.reset)),
    ];
    for line in lines {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    text
}
