//! The timing that the module documents, cycle by cycle, as counters: no digits, no words.

use crate::engine::serial::SerialSchedule;
use crate::engine::{EngineSpec, Patterns};
use crate::matrix::Matrix;
use crate::notation::transform::LanePace;

struct Port {
    closed: bool,
    tile: usize,
    pass: usize,
    group: usize,
    in_stretch: usize,
}

pub(super) struct Model<'a> {
    spec: &'a EngineSpec,
    schedule: &'a SerialSchedule,
    /// Mask of the digits of one group: by (tile, row, lane, pass, group).
    mask: &'a dyn Fn(usize, usize, usize, usize, usize) -> u64,
}

fn reader_offers(pattern: u64, cycle: u64, offered: &mut bool, left: bool) -> bool {
    *offered |= left && pattern >> (cycle % 64) & 1 == 1;
    *offered
}

impl Model<'_> {
    fn cycles(&self, patterns: &Patterns) -> u64 {
        let (spec, schedule) = (self.spec, self.schedule);
        let sequencing = schedule.sequencing();
        let (rows, lanes) = (spec.rows as usize, sequencing.lanes as usize);
        let tiles = schedule.tiles().0 * schedule.tiles().1;
        let (groups, passes) = (schedule.groups(), schedule.passes());
        let free = sequencing.lanes_are_free();
        let lockstep = sequencing.pace == LanePace::Lockstep;
        let ports_per_row = if free { lanes } else { 1 };
        let lanes_per_port = lanes / ports_per_row;
        let stretch = sequencing.stretch.map_or(usize::MAX, |groups| groups as usize);
        let new_port = || Port { closed: true, tile: 0, pass: 0, group: 0, in_stretch: 0 };
        let mut ports: Vec<Port> = (0..rows * ports_per_row).map(|_| new_port()).collect();
        let mut masks = vec![0_u64; rows * lanes];
        let (mut a_offered, mut b_offered) = (vec![false; rows * lanes], vec![false; rows * lanes]);
        let b_left: Vec<u64> = (0..rows * lanes)
            .map(|lane| {
                let digits =
                    |tile, pass, group| (self.mask)(tile, lane / lanes, lane % lanes, pass, group).count_ones() as u64;
                let all = (0..tiles).flat_map(|t| (0..passes).flat_map(move |p| (0..groups).map(move |g| (t, p, g))));
                all.map(|(t, p, g)| digits(t, p, g)).sum()
            })
            .collect();
        let mut b_left = b_left;
        let (mut commands, mut cmd_offered, mut waiting, mut busy, mut gap) = (tiles, false, false, false, 0);
        let (mut ended, mut capture, mut in_chain, mut c_valid, mut taken) = (false, false, 0, false, 0);
        let mut first = None;
        for cycle in 0..1_000_000 {
            let c_ready = patterns.c >> (cycle % 64) & 1 == 1;
            let advance = !c_valid || c_ready;
            let cmd = reader_offers(patterns.cmd, cycle, &mut cmd_offered, commands > 0);
            for lane in 0..rows * lanes {
                let port = &ports[if free { lane } else { lane / lanes }];
                reader_offers(patterns.a, cycle, &mut a_offered[lane], port.tile < tiles);
                reader_offers(patterns.b, cycle, &mut b_offered[lane], b_left[lane] > 0);
            }
            // Digits.
            let mut after = masks.clone();
            if advance {
                for row in 0..rows {
                    let of_row = row * lanes..(row + 1) * lanes;
                    let all = masks[of_row.clone()].iter().fold(0, |all, mask| all | mask);
                    for lane in of_row {
                        let from = if lockstep { all } else { masks[lane] };
                        let pick = from & from.wrapping_neg() & masks[lane];
                        if pick != 0 && b_offered[lane] {
                            after[lane] &= !pick;
                            b_offered[lane] = false;
                            b_left[lane] -= 1;
                        }
                    }
                }
            }
            let done = |port: usize| (0..lanes_per_port).all(|lane| after[port * lanes_per_port + lane] == 0);
            let met = |port: usize| ports[port].closed && done(port);
            let at_tile = |port: usize| ports[port].pass == 0 && ports[port].group == 0;
            let all_met = (0..ports.len()).all(met);
            let rows_done = all_met && (0..ports.len()).all(at_tile);
            let tile_ends = busy && rows_done && gap == 0 && advance;
            let start = waiting && advance && (tile_ends || !busy);
            let turns: Vec<bool> = (0..rows)
                .map(|row| {
                    let mut of_row = row * ports_per_row..(row + 1) * ports_per_row;
                    let row_met = of_row.clone().all(met);
                    let here = !of_row.any(at_tile);
                    let meets = if stretch == usize::MAX { row_met && here } else { all_met && !rows_done };
                    start || (advance && meets)
                })
                .collect();
            // Groups.
            let ready: Vec<bool> = (0..ports.len()).map(done).collect();
            for (index, port) in ports.iter_mut().enumerate() {
                let open = turns[index / ports_per_row] || (!port.closed && advance);
                if turns[index / ports_per_row] {
                    port.closed = false;
                }
                let of_port = index * lanes_per_port..(index + 1) * lanes_per_port;
                if !open || !of_port.clone().all(|lane| a_offered[lane]) {
                    continue;
                }
                let mask = |lane: usize| (self.mask)(port.tile, lane / lanes, lane % lanes, port.pass, port.group);
                let empty = of_port.clone().all(|lane| mask(lane) == 0);
                let dropped = sequencing.skips_empty && empty && port.group > 0;
                if !dropped && !ready[index] {
                    continue;
                }
                first.get_or_insert(cycle);
                for lane in of_port {
                    a_offered[lane] = false;
                    if !dropped {
                        after[lane] = mask(lane);
                    }
                }
                port.group += 1;
                port.in_stretch += 1;
                if port.group == groups || port.in_stretch == stretch {
                    (port.closed, port.in_stretch) = (true, 0);
                }
                if port.group == groups {
                    (port.group, port.pass) = (0, port.pass + 1);
                }
                if port.pass == passes {
                    (port.pass, port.tile) = (0, port.tile + 1);
                }
            }
            masks = after;
            // Results.
            if c_valid && c_ready {
                taken += 1;
                if taken == tiles * rows {
                    return cycle - first.unwrap() + 1;
                }
            }
            if advance {
                c_valid = in_chain > 0;
                in_chain = if capture { rows } else { in_chain.max(1) - 1 };
                (capture, ended) = (ended, tile_ends);
                gap = if tile_ends { rows - 1 } else { gap.max(1) - 1 };
            }
            let accepted = cmd && (!waiting || start);
            busy = start || (busy && !tile_ends);
            waiting = accepted || (waiting && !start);
            if accepted {
                (cmd_offered, commands) = (false, commands - 1);
            }
        }
        panic!("hangs");
    }
}

/// Cycles of a GEMM under `patterns`.
pub(super) fn cycles(spec: &EngineSpec, schedule: &SerialSchedule, a: &Matrix<i32>, patterns: &Patterns) -> u64 {
    let group_size = schedule.sequencing().group as usize;
    let passes = schedule.passes();
    let mask = |tile, row, lane, pass: usize, group: usize| {
        (0..group_size).fold(0, |mask, position| {
            let digits = schedule.digits(spec, a, (tile, row), (lane, group * group_size + position));
            mask | u64::from(digits[passes - 1 - pass] != 0) << position
        })
    };
    Model { spec, schedule, mask: &mask }.cycles(patterns)
}
