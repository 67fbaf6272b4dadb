//! Buffers and the channel, cycle by cycle.

use std::collections::{BTreeSet, VecDeque};

use super::stored::{Elements, OF, places};
use super::tile::Tile;
use super::{Case, Found, PATIENCE, Region, blocks};
use bitweight::engine::{BlockOrder, Buffer, Dataflow};

/// One transfer.
#[derive(Clone)]
struct Transfer {
    earliest: u64,
    bits: u64,
    fills: Vec<(usize, usize)>,
    writes_back: Option<usize>,
}

impl Case<'_> {
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
                beside_dram_reads: [0; 3],
                beside_sram_reads: [0; 3],
                beside_sram_writes: [0; 3],
            },
        };
        let width = |tensor: usize| buffers[tensor].bits_per_cycle.map(u64::from);
        if self.product.0 > 0 && run.sums_stay() {
            run.hold(2, 0, places(&blocks[0], 2));
            run.ask(0, &[0, 1], 0);
        } else {
            run.ask(0, &[0, 1, 2], 0);
        }
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
    /// Whether sums of blocks of K that are summed outside of the array stay in their buffer: there is one block of C.
    fn sums_stay(&self) -> bool {
        self.case.product.1 > 1 && self.blocks.len() == 1
    }

    /// Asks for the elements of a block that are not held.
    fn ask(&mut self, block: usize, tensors: &[usize], earliest: u64) {
        let mut transfer = Transfer { earliest, bits: 0, fills: Vec::new(), writes_back: None };
        for &tensor in tensors {
            if !self.changes[tensor][block] {
                continue;
            }
            let is_first_sum = tensor == 2 && self.blocks[block][2].start == 0 && self.case.product.0 == 0;
            if is_first_sum {
                continue;
            }
            let stored = self.case.stored();
            let count = stored.elements(&self.blocks[block], tensor).len() as u64;
            let beside = stored.beside(&self.blocks[block], tensor);
            self.found.dram_reads[tensor] += count;
            self.found.beside_dram_reads[tensor] += beside;
            transfer.bits += count * self.case.word_bits[tensor] + beside;
            // Nothing but padding.
            if count + beside == 0 {
                self.hold(tensor, block, Elements::new());
                continue;
            }
            transfer.fills.push((tensor, block));
        }
        if transfer.bits > 0 {
            self.queue.push_back(transfer);
        }
    }

    /// Bits of the two halves of C when most of them is given to blocks: to the one at work, and to the one before that, which may be
    /// back in DRAM already.
    fn reserved_for_c(&self) -> u64 {
        let bits = |block: usize| {
            let stored = self.case.stored();
            let beside = stored.beside_in_buffer(&self.blocks[block], 2);
            places(&self.blocks[block], 2).len() as u64 * stored.bits_in_buffer(2) + beside
        };
        let with_the_one_before = |block: usize| {
            let before = if block > 0 && self.differs(2, block, block - 1) { bits(block - 1) } else { 0 };
            bits(block) + before
        };
        (0..self.blocks.len()).map(with_the_one_before).max().unwrap_or(0)
    }

    /// What is asked for when the block before `block` is done, in cycle `now`.
    fn turn_of(&mut self, block: usize, now: u64, tail: u64) {
        if block + 1 < self.blocks.len() {
            self.ask(block + 1, &[0, 1], now);
        }
        let goes_on = self.sums_stay() && self.case.product.0 + 1 < self.case.product.1;
        if block > 0 && !goes_on && self.changes[2].get(block).is_none_or(|&changes| changes) {
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
                let come = self.case.stored().elements(&self.blocks[block], tensor);
                self.found.sram_writes[tensor] += come.len() as u64;
                self.found.beside_sram_writes[tensor] +=
                    self.case.stored().beside_in_buffer(&self.blocks[block], tensor);
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
        let stored = self.case.stored();
        let sizes = self.halves[tensor].iter().map(|(block, held)| {
            held.len() as u64 * stored.bits_in_buffer(tensor) + stored.beside_in_buffer(&self.blocks[*block], tensor)
        });
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
        let cycles_of = |tensor: usize, words: u64, beside: u64| {
            let (mut bits, mut cycles) = (words * self.case.word_bits[tensor] + beside, 0);
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
            .map(|tile| {
                let of_c = tile.reads[2] + tile.results + tile.adds_to.len() as u64;
                let words = [tile.reads[0], tile.reads[1], of_c];
                [0, 1, 2].map(|tensor| cycles_of(tensor, words[tensor], tile.beside[tensor]))
            })
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
                let reserved = self.reserved_for_c();
                assert!(self.found.peak_bits[2] <= reserved, "more results are held than halves are given to");
                self.found.peak_bits[2] = reserved;
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
                        assert!(self.holds(2, &tile.adds_to), "a sum of the blocks before that is not there");
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
                        self.found.beside_sram_reads[tensor] += tile.beside[tensor];
                        self.found.port_cycles[tensor] += cycles;
                    }
                    self.found.sram_reads[2] += tile.adds_to.len() as u64;
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
