//! A topology as typed rows, before anything is lowered.

use std::ops::Range;

use super::error::Source;
use super::header::{Column, Extra, TopologyForm, extras};
use super::table::{self, Cell, Record};
use crate::mistake::Mistake;
use crate::note::{Note, Notes};

/// The greatest number of a cell.
const GREATEST: u64 = 1 << 24;

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
    pub(super) fn read<'t>(source: Source<'t>, form: Option<TopologyForm>, notes: &mut Notes<'t>) -> Result<Self, Mistake> {
        let text = source.text;
        let (separator, name) = table::separator(text);
        let records = table::records(text, separator);
        let Some((header, body)) = records.split_first() else { return Err(empty(&source)) };
        if separator != ',' {
            notes.add(header.start(), format!("fields are separated by {name}, which SCALE-Sim does not read"));
        }
        let first = body.iter().find(|record| record.cells.get(1).is_some_and(|cell| !cell.text.is_empty()));
        let Some(form) = form.or_else(|| TopologyForm::recognise(header, first)) else {
            let at = first.unwrap_or(header).cells[0].at.clone();
            let label = "neither this row nor the header tells";
            let help = "give `--topology conv` or `--topology gemm`";
            let message = "this topology may be one of convolutions or of GEMMs";
            return Err(source.mistake("workload::topology_form", at, message, label, help));
        };
        let extras = extras(form, header, notes);
        let mut reader = Reader { source, notes, form, extras, rows: Vec::new() };
        if reader.row(header).is_ok() {
            let text = "the first line is skipped, as in SCALE-Sim, but reads like a layer: if it is one, put a header above it";
            reader.notes.add(header.start(), text);
        }
        for record in body {
            reader.record(record)?;
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

struct Reader<'t, 'n> {
    source: Source<'t>,
    notes: &'n mut Notes<'t>,
    form: TopologyForm,
    extras: Vec<Option<Extra>>,
    rows: Vec<TopologyRow>,
}

impl Reader<'_, '_> {
    /// A line of the file: a layer, or something that is no layer and noted.
    fn record(&mut self, record: &Record) -> Result<(), Mistake> {
        let start = record.start();
        let name = record.cells.first().map_or("", |cell| cell.text);
        let numbers = record.cells.get(1..).unwrap_or_default();
        let columns = self.form.columns();
        if record.is_empty() {
            self.notes.add(start, "a row without a value is ignored");
        } else if name.starts_with('#') || name.starts_with("//") {
            self.notes.add(start, "a comment is ignored");
        } else if record.beyond.is_none() && numbers.iter().all(|cell| cell.text.is_empty()) {
            self.notes.add(start, format!("`{}` has no numbers: it is taken as a heading and ignored", shown(name)));
        } else if numbers.first().is_some_and(|cell| Column::of(cell.text) == columns.first().copied()) {
            self.notes.add(start, "one more header is ignored");
        } else {
            let row = self.row(record)?;
            self.note_extras(record, &row);
            self.rows.push(row);
        }
        Ok(())
    }

    /// The layer of a row.
    fn row(&self, record: &Record) -> Result<TopologyRow, Mistake> {
        let name = record.cells.first().map_or("", |cell| cell.text).to_owned();
        match self.form {
            TopologyForm::Gemm => {
                let [m, n, k] = self.numbers(record)?;
                let (common, _) = self.extras_of(record)?;
                Ok(TopologyRow::Gemm(GemmRow { name, m, n, k, common }))
            }
            TopologyForm::Conv => {
                let [height, width, filter_height, filter_width, channels, filters, stride] = self.numbers(record)?;
                let (common, stride_width) = self.extras_of(record)?;
                let (input, filter) = ([height, width], [filter_height, filter_width]);
                let (depthwise, stride) = (name.contains("DP"), [stride, stride_width.unwrap_or(stride)]);
                let row = ConvRow { name, input, filter, channels, filters, stride, depthwise, common };
                self.fits(&row, record)?;
                Ok(TopologyRow::Conv(row))
            }
        }
    }

    /// The numbers behind the name, as many as the form has.
    fn numbers<const COUNT: usize>(&self, record: &Record) -> Result<[u64; COUNT], Mistake> {
        let mut numbers = [0; COUNT];
        for (index, (number, column)) in numbers.iter_mut().zip(self.form.columns()).enumerate() {
            *number = match record.cells.get(index + 1) {
                Some(cell) if !cell.text.is_empty() => self.number(cell, column.name())?,
                cell => {
                    let end = record.cells.last().map_or(0, |cell| cell.at.end);
                    let at = cell.map_or(end..end, |cell| cell.at.clone());
                    let name = record.cells.first().map_or("", |cell| cell.text);
                    let message = format!("`{}` has no number for {}", shown(name), column.name());
                    let label = format!("{} belongs in column {}", column.name(), index + 2);
                    return Err(self.source.mistake("workload::topology_missing", at, message, label, self.wanted()));
                }
            };
        }
        Ok(numbers)
    }

    /// What a row of this form has.
    fn wanted(&self) -> &'static str {
        match self.form {
            TopologyForm::Conv => {
                "a convolution is: name, input height, input width, filter height, filter width, channels, filters, stride; \
                 for rows of M, N, K give `--topology gemm`"
            }
            TopologyForm::Gemm => "a GEMM is: name, M, N, K; for rows of convolutions give `--topology conv`",
        }
    }

    fn number(&self, cell: &Cell, what: &str) -> Result<u64, Mistake> {
        let (message, label) = match cell.text.parse::<u64>() {
            Ok(number) if (1..=GREATEST).contains(&number) => return Ok(number),
            Ok(number) => (format!("{what} is {number}, out of range"), "this number"),
            Err(_) => (format!("{what} is no whole number: `{}`", shown(cell.text)), "this cell"),
        };
        let help = format!("write a whole number of 1 to {GREATEST} here");
        Err(self.source.mistake("workload::topology_number", cell.at.clone(), message, label, help))
    }

    /// What the columns behind the numbers say: what every row may have, and the stride along the width.
    fn extras_of(&self, record: &Record) -> Result<(RowCommon, Option<u64>), Mistake> {
        let at = record.cells.first().map_or(0..0, |cell| cell.at.clone());
        let mut common = RowCommon { batch: 1, sparsity: None, at };
        let mut stride_width = None;
        for (_, cell, extra) in self.behind(record) {
            match extra {
                Some(Extra::Batch) => common.batch = self.number(&cell, "the batch size")?,
                Some(Extra::StrideWidth) => stride_width = Some(self.number(&cell, "the stride along the width")?),
                Some(Extra::Sparsity) => common.sparsity = Some(self.sparsity(&cell)?),
                None => {}
            }
        }
        Ok((common, stride_width))
    }

    fn fits(&self, row: &ConvRow, record: &Record) -> Result<(), Mistake> {
        for (side, what) in ["high", "wide"].into_iter().enumerate() {
            if row.filter[side] > row.input[side] {
                let (filter, input) = (row.filter[side], row.input[side]);
                let message = format!("the filter of `{}` is {filter} {what}, its input {input}", shown(&row.name));
                let help = "a filter must fit into its input; inputs are written with their padding";
                let at = record.cells[3 + side].at.clone();
                return Err(self.source.mistake("workload::topology_filter", at, message, "this filter", help));
            }
        }
        Ok(())
    }

    /// The cells behind the numbers that say something, each with its column and its meaning: that of the heading, or of an
    /// N:M by itself.
    fn behind<'t>(&self, record: &Record<'t>) -> Vec<(usize, Cell<'t>, Option<Extra>)> {
        let first = 1 + self.form.columns().len();
        let cells = record.cells.iter().enumerate().skip(first).filter(|(_, cell)| !cell.text.is_empty());
        let meaning = |(index, cell): (usize, &Cell<'t>)| {
            let said = self.extras.get(index - first).copied().flatten();
            let ratio = ratio(cell.text).map(|_| Extra::Sparsity);
            (index + 1, cell.clone(), said.or(ratio))
        };
        cells.map(meaning).collect()
    }

    fn sparsity(&self, cell: &Cell) -> Result<SparsityRatio, Mistake> {
        match ratio(cell.text) {
            Some((kept, of)) if (1..=of).contains(&kept) && of <= GREATEST => Ok(SparsityRatio { kept, of }),
            _ => {
                let message = format!("`{}` is no sparsity", shown(cell.text));
                let help = "write N:M with N of 1 to M, as in 2:4, or leave the cell empty for a dense layer";
                Err(self.source.mistake("workload::topology_sparsity", cell.at.clone(), message, "this cell", help))
            }
        }
    }

    /// What is ignored of a row that is a layer, and what is taken in a way of its own.
    fn note_extras(&mut self, record: &Record, row: &TopologyRow) {
        for (column, cell, extra) in self.behind(record) {
            let said = shown(cell.text);
            match extra {
                None => self.notes.add(cell.at.start, format!("`{said}` in column {column} means nothing here and is ignored")),
                Some(Extra::Sparsity) => {
                    self.notes.add(cell.at.start, format!("the sparsity {said} is ignored: the layer is dense"));
                }
                Some(Extra::Batch | Extra::StrideWidth) => {}
            }
        }
        if let Some(beyond) = &record.beyond {
            let text = format!("what stands in column {} and behind it is ignored", record.cells.len() + 1);
            self.notes.add(beyond.start, text);
        }
        let (name, common) = (shown(row.name()), row.common());
        let start = common.at.start;
        if common.batch > 1 {
            let text = format!("`{name}` counts {} times, once an image of its batch; SCALE-Sim has no batches", common.batch);
            self.notes.add(start, text);
        }
        if let TopologyRow::Conv(row) = row {
            if row.depthwise {
                let ConvRow { channels, filters, .. } = row;
                let text = format!("`{name}` has DP in its name: {channels} layers of one channel and {filters} filters each");
                self.notes.add(start, text);
            }
        }
    }
}

/// The two numbers of `2:4`.
fn ratio(text: &str) -> Option<(u64, u64)> {
    let (kept, of) = text.split_once(':')?;
    Some((kept.trim().parse().ok()?, of.trim().parse().ok()?))
}

/// A text of a file as messages quote it: not too long, on one line.
pub(super) fn shown(text: &str) -> String {
    let mut letters = text.chars().map(|letter| if letter.is_control() { '?' } else { letter });
    let head: String = letters.by_ref().take(40).collect();
    if letters.next().is_some() { head + ".." } else { head }
}
