//! Random netlists: words of random widths, operations, registers, delay lines, instances and grids.

use bitweight::netlist::{
    Item, Link, Module, ModuleBuilder, NetId, Netlist, NetlistBuilder, Op, RegisterControl, ResetKind, SkewDepth,
};

/// xorshift64*.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    pub fn word(&mut self, width: u32) -> u64 {
        // Extremes are where signs and carries go wrong.
        let all = u64::MAX >> (64 - width);
        match self.below(8) {
            0 => 0,
            1 => all,
            2 => 1 << (width - 1),
            3 => all >> 1,
            _ => self.next() & all,
        }
    }
}

/// `x` brought to `width` bits by some wiring.
fn fit(m: &mut ModuleBuilder, random: &mut Random, x: NetId, width: u32) -> NetId {
    let have = m.width(x);
    if have >= width {
        return m.slice(x, random.below(u64::from(have - width) + 1) as u32, width);
    }
    if random.below(2) == 0 { m.sign_extend(x, width) } else { m.zero_extend(x, width) }
}

/// Adds `cells` random operations on `nets` and returns their results.
fn operations(m: &mut ModuleBuilder, random: &mut Random, nets: &[NetId], cells: u64, stem: &str) -> Vec<NetId> {
    let mut nets = nets.to_vec();
    let mut made = Vec::new();
    for index in 0..cells {
        let pick = |random: &mut Random| nets[random.below(nets.len() as u64) as usize];
        let x = pick(random);
        let width = m.width(x);
        let others = [pick(random), pick(random)];
        let [y, z] = others.map(|net| fit(m, random, net, width));
        let condition = pick(random);
        let condition = fit(m, random, condition, 1);
        let name = format!("{stem}{index}");
        let new = match random.below(15) {
            0 => vec![m.not(&name, x)],
            1 => vec![m.and(&name, &[x, y, z])],
            2 => vec![m.or(&name, &[x, y])],
            3 => vec![m.xor(&name, &[x, y, z])],
            4 => vec![m.mux(&name, condition, y, z)],
            5 => vec![m.equal(&name, x, y)],
            6 => vec![m.add(&name, x, y)],
            7 => vec![m.sub(&name, x, y)],
            8 if width <= 24 => vec![m.mul_signed(&name, x, y)],
            9 => {
                let (sum, carry) = m.compress32(&name, x, y, z);
                vec![sum, carry]
            }
            10 => {
                let (sum, carry) = m.compress22(&name, x, y);
                vec![sum, carry]
            }
            11 if width + 7 <= 64 => {
                let low = fit(m, random, y, 7);
                let joined = m.concat(&[x, low]);
                vec![m.named(&name, joined)]
            }
            12 => {
                let value = random.word(width);
                let known = m.constant(width, value);
                vec![m.add(&name, x, known)]
            }
            _ => {
                let control = RegisterControl {
                    enable: (random.below(2) == 0).then_some(condition),
                    clear: (random.below(4) == 0).then(|| fit(m, random, z, 1)),
                    reset: (random.below(2) == 0).then(|| random.word(width)),
                };
                vec![m.register(&name, y, control)]
            }
        };
        nets.extend(&new);
        made.extend(new);
    }
    made
}

/// A leaf for grids and instances: passes a word from west to east and another from north to south, takes a common bit, shows
/// a result.
fn leaf(random: &mut Random, name: &str, across: u32, down: u32) -> Module {
    let mut m = ModuleBuilder::new(name);
    let west = m.input("west_i", across, "");
    let north = m.input("north_i", down, "");
    let go = m.input("go_i", 1, "");
    let nets = vec![west, north, go];
    let count = 3 + random.below(8);
    let mut nets = operations(&mut m, random, &nets, count, "n");
    // Everything is read: a net that nobody reads is refused.
    let mut all = fit(&mut m, random, west, across);
    for (index, net) in [north, go].into_iter().chain(nets.clone()).enumerate() {
        let other = fit(&mut m, random, net, across);
        all = m.xor(&format!("fold{index}"), &[all, other]);
    }
    nets.push(all);
    for (port, width) in [("east_o", across), ("south_o", down), ("result_o", across)] {
        let last = if port == "result_o" { all } else { nets[random.below(nets.len() as u64) as usize] };
        let value = fit(&mut m, random, last, width);
        let q = m.register(
            &format!("{}_q", &port[..port.len() - 2]),
            value,
            RegisterControl { enable: (random.below(2) == 0).then_some(go), ..Default::default() },
        );
        m.output(port, q, "");
    }
    m.finish().expect("widths were made to meet")
}

/// A netlist with everything in it.
pub fn netlist(seed: u64) -> Netlist {
    let mut random = Random(seed | 1);
    let random = &mut random;
    let mut netlist = NetlistBuilder::new();
    let (across, down) = (1 + random.below(40) as u32, 1 + random.below(64) as u32);
    let child = netlist.intern(leaf(random, "leaf", across, down)).expect("a fresh name");
    let (rows, cols) = (1 + random.below(4) as u32, 1 + random.below(4) as u32);

    let mut m = ModuleBuilder::new("top");
    let west = m.input_bundle("west_i", across, rows, "");
    let north = m.input("north_i", down, "");
    let go = m.input("go_i", 1, "");
    let depth = match random.below(3) {
        0 => SkewDepth::Rising,
        1 => SkewDepth::Falling,
        _ => SkewDepth::Uniform(random.below(4) as u32),
    };
    let enable = (random.below(2) == 0).then_some(go);
    let west = m.skew("west_skewed", west, depth, enable, random.below(2) == 0);
    let above = m.spread("above", north, cols);
    let results = m.bundle("results", across, rows * cols);
    let east = m.output_bundle("east_o", across, rows, "");
    let south = m.bundle("south", down, cols);
    let (reverse_across, reverse_down) = (random.below(2) == 0, random.below(2) == 0);
    let port = |m: &mut ModuleBuilder, name: &str| m.port_of(&netlist, child, "leaf", name);
    let links = vec![
        Link::Pass {
            into: port(&mut m, "west_i"),
            out: port(&mut m, "east_o"),
            axis: 1,
            reverse: reverse_across,
            entry: west,
            exit: Some(east),
        },
        Link::Pass {
            into: port(&mut m, "north_i"),
            out: port(&mut m, "south_o"),
            axis: 0,
            reverse: reverse_down,
            entry: above,
            exit: Some(south),
        },
        Link::All { port: port(&mut m, "go_i"), net: go },
        Link::Own { port: port(&mut m, "result_o"), net: results },
    ];
    m.grid("leaf", child, &[("row", rows), ("col", cols)], links);
    // One more by itself, fed by lanes of the grid's results.
    let lanes: Vec<NetId> = [0, rows * cols - 1].into_iter().map(|lane| m.lane(results, lane)).collect();
    let [alone_east, alone_result] = ["alone_east", "alone_result"].map(|name| m.net(name, across));
    let alone_south = m.net("alone_south", down);
    m.instance(
        &netlist,
        "alone",
        child,
        &[
            ("west_i", lanes[0]),
            ("north_i", north),
            ("go_i", go),
            ("east_o", alone_east),
            ("south_o", alone_south),
            ("result_o", alone_result),
        ],
    );
    let below = m.lane(south, cols - 1);
    let mut nets = vec![lanes[0], lanes[1], below, north, go, alone_east, alone_south, alone_result];
    let count = 5 + random.below(30);
    let made = operations(&mut m, random, &nets.clone(), count, "t");
    nets.extend(made);
    for (index, net) in nets.into_iter().enumerate() {
        m.output(&format!("out{index}_o"), net, "");
    }
    let reset = [ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh][random.below(3) as usize];
    let top = netlist.intern(m.finish().expect("widths were made to meet")).expect("a fresh name");
    netlist.finish(top, reset)
}

/// Whether a cell or register of the module reads the net.
fn is_read(module: &Module, net: NetId) -> bool {
    module.items.iter().any(|item| match item {
        Item::Cell(cell) => cell.inputs.contains(&net),
        Item::Register(register) => [Some(register.d), register.enable, register.clear].contains(&Some(net)),
        _ => false,
    })
}

/// The same netlist with one operation replaced by a plausible mistake, and what the mistake is; `None` if it has no operation of
/// that kind.
pub fn with_mistake(netlist: &Netlist, kind: usize, random: &mut Random) -> Option<(Netlist, &'static str)> {
    let mut wrong = netlist.clone();
    let mut candidates = Vec::new();
    for (module, body) in wrong.modules.iter().enumerate() {
        for (item, entry) in body.items.iter().enumerate() {
            let fits = match (entry, kind) {
                (Item::Cell(cell), 0) => cell.op == Op::Compress32,
                (Item::Cell(cell), 1) => cell.op == Op::SignExtend && is_read(body, cell.outputs[0]),
                (Item::Cell(cell), 2) => cell.op == Op::Sub,
                (Item::Cell(cell), 3) => cell.op == Op::Mux,
                (Item::Cell(cell), 4) => {
                    matches!(cell.op, Op::Slice { low } if low > 0) && is_read(body, cell.outputs[0])
                }
                (Item::Cell(cell), 5) => cell.op == Op::MulSigned,
                (Item::Register(register), 6) => register.enable.is_some(),
                (Item::Register(register), 7) => register.clear.is_some(),
                (Item::Skew(_), 8) => true,
                (Item::Grid(_), 9) => true,
                _ => false,
            };
            if fits {
                candidates.push((module, item));
            }
        }
    }
    if candidates.is_empty() {
        return None;
    }
    let (module, item) = candidates[random.below(candidates.len() as u64) as usize];
    let what = match (&mut wrong.modules[module].items[item], kind) {
        (Item::Cell(cell), 0) => {
            cell.inputs[2] = cell.inputs[0];
            "a compressor that reads one operand twice"
        }
        (Item::Cell(cell), 1) => {
            cell.op = Op::ZeroExtend;
            "a lost sign"
        }
        (Item::Cell(cell), 2) => {
            cell.op = Op::Add;
            "a difference that is a sum"
        }
        (Item::Cell(cell), 3) => {
            cell.inputs.swap(1, 2);
            "a multiplexer the wrong way round"
        }
        (Item::Cell(cell), 4) => {
            if let Op::Slice { low } = cell.op {
                cell.op = Op::Slice { low: low - 1 };
            }
            "a slice one place off"
        }
        (Item::Cell(cell), 5) => {
            cell.inputs.swap(0, 1);
            cell.inputs[0] = cell.inputs[1];
            "a square instead of a product"
        }
        (Item::Register(register), 6) => {
            register.enable = None;
            "a register that always loads"
        }
        (Item::Register(register), 7) => {
            register.clear = None;
            "a register that is never cleared"
        }
        (Item::Skew(skew), 8) => {
            skew.depth = match skew.depth {
                SkewDepth::Rising | SkewDepth::RisingBy(_) => SkewDepth::Falling,
                SkewDepth::Falling => SkewDepth::Rising,
                SkewDepth::Uniform(depth) => SkewDepth::Uniform(depth + 1),
            };
            "delay lines of the wrong depth"
        }
        (Item::Grid(grid), 9) => {
            if let Some(Link::Pass { reverse, .. }) = grid.links.first_mut() {
                *reverse = !*reverse;
            }
            "a chain in the wrong direction"
        }
        _ => return None,
    };
    Some((wrong, what))
}
