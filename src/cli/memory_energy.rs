//! Energy of the memories round an engine: the bits that a simulation counts, at published energies.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Failure;
use crate::engine::EngineSpec;
use crate::estimate::{self, memories::Memories};
use crate::simulate::{self, Plan, TensorTraffic};
use crate::workload::Workload;

/// Energy of the words of the first layer of a workload.
pub(super) struct MemoryEnergy {
    layer: String,
    macs: f64,
    /// Buffers of A, B and C: bytes, bits that move, pJ for all of them.
    buffers: [(u64, u64, f64); 3],
    dram_bits: u64,
    /// The least and the most that they may cost, pJ.
    dram_pj: [f64; 2],
    source: String,
    node_nm: f64,
}

/// Counts the words of the first layer of a workload; `None` for an engine without memory round it.
///
/// # Errors
/// The layer cannot run.
pub(super) fn of_memory(spec: &EngineSpec, workload: &Workload) -> Result<Option<MemoryEnergy>, Failure> {
    if spec.memory.is_none() {
        return Ok(None);
    }
    let mut first = workload.clone();
    first.layers.truncate(1);
    let run = simulate::workload(spec, &first, Plan::default(), |_| ())?;
    let Some(layer) = run.layers.first() else { return Ok(None) };
    let Some(memory) = &layer.memory else { return Ok(None) };
    let memories = Memories::shipped();
    let buffer = |traffic: &TensorTraffic| {
        let words = (traffic.sram_reads + traffic.sram_writes) * u64::from(traffic.word_bits);
        let bits = words + traffic.metadata.sram_reads + traffic.metadata.sram_writes;
        // A buffer without a limit is as large as what it holds.
        let bytes = traffic.buffer_bits.unwrap_or(traffic.peak_bits).div_ceil(8);
        (bytes, bits, bits as f64 * memories.sram_pj_per_bit(bytes))
    };
    let dram_bits = memory.dram_bits;
    let dram = [memories.dram.lowest_pj_per_bit(), memories.dram.highest_pj_per_bit()];
    Ok(Some(MemoryEnergy {
        layer: layer.name.clone(),
        macs: layer.macs as f64,
        buffers: memory.tensors.each_ref().map(buffer),
        dram_bits,
        dram_pj: dram.map(|pj| pj * dram_bits as f64),
        source: memories.source.title.clone(),
        node_nm: memories.source.node_nm,
    }))
}

impl MemoryEnergy {
    fn sram_pj(&self) -> f64 {
        self.buffers.iter().map(|(_, _, pj)| pj).sum()
    }

    /// What the engine and its memories take together, pJ a multiply-accumulate, at least and at most.
    fn together(&self, engine_pj_per_mac: f64) -> [f64; 2] {
        self.dram_pj.map(|dram| engine_pj_per_mac + (self.sram_pj() + dram) / self.macs)
    }

    pub(super) fn to_json(&self, engine_pj_per_mac: f64) -> Value {
        let round = |value: f64| estimate::round(value, 5);
        let buffers = ["a", "b", "c"].iter().zip(self.buffers);
        let buffers = buffers.map(|(name, (bytes, bits, pj))| {
            json!({ "buffer": name, "bytes": bytes, "bits": bits, "pj_per_mac": round(pj / self.macs) })
        });
        let [least, most] = self.together(engine_pj_per_mac);
        json!({
            "layer": self.layer, "macs": self.macs as u64, "source": self.source, "node_nm": self.node_nm,
            "sram": buffers.collect::<Vec<_>>(), "sram_pj_per_mac": round(self.sram_pj() / self.macs),
            "dram_bits": self.dram_bits, "dram_pj_per_mac": self.dram_pj.map(|pj| round(pj / self.macs)),
            "with_engine_pj_per_mac": [round(least), round(most)],
            "with_engine_tops_per_w": [round(2.0 / most), round(2.0 / least)],
        })
    }

    pub(super) fn text(&self, engine_pj_per_mac: f64) -> String {
        let mut text = format!("\nmemory: all words of layer {}, pJ a multiply-accumulate\n", self.layer);
        for (name, (bytes, _, pj)) in ["SRAM of A", "SRAM of B", "SRAM of C"].iter().zip(self.buffers) {
            let _ = writeln!(text, "  {name:<18}{:>12.4}  {} KiB", pj / self.macs, bytes as f64 / 1024.0);
        }
        let dram = self.dram_pj.map(|pj| pj / self.macs);
        let _ = writeln!(text, "  {:<18}{:>12.4} to {:.4}", "DRAM", dram[0], dram[1]);
        let [least, most] = self.together(engine_pj_per_mac);
        let _ = writeln!(
            text,
            "  with the engine {least:>14.4} to {most:.4}, {:.3} to {:.3} TOPS/W",
            2.0 / most,
            2.0 / least
        );
        let _ = writeln!(
            text,
            "  published figures of {} nm, whatever the process of the cells is:\n  {}",
            self.node_nm, self.source
        );
        text
    }
}
