//! The PEs of a row, and its part of the drain chain.

use super::Serial;
use super::row::{Flags, Row, Sequenced, lanes_of};
use crate::engine::parts::copies::{Copies, Wire};
use crate::engine::parts::row_control::row_control;
use crate::netlist::{ModuleBuilder, NetId, NetlistBuilder, NetlistError};

impl Serial<'_> {
    /// The words of a carry-save pair, as (stem, width).
    pub(super) fn pair_words(&self) -> [(&'static str, u32); 2] {
        let width = self.spec.sum_bits();
        [("sum", width), ("carry", width - 1)]
    }

    /// The words of a result in the drain chain.
    pub(super) fn drain_words(&self) -> Vec<(&'static str, u32)> {
        match self.sequencing.keeps_pair {
            true => self.pair_words().to_vec(),
            false => vec![("acc", self.spec.sum_bits())],
        }
    }

    /// Places the PEs of a row.
    pub(super) fn pes(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        row: &Row,
        b_data: NetId,
        flags: &Flags,
        sequenced: Option<Sequenced>,
    ) -> Result<(), NetlistError> {
        let (lanes, cols) = (self.sequencing.lanes, self.spec.cols);
        let (capture, load) = self.row_drain(netlist, m, row.advance)?;
        let mut shared = vec![("advance_i", row.advance), ("first_i", flags.first), ("take_i", row.take)];
        shared.extend(flags.raise.map(|raise| ("raise_i", raise)));
        shared.extend([("capture_i", capture), ("drain_load_i", load)]);
        if let (Some(digit), Some(valid)) = (row.digit, row.valid) {
            let step = self.step(m, valid, flags);
            let port = if self.skipper().takes_values() { "a_i" } else { "digit_i" };
            shared.extend([(port, digit), ("step_i", step)]);
        }
        if let Some(sequenced) = &sequenced {
            shared.extend([("accept_i", sequenced.accept), ("a_data_i", row.a_data)]);
            shared.extend(sequenced.weight.map(|weight| ("weight_i", weight)));
        }

        let names: Vec<String> = (0..lanes).map(|lane| format!("b{lane}_i")).collect();
        let mut own: Vec<(&str, NetId)> = Vec::new();
        for (lane, name) in (0..lanes).zip(&names) {
            let words: Vec<NetId> = (0..cols).map(|col| m.lane(b_data, lane * cols + col)).collect();
            own.push((name, if lanes == 1 { b_data } else { m.join(&format!("b{lane}"), &words) }));
        }
        let drains = self.drain_words();
        let [north, south] =
            ["i", "o"].map(|end| drains.iter().map(|(stem, _)| format!("drain_{stem}_{end}")).collect::<Vec<_>>());
        let mut outputs = Vec::new();
        for ((&(_, width), north), south) in drains.iter().zip(&north).zip(&south) {
            own.push((north, m.input_bundle(north, width, cols, "drain chain, from the north")));
            outputs.push((south.as_str(), m.output_bundle(south, width, cols, "drain chain, to the south")));
        }

        let Some(Sequenced { told, .. }) = sequenced else {
            let pe = if self.skipper().takes_values() { self.value_pe(netlist)? } else { self.pe(netlist, false)? };
            let mut wires: Vec<(&str, Wire)> = shared.iter().map(|&(port, net)| (port, Wire::Shared(net))).collect();
            wires.extend(own.iter().chain(&outputs).map(|&(port, net)| (port, Wire::Own(net))));
            Copies { netlist, module: pe, name: "pe", axis: ("col", cols) }.place(m, &wires);
            return Ok(());
        };

        m.comment("The digit sequencers of a row are in step; the first one speaks for all.");
        let lead = self.pe(netlist, true)?;
        let mut ports = shared.clone();
        ports.extend(told);
        for &(port, net) in &own {
            let first = m.lane(net, 0);
            ports.push((port, first));
        }
        let west = self.pair_words().map(|(stem, width)| m.net(format!("west_{stem}"), width));
        ports.extend([("drain_sum_o", west[0]), ("drain_carry_o", west[1])]);
        m.instance(netlist, "lead_pe", lead, &ports);
        if cols == 1 {
            for ((_, out), west) in outputs.into_iter().zip(west) {
                m.drive(out, west);
            }
            return Ok(());
        }
        let pe = self.pe(netlist, false)?;
        let mut wires: Vec<(&str, Wire)> = shared.iter().map(|&(port, net)| (port, Wire::Shared(net))).collect();
        for &(port, net) in &own {
            let rest: Vec<NetId> = (1..cols).map(|col| m.lane(net, col)).collect();
            let name = format!("east_{}", port.trim_end_matches("_i"));
            wires.push((port, Wire::Own(m.join(&name, &rest))));
        }
        let east = self.pair_words().map(|(stem, width)| m.bundle(format!("east_{stem}"), width, cols - 1));
        wires.extend(outputs.iter().zip(east).map(|(&(port, _), net)| (port, Wire::Own(net))));
        Copies { netlist, module: pe, name: "pe", axis: ("col", cols - 1) }.place(m, &wires);
        for (((_, out), west), east) in outputs.into_iter().zip(west).zip(east) {
            let words: Vec<NetId> = std::iter::once(west).chain(lanes_of(m, east, cols - 1)).collect();
            let row = m.join("", &words);
            m.drive(out, row);
        }
        Ok(())
    }

    /// The row's drain bit: whether it holds a result that has to leave. Returns capture and the load of the chain.
    pub(super) fn row_drain(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        advance: NetId,
    ) -> Result<(NetId, NetId), NetlistError> {
        let capture = m.input("capture_i", 1, "every PE captures its result; 0 while advance_i is 0");
        let shift = m.input("shift_i", 1, "one row of results leaves; 0 while advance_i is 0");
        let above = m.input("full_i", 1, "drain bit of the row above");
        let [full, row_shift] = ["full", "row_shift"].map(|name| m.net(name, 1));
        let module = row_control(netlist, &self.prefix, &[], true)?;
        let ports = [("advance_i", advance), ("start_i", capture), ("shift_i", shift), ("full_i", above)];
        let ports: Vec<_> = ports.into_iter().chain([("full_o", full), ("row_shift_o", row_shift)]).collect();
        m.instance(netlist, "row_control", module, &ports);
        m.output("full_o", full, "drain bit");
        Ok((capture, m.or("drain_load", &[capture, row_shift])))
    }
}
