//! Dense arrays, whose cycles do not depend on their operands: systolic arrays, cubes, adder trees, 2D matrices. Complete engines
//! with streams, skew or broadcast, control and drain.

mod control;
mod output_stationary;
mod pe;
mod schedule;
mod selection;
mod timing;
mod traffic;
mod weight_stationary;

pub use schedule::Schedule;
pub use selection::{Compressed, Selection};
pub use timing::Timing;
pub use traffic::{law_text, streams};

use super::parts::adder::final_adder;
use super::parts::copies::{Copies, Wire};
use super::parts::dot_product::DotProduct;
use super::parts::encoder::edge_encoder;
use super::parts::links::Links;
use super::parts::multiply::Multiply;
use super::parts::select::select;
use super::{Array, Dataflow, EncoderPlace, EngineError, EngineSpec, Operand};
use crate::encoding::EncodingKind;
use crate::netlist::{ModuleBuilder, NetId, Netlist, NetlistBuilder, NetlistError};
use crate::notation::{Accumulation, Structure};

/// What the generators of a dense array share.
struct Context<'a> {
    spec: &'a EngineSpec,
    structure: Structure,
    timing: Timing,
    prefix: String,
}

/// What an operand is called in an array in which one of them stays.
struct Port {
    operand: Operand,
    /// Stem of its ports inside the array.
    name: &'static str,
    /// What a beat of it is, and of which matrix.
    beat: &'static str,
    matrix: &'static str,
}

impl Context<'_> {
    /// The operand that streams and the one that stays.
    fn stationary(&self) -> (Port, Port) {
        let port = |operand, name, beat, matrix| Port { operand, name, beat, matrix };
        match self.spec.dataflow() {
            Dataflow::InputStationary => {
                (port(Operand::B, "b", "column", "B"), port(Operand::A, "input", "column", "inputs"))
            }
            _ => (port(Operand::A, "a", "row", "A"), port(Operand::B, "weight", "row", "weights")),
        }
    }

    fn carries_pair(&self) -> bool {
        self.structure.accumulation == Accumulation::CarrySave
    }

    /// The words that carry a sum from PE to PE, as (stem, width): one resolved word, or the two of a carry-save pair.
    fn sum_words(&self) -> Vec<(&'static str, u32)> {
        let width = self.spec.sum_bits();
        if self.carries_pair() { vec![("sum", width), ("carry", width - 1)] } else { vec![("acc", width)] }
    }

    /// The multiplications of one PE, reduced.
    fn dot_product(&self) -> DotProduct {
        let spec = self.spec;
        let (multiplier_bits, multiplicand_bits) = match spec.encoded {
            Operand::A => (spec.a_word_bits(), spec.b_word_bits()),
            Operand::B => (spec.b_word_bits(), spec.a_word_bits()),
        };
        let multiply = Multiply {
            prefix: self.prefix.clone(),
            encoding: spec.encoding,
            multiplier_bits,
            multiplicand_bits,
            acc_bits: spec.sum_bits(),
            encoded: self.structure.encoder != EncoderPlace::Pe,
        };
        DotProduct {
            multiply,
            depth: spec.array.depth(),
            aligned: timing::aligns(&self.structure),
            staged: timing::is_staged(&self.structure),
        }
    }

    /// `_a8_b8_acc32`: the formats, as they stand in module names.
    fn formats(&self) -> String {
        let spec = self.spec;
        let sign = |signed: bool| if signed { "" } else { "u" };
        let depth = if spec.array.depth() > 1 { format!("_k{}", spec.array.depth()) } else { String::new() };
        let kept = self.timing.selection.map_or(String::new(), |of| format!("_{}of{}", of.of.n, of.of.m));
        format!(
            "_a{}{}_b{}{}_acc{}{depth}{kept}",
            sign(spec.a_signed),
            spec.a_bits,
            sign(spec.b_signed),
            spec.b_bits,
            spec.sum_bits()
        )
    }

    fn is_encoded(&self, operand: Operand) -> bool {
        self.spec.encoding.is_some() && self.spec.encoded == operand
    }

    /// Bits of an operand in its stream.
    fn stream_bits(&self, operand: Operand) -> u32 {
        match operand {
            _ if self.is_encoded(operand) && self.structure.encoder == EncoderPlace::Stored => self.array_bits(operand),
            Operand::A => self.spec.a_bits,
            Operand::B => self.spec.b_bits,
        }
    }

    /// Bits of an operand inside the array: those of its select lines, if it was encoded on the way in.
    fn array_bits(&self, operand: Operand) -> u32 {
        match operand {
            _ if self.is_encoded(operand) => match self.structure.encoder {
                EncoderPlace::Pe if operand == Operand::A => self.spec.a_bits,
                EncoderPlace::Pe => self.spec.b_bits,
                _ => self.dot_product().multiply.multiplier_port_bits(),
            },
            Operand::A => self.spec.a_bits,
            Operand::B => self.spec.b_bits,
        }
    }

    /// Whether the digit of the bit weight at hand is selected once for all PEs that use an operand: where it is not encoded
    /// in each of them, broadcast, and worked on one bit weight after the other.
    fn selects_at_the_edge(&self) -> bool {
        !self.timing.hops && self.timing.step_cycles > 1 && self.structure.encoder != EncoderPlace::Pe
    }

    /// Bits of an operand at the port of a PE.
    fn pe_bits(&self, operand: Operand) -> u32 {
        match self.is_encoded(operand) && self.selects_at_the_edge() {
            true => self.dot_product().digit_bits(),
            false => self.array_bits(operand),
        }
    }

    /// What an operand's registers at the edge give to the PEs: all of it, or the digit of the bit weight `weight`.
    fn broadcast(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        operand: Operand,
        (held, lanes): (NetId, u32),
        weight: Option<NetId>,
    ) -> Result<NetId, NetlistError> {
        match weight {
            Some(weight) if self.is_encoded(operand) && self.selects_at_the_edge() => {
                m.comment("Of the operands that are held, the digit of the bit weight at hand.");
                self.dot_product().select_digits(netlist, m, (held, lanes), weight)
            }
            _ => Ok(held),
        }
    }

    /// A beat of operands as it enters the array: through encoders, if these stand at its edge.
    fn edge(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        operand: Operand,
        (data, lanes): (NetId, u32),
    ) -> Result<NetId, NetlistError> {
        if !self.is_encoded(operand) || self.structure.encoder != EncoderPlace::Edge {
            return Ok(data);
        }
        let (name, bits, signed) = match operand {
            Operand::A => ("a", self.spec.a_bits, self.spec.a_signed),
            Operand::B => ("b", self.spec.b_bits, self.spec.b_signed),
        };
        let kind = self.spec.encoding.unwrap_or(EncodingKind::Booth4);
        let module = edge_encoder(netlist, &self.prefix, kind, (bits, signed))?;
        m.comment("Operands become select lines of digits once, where they come in.");
        let digits = m.bundle(format!("{name}_digits"), self.array_bits(operand), lanes);
        let wires = [("x_i", Wire::Own(data)), ("digits_o", Wire::Own(digits))];
        Copies { netlist, module, name: "edge_encoder", axis: ("operand", lanes) }.place(m, &wires);
        Ok(digits)
    }

    /// An operand's lanes in a PE as two's complement words (or select lines): an unsigned one gets a sign bit of 0.
    fn word(&self, m: &mut ModuleBuilder, operand: Operand, net: NetId) -> NetId {
        let (name, signed, bits) = match operand {
            Operand::A => ("a", self.spec.a_signed, self.spec.a_word_bits()),
            Operand::B => ("b", self.spec.b_signed, self.spec.b_word_bits()),
        };
        if signed || (self.is_encoded(operand) && self.structure.encoder != EncoderPlace::Pe) {
            return net;
        }
        match self.spec.array.depth() {
            1 => m.zero_extend(net, bits),
            depth => {
                let words: Vec<NetId> = (0..depth)
                    .map(|lane| {
                        let word = m.lane(net, lane);
                        m.zero_extend(word, bits)
                    })
                    .collect();
                m.join(&format!("{name}_words"), &words)
            }
        }
    }

    /// Words of A at a port of a PE.
    fn words_of_a(&self) -> u32 {
        self.timing.selection.map_or(self.spec.array.depth(), |selection| selection.words)
    }

    /// Of the words of A in a PE those that its weights are multiplied by; all of them where B is not compressed.
    fn selected(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        a: NetId,
        index: Option<NetId>,
    ) -> Result<NetId, NetlistError> {
        let (Some(selection), Some(index)) = (self.timing.selection, index) else { return Ok(a) };
        let depth = self.spec.array.depth();
        let bits = self.array_bits(Operand::A);
        let module = select(netlist, &self.prefix, (selection.of.m, depth / selection.groups, bits))?;
        let chosen = m.bundle("a_selected", bits, depth);
        let wires = [("x_i", Wire::Own(a)), ("index_i", Wire::Own(index)), ("y_o", Wire::Own(chosen))];
        Copies { netlist, module, name: "select", axis: ("group", selection.groups) }.place(m, &wires);
        Ok(chosen)
    }

    /// The PE's operands as multiplier and multiplicand.
    fn roles(&self, m: &mut ModuleBuilder, a: NetId, b: NetId) -> (NetId, NetId) {
        let (a, b) = (self.word(m, Operand::A, a), self.word(m, Operand::B, b));
        match self.spec.encoded {
            Operand::A => (a, b),
            Operand::B => (b, a),
        }
    }
}

impl Context<'_> {
    /// One final adder a column: resolves the carry-save pairs that leave the array into `results`, one edge later.
    fn final_adders(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        advance: NetId,
        [sum, carry]: [NetId; 2],
        results: NetId,
    ) -> Result<(), NetlistError> {
        m.comment("Final adders: carries propagate here, once for each result.");
        let adder = final_adder(netlist, &self.prefix, self.spec.sum_bits())?;
        let mut links = Links::new(netlist, adder, "final_adder");
        links.all(m, "advance_i", advance);
        links.own(m, "sum_i", sum);
        links.own(m, "carry_i", carry);
        links.own(m, "result_o", results);
        let links = links.links;
        m.grid("final_adder", adder, &[("col", self.spec.cols)], links);
        Ok(())
    }
}

/// The netlist of the complete engine.
///
/// # Errors
/// A transform that does not apply; [`EngineError::NotBuilt`] for a bit-serial array whose A is not in bits; whatever the builders
/// notice, which is a defect of the generator.
pub fn netlist(spec: &EngineSpec, structure: Structure) -> Result<Netlist, EngineError> {
    let timing = Timing::of(spec, &structure)?;
    let in_bits = spec.encoding == Some(EncodingKind::TwosComplement) && spec.encoded == Operand::A;
    if matches!(spec.array, Array::Stripes { .. }) && !in_bits {
        return Err(EngineError::NotBuilt { array: spec.array.name() });
    }
    let context = Context { spec, structure, timing, prefix: spec.prefix() };
    let mut netlist = NetlistBuilder::new();
    let top = match spec.dataflow() {
        Dataflow::OutputStationary => output_stationary::top(&context, &mut netlist)?,
        Dataflow::WeightStationary | Dataflow::InputStationary => weight_stationary::top(&context, &mut netlist)?,
    };
    Ok(netlist.finish(top, spec.reset))
}
