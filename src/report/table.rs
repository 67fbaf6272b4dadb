//! The tables behind the figures, as CSV.

use super::memory::{self, Memory};
use super::results::Results;
use super::sparsity::OperandSparsity;
use super::{Cost, ReportError};

/// `layers.csv`: one row a layer, figures of one product.
pub fn layers(results: &Results) -> Result<String, ReportError> {
    let mut header: Vec<String> =
        ["name", "m", "n", "k", "repeat", "cycles"].iter().map(|name| (*name).to_owned()).collect();
    header.extend(results.total.parts.named().iter().map(|(name, _)| (*name).to_owned()));
    header.extend(
        ["macs", "utilization", "digits_per_operand", "accuracy", "a_words", "b_words", "partial_words", "c_words"]
            .iter()
            .chain(&["clipped", "tiles", "audited_tiles"])
            .map(|name| (*name).to_owned()),
    );
    // Runs with memory have columns more.
    let has_memory = results.total.memory.is_some();
    if has_memory {
        header.extend(memory::COLUMNS.map(str::to_owned));
    }
    let memory_cells = |memory: Option<&Memory>| match memory {
        Some(memory) => memory::cells(memory).to_vec(),
        None if has_memory => vec![String::new(); memory::COLUMNS.len()],
        None => Vec::new(),
    };
    header.extend(["a", "b"].iter().flat_map(|operand| SPARSITY.map(|count| format!("{operand}_{count}"))));
    let scalesim = results.total.scalesim_cycles.is_some();
    header.extend(scalesim.then(|| "scalesim_cycles".to_owned()));
    let optional = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let rows = results.layers.iter().map(|layer| {
        let mut row = vec![layer.name.clone()];
        row.extend([layer.m, layer.n, layer.k].map(|extent| extent.to_string()));
        row.extend([layer.repeat, layer.cycles].map(|count| count.to_string()));
        row.extend(layer.parts.named().map(|(_, cycles)| cycles.to_string()));
        row.extend([layer.macs.to_string(), layer.utilization.to_string()]);
        row.extend([optional(layer.digits_per_operand), optional(layer.accuracy)]);
        row.extend([layer.a_words, layer.b_words, layer.partial_words, layer.c_words].map(|words| words.to_string()));
        row.extend([layer.clipped.to_string(), layer.tiles.to_string(), layer.audited_tiles.to_string()]);
        row.extend(memory_cells(layer.memory.as_ref()));
        let sparsity = layer.sparsity.as_ref();
        row.extend(sparsity_cells(sparsity.map(|sparsity| &sparsity.a)));
        row.extend(sparsity_cells(sparsity.map(|sparsity| &sparsity.b)));
        row.extend(scalesim.then(|| layer.scalesim_cycles.map_or_else(String::new, |cycles| cycles.to_string())));
        row
    });
    csv(header, rows)
}

/// What `layers.csv` has of each operand: values, and digit slots apart.
const SPARSITY: [&str; 5] = ["elements", "zeros", "digits_of_zeros", "zero_digits_inside", "nonzero_digits"];

/// The counts of [`SPARSITY`], empty where there are none.
fn sparsity_cells(operand: Option<&OperandSparsity>) -> [String; 5] {
    let digits = operand.and_then(|operand| operand.digits.as_ref());
    let counts = [
        operand.map(|operand| operand.elements),
        operand.map(|operand| operand.zeros),
        digits.map(|digits| digits.of_zeros),
        digits.map(|digits| digits.zeros_inside),
        digits.map(|digits| digits.nonzero),
    ];
    counts.map(|count| count.map_or_else(String::new, |count| count.to_string()))
}

/// Cycles of each layer by part, repetitions included.
pub fn cycle_parts(results: &Results) -> Result<String, ReportError> {
    let header = ["layer", "part", "cycles"].map(str::to_owned).to_vec();
    let rows = results.layers.iter().flat_map(|layer| {
        layer
            .parts
            .named()
            .map(|(part, cycles)| vec![layer.name.clone(), part.to_owned(), (cycles * layer.repeat).to_string()])
    });
    csv(header, rows)
}

/// Useful operations of each PE, and how many it could have done.
pub fn useful(results: &Results) -> Result<String, ReportError> {
    let header = ["row", "col", "useful", "possible"].map(str::to_owned).to_vec();
    let possible = results.array.possible(results.total.cycles);
    let rows = results.array.useful.iter().enumerate().flat_map(|(row, counts)| {
        counts
            .iter()
            .enumerate()
            .map(move |(col, count)| vec![row.to_string(), col.to_string(), count.to_string(), possible.to_string()])
    });
    csv(header, rows)
}

/// The digit histogram beside what is expected of it.
pub fn digits(measured: &[u64], expected: &[f64]) -> Result<String, ReportError> {
    let header = ["nonzero_digits", "elements", "expected_share"].map(str::to_owned).to_vec();
    let rows = measured
        .iter()
        .zip(expected)
        .enumerate()
        .map(|(count, (elements, share))| vec![count.to_string(), elements.to_string(), share.to_string()]);
    csv(header, rows)
}

/// Area by part.
pub fn area(cost: &Cost) -> Result<String, ReportError> {
    let header = ["part", "area_um2"].map(str::to_owned).to_vec();
    csv(header, cost.parts.iter().map(|part| vec![part.name.clone(), part.area_um2.to_string()]))
}

fn csv(header: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> Result<String, ReportError> {
    let failed = |reason: String| ReportError::BadResults { reason };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).map_err(|error| failed(error.to_string()))?;
    for row in rows {
        writer.write_record(&row).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

/// A link target that holds the table itself, so that the page needs no file beside it.
pub fn data_uri(csv: &str) -> String {
    let mut uri = String::from("data:text/csv;charset=utf-8,");
    for byte in csv.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b',' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
