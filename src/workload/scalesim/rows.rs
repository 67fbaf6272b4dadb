//! A topology as typed rows, before anything is lowered.

use std::ops::Range;

use super::error::Source;
use super::header::{TopologyForm, extras};
use super::reader::Reader;
use super::table;
use crate::mistake::Mistake;
use crate::note::{Note, Notes};

/// At most `kept` of each `of` consecutive weights are not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SparsityRatio {
    /// N.
    pub kept: u64,
    /// M.
    pub of: u64,
}

/// A convolution as SCALE-Sim has it: no padding (the input has its own), no dilation, no groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvRow {
    /// The name as written.
    pub name: String,
    /// Height and width of the input, padding included.
    pub input: [u64; 2],
    /// Height and width of a filter; at most those of the input.
    pub filter: [u64; 2],
    /// Channels of the input.
    pub channels: u64,
    /// Filters, which are the channels of the result.
    pub filters: u64,
    /// Step from window to window along height and width.
    pub stride: [u64; 2],
    /// A name with `DP`: each channel is a layer of its own, of one channel.
    pub depthwise: bool,
    /// What every row may have.
    pub common: RowCommon,
}

/// A matrix product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GemmRow {
    /// The name as written.
    pub name: String,
    /// Rows of A and C.
    pub m: u64,
    /// Columns of B and C.
    pub n: u64,
    /// Columns of A, rows of B.
    pub k: u64,
    /// What every row may have.
    pub common: RowCommon,
}

/// What a row of either form may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowCommon {
    /// Images; 1 where no column says so.
    pub batch: u64,
    /// Sparsity of the weights, where a column has it.
    pub sparsity: Option<SparsityRatio>,
    /// Where the name stands, in bytes of the file.
    pub at: Range<usize>,
}

/// A row of either form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopologyRow {
    /// A convolution.
    Conv(ConvRow),
    /// A matrix product.
    Gemm(GemmRow),
}

impl TopologyRow {
    /// The name as written.
    pub fn name(&self) -> &str {
        match self {
            Self::Conv(row) => &row.name,
            Self::Gemm(row) => &row.name,
        }
    }

    /// What every row may have.
    pub fn common(&self) -> &RowCommon {
        match self {
            Self::Conv(row) => &row.common,
            Self::Gemm(row) => &row.common,
        }
    }
}

/// A topology file, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// What it lists.
    pub form: TopologyForm,
    /// Its layers, in order; at least one.
    pub rows: Vec<TopologyRow>,
}

impl Topology {
    /// The rows of a topology's text, which messages call `shown`, with notes about what was ignored or taken otherwise
    /// than it reads. `form` overrides what the header says.
    ///
    /// # Errors
    /// The first row that is broken, or a file without rows.
    pub fn parse(shown: &str, text: &str, form: Option<TopologyForm>) -> Result<(Self, Vec<Note>), Mistake> {
        let mut notes = Notes::new(shown, text);
        let topology = Self::read(Source { shown, text }, form, &mut notes)?;
        Ok((topology, notes.finish()))
    }

    /// [`parse`](Self::parse), with the notes where others are added.
    pub(super) fn read<'t>(
        source: Source<'t>,
        form: Option<TopologyForm>,
        notes: &mut Notes<'t>,
    ) -> Result<Self, Mistake> {
        let text = source.text;
        let (separator, name) = table::separator(text);
        let mut records = table::records(text, separator);
        let Some(header) = records.next() else { return Err(empty(&source)) };
        if separator != ',' {
            notes.add(header.start(), format!("fields are separated by {name}, which SCALE-Sim does not read"));
        }
        let has_number = |record: &table::Record| record.cells.get(1).is_some_and(|cell| !cell.text.is_empty());
        let first = table::records(text, separator).skip(1).find(has_number);
        let Some(form) = form.or_else(|| TopologyForm::recognise(&header, first.as_ref())) else {
            let at = first.as_ref().unwrap_or(&header).cells[0].at.clone();
            let label = "neither this row nor the header tells";
            let help = "give `--topology conv` or `--topology gemm`";
            let message = "this topology may be one of convolutions or of GEMMs";
            return Err(source.mistake("workload::topology_form", at, message, label, help));
        };
        let extras = extras(form, &header, notes);
        let mut reader = Reader { source, notes, form, extras, rows: Vec::new() };
        if reader.row(&header).is_ok() {
            let text = "the first line is skipped, as in SCALE-Sim, but reads like a layer: if it is one, put a header above it";
            reader.notes.add(header.start(), text);
        }
        for record in records {
            reader.record(&record)?;
        }
        let Reader { source, rows, .. } = reader;
        if rows.is_empty() {
            return Err(empty(&source));
        }
        Ok(Self { form, rows })
    }
}

fn empty(source: &Source) -> Mistake {
    let help = "the first line is the header; a layer is a row like `Conv1, 224, 224, 7, 7, 3, 64, 2,`";
    source.mistake("workload::topology_empty", 0..0, "this topology has no layer", "nothing behind the header", help)
}
