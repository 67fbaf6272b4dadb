//! The flattened form: every instance of every module, without a string or a record per net.
//!
//! A [`Scope`] is a module at a place of the hierarchy *with its grids left folded*: all PEs of a 32 x 32 array are one
//! scope of 1,024 instances. A word of the flat design is then four numbers ([`Word`]), names are made when somebody asks,
//! and what drives a word is found by following ports and links ([`Flat::hop`]).
//!
//! Everything here expects a netlist whose structure has been checked.

use super::{Direction, Grid, Item, Link, ModuleId, Net, NetId, Netlist, Op};

/// Index of a scope in a [`Flat`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScopeId(pub u32);

impl ScopeId {
    /// The top module.
    pub const TOP: ScopeId = ScopeId(0);

    /// The position in [`Flat::scopes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A module at a place of the hierarchy.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The module.
    pub module: ModuleId,
    /// The scope it stands in and its item there; `None` for the top.
    pub parent: Option<(ScopeId, usize)>,
    /// Instances per instance of the parent: 1, or the size of the grid.
    pub extent: u32,
    /// Instances in all. Instance `i` of the parent holds instances `i * extent .. (i + 1) * extent`.
    pub count: u32,
    /// Scopes of the items that are instances or grids.
    children: Vec<Option<ScopeId>>,
    /// For each net that is a port: which connection or link of the parent's item names it.
    links: Vec<Option<u32>>,
}

/// What drives a net inside its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// Nothing does; only in a netlist that was not checked.
    None,
    /// The net is an input port.
    Input,
    /// Result `output` of a cell.
    Cell { item: usize, output: usize },
    /// A register.
    Register { item: usize },
    /// A bundle of delay lines.
    Skew { item: usize },
    /// Output port `port` of an instance.
    Instance { item: usize, port: NetId },
    /// Output port `port` of each instance of a grid, one lane each.
    Own { item: usize, port: NetId },
    /// The ends of the chains of a [`Link::Pass`].
    Exit { item: usize, link: usize },
}

/// One word of the flat design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    /// Where its module stands.
    pub scope: ScopeId,
    /// The net.
    pub net: NetId,
    /// Which instance of the scope.
    pub instance: u32,
    /// Which lane of the net.
    pub lane: u32,
}

/// The flattened form of a netlist; it owns a copy of the netlist, which is small because grids are folded.
#[derive(Clone, Debug)]
pub struct Flat {
    netlist: Netlist,
    scopes: Vec<Scope>,
    drivers: Vec<Vec<Driver>>,
}

impl Flat {
    /// Flattens a netlist whose structure is sound.
    pub fn new(netlist: &Netlist) -> Self {
        let drivers = netlist.modules.iter().map(|module| drivers(netlist, module)).collect();
        let mut flat = Self { netlist: netlist.clone(), scopes: Vec::new(), drivers };
        flat.enter(netlist.top, None, 1, 1);
        flat
    }

    fn enter(&mut self, module: ModuleId, parent: Option<(ScopeId, usize)>, extent: u32, count: u32) -> ScopeId {
        let id = ScopeId(self.scopes.len() as u32);
        let body = self.netlist.module(module);
        let mut links = vec![None; body.nets.len()];
        if let Some((outer, item)) = parent {
            for (port, link) in named_ports(&self.netlist.module(self.scopes[outer.index()].module).items[item]) {
                links[port.index()] = Some(link as u32);
            }
        }
        let below: Vec<_> = body.items.iter().map(child).collect();
        self.scopes.push(Scope { module, parent, extent, count, children: Vec::new(), links });
        let children = below
            .into_iter()
            .enumerate()
            .map(|(item, child)| child.map(|(module, size)| self.enter(module, Some((id, item)), size, count * size)))
            .collect();
        self.scopes[id.index()].children = children;
        id
    }

    /// The netlist.
    pub fn netlist(&self) -> &Netlist {
        &self.netlist
    }

    /// Every scope, parents before children; the top is the first.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// One scope.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.index()]
    }

    /// The module of a scope.
    pub fn module(&self, id: ScopeId) -> &super::Module {
        self.netlist.module(self.scope(id).module)
    }

    /// The net of a word.
    pub fn net(&self, scope: ScopeId, net: NetId) -> &Net {
        self.module(scope).net(net)
    }

    /// What drives a net inside its module.
    pub fn driver(&self, scope: ScopeId, net: NetId) -> Driver {
        self.drivers[self.scope(scope).module.index()][net.index()]
    }

    /// The scope of an instance or grid.
    ///
    /// # Panics
    /// If the item is neither.
    pub fn child(&self, scope: ScopeId, item: usize) -> ScopeId {
        self.scope(scope).children[item].expect("an instance or a grid")
    }

    /// The word that this one is another name of, across one port, link, wire or lane; `None` at a cell that computes or
    /// cuts, a register, a delay line or an input of the top.
    pub fn hop(&self, word: Word) -> Option<Word> {
        let Word { scope, net, instance, lane } = word;
        let items = &self.module(scope).items;
        match self.driver(scope, net) {
            Driver::None | Driver::Register { .. } => None,
            Driver::Input => self.hop_out(word),
            Driver::Skew { item } => match &items[item] {
                Item::Skew(skew) if skew.depth.of(lane, self.net(scope, net).lanes) == 0 => {
                    Some(Word { net: skew.input, ..word })
                }
                _ => None,
            },
            Driver::Cell { item, .. } => match &items[item] {
                Item::Cell(cell) => match cell.op {
                    Op::Wire => Some(Word { net: cell.inputs[0], ..word }),
                    Op::Spread => Some(Word { net: cell.inputs[0], lane: 0, ..word }),
                    Op::Join => Some(Word { net: cell.inputs[lane as usize], lane: 0, ..word }),
                    Op::Lane { index } => Some(Word { net: cell.inputs[0], lane: index, ..word }),
                    _ => None,
                },
                _ => None,
            },
            Driver::Instance { item, port } => Some(Word { scope: self.child(scope, item), net: port, instance, lane }),
            Driver::Own { item, port } => {
                let child = self.child(scope, item);
                let lanes = self.net(child, port).lanes;
                let instance = instance * self.scope(child).extent + lane / lanes;
                Some(Word { scope: child, net: port, instance, lane: lane % lanes })
            }
            Driver::Exit { item, link } => {
                let (child, (grid, link)) = (self.child(scope, item), grid_link(&items[item], link)?);
                let &Link::Pass { out, axis, reverse, .. } = link else { return None };
                let last = if reverse { 0 } else { grid.axes[axis].1 - 1 };
                let lanes = self.net(child, out).lanes;
                let instance = instance * self.scope(child).extent + with_coordinate(grid, axis, lane / lanes, last);
                Some(Word { scope: child, net: out, instance, lane: lane % lanes })
            }
        }
    }

    /// From an input port to what the parent connects there.
    fn hop_out(&self, word: Word) -> Option<Word> {
        let Word { scope, net, instance, lane } = word;
        let inner = self.scope(scope);
        let (outer, item) = inner.parent?;
        let link = inner.links[net.index()]? as usize;
        let item = &self.module(outer).items[item];
        if let Item::Instance(child) = item {
            return Some(Word { scope: outer, net: child.connections[link].1, instance, lane });
        }
        let (grid, link) = grid_link(item, link)?;
        let (outside, index) = (instance / inner.extent, instance % inner.extent);
        // A port of several lanes has that many neighbouring ones of the net outside.
        let lanes = self.net(scope, net).lanes;
        let from = |net, place| Some(Word { scope: outer, net, instance: outside, lane: place * lanes + lane });
        match *link {
            Link::All { net, .. } => from(net, 0),
            Link::Along { axis, net, .. } => from(net, coordinate(grid, axis, index)),
            Link::Own { net, .. } => from(net, index),
            Link::Open { .. } => None,
            Link::Pass { out, axis, reverse, entry, .. } => {
                let (at, stride) = (coordinate(grid, axis, index), stride(grid, axis));
                let first = if reverse { grid.axes[axis].1 - 1 } else { 0 };
                if at == first {
                    return from(entry, without_coordinate(grid, axis, index));
                }
                let before = if reverse { instance + stride } else { instance - stride };
                Some(Word { scope, net: out, instance: before, lane })
            }
        }
    }

    /// The hierarchical name, e.g. `u_pe[3][2].sum_q`; with the lane in brackets if the net has several. An unnamed net is `_`
    /// and its number.
    pub fn name(&self, word: Word) -> String {
        let mut name = self.path(word.scope, word.instance);
        let net = self.net(word.scope, word.net);
        match net.name.as_str() {
            "" => name.push_str(&format!("_{}", word.net.0)),
            known => name.push_str(known),
        }
        if net.lanes > 1 {
            name.push_str(&format!("[{}]", word.lane));
        }
        name
    }

    /// The path of an instance with a dot at its end; empty for the top.
    pub fn path(&self, scope: ScopeId, instance: u32) -> String {
        let Scope { parent, extent, .. } = self.scope(scope);
        let Some((outer, item)) = *parent else { return String::new() };
        let mut path = self.path(outer, instance / extent);
        match &self.module(outer).items[item] {
            Item::Grid(grid) => {
                path.push_str(&format!("u_{}", grid.name));
                for axis in 0..grid.axes.len() {
                    path.push_str(&format!("[{}]", coordinate(grid, axis, instance % extent)));
                }
            }
            Item::Instance(child) => path.push_str(&format!("u_{}", child.name)),
            _ => {}
        }
        path + "."
    }

    /// The word of a hierarchical name. A bundle needs its lane: `a_skewed[4]`.
    pub fn find(&self, path: &str) -> Option<Word> {
        let mut segments: Vec<_> = path.split('.').collect();
        let (name, lane) = indices(segments.pop()?)?;
        let (mut scope, mut instance) = (ScopeId::TOP, 0);
        for segment in segments {
            let (name, at) = indices(segment)?;
            let name = name.strip_prefix("u_")?;
            let (item, index, size) =
                self.module(scope).items.iter().enumerate().find_map(|(item, body)| match body {
                    Item::Instance(child) if child.name == name && at.is_empty() => Some((item, 0, 1)),
                    Item::Grid(grid) if grid.name == name => Some((item, row_major(grid, &at)?, grid.count())),
                    _ => None,
                })?;
            (scope, instance) = (self.child(scope, item), instance * size + index);
        }
        let position = self.module(scope).nets.iter().position(|net| net.name == name && !name.is_empty())?;
        let net = NetId(position as u32);
        let lane = match (lane[..].first(), lane.len(), self.net(scope, net).lanes) {
            (None, 0, 1) => 0,
            (Some(&lane), 1, lanes) if lane < lanes => lane,
            _ => return None,
        };
        Some(Word { scope, net, instance, lane })
    }

    /// Every word of the design, unnamed nets left out, scope by scope, net by net.
    pub fn words(&self) -> impl Iterator<Item = Word> + '_ {
        (0..self.scopes.len() as u32).map(ScopeId).flat_map(move |scope| {
            let count = self.scope(scope).count;
            let named = self.module(scope).nets.iter().enumerate().filter(|(_, net)| !net.name.is_empty());
            named.flat_map(move |(index, net)| {
                let (net, lanes) = (NetId(index as u32), net.lanes);
                (0..count).flat_map(move |instance| (0..lanes).map(move |lane| Word { scope, net, instance, lane }))
            })
        })
    }
}

/// What drives each net of a module; the first driver, where an unchecked module has several.
pub fn drivers(netlist: &Netlist, module: &super::Module) -> Vec<Driver> {
    let mut drivers = vec![Driver::None; module.nets.len()];
    for_each_driver(netlist, module, |net, driver| {
        if drivers[net.index()] == Driver::None {
            drivers[net.index()] = driver;
        }
    });
    drivers
}

/// Calls `with` for every driver of every net of a module.
pub(crate) fn for_each_driver(netlist: &Netlist, module: &super::Module, mut with: impl FnMut(NetId, Driver)) {
    for port in module.ports.iter().filter(|port| port.direction == Direction::Input) {
        with(port.net, Driver::Input);
    }
    for (item, body) in module.items.iter().enumerate() {
        match body {
            Item::Cell(cell) => {
                cell.outputs.iter().enumerate().for_each(|(output, &net)| with(net, Driver::Cell { item, output }));
            }
            Item::Register(register) => with(register.q, Driver::Register { item }),
            Item::Skew(skew) => with(skew.output, Driver::Skew { item }),
            Item::Instance(instance) => {
                for &(port, net) in &instance.connections {
                    if is_output(netlist.module(instance.module), port) {
                        with(net, Driver::Instance { item, port });
                    }
                }
            }
            Item::Grid(grid) => {
                for (index, link) in grid.links.iter().enumerate() {
                    match *link {
                        Link::Own { port, net } if is_output(netlist.module(grid.module), port) => {
                            with(net, Driver::Own { item, port });
                        }
                        Link::Pass { exit: Some(exit), .. } => with(exit, Driver::Exit { item, link: index }),
                        _ => {}
                    }
                }
            }
            Item::Comment(_) => {}
        }
    }
}

/// Whether `net` is an output port of `module`.
pub(crate) fn is_output(module: &super::Module, net: NetId) -> bool {
    module.ports.iter().any(|port| port.net == net && port.direction == Direction::Output)
}

fn child(item: &Item) -> Option<(ModuleId, u32)> {
    match item {
        Item::Instance(instance) => Some((instance.module, 1)),
        Item::Grid(grid) => Some((grid.module, grid.count())),
        _ => None,
    }
}

/// The child's ports that an item names, each with the index of its connection or link.
fn named_ports(item: &Item) -> Vec<(NetId, usize)> {
    match item {
        Item::Instance(instance) => instance.connections.iter().enumerate().map(|(i, &(port, _))| (port, i)).collect(),
        Item::Grid(grid) => {
            grid.links.iter().enumerate().flat_map(|(i, link)| link.ports().map(move |p| (p, i))).collect()
        }
        _ => Vec::new(),
    }
}

impl Link {
    /// The child's ports that the link connects: one, or for a [`Link::Pass`] two, the input first.
    pub fn ports(&self) -> impl Iterator<Item = NetId> + use<> {
        let (one, two) = match *self {
            Link::All { port, .. } | Link::Along { port, .. } | Link::Own { port, .. } | Link::Open { port } => {
                (port, None)
            }
            Link::Pass { into, out, .. } => (into, Some(out)),
        };
        std::iter::once(one).chain(two)
    }
}

fn grid_link(item: &Item, link: usize) -> Option<(&Grid, &Link)> {
    match item {
        Item::Grid(grid) => Some((grid, grid.links.get(link)?)),
        _ => None,
    }
}

/// How far apart two neighbours along `axis` are in row-major order.
pub(crate) fn stride(grid: &Grid, axis: usize) -> u32 {
    grid.axes[axis + 1..].iter().map(|(_, extent)| extent).product()
}

/// Coordinate of instance `index` along `axis`.
pub(crate) fn coordinate(grid: &Grid, axis: usize, index: u32) -> u32 {
    index / stride(grid, axis) % grid.axes[axis].1
}

/// The row-major number of the coordinates that are left when `axis` is dropped.
pub(crate) fn without_coordinate(grid: &Grid, axis: usize, index: u32) -> u32 {
    let stride = stride(grid, axis);
    index / (stride * grid.axes[axis].1) * stride + index % stride
}

/// The instance with coordinate `at` on `axis` and the other coordinates of row-major number `others`.
pub(crate) fn with_coordinate(grid: &Grid, axis: usize, others: u32, at: u32) -> u32 {
    let stride = stride(grid, axis);
    (others / stride * grid.axes[axis].1 + at) * stride + others % stride
}

/// `name[3][2]` as the name and its indices.
fn indices(segment: &str) -> Option<(&str, Vec<u32>)> {
    let (name, rest) = segment.split_at(segment.find('[').unwrap_or(segment.len()));
    if rest.is_empty() {
        return Some((name, Vec::new()));
    }
    let inner = rest.strip_prefix('[')?.strip_suffix(']')?;
    let numbers: Result<_, _> = inner.split("][").map(str::parse).collect();
    Some((name, numbers.ok()?))
}

fn row_major(grid: &Grid, at: &[u32]) -> Option<u32> {
    if at.len() != grid.axes.len() || at.iter().zip(&grid.axes).any(|(at, (_, extent))| at >= extent) {
        return None;
    }
    Some(at.iter().zip(&grid.axes).fold(0, |index, (at, (_, extent))| index * extent + at))
}
