//! A unit of Laconic: lanes, histogram, final tree, accumulator, drain register.

use super::histogram::{count_bits, counter, final_tree};
use super::lane::lane;
use crate::engine::EngineSpec;
use crate::engine::parts::links::enabled;
use crate::engine::parts::reduce::all;
use crate::netlist::{Link, ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// The unit module for operands of `a_slots` and `b_slots` places.
///
/// Operands loaded at edge t are worked on from cycle t + 1 on; a pair's power of two is in the histogram's registers one
/// edge later, in the accumulator one more. `count_valid_i` and `count_first_i` go with the histogram's registers.
pub(super) fn unit(
    netlist: &mut NetlistBuilder,
    spec: &EngineSpec,
    (a_slots, b_slots): (u32, u32),
) -> Result<ModuleId, NetlistError> {
    let prefix = spec.prefix();
    let lanes = spec.array.depth();
    let width = spec.sum_bits();
    let exponents = a_slots + b_slots - 1;
    let lane = lane(netlist, &prefix, (a_slots, b_slots))?;
    let counter = counter(netlist, &prefix, lanes)?;
    let tree = final_tree(netlist, &prefix, (exponents, lanes), width)?;

    let mut m = ModuleBuilder::new(format!("{prefix}_unit_l{lanes}_a{a_slots}_b{b_slots}_acc{width}"));
    m.doc(format!("Dot-product unit: {lanes} lanes take a pair of terms a cycle; how often each power of two"));
    m.doc("occurs is counted, and the counts are added to the accumulator.");
    let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
    let load = m.input("load_i", 1, "takes new operands at the next edge");
    let valid = m.input("count_valid_i", 1, "the counts are those of a step");
    let first = m.input("count_first_i", 1, "they are the first of a tile: the accumulator starts at 0");
    let capture = m.input("capture_i", 1, "the accumulator is complete");
    let shift = m.input("shift_i", 1, "moves the drain chain");
    let inputs = [
        ("a_terms_i", a_slots, "terms of the next a"),
        ("a_negative_i", a_slots, "which terms of this a are negative"),
        ("b_terms_i", b_slots, "terms of the next b"),
        ("b_held_i", b_slots, "terms of this b"),
        ("b_negative_i", b_slots, "which terms of this b are negative"),
    ]
    .map(|(name, bits, doc)| (name, m.input_bundle(name, bits, lanes, doc)));
    let drain = m.input("drain_acc_i", width, "drain chain, from the north");

    let plus = m.bundle("plus", exponents, lanes);
    let minus = m.bundle("minus", exponents, lanes);
    let lane_done = m.bundle("lane_done", 1, lanes);
    let mut port = |name: &str| m.port_of(netlist, lane, "lane", name);
    let mut links =
        vec![Link::All { port: port("advance_i"), net: advance }, Link::All { port: port("load_i"), net: load }];
    links.extend(inputs.map(|(name, net)| Link::Own { port: port(name), net }));
    links.extend([
        Link::Own { port: port("plus_o"), net: plus },
        Link::Own { port: port("minus_o"), net: minus },
        Link::Own { port: port("done_o"), net: lane_done },
    ]);
    m.grid("lane", lane, &[("lane", lanes)], links);

    m.comment("The bits of all lanes, sorted by the power of two that they stand for.");
    let by_exponent = |m: &mut ModuleBuilder, name: &str, bundle: NetId| {
        let words: Vec<NetId> = (0..lanes).map(|lane| m.lane(bundle, lane)).collect();
        let columns: Vec<NetId> = (0..exponents)
            .map(|exponent| {
                let bits: Vec<NetId> = words.iter().rev().map(|&word| m.bit(word, exponent)).collect();
                if let [one] = bits[..] { one } else { m.concat(&bits) }
            })
            .collect();
        m.join(name, &columns)
    };
    let plus = by_exponent(&mut m, "plus_by_exponent", plus);
    let minus = by_exponent(&mut m, "minus_by_exponent", minus);
    let counts = m.bundle("counts", count_bits(lanes), exponents);
    let mut port = |name: &str| m.port_of(netlist, counter, "counter", name);
    let links = vec![
        Link::Own { port: port("plus_i"), net: plus },
        Link::Own { port: port("minus_i"), net: minus },
        Link::Own { port: port("count_o"), net: counts },
    ];
    m.grid("counter", counter, &[("exponent", exponents)], links);
    let counts_q = m.skew("counts_q", counts, crate::netlist::SkewDepth::Uniform(1), Some(advance), false);

    let acc_q = m.net("acc_q", width);
    let keep = m.not("keep", first);
    let mask = m.sign_extend(keep, width);
    let kept = m.and("acc_kept", &[acc_q, mask]);
    let acc_d = m.net("acc_d", width);
    m.instance(netlist, "final_tree", tree, &[("acc_i", kept), ("count_i", counts_q), ("acc_o", acc_d)]);
    let step = m.and("step", &[valid, advance]);
    m.register_into(acc_q, acc_d, enabled(step));

    m.comment("The finished sum is captured beside the next tile's accumulation, and leaves southwards.");
    let captures = m.and("captures", &[capture, advance]);
    let moves = m.or("drain_load", &[captures, shift]);
    let drain_d = m.mux("drain_acc_d", capture, acc_q, drain);
    let drain_q = m.register("drain_acc_q", drain_d, enabled(moves));
    m.output("drain_acc_o", drain_q, "drain chain, to the south");
    let bits: Vec<NetId> = (0..lanes).map(|lane| m.lane(lane_done, lane)).collect();
    let done = all(&mut m, "lanes_done", &bits);
    m.output("done_o", done, "all lanes are done");
    netlist.intern(m.finish()?)
}
