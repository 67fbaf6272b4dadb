//! One row of a topology after another, each a layer or something that is noted.

use super::error::Source;
use super::header::{Column, Extra, TopologyForm};
use super::rows::{ConvRow, GemmRow, RowCommon, SparsityRatio, TopologyRow};
use super::table::{Cell, Record};
use crate::mistake::Mistake;
use crate::note::Notes;
use crate::workload::origin::Origin;
use crate::workload::resolve::{LAYER_BITS, beyond_layers};

/// The greatest number of a cell.
const GREATEST: u64 = 1 << 24;
/// The greatest M of an N:M.
const GREATEST_GROUP: u64 = 1024;

/// What is known while rows are read.
pub(super) struct Reader<'t, 'n> {
    pub source: Source<'t>,
    pub notes: &'n mut Notes<'t>,
    pub form: TopologyForm,
    /// What the columns behind the numbers mean.
    pub extras: Vec<Option<Extra>>,
    /// The layers so far.
    pub rows: Vec<TopologyRow>,
}

impl Reader<'_, '_> {
    /// A line of the file: a layer, or something that is no layer and noted.
    pub fn record(&mut self, record: &Record) -> Result<(), Mistake> {
        let start = record.start();
        let name = record.cells.first().map_or("", |cell| cell.text);
        let numbers = record.cells.get(1..).unwrap_or_default();
        let columns = self.form.columns();
        if record.is_empty() {
            // A line of blanks says nothing; one of separators was meant as a row.
            if record.cells.len() > 1 {
                self.notes.add(start, "a row without a value is ignored");
            }
        } else if name.starts_with('#') || name.starts_with("//") {
            self.notes.add(start, "a comment is ignored");
        } else if record.beyond.is_none() && numbers.iter().all(|cell| cell.text.is_empty()) {
            self.notes.add(start, format!("`{}` has no numbers: it is taken as a heading and ignored", shown(name)));
        } else if numbers.first().is_some_and(|cell| Column::of(cell.text) == columns.first().copied()) {
            self.notes.add(start, "one more header is ignored");
        } else {
            if self.rows.len() >> LAYER_BITS > 0 {
                let at = record.cells.first().map_or(start..start, |cell| cell.at.clone());
                let message = format!("layer `{}` {}", shown(name), beyond_layers());
                let help = Origin::Topology.fewer_layers();
                return Err(self.source.mistake("workload::too_much_work", at, message, "this layer", help));
            }
            let row = self.row(record)?;
            self.note_extras(record, &row);
            self.rows.push(row);
        }
        Ok(())
    }

    /// The layer of a row.
    pub fn row(&self, record: &Record) -> Result<TopologyRow, Mistake> {
        for cell in &record.cells {
            // As it stands in the file: a quote that is opened and not closed in its cell has a comma in it.
            let text = self.source.text;
            let opened = text[..cell.at.start].trim_end_matches([' ', '\t']).ends_with('"');
            let closed = text[cell.at.end..].trim_start_matches([' ', '\t']).starts_with('"');
            if opened && !closed {
                let help = "SCALE-Sim cuts a row at every comma, quoted or not: write names and numbers without commas \
                            and quotes, 1024 and not \"1,024\"";
                let message = format!("a quoted cell is cut at its comma, behind `{}`", shown(cell.text));
                let at = cell.at.clone();
                return Err(self.source.mistake("workload::topology_number", at, message, "the quote is open", help));
            }
        }
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
            Some((kept, of)) if (1..=of).contains(&kept) && of <= GREATEST_GROUP => Ok(SparsityRatio { kept, of }),
            _ => {
                let message = format!("`{}` is no sparsity", shown(cell.text));
                let help = "write N:M with N of 1 to M and M of 1 to 1024, as in 2:4, or leave the cell empty for a dense layer";
                Err(self.source.mistake("workload::topology_sparsity", cell.at.clone(), message, "this cell", help))
            }
        }
    }

    /// What is ignored of a row that is a layer, and what is taken in a way of its own.
    fn note_extras(&mut self, record: &Record, row: &TopologyRow) {
        for (column, cell, extra) in self.behind(record) {
            let said = shown(cell.text);
            match extra {
                None => self
                    .notes
                    .add(cell.at.start, format!("`{said}` in column {column} means nothing here and is ignored")),
                Some(Extra::Sparsity) => {
                    if let Some(SparsityRatio { kept, of }) = row.common().sparsity {
                        let text = format!(
                            "{said}: {kept} of every {of} weights along K stay, whatever [sparsity] of a configuration says"
                        );
                        self.notes.add(cell.at.start, text);
                    }
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
            let text =
                format!("`{name}` counts {} times, once an image of its batch; SCALE-Sim has no batches", common.batch);
            self.notes.add(start, text);
        }
        if let TopologyRow::Conv(ConvRow { depthwise: true, channels, .. }) = row {
            self.notes.add(start, format!("`{name}` has DP in its name: a layer of one channel, {channels} times"));
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
