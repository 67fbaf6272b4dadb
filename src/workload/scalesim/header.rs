//! What the columns of a topology mean: numbers by their position, as SCALE-Sim takes them, what stands behind by its heading.

use super::table::{Cell, Record};
use crate::note::Notes;

/// What a topology lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopologyForm {
    /// Convolutions: input, filter, channels, filters, stride.
    Conv,
    /// Matrix products: M, N, K.
    Gemm,
}

/// A number of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    InputHeight,
    InputWidth,
    FilterHeight,
    FilterWidth,
    Channels,
    Filters,
    Stride,
    M,
    N,
    K,
}

impl Column {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::InputHeight => "the height of the input",
            Self::InputWidth => "the width of the input",
            Self::FilterHeight => "the height of the filter",
            Self::FilterWidth => "the width of the filter",
            Self::Channels => "the number of channels",
            Self::Filters => "the number of filters",
            Self::Stride => "the stride",
            Self::M => "M",
            Self::N => "N",
            Self::K => "K",
        }
    }

    /// What a heading says, where it is one of those in use.
    pub fn of(heading: &str) -> Option<Self> {
        Some(match bare(heading).as_str() {
            "ifmapheight" | "inputheight" => Self::InputHeight,
            "ifmapwidth" | "inputwidth" => Self::InputWidth,
            "filterheight" => Self::FilterHeight,
            "filterwidth" => Self::FilterWidth,
            "channel" | "inputchannel" => Self::Channels,
            "numfilter" | "filter" | "numberoffilter" => Self::Filters,
            "stride" | "strideheight" => Self::Stride,
            "m" => Self::M,
            "n" => Self::N,
            "k" => Self::K,
            _ => return None,
        })
    }
}

/// What a column behind the numbers means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extra {
    /// How many images.
    Batch,
    /// N:M.
    Sparsity,
    /// The stride along the width, where the one before is that along the height.
    StrideWidth,
}

impl Extra {
    fn of(heading: &str) -> Option<Self> {
        Some(match bare(heading).as_str() {
            "batchsize" | "batch" => Self::Batch,
            "sparsity" | "sparsityratio" | "nm" => Self::Sparsity,
            "stridewidth" => Self::StrideWidth,
            _ => return None,
        })
    }
}

/// A heading in lower case without blanks, signs and the plural.
fn bare(heading: &str) -> String {
    let word: String = heading.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    word.strip_suffix('s').map_or(word.clone(), str::to_owned)
}

impl TopologyForm {
    /// The numbers of a row behind its name, in order.
    pub(super) fn columns(self) -> &'static [Column] {
        use Column::{Channels, FilterHeight, FilterWidth, Filters, InputHeight, InputWidth, K, M, N, Stride};
        match self {
            Self::Conv => &[InputHeight, InputWidth, FilterHeight, FilterWidth, Channels, Filters, Stride],
            Self::Gemm => &[M, N, K],
        }
    }

    /// What the header, or else the first row, says that the file lists.
    pub(super) fn recognise(header: &Record, first: Option<&Record>) -> Option<Self> {
        let named: Vec<Column> = header.cells.iter().skip(1).filter_map(|cell| Column::of(cell.text)).collect();
        let has = |form: Self| named.iter().filter(|column| form.columns().contains(column)).count();
        match (has(Self::Conv), has(Self::Gemm)) {
            (2.., 0) => return Some(Self::Conv),
            (0, 2..) => return Some(Self::Gemm),
            _ => {}
        }
        let is_number = |cell: &&Cell| cell.text.parse::<u64>().is_ok();
        match first?.cells.iter().skip(1).take_while(is_number).count() {
            3 => Some(Self::Gemm),
            7.. => Some(Self::Conv),
            _ => None,
        }
    }
}

/// The columns behind the numbers that mean something, from their headings; and notes about headings that mean something else
/// than their position does.
pub(super) fn extras(form: TopologyForm, header: &Record, notes: &mut Notes) -> Vec<Option<Extra>> {
    let columns = form.columns();
    for (index, (cell, &column)) in header.cells.iter().skip(1).zip(columns).enumerate() {
        if Column::of(cell.text).is_some_and(|said| said != column) {
            let text = format!(
                "column {} is {}, as in SCALE-Sim, whose columns go by their position; its heading is `{}`",
                index + 2,
                column.name(),
                cell.text
            );
            notes.add(cell.at.start, text);
        }
    }
    header.cells.iter().skip(1 + columns.len()).map(|cell| Extra::of(cell.text)).collect()
}
