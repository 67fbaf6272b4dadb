//! Drive strengths: cells on critical paths grow while that shortens the period, those with time to spare shrink. Flip-flops keep the smallest size, as in the flow.
//!
//! A change is judged where it acts: on the drivers of the cell's inputs, which get more load, on what else hangs on them, on the
//! cell, and on its readers. The best changes of a round are made together, and the whole is timed again; what did not
//! help is taken back.

use super::graph::{Graph, NO_NET, Reader};
use super::library::{ByEdge, EDGES};
use super::times::{Context, Event, NEVER, Times, Worst};

/// Paths count as critical that need at least this share of the longest period.
const CRITICAL: f64 = 0.985;
/// Changes are made together whose worth is at least this share of the best one's.
const ALIKE: f64 = 0.4;
/// Rounds without gain after which nothing more is tried.
const PATIENCE: u32 = 3;
/// How often the search begins again after a round of shrinking.
const AGAIN: u32 = 4;
/// Least gain, as a share of the period, for which it begins once more.
const WORTH_AGAIN: f64 = 0.003;
/// Least gain that counts, ns.
const LEAST_NS: f64 = 1e-5;
/// Rounds of one search at most; each makes at least one change that helps, so it is a guard, not a rule.
const MAX_ROUNDS: u32 = 1_000;

/// A netlist with its drives and times.
#[derive(Clone, Debug)]
pub struct Sized {
    pub graph: Graph,
    pub times: Times,
}

/// Another cell for a gate.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Change {
    gate: u32,
    cell: u32,
}

/// A change with its gain for area.
#[derive(Clone, Copy, Debug)]
struct Offer {
    change: Change,
    worth: f64,
}

impl Sized {
    /// Times a graph as it is; cells that may not drive their load grow until they may.
    pub fn new(mut graph: Graph, context: &Context) -> Sized {
        let mut times = Times::new(&graph, context);
        for gate in (0..graph.cells.len() as u32).rev() {
            let load = times.load_ff[graph.net_of(gate) as usize];
            let cell = context.library.able(graph.cells[gate as usize], load);
            if cell != graph.cells[gate as usize] {
                times.set_cell(&mut graph, context, gate, cell);
            }
        }
        times.update(&graph, context);
        Sized { graph, times }
    }

    /// The longest period any path needs; 0 without paths.
    pub fn period_ns(&self, context: &Context) -> f64 {
        self.worst(context).map_or(0.0, |worst| worst.period_ns)
    }

    /// The end of the longest path.
    pub fn worst(&self, context: &Context) -> Option<Worst> {
        self.times.worst(&self.graph, context)
    }

    /// Makes the period as short as `target_ns`, or as short as it gets. Returns what was reached.
    pub fn speed_up(&mut self, context: &Context, target_ns: f64) -> f64 {
        let mut period = self.search(context, target_ns);
        for _again in 0..AGAIN {
            if period <= target_ns {
                break;
            }
            // What grew in vain, or before a repeater made it needless, loads others as long as it does not shrink.
            self.shrink(context, period);
            let next = self.search(context, target_ns);
            let gain = (period - next) / period;
            period = next;
            if gain < WORTH_AGAIN {
                break;
            }
        }
        period
    }

    fn search(&mut self, context: &Context, target_ns: f64) -> f64 {
        let mut period = self.period_ns(context);
        let mut best = (period, self.clone());
        let mut idle = 0;
        let mut refused: Vec<Change> = Vec::new();
        for _round in 0..MAX_ROUNDS {
            if period <= target_ns || idle > PATIENCE {
                break;
            }
            self.times.look_back(&self.graph, context);
            if !self.grow(context, period, idle, &mut refused) {
                break;
            }
            period = self.period_ns(context);
            if period < best.0 - LEAST_NS {
                best = (period, self.clone());
                idle = 0;
            } else {
                idle += 1;
            }
        }
        if best.0 < period || period > target_ns {
            period = best.0;
            *self = best.1;
        }
        period
    }

    /// Makes the best of the changes that make critical cells stronger.
    fn grow(&mut self, context: &Context, period: f64, idle: u32, refused: &mut Vec<Change>) -> bool {
        let limit = period * CRITICAL;
        let mut offers = Vec::new();
        for net in 0..self.graph.nets() as u32 {
            if self.times.through(net) >= limit {
                self.offer(context, net, &mut offers);
            }
        }
        if idle > 0 {
            offers.retain(|offer| !refused.contains(&offer.change));
        }
        offers.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        let Some(best) = offers.first().map(|offer| offer.worth) else { return false };
        // Neighbours are not changed together: each was judged as if the other stayed as it is.
        let mut touched = vec![false; self.graph.nets()];
        for offer in &offers {
            if offer.worth < ALIKE * best {
                break;
            }
            let nets = self.neighbours(offer.change);
            if nets.iter().any(|&net| touched[net as usize]) {
                continue;
            }
            nets.iter().for_each(|&net| touched[net as usize] = true);
            self.make(context, offer.change);
            refused.push(offer.change);
        }
        self.times.update(&self.graph, context);
        true
    }

    /// Nets whose times a change moves directly.
    fn neighbours(&self, change: Change) -> Vec<u32> {
        let inputs = self.graph.pins_of(change.gate).iter().map(|pin| pin.net).filter(|&net| net != NO_NET);
        inputs.chain([self.graph.net_of(change.gate)]).collect()
    }

    fn make(&mut self, context: &Context, change: Change) {
        self.times.set_cell(&mut self.graph, context, change.gate, change.cell);
    }

    /// Offers the stronger cells that a net may be driven by.
    fn offer(&self, context: &Context, net: u32, offers: &mut Vec<Offer>) {
        let library = context.library;
        let Some(gate) = self.graph.driver(net) else { return };
        let now = library.cells[self.graph.cells[gate as usize] as usize].area_um2;
        for &cell in library.variants(self.graph.cells[gate as usize]) {
            let grown = library.cells[cell as usize].area_um2 - now;
            if grown <= 0.0 {
                continue;
            }
            let gain = self.gain(context, gate, cell);
            if gain > LEAST_NS {
                let worth = gain / (grown * self.graph.copies[gate as usize].max(1) as f64);
                offers.push(Offer { change: Change { gate, cell }, worth });
            }
        }
    }

    /// By how much the longest of the paths round a gate becomes shorter if the gate is of another cell.
    fn gain(&self, context: &Context, gate: u32, cell: u32) -> f64 {
        let (before, after) = self.trial(context, gate, cell);
        before - after
    }

    /// The longest period of the paths round a gate: now, and if it were of another cell.
    fn trial(&self, context: &Context, gate: u32, cell: u32) -> (f64, f64) {
        let (graph, times, library) = (&self.graph, &self.times, context.library);
        let now = graph.cells[gate as usize];
        let mut before: f64 = times.through(graph.net_of(gate));
        let mut after = NEVER;
        let range = graph.pin_range(gate);
        let mut inputs = [Event::NEVER; 8];
        for place in range.clone() {
            let pin = &graph.pins[place];
            if pin.net == NO_NET {
                continue;
            }
            let (old, new) = (library.pin_ff(now, pin.input), library.pin_ff(cell, pin.input));
            let load = times.load_ff[pin.net as usize];
            let load = EDGES.map(|edge| load[edge] + (new[edge] - old[edge]) * pin.weight);
            let event = times.with_load(graph, context, pin.net, load);
            inputs[place - range.start] = event;
            before = before.max(times.through(pin.net));
            for &reader in graph.readers_of(pin.net) {
                let later = match reader {
                    Reader::Pin(other) if graph.pins[other as usize].gate == gate => continue,
                    Reader::Pin(other) => {
                        let net = graph.net_of(graph.pins[other as usize].gate);
                        times.after_pin(other as usize, times.after_ns[net as usize])
                    }
                    Reader::End(end) => context.after(graph, &graph.ends[end as usize], event.slew_ns),
                };
                after = after.max(latest(event.arrival_ns, later));
            }
        }
        let net = graph.net_of(gate);
        let load = times.load_ff[net as usize];
        let event = times.gate_as(graph, context, (gate, cell), load, |place| inputs[place - range.start]);
        (before, after.max(self.after_event(context, net, &event)))
    }

    /// The longest period of the paths through a net if `event` came to it.
    fn after_event(&self, context: &Context, net: u32, event: &Event) -> f64 {
        let (graph, times) = (&self.graph, &self.times);
        let mut period = NEVER;
        for &reader in graph.readers_of(net) {
            match reader {
                Reader::End(end) => {
                    let after = context.after(graph, &graph.ends[end as usize], event.slew_ns);
                    period = period.max(latest(event.arrival_ns, after));
                }
                Reader::Pin(place) => {
                    let pin = &graph.pins[place as usize];
                    let output = graph.net_of(pin.gate);
                    let (cell, load) = (graph.cells[pin.gate as usize], times.load_ff[output as usize]);
                    let after = times.after_ns[output as usize];
                    context.library.pass(cell, pin.input, event.slew_ns, load, |passed| {
                        period = period.max(event.arrival_ns[passed.from] + passed.delay_ns + after[passed.to]);
                    });
                }
            }
        }
        period
    }

    /// Makes cells smaller as long as no path needs more than `target_ns`.
    pub fn shrink(&mut self, context: &Context, target_ns: f64) {
        let library = context.library;
        loop {
            self.times.look_back(&self.graph, context);
            let mut offers = Vec::new();
            for gate in 0..self.graph.cells.len() as u32 {
                let now = self.graph.cells[gate as usize];
                let load = self.times.load_ff[self.graph.net_of(gate) as usize];
                for &cell in library.variants(now) {
                    let saved = library.cells[now as usize].area_um2 - library.cells[cell as usize].area_um2;
                    if saved <= 0.0 || library.cells[cell as usize].max_load_ff < load[0].max(load[1]) {
                        continue;
                    }
                    let (before, after) = self.trial(context, gate, cell);
                    if after <= target_ns {
                        let lost = (after - before).max(LEAST_NS);
                        let worth = saved * self.graph.copies[gate as usize] as f64 / lost;
                        offers.push(Offer { change: Change { gate, cell }, worth });
                    }
                }
            }
            offers.sort_by(|a, b| b.worth.total_cmp(&a.worth));
            let mut changed = false;
            for offer in offers {
                changed |= self.try_change(context, offer.change, target_ns);
            }
            if !changed {
                return;
            }
        }
    }

    /// Makes a change if no path needs more than `target_ns` after it. Whether it was made.
    fn try_change(&mut self, context: &Context, change: Change, target_ns: f64) -> bool {
        let now = self.graph.cells[change.gate as usize];
        if context.library.cells[change.cell as usize].area_um2 >= context.library.cells[now as usize].area_um2 {
            return false;
        }
        let back = Change { gate: change.gate, cell: now };
        self.make(context, change);
        if self.times.update(&self.graph, context) <= target_ns {
            return true;
        }
        self.make(context, back);
        self.times.update(&self.graph, context);
        false
    }
}

fn latest(arrival: ByEdge, after: ByEdge) -> f64 {
    (arrival[0] + after[0]).max(arrival[1] + after[1])
}
