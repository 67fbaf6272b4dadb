//! Streams of a test bench whose readers shake hands on their own, or that say which word they want: state is a vector with a
//! bit, or an array with an entry, for each reader.

use crate::emit::bundle::{port_shape, shapes, stored_bits};
use crate::emit::test_bench::address_bits;
use crate::emit::text::Text;
use crate::engine::StreamInfo;
use crate::netlist::Netlist;

/// A stream of this kind, and how its beats lie in memory.
pub(super) struct Readers<'a> {
    pub netlist: &'a Netlist,
    pub stream: &'a StreamInfo,
    /// Words in memory.
    pub stored: usize,
}

impl Readers<'_> {
    /// Whether a stream needs all this.
    pub fn are_of(stream: &StreamInfo) -> bool {
        stream.readers > 1 || stream.index.is_some()
    }

    /// Its memory and the state of its readers.
    pub fn declare(&self, text: &mut Text) {
        let (name, readers) = (self.stream.name(), self.stream.readers);
        let address = address_bits(self.stored);
        let stored = stored_bits(self.netlist, self.stream);
        text.gap();
        text.line(2, &format!("reg [{}:0] {name}_mem [{}];", stored - 1, 1_u64 << address));
        text.line(2, &format!("reg [{}:0] {name}_at [{readers}];", address - 1));
        text.line(2, &format!("reg [31:0] {name}_left [{readers}];"));
        text.line(2, &format!("reg [63:0] {name}_pattern = 64'd0;"));
        let vector = format!("[{}:0] {name}", readers - 1);
        for state in ["more", "valid", "taken"] {
            text.line(2, &format!("reg {vector}_{state} = {readers}'d0;"));
        }
        text.line(2, &format!("wire {vector}_ready;"));
        for (field, (width, lanes)) in self.stream.fields.iter().zip(shapes(self.netlist, self.stream)) {
            text.line(2, &format!("wire [{}:0] {};", readers * width * lanes - 1, signal(field)));
        }
        if let Some((index, width)) = self.index() {
            text.line(2, &format!("wire [{}:0] {};", readers * width - 1, signal(index)));
            text.line(2, &format!("wire {vector}_astray;"));
        }
        self.generate(text);
    }

    /// What each reader is shown, and whether it wants something else.
    fn generate(&self, text: &mut Text) {
        let (name, readers) = (self.stream.name(), self.stream.readers);
        let reader = format!("{name}_reader");
        let beat = format!("{name}_mem[{name}_at[{reader}]]");
        text.line(2, &format!("genvar {reader};"));
        text.line(2, "generate");
        text.line(4, &format!("for ({reader} = 0; {reader} < {readers}; {reader} = {reader} + 1) begin : gen_{name}"));
        let stored = stored_bits(self.netlist, self.stream);
        let cut = |low: u32, bits: u32| match bits == stored {
            true => beat.clone(),
            false => format!("{beat}[{}:{low}]", low + bits - 1),
        };
        let mut low = 0;
        for (field, (width, lanes)) in self.stream.fields.iter().zip(shapes(self.netlist, self.stream)) {
            let bits = width * lanes;
            text.line(6, &format!("assign {}[{reader} * {bits} +: {bits}] = {};", signal(field), cut(low, bits)));
            low += bits;
        }
        if let Some((index, width)) = self.index() {
            let asked = format!("{}[{reader} * {width} +: {width}]", signal(index));
            text.line(6, &format!("assign {name}_astray[{reader}] = {asked} !== {};", cut(low, width)));
        }
        text.line(4, "end");
        text.line(2, "endgenerate");
    }

    /// The index port and its width.
    fn index(&self) -> Option<(&str, u32)> {
        let index = self.stream.index.as_deref()?;
        Some((index, port_shape(self.netlist, index)?.0))
    }

    /// Reads the rows of a case; `row` is the first word of the stream, and afterwards that of the pattern.
    pub fn load(&self, row_bits: u32, text: &mut Text) {
        let (name, readers, reader) = (self.stream.name(), self.stream.readers, self.place());
        text.line(6, &format!("for (reader = 0; reader < {readers}; reader = reader + 1) begin"));
        text.line(8, &format!("{name}_at[{reader}] = case_mem[row][{}:0];", address_bits(self.stored) - 1));
        text.line(8, &format!("{name}_left[{reader}] = case_mem[row + {row_bits}'d1][31:0];"));
        text.line(8, &format!("{name}_more[{reader}] = {name}_left[{reader}] != 32'd0;"));
        text.line(8, &format!("row = row + {row_bits}'d2;"));
        text.line(6, "end");
        text.line(6, &format!("{name}_pattern = case_mem[row];"));
        text.line(6, &format!("{name}_valid = {name}_more & {};", self.offered("0")));
    }

    /// What is looked at before the edge.
    pub fn look(&self, text: &mut Text) {
        let name = self.stream.name();
        if self.stream.index.is_none() {
            return;
        }
        text.line(8, &format!("if (({name}_taken & {name}_astray) !== {}'d0) begin", self.stream.readers));
        text.line(10, "failures = failures + 1;");
        text.line(10, "if (failures < 10) begin");
        text.line(
            12,
            &format!(
                "$display(\"FAIL case %0d edge %0d: readers %h of {name} want another word\", case_at, now, \
                 {name}_taken & {name}_astray);"
            ),
        );
        text.line(10, "end");
        text.line(8, "end");
    }

    /// The next beat of whoever took one, and who is offered one next.
    pub fn advance(&self, text: &mut Text) {
        let (name, readers, reader) = (self.stream.name(), self.stream.readers, self.place());
        text.line(8, &format!("for (reader = 0; reader < {readers}; reader = reader + 1) begin"));
        text.line(10, &format!("if ({name}_taken[{reader}] && {name}_more[{reader}]) begin"));
        text.line(12, &format!("{name}_at[{reader}] = {name}_at[{reader}] + {}'d1;", address_bits(self.stored)));
        text.line(12, &format!("{name}_left[{reader}] = {name}_left[{reader}] - 32'd1;"));
        text.line(12, &format!("{name}_more[{reader}] = {name}_left[{reader}] != 32'd0;"));
        text.line(10, "end");
        text.line(8, "end");
        text.line(8, &format!("{name}_valid = ({name}_valid & ~{name}_taken)"));
        text.line(12, &format!("| ({name}_more & {});", self.offered("now[5:0]")));
    }

    /// The bit of the pattern, for every reader.
    fn offered(&self, bit: &str) -> String {
        format!("{{{}{{{}_pattern[{bit}]}}}}", self.stream.readers, self.stream.name())
    }

    /// The loop variable, as wide as an index of the readers.
    fn place(&self) -> String {
        format!("reader[{}:0]", address_bits(self.stream.readers as usize) - 1)
    }
}

/// The signal of a port: its name without the direction.
pub(super) fn signal(port: &str) -> &str {
    port.strip_suffix("_i").or_else(|| port.strip_suffix("_o")).unwrap_or(port)
}
