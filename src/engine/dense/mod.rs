//! Systolic arrays: complete engines with streams, skew, control and drain.

mod control;
mod output_stationary;
mod pe;
mod row_control;
mod schedule;
mod timing;
mod traffic;
mod weight_stationary;

pub use schedule::Schedule;
pub use timing::Timing;
pub use traffic::{law_text, streams};

use super::parts::adder::final_adder;
use super::parts::multiply::Multiply;
use super::{Dataflow, EngineSpec, Operand};
use crate::netlist::{Link, ModuleBuilder, ModuleId, NetId, Netlist, NetlistBuilder, NetlistError, RegisterControl};
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

/// Loads when `enable` is 1; not reset.
fn enabled(enable: NetId) -> RegisterControl {
    RegisterControl { enable: Some(enable), ..Default::default() }
}

/// Loads when `enable` is 1; 0 under reset.
fn control(enable: NetId) -> RegisterControl {
    RegisterControl { enable: Some(enable), reset: Some(0), ..Default::default() }
}

/// Makes the links of a grid by port name.
struct Links<'a> {
    netlist: &'a NetlistBuilder,
    module: ModuleId,
    grid: &'static str,
    links: Vec<Link>,
}

impl<'a> Links<'a> {
    fn new(netlist: &'a NetlistBuilder, module: ModuleId, grid: &'static str) -> Self {
        Self { netlist, module, grid, links: Vec::new() }
    }

    fn port(&self, m: &mut ModuleBuilder, port: &str) -> NetId {
        m.port_of(self.netlist, self.module, self.grid, port)
    }

    fn all(&mut self, m: &mut ModuleBuilder, port: &str, net: NetId) {
        let port = self.port(m, port);
        self.links.push(Link::All { port, net });
    }

    fn along(&mut self, m: &mut ModuleBuilder, port: &str, axis: usize, net: NetId) {
        let port = self.port(m, port);
        self.links.push(Link::Along { port, axis, net });
    }

    fn own(&mut self, m: &mut ModuleBuilder, port: &str, net: NetId) {
        let port = self.port(m, port);
        self.links.push(Link::Own { port, net });
    }

    /// A chain `{stem}_i` to `{stem}_o` along `axis`, southwards or eastwards.
    fn pass(&mut self, m: &mut ModuleBuilder, stem: &str, axis: usize, entry: NetId, exit: Option<NetId>) {
        let into = self.port(m, &format!("{stem}_i"));
        let out = self.port(m, &format!("{stem}_o"));
        self.links.push(Link::Pass { into, out, axis, reverse: false, entry, exit });
    }
}

/// A down counter that stops at 0: loads `value` when `load` is 1, else steps when `advance` is 1. Returns the one-bit net
/// "is 0". Nothing is built for `value` 0.
fn gap_counter(m: &mut ModuleBuilder, name: &str, value: u32, load: NetId, advance: NetId) -> Option<NetId> {
    if value == 0 {
        return None;
    }
    let width = 32 - value.leading_zeros();
    let q = m.net(format!("{name}_q"), width);
    let zero = m.constant(width, 0);
    let idle = m.equal(&format!("{name}_done"), q, zero);
    let one = m.constant(width, 1);
    let less = m.sub(&format!("{name}_less"), q, one);
    let next = m.mux(&format!("{name}_next"), idle, zero, less);
    let start = m.constant(width, u64::from(value));
    let d = m.mux(&format!("{name}_d"), load, start, next);
    m.register_into(q, d, control(advance));
    Some(idle)
}
