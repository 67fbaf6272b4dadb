//! Systolic arrays: complete engines with streams, skew, control and drain.

mod control;
mod output_stationary;
mod pe;
mod schedule;
mod timing;
mod traffic;
mod weight_stationary;

pub use schedule::Schedule;
pub use timing::Timing;
pub use traffic::{law_text, streams};

use super::parts::adder::final_adder;
use super::parts::links::Links;
use super::parts::multiply::Multiply;
use super::{Dataflow, EngineSpec, Operand};
use crate::netlist::{ModuleBuilder, NetId, Netlist, NetlistBuilder, NetlistError};
use crate::notation::Accumulation;

/// What the generators of a systolic array share.
struct Context<'a> {
    spec: &'a EngineSpec,
    accumulation: Accumulation,
    prefix: String,
}

impl Context<'_> {
    fn carries_pair(&self) -> bool {
        self.accumulation == Accumulation::CarrySave
    }

    /// The words that carry a sum from PE to PE, as (stem, width): one resolved word, or the two of a carry-save pair.
    fn sum_words(&self) -> Vec<(&'static str, u32)> {
        let width = self.spec.acc_bits;
        if self.carries_pair() { vec![("sum", width), ("carry", width - 1)] } else { vec![("acc", width)] }
    }

    fn multiply(&self) -> Multiply {
        let (multiplier_bits, multiplicand_bits) = match self.spec.encoded {
            Operand::A => (self.spec.a_bits, self.spec.b_bits),
            Operand::B => (self.spec.b_bits, self.spec.a_bits),
        };
        Multiply {
            prefix: self.prefix.clone(),
            encoding: self.spec.encoding,
            multiplier_bits,
            multiplicand_bits,
            acc_bits: self.spec.acc_bits,
        }
    }

    /// `_a8_b8_acc32`: the formats, as they stand in module names.
    fn formats(&self) -> String {
        format!("_a{}_b{}_acc{}", self.spec.a_bits, self.spec.b_bits, self.spec.acc_bits)
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
        let adder = final_adder(netlist, &self.prefix, self.spec.acc_bits)?;
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
/// Whatever the builders notice: a defect of the generator.
pub fn netlist(spec: &EngineSpec, accumulation: Accumulation) -> Result<Netlist, NetlistError> {
    let context = Context { spec, accumulation, prefix: spec.prefix() };
    let mut netlist = NetlistBuilder::new();
    let top = match spec.dataflow() {
        Dataflow::OutputStationary => output_stationary::top(&context, &mut netlist)?,
        Dataflow::WeightStationary | Dataflow::InputStationary => weight_stationary::top(&context, &mut netlist)?,
    };
    Ok(netlist.finish(top, spec.reset))
}
