//! Memory the slow way: buffers are sets of elements, DRAM moves bits, the array works, cycle by cycle. Nothing here is shared with
//! `src/simulate/memory`, not even what a tile costs: that of a dense array is written from the tables of docs/cycles.md, that of
//! a skipping one is a run of the tile alone or, for a block of K in a pass, counted by the rules of docs/skipping.md.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use super::pace::Pass;
use bitweight::engine::{Array, BlockAxis, BlockOrder, Buffer, Dataflow, EngineSpec, Family, Memory};
use bitweight::matrix::Matrix;
use bitweight::simulate::events;
use bitweight::workload::Conv;

/// Longest run that is simulated.
pub const PATIENCE: u64 = 160_000;

/// A box of M, N and K.
pub type Region = [Range<usize>; 3];
type Elements = BTreeSet<(usize, usize)>;

const AXES: [BlockAxis; 3] = [BlockAxis::M, BlockAxis::N, BlockAxis::K];
/// The axes of A, B and C.
const OF: [[usize; 2]; 3] = [[0, 2], [2, 1], [0, 1]];

/// What the slow way finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub cycles: u64,
    pub results_out: u64,
    pub dram_busy: u64,
    pub dram_reads: [u64; 3],
    pub dram_writes: [u64; 3],
    pub sram_reads: [u64; 3],
    pub sram_writes: [u64; 3],
    pub port_cycles: [u64; 3],
    pub peak_bits: [u64; 3],
}

impl Found {
    /// One run after the other.
    pub fn and(&self, other: &Self) -> Self {
        let sum = |one: [u64; 3], other: [u64; 3]| [0, 1, 2].map(|tensor| one[tensor] + other[tensor]);
        Self {
            cycles: self.cycles + other.cycles,
            results_out: self.cycles + other.results_out,
            dram_busy: self.dram_busy + other.dram_busy,
            dram_reads: sum(self.dram_reads, other.dram_reads),
            dram_writes: sum(self.dram_writes, other.dram_writes),
            sram_reads: sum(self.sram_reads, other.sram_reads),
            sram_writes: sum(self.sram_writes, other.sram_writes),
            port_cycles: sum(self.port_cycles, other.port_cycles),
            peak_bits: [0, 1, 2].map(|tensor| self.peak_bits[tensor].max(other.peak_bits[tensor])),
        }
    }
}

/// Passes over K of an engine whose rows take digits of one bit weight; else 1.
pub fn passes(spec: &EngineSpec) -> usize {
    match spec.transforms.iter().any(|name| name == "skip-zero-digits") {
        true => spec.digit_slots() as usize,
        false => 1,
    }
}

/// A GEMM on an engine with memory.
pub struct Case<'a> {
    pub spec: &'a EngineSpec,
    pub memory: &'a Memory,
    pub a: &'a Matrix<i32>,
    pub b: &'a Matrix<i32>,
    pub word_bits: [u64; 3],
    /// What A is the windows of, if it is.
    pub conv: Option<Conv>,
}

/// Places of a matrix in a region.
fn places(region: &Region, tensor: usize) -> Elements {
    let [first, second] = OF[tensor].map(|axis| region[axis].clone());
    first.flat_map(|x| second.clone().map(move |y| (x, y))).collect()
}

/// The element of the input (image and channel, pixel) that a place of A is; `None` in the padding.
fn of_input(conv: &Conv, (window, place): (usize, usize)) -> Option<(usize, usize)> {
    let [height, width] = conv.output().unwrap();
    let [kernel_height, kernel_width] = conv.kernel;
    let (image, y, x) = (window / (height * width), window / width % height, window % width);
    let (channel, row, col) =
        (place / (kernel_height * kernel_width), place / kernel_width % kernel_height, place % kernel_width);
    let y = (y * conv.stride[0] + row * conv.dilation[0]) as i64 - conv.padding[0] as i64;
    let x = (x * conv.stride[1] + col * conv.dilation[1]) as i64 - conv.padding[1] as i64;
    let inside = (0..conv.input[0] as i64).contains(&y) && (0..conv.input[1] as i64).contains(&x);
    inside.then(|| (image * conv.channels / conv.groups + channel, y as usize * conv.input[1] + x as usize))
}

fn cut(range: Range<usize>, step: usize) -> Vec<Range<usize>> {
    let end = range.end;
    range.step_by(step).map(|start| start..end.min(start + step)).collect()
}

/// Blocks in the order of three nested loops; if K is cut they come in `passes`, a loop outside of that over K.
pub fn blocks(extents: [usize; 3], sizes: [usize; 3], order: BlockOrder, passes: usize) -> Vec<Region> {
    let axes = order.axes().map(|axis| AXES.iter().position(|&of| of == axis).unwrap());
    let ranges = axes.map(|axis| match cut(0..extents[axis], sizes[axis]) {
        ranges if axis == 2 && ranges.len() > 1 => (0..passes).flat_map(|_| ranges.clone()).collect(),
        ranges => ranges,
    });
    let mut all = Vec::new();
    for x in &ranges[0] {
        for y in &ranges[1] {
            for z in &ranges[2] {
                let mut region: Region = [0..0, 0..0, 0..0];
                for (axis, range) in axes.into_iter().zip([x, y, z]) {
                    region[axis] = range.clone();
                }
                all.push(region);
            }
        }
    }
    all
}

/// A tile with what it asks for.
struct Tile {
    block: usize,
    work: u64,
    gap: u64,
    ends: bool,
    /// Elements that it reads, of A, B and (partial sums) C, and how many reads and results that are.
    uses: [Elements; 3],
    reads: [u64; 3],
    results: u64,
    makes: Elements,
    load: u64,
}

/// One transfer.
#[derive(Clone)]
struct Transfer {
    earliest: u64,
    bits: u64,
    fills: Vec<(usize, usize)>,
    writes_back: Option<usize>,
}

impl Case<'_> {
    /// What is stored of a matrix in a region.
    fn elements(&self, region: &Region, tensor: usize) -> Elements {
        match self.conv.filter(|_| tensor == 0) {
            None => places(region, tensor),
            Some(conv) => places(region, 0).into_iter().filter_map(|place| of_input(&conv, place)).collect(),
        }
    }

    fn extents(&self) -> [usize; 3] {
        [self.a.rows(), self.b.cols(), self.a.cols()]
    }

    fn stays(&self) -> bool {
        self.spec.dataflow() != Dataflow::OutputStationary
    }

    /// D, H, S, G of docs/cycles.md, and W.
    fn numbers(&self) -> [u64; 5] {
        let (r, c) = (u64::from(self.spec.rows), u64::from(self.spec.cols));
        let temporal = self.spec.transforms.iter().any(|name| name == "align-bit-weight")
            && format!("{:?}", self.spec.parameters.bit_weight) == "Temporal";
        let aligned = self.spec.transforms.iter().any(|name| name == "align-bit-weight");
        let w = if temporal { u64::from(self.spec.digit_slots()) } else { 1 };
        match self.spec.array {
            Array::Systolic(_) => [1, r + c - 2, 0, r + c - 1, 1],
            Array::Cube { depth } => [depth.into(), r + c - 2, 0, r + c - 1, w],
            Array::Matrix2d => [1, 0, 0, r, 1],
            Array::AdderTree { depth } => {
                let levels = (0..).find(|&levels| 1_u32 << levels >= depth).unwrap();
                [depth.into(), 0, if aligned { 2 } else { 1 + levels }, r, w]
            }
            Array::Stripes { lanes } => [lanes.into(), 0, 2, r, self.spec.digit_slots().into()],
            _ => unreachable!("no law"),
        }
    }

    /// Cycles from the end of a tile to its last result.
    fn tail(&self) -> u64 {
        let r = u64::from(self.spec.rows);
        let s = u64::from(self.spec.transforms.iter().any(|name| name == "compress-accumulate"));
        match self.spec.family() {
            Family::Dense => {
                let [_, h, stages, ..] = self.numbers();
                if self.stays() { h + 3 + s } else { h + stages + r + 2 + s }
            }
            // Where whole values are taken there are final adders only behind a pair.
            Family::Serial if self.spec.takes_values() => r + 3 + s,
            Family::Serial => r + 4,
            Family::Laconic => r + 3,
        }
    }

    /// A run of these rows, columns and places of K alone: its cycles, and words of A and B.
    fn alone(&self, [m, n, k]: [Range<usize>; 3]) -> (u64, [u64; 2]) {
        if k.is_empty() {
            return (self.tail(), [0, 0]);
        }
        let a = Matrix::from_fn(m.len(), k.len(), |row, col| self.a[(m.start + row, k.start + col)]);
        let b = Matrix::from_fn(k.len(), n.len(), |row, col| self.b[(k.start + row, n.start + col)]);
        let run = events(self.spec, &a, &b).expect("a run");
        (run.counts.cycles, [run.counts.words.a, run.counts.words.b])
    }

    /// Passes over K: one for each digit of an operand where rows take those of one bit weight.
    pub fn passes(&self) -> usize {
        passes(self.spec)
    }

    fn tile(&self, block: usize, region: Region, pass: usize) -> Tile {
        let [m, n, k] = region.clone().map(|range| range.len() as u64);
        let whole_k = self.extents()[2];
        let is_cut = region[2].len() < whole_k;
        let ends = self.stays() || (region[2].end == whole_k && (!is_cut || pass + 1 == self.passes()));
        let mut uses = [0, 1, 2].map(|tensor| self.elements(&region, tensor));
        let makes = uses[2].clone();
        if !(self.stays() && region[2].start > 0) {
            uses[2].clear();
        }
        let mut reads = [m * k, uses[1].len() as u64, uses[2].len() as u64];
        let rows = u64::from(self.spec.rows);
        let (work, gap) = match (self.spec.family(), self.spec.dataflow()) {
            (Family::Dense, Dataflow::OutputStationary) => {
                let [d, _, _, g, w] = self.numbers();
                (k.div_ceil(d) * w, g)
            }
            (Family::Dense, Dataflow::WeightStationary) => (m, 0),
            (Family::Dense, Dataflow::InputStationary) => (n, 0),
            (Family::Serial, _) if is_cut && self.passes() > 1 => {
                let digits = Pass::new(self.spec, self.a, region[0].clone(), pass);
                reads[1] = digits.digits(&region[2]) * n;
                (digits.cycles(&region[2]), rows)
            }
            (Family::Serial, _) => {
                let (cycles, words) = self.alone(region.clone());
                reads[..2].copy_from_slice(&words);
                (cycles - self.tail(), rows)
            }
            (Family::Laconic, _) => {
                let lanes = self.spec.array.depth() as usize;
                let (cycles, _) = self.alone(region.clone());
                let [rows_of_a, columns, places] = region.clone();
                let last = places.start + (places.len() - 1) / lanes * lanes;
                let (before, _) = self.alone([rows_of_a, columns, places.start..last]);
                (cycles - self.tail(), rows - 1 + cycles - before)
            }
        };
        let results = if ends { m * n } else { 0 };
        Tile { block, work, gap, ends, uses, reads, results, makes, load: rows }
    }

    fn tiles(&self, blocks: &[Region]) -> Vec<Tile> {
        let (r, c) = (self.spec.rows as usize, self.spec.cols as usize);
        let mut all = Vec::new();
        // A pass has begun when K begins again.
        let mut pass = 0;
        for (index, [m, n, k]) in blocks.iter().enumerate() {
            if k.start == 0 {
                pass = if index > 0 && blocks[index - 1][..2] == [m.clone(), n.clone()] { pass + 1 } else { 0 };
            }
            let pairs = |x: Vec<Range<usize>>, y: Vec<Range<usize>>| {
                x.into_iter().flat_map(move |x| y.clone().into_iter().map(move |y| (x.clone(), y))).collect::<Vec<_>>()
            };
            let regions: Vec<Region> = match self.spec.dataflow() {
                Dataflow::OutputStationary => {
                    pairs(cut(m.clone(), r), cut(n.clone(), c)).into_iter().map(|(m, n)| [m, n, k.clone()]).collect()
                }
                Dataflow::WeightStationary => {
                    pairs(cut(n.clone(), c), cut(k.clone(), r)).into_iter().map(|(n, k)| [m.clone(), n, k]).collect()
                }
                Dataflow::InputStationary => {
                    pairs(cut(m.clone(), c), cut(k.clone(), r)).into_iter().map(|(m, k)| [m, n.clone(), k]).collect()
                }
            };
            all.extend(regions.into_iter().map(|region| self.tile(index, region, pass)));
        }
        all
    }

    /// The run, cycle by cycle, in blocks of these sizes.
    pub fn run(&self, sizes: [usize; 3], order: BlockOrder) -> Found {
        let blocks = blocks(self.extents(), sizes, order, self.passes());
        let tiles = self.tiles(&blocks);
        let buffers = [self.memory.a, self.memory.b, self.memory.c];
        let mut run = Run {
            case: self,
            changes: [0, 1, 2].map(|tensor| {
                let other =
                    |index: usize| OF[tensor].iter().any(|&axis| blocks[index][axis] != blocks[index - 1][axis]);
                (0..blocks.len()).map(|index| index == 0 || other(index)).collect()
            }),
            blocks: &blocks,
            halves: Default::default(),
            summed: BTreeSet::new(),
            queue: VecDeque::new(),
            found: Found {
                cycles: 0,
                results_out: 0,
                dram_busy: 0,
                dram_reads: [0; 3],
                dram_writes: [0; 3],
                sram_reads: [0; 3],
                sram_writes: [0; 3],
                port_cycles: [0; 3],
                peak_bits: [0; 3],
            },
        };
        let width = |tensor: usize| buffers[tensor].bits_per_cycle.map(u64::from);
        run.ask(0, &[0, 1, 2], 0);
        run.turn_of(0, 0, self.tail());
        run.work(&tiles, width)
    }
}

struct Run<'a> {
    case: &'a Case<'a>,
    blocks: &'a [Region],
    /// For each matrix and block: whether its elements are others than those of the block before.
    changes: [Vec<bool>; 3],
    /// Of each buffer: the block whose elements it has, those that have come so far, oldest first; at most two.
    halves: [VecDeque<(usize, Elements)>; 3],
    /// Places of C that a sum was made for.
    summed: Elements,
    queue: VecDeque<Transfer>,
    found: Found,
}

impl Run<'_> {
    /// Asks for the elements of a block that are not held.
    fn ask(&mut self, block: usize, tensors: &[usize], earliest: u64) {
        let mut transfer = Transfer { earliest, bits: 0, fills: Vec::new(), writes_back: None };
        for &tensor in tensors {
            if !self.changes[tensor][block] {
                continue;
            }
            let is_first_sum = tensor == 2 && self.blocks[block][2].start == 0;
            if is_first_sum {
                continue;
            }
            let count = self.case.elements(&self.blocks[block], tensor).len() as u64;
            self.found.dram_reads[tensor] += count;
            transfer.bits += count * self.case.word_bits[tensor];
            // Nothing but padding.
            if count == 0 {
                self.hold(tensor, block, Elements::new());
                continue;
            }
            transfer.fills.push((tensor, block));
        }
        if transfer.bits > 0 {
            self.queue.push_back(transfer);
        }
    }

    /// What is asked for when the block before `block` is done, in cycle `now`.
    fn turn_of(&mut self, block: usize, now: u64, tail: u64) {
        if block + 1 < self.blocks.len() {
            self.ask(block + 1, &[0, 1], now);
        }
        if block > 0 && self.changes[2].get(block).is_none_or(|&changes| changes) {
            let count = places(&self.blocks[block - 1], 2).len() as u64;
            self.found.dram_writes[2] += count;
            let (bits, earliest) = (count * self.case.word_bits[2], now + tail);
            self.queue.push_back(Transfer { earliest, bits, fills: Vec::new(), writes_back: Some(block - 1) });
        }
        if block + 1 < self.blocks.len() {
            self.ask(block + 1, &[2], now);
        }
    }

    /// One cycle of a channel; gives the transfers that end in it. Without a width a transfer takes no cycle.
    fn dram(queue: &mut VecDeque<Transfer>, now: u64, width: Option<u32>, busy: &mut u64) -> Vec<Transfer> {
        let mut done = Vec::new();
        if let Some(width) = width
            && let Some(head) = queue.front_mut().filter(|head| head.earliest <= now)
        {
            *busy += 1;
            head.bits = head.bits.saturating_sub(width.into());
            if head.bits == 0 {
                done.extend(queue.pop_front());
            }
        }
        done
    }

    /// A transfer that takes no time and whose time has come.
    fn at_once(queue: &mut VecDeque<Transfer>, now: u64, width: Option<u32>) -> Option<Transfer> {
        let is_due = width.is_none() && queue.front().is_some_and(|head| head.earliest <= now);
        if is_due { queue.pop_front() } else { None }
    }

    fn arrived(&mut self, transfers: Vec<Transfer>) {
        for transfer in transfers {
            if let Some(block) = transfer.writes_back {
                let place = self.halves[2].iter().position(|(of, _)| !self.differs(2, *of, block)).expect("results");
                self.halves[2].remove(place);
                self.found.sram_reads[2] += places(&self.blocks[block], 2).len() as u64;
            }
            for (tensor, block) in transfer.fills {
                let come = self.case.elements(&self.blocks[block], tensor);
                self.found.sram_writes[tensor] += come.len() as u64;
                self.hold(tensor, block, come);
            }
        }
    }

    fn differs(&self, tensor: usize, one: usize, other: usize) -> bool {
        OF[tensor].iter().any(|&axis| self.blocks[one][axis] != self.blocks[other][axis])
    }

    /// A block of a matrix gets a half. Of A and B the older half gives way; of C there has to be one.
    fn hold(&mut self, tensor: usize, block: usize, come: Elements) {
        if self.halves[tensor].len() == 2 {
            assert_ne!(tensor, 2, "results are overwritten");
            self.halves[tensor].pop_front();
        }
        self.halves[tensor].push_back((block, come));
        let buffer: Buffer = [self.case.memory.a, self.case.memory.b, self.case.memory.c][tensor];
        let sizes = self.halves[tensor].iter().map(|(_, held)| held.len() as u64 * self.case.word_bits[tensor]);
        let mut sum = 0;
        for bits in sizes {
            assert!(buffer.half_bits().is_none_or(|half| bits <= half), "a half overflows");
            sum += bits;
        }
        self.found.peak_bits[tensor] = self.found.peak_bits[tensor].max(sum);
    }

    fn holds(&self, tensor: usize, wanted: &Elements) -> bool {
        wanted.is_empty() || self.halves[tensor].iter().any(|(_, held)| wanted.is_subset(held))
    }

    /// Whether all that a block needs has come.
    fn is_ready(&self, block: usize) -> bool {
        let waits = |transfer: &Transfer| transfer.fills.iter().any(|&(_, of)| of == block);
        !self.queue.iter().any(waits)
    }

    /// Whether the results of `block` have a half in cycle `when`, as things go: of other blocks whose results are held or on
    /// their way out, at most one is not written back by then.
    fn has_room(&self, block: usize, leaving: &[usize], now: u64, when: u64, width: Option<u32>) -> bool {
        let mut others: Vec<usize> = Vec::new();
        for of in self.halves[2].iter().map(|&(of, _)| of).chain(leaving.iter().copied()) {
            if !others.iter().chain([&block]).any(|&known| !self.differs(2, known, of)) {
                others.push(of);
            }
        }
        let mut queue = self.queue.clone();
        let mut done = Vec::new();
        for cycle in now..=when {
            done.extend(std::iter::from_fn(|| Self::at_once(&mut queue, cycle, width)));
            if cycle < when {
                done.extend(Self::dram(&mut queue, cycle, width, &mut 0));
            }
        }
        let is_back =
            |of: usize| done.iter().any(|transfer| transfer.writes_back.is_some_and(|back| !self.differs(2, back, of)));
        others.into_iter().filter(|&of| !is_back(of)).count() < 2
    }

    fn work(mut self, tiles: &[Tile], width: impl Fn(usize) -> Option<u64>) -> Found {
        let dram_width = self.case.memory.dram_bits_per_cycle;
        let tail = self.case.tail();
        let stays = self.case.stays();
        let swap = u64::from((self.case.spec.rows + self.case.spec.cols - 2).max(1));
        let stationary = if self.case.spec.dataflow() == Dataflow::InputStationary { 0 } else { 1 };
        // Cycles of a port for so many words, a cycle at a time.
        let cycles_of = |tensor: usize, words: u64| {
            let (mut bits, mut cycles) = (words * self.case.word_bits[tensor], 0);
            while let Some(width) = width(tensor)
                && bits > 0
            {
                bits = bits.saturating_sub(width);
                cycles += 1;
            }
            cycles
        };
        let needs: Vec<[u64; 3]> = tiles
            .iter()
            .map(|tile| [(0, tile.reads[0]), (1, tile.reads[1]), (2, tile.reads[2] + tile.results)])
            .map(|words| words.map(|(tensor, words)| cycles_of(tensor, words)))
            .collect();
        // The tile at work or next, and where an operand stays the tile that moves in or is the next to.
        let (mut at, mut moving) = (0, 0);
        let (mut moved, mut worked): (Option<u64>, Option<u64>) = (None, None);
        let mut last_start: Option<u64> = None;
        let mut last_end: Option<u64> = None;
        // Results on their way out: when they are in the buffer, and of which tile.
        let mut leaving: VecDeque<(u64, usize)> = VecDeque::new();
        let mut now = 0;
        loop {
            assert!(now < PATIENCE, "it does not end");
            // What happens between two cycles: results come in where there is room, else transfers that take no time happen.
            loop {
                let due = leaving.front().filter(|&&(when, _)| when <= now).map(|&(_, tile)| tile);
                let is_held = |run: &Self, tile: usize| {
                    run.halves[2].iter().any(|(of, _)| !run.differs(2, *of, tiles[tile].block))
                };
                match due {
                    Some(tile) if is_held(&self, tile) || self.halves[2].len() < 2 => {
                        leaving.pop_front();
                        self.found.sram_writes[2] += tiles[tile].results;
                        if !is_held(&self, tile) {
                            let place = places(&self.blocks[tiles[tile].block], 2);
                            self.hold(2, tiles[tile].block, place);
                        }
                    }
                    _ => match Self::at_once(&mut self.queue, now, dram_width) {
                        Some(done) => self.arrived(vec![done]),
                        None => break,
                    },
                }
            }
            assert!(leaving.front().is_none_or(|&(when, _)| when > now), "results have no room");
            if at == tiles.len() && self.queue.is_empty() && leaving.is_empty() {
                self.found.cycles = now;
                self.found.results_out = last_end.unwrap_or(0) + tail;
                return self.found;
            }
            if let Some(next) = tiles.get(moving).filter(|_| stays) {
                // The tile before has to have begun, and the last PE to have swapped.
                let is_next = moving == at + usize::from(worked.is_some());
                let has_swapped = last_start.is_none_or(|start| now >= start + swap);
                if moved.is_none() && is_next && has_swapped && self.is_ready(next.block) {
                    assert!(self.holds(stationary, &next.uses[stationary]), "used before it is there");
                    moved = Some(0);
                }
            }
            if let Some(tile) = tiles.get(at) {
                if worked.is_none() {
                    let load = tile.load.max(needs[at][stationary]);
                    let begins = match stays {
                        true => moving == at && moved.is_some_and(|moved| moved >= load),
                        false => self.is_ready(tile.block),
                    };
                    if begins {
                        for tensor in [0, 1] {
                            assert!(self.holds(tensor, &tile.uses[tensor]), "used before it is there");
                        }
                        assert!(tile.uses[2].is_subset(&self.summed), "a partial sum that nobody made");
                        if self.changes[2][tile.block] && self.blocks[tile.block][2].start > 0 {
                            assert!(self.holds(2, &tile.uses[2]), "a partial sum that is not there");
                        }
                        worked = Some(0);
                        last_start = Some(now);
                        (moving, moved) = (at + 1, None);
                    }
                }
                if let Some(worked) = &mut worked {
                    *worked += 1;
                }
                let ports = [0, 1, 2].into_iter().filter(|&tensor| !(stays && tensor == stationary));
                let work = ports.map(|tensor| needs[at][tensor]).fold(tile.work, u64::max);
                let apart = stays || !tile.ends || last_end.is_none_or(|end| now + 1 >= end + tile.gap);
                let on_their_way = || leaving.iter().map(|&(_, tile)| tiles[tile].block).collect::<Vec<usize>>();
                if worked.is_some_and(|worked| worked >= work)
                    && apart
                    && (!tile.ends || self.has_room(tile.block, &on_their_way(), now, now + 1 + tail, dram_width))
                {
                    for (tensor, (reads, cycles)) in tile.reads.iter().zip(&needs[at]).enumerate() {
                        self.found.sram_reads[tensor] += reads;
                        self.found.port_cycles[tensor] += cycles;
                    }
                    if tile.ends {
                        last_end = Some(now + 1);
                        leaving.push_back((now + 1 + tail, at));
                        self.summed.extend(&tile.makes);
                    }
                    at += 1;
                    worked = None;
                    if tiles.get(at).is_none_or(|next| next.block != tile.block) {
                        self.turn_of(tile.block + 1, now + 1, tail);
                    }
                }
            }
            if let Some(moved) = &mut moved {
                *moved += 1;
            }
            let done = Self::dram(&mut self.queue, now, dram_width, &mut self.found.dram_busy);
            self.arrived(done);
            now += 1;
        }
    }
}
