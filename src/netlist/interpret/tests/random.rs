//! Random netlists: cells, registers, instances, grids, skews; every named word of every cycle against the reference.

use proptest::prelude::*;

use super::reference::Reference;
use crate::netlist::{
    Interpreter, Link, ModuleBuilder, ModuleId, NetId, Netlist, NetlistBuilder, RegisterControl, ResetKind, SkewDepth,
};

/// Numbers that a netlist is grown from, so that shrinking the list shrinks the netlist.
struct Choices {
    numbers: Vec<u32>,
    at: usize,
}

impl Choices {
    fn below(&mut self, bound: u32) -> u32 {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        number % bound
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u32) as usize]
    }
}

/// Cells and registers over what is in `nets`; every result is added to it.
fn grow(m: &mut ModuleBuilder, nets: &mut Vec<NetId>, choices: &mut Choices, widest: u32, count: usize) {
    for index in 0..count {
        let name = format!("n{}_{index}", nets.len());
        let x = choices.one(nets);
        let width = m.width(x);
        let same = |m: &ModuleBuilder, choices: &mut Choices| {
            let fitting: Vec<_> = nets.iter().copied().filter(|&net| m.width(net) == width).collect();
            choices.one(&fitting)
        };
        let (y, z) = (same(m, choices), same(m, choices));
        let bits: Vec<_> = nets.iter().copied().filter(|&net| m.width(net) == 1).collect();
        let net = match choices.below(18) {
            0 => m.and(&name, &[x, y]),
            1 => m.or(&name, &[x, y, z]),
            2 => m.xor(&name, &[x, y]),
            3 => m.not(&name, x),
            4 if !bits.is_empty() => m.mux(&name, choices.one(&bits), x, y),
            5 => m.equal(&name, x, y),
            6 => m.add(&name, x, y),
            7 => m.sub(&name, x, y),
            8 if width * 2 <= widest => m.mul_signed(&name, x, y),
            9 => {
                let (sum, carry) = m.compress32(&name, x, y, z);
                nets.push(sum);
                carry
            }
            10 => {
                let (sum, carry) = m.compress22(&name, x, y);
                nets.push(carry);
                sum
            }
            11 | 12 => {
                let low = choices.below(width);
                let cut = choices.below(width - low) + 1;
                m.slice(x, low, cut)
            }
            13 => {
                let other = choices.one(nets);
                if width + m.width(other) <= widest { m.concat(&[x, other]) } else { m.named(&name, other) }
            }
            14 => {
                let to = width + choices.below(widest - width + 1);
                m.sign_extend(x, to)
            }
            15 if width < 64 => {
                let value = u64::from(choices.below(u32::MAX)) & ((1 << width.min(31)) - 1);
                let constant = m.constant(width, value);
                let low = choices.below(width.min(64 - width)) + 1;
                let cut = m.slice(x, 0, low);
                let joined = m.concat(&[cut, constant]);
                m.slice(joined, choices.below(low), width)
            }
            _ => {
                let enable = (!bits.is_empty() && choices.below(2) == 1).then(|| choices.one(&bits));
                let clear = (!bits.is_empty() && choices.below(3) == 1).then(|| choices.one(&bits));
                m.register(&name, x, RegisterControl { enable, clear, reset: (choices.below(2) == 1).then_some(1) })
            }
        };
        nets.push(net);
    }
}

/// Every net is read by a parity that is an output, so that none dangles.
fn read_all(m: &mut ModuleBuilder, nets: &[NetId], name: &str) {
    let mut parity: Option<NetId> = None;
    for (index, &net) in nets.iter().enumerate() {
        let zero = m.constant(m.width(net), 0);
        let bit = m.equal(&format!("{name}_zero{index}"), net, zero);
        parity = Some(match parity {
            None => bit,
            Some(other) => m.xor(&format!("{name}_parity{index}"), &[other, bit]),
        });
    }
    if let Some(parity) = parity {
        m.output(&format!("{name}_o"), parity, "");
    }
}

/// A child with `inputs` of these widths: `x0_i`.. in, `y0_o`.. of the same widths and `all_o` out.
fn child(netlist: &mut NetlistBuilder, name: &str, widths: &[u32], widest: u32, choices: &mut Choices) -> ModuleId {
    let mut m = ModuleBuilder::new(name);
    let mut nets: Vec<_> = widths.iter().enumerate().map(|(i, &w)| m.input(&format!("x{i}_i"), w, "")).collect();
    let size = choices.below(10) as usize;
    grow(&mut m, &mut nets, choices, widest, size);
    for (index, &width) in widths.iter().enumerate() {
        // Passed through a register (0), straight (1) or computed (2).
        let input = nets[index];
        let fitting: Vec<_> = nets.iter().copied().filter(|&net| m.width(net) == width).collect();
        let out = match (choices.below(3), index) {
            (0, _) => m.register(&format!("pass{index}_q"), input, RegisterControl::default()),
            (1, _) => input,
            // Only the first chain may compute with the others, so that two chains never form a loop.
            (_, 0) => choices.one(&fitting),
            _ => m.not(&format!("pass{index}"), input),
        };
        m.output(&format!("y{index}_o"), out, "");
    }
    read_all(&mut m, &nets, "all");
    netlist.intern(m.finish().unwrap()).unwrap()
}

fn random_netlist(choices: &mut Choices) -> Netlist {
    let mut netlist = NetlistBuilder::new();
    let widest = choices.one(&[32, 8, 64, 17]);
    let widths: Vec<u32> = (0..3).map(|_| choices.below(widest.min(20)) + 1).collect();
    let leaf = child(&mut netlist, "leaf", &widths, widest, choices);
    let (rows, cols) = (choices.below(4) + 1, choices.below(5) + 1);

    // A middle module with a grid and an instance, itself used twice and in a row of its own.
    let mut m = ModuleBuilder::new("middle");
    let shared = m.input("shared_i", widths[0], "");
    let carry = m.input("carry_i", widths[2], "");
    let mut nets = vec![shared, carry];
    grow(&mut m, &mut nets, choices, widest, 4);
    let lanes = cols;
    let column: Vec<_> = (0..lanes).map(|lane| m.net(format!("column{lane}"), widths[1])).collect();
    let out = m.bundle("own", 1, cols);
    let last = m.net("last", widths[2]);
    let first = m.net("first", widths[0]);
    let port = |m: &mut ModuleBuilder, name: &str| m.port_of(&netlist, leaf, "leaf", name);
    let links = vec![
        Link::All { port: port(&mut m, "x0_i"), net: shared },
        Link::Open { port: port(&mut m, "y0_o") },
        Link::All { port: port(&mut m, "x1_i"), net: column[0] },
        Link::Open { port: port(&mut m, "y1_o") },
        Link::Pass {
            into: port(&mut m, "x2_i"),
            out: port(&mut m, "y2_o"),
            axis: 0,
            reverse: cols % 2 == 0,
            entry: carry,
            exit: Some(last),
        },
        Link::Own { port: port(&mut m, "all_o"), net: out },
    ];
    m.grid("row", leaf, &[("col", cols)], links);
    let spare = m.net("spare", 1);
    let unused = m.net("second_unused", widths[1]);
    let third = m.net("third", widths[2]);
    let connections = [
        ("x0_i", shared),
        ("x1_i", column[0]),
        ("x2_i", last),
        ("y0_o", first),
        ("y1_o", unused),
        ("y2_o", third),
        ("all_o", spare),
    ];
    m.instance(&netlist, "one", leaf, &connections);
    for &net in &column {
        let value = m.constant(widths[1], u64::from(choices.below(1 << widths[1].min(20))));
        m.drive(net, value);
    }
    nets.extend(column);
    nets.extend([spare, first, last]);
    let picked: Vec<_> = (0..cols).map(|lane| m.lane(out, lane)).collect();
    nets.extend(picked);
    read_all(&mut m, &nets, "all");
    m.output("first_o", first, "");
    m.output("carry_o", third, "");
    let middle = netlist.intern(m.finish().unwrap()).unwrap();

    let mut m = ModuleBuilder::new("top");
    let mut nets = vec![m.input("go_i", 1, "")];
    for (index, &width) in widths.iter().enumerate() {
        nets.push(m.input(&format!("in{index}_i"), width, ""));
    }
    let shared = nets[1];
    let along_width = widths[1];
    let along = m.input_bundle("along_i", along_width, rows, "");
    let entries = m.input_bundle("entries_i", widths[2], cols, "");
    let depth = choices.one(&[SkewDepth::Rising, SkewDepth::Falling, SkewDepth::Uniform(2), SkewDepth::Uniform(0)]);
    let enable = (choices.below(2) == 1).then(|| nets[0]);
    let entries = m.skew("entries_skewed", entries, depth, enable, true);
    let exits = m.bundle("exits", widths[2], cols);
    let own = m.bundle("own", 1, rows * cols);
    let owned = m.bundle("first_own", widths[0], rows * cols);
    let leaf_port = |m: &mut ModuleBuilder, name: &str| m.port_of(&netlist, leaf, "leaf", name);
    let links = vec![
        Link::All { port: leaf_port(&mut m, "x0_i"), net: shared },
        Link::Own { port: leaf_port(&mut m, "y0_o"), net: owned },
        Link::Along { port: leaf_port(&mut m, "x1_i"), axis: 0, net: along },
        Link::Open { port: leaf_port(&mut m, "y1_o") },
        Link::Pass {
            into: leaf_port(&mut m, "x2_i"),
            out: leaf_port(&mut m, "y2_o"),
            axis: 0,
            reverse: choices.below(2) == 1,
            entry: entries,
            exit: Some(exits),
        },
        Link::Own { port: leaf_port(&mut m, "all_o"), net: own },
    ];
    m.grid("leaf", leaf, &[("row", rows), ("col", cols)], links);
    let middle_port = |m: &mut ModuleBuilder, name: &str| m.port_of(&netlist, middle, "middle", name);
    let alls = m.bundle("alls", 1, rows);
    let carry_out = m.net("carry_out", widths[2]);
    let entry = m.lane(exits, cols - 1);
    let firsts = m.output_bundle("firsts_o", widths[0], rows, "");
    let lanes: Vec<_> = (0..rows).map(|lane| m.lane(owned, lane * cols)).collect();
    let links = vec![
        Link::All { port: middle_port(&mut m, "shared_i"), net: lanes[0] },
        Link::Pass {
            into: middle_port(&mut m, "carry_i"),
            out: middle_port(&mut m, "carry_o"),
            axis: 0,
            reverse: true,
            entry,
            exit: Some(carry_out),
        },
        Link::Own { port: middle_port(&mut m, "all_o"), net: alls },
        Link::Own { port: middle_port(&mut m, "first_o"), net: firsts },
    ];
    m.grid("middle", middle, &[("row", rows)], links);
    nets.extend((0..rows).map(|lane| m.lane(alls, lane)).collect::<Vec<_>>());
    nets.extend((0..cols).map(|lane| m.lane(exits, lane)).collect::<Vec<_>>());
    nets.extend((0..rows * cols).map(|lane| m.lane(own, lane)).collect::<Vec<_>>());
    nets.extend(lanes);
    nets.push(carry_out);
    let size = choices.below(12) as usize;
    grow(&mut m, &mut nets, choices, widest, size);
    read_all(&mut m, &nets, "all");
    let top = netlist.intern(m.finish().unwrap()).unwrap();
    netlist.finish(top, ResetKind::SyncLow)
}

fn compare(netlist: &Netlist, seed: u64) -> Result<(), TestCaseError> {
    let mut run = Interpreter::new(netlist).map_err(|errors| TestCaseError::fail(format!("{errors:#?}")))?;
    let mut reference = Reference::new(netlist);
    let top = netlist.top_module();
    let mut random = seed | 1;
    for cycle in 0..6 {
        for port in top.ports.iter().filter(|port| port.direction == crate::netlist::Direction::Input) {
            let net = top.net(port.net);
            for lane in 0..net.lanes {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let value = random & (!0 >> (64 - net.width));
                run.set(run.port(&net.name).unwrap(), lane as usize, value);
                reference.set(&net.name, lane, value);
            }
        }
        run.settle();
        let words: Vec<_> = run.flat().words().collect();
        for word in words {
            let name = run.flat().name(word);
            prop_assert_eq!(run.word(word), reference.value(word), "{} in cycle {}", name, cycle);
            prop_assert_eq!(run.flat().find(&name), Some(word));
        }
        for port in &top.ports {
            let net = top.net(port.net);
            for lane in 0..net.lanes {
                let word = crate::netlist::flatten::Word {
                    scope: crate::netlist::flatten::ScopeId::TOP,
                    net: port.net,
                    instance: 0,
                    lane,
                };
                prop_assert_eq!(
                    run.get(run.port(&net.name).unwrap(), lane as usize),
                    reference.value(word),
                    "{}",
                    net.name
                );
            }
        }
        run.step();
        reference.step();
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn random_netlists_do_what_the_reference_does(
        numbers in prop::collection::vec(any::<u32>(), 60..200),
        seed in any::<u64>(),
    ) {
        let mut choices = Choices { numbers, at: 0 };
        compare(&random_netlist(&mut choices), seed)?;
    }
}
