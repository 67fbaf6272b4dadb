//! What words from memories cost: published figures, which ship in `processes/memories.toml` with their source.

use serde::Deserialize;

/// The figures that ship.
const SHIPPED: &str = include_str!("../../processes/memories.toml");

/// Energies of memories.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Memories {
    /// Who published them, and for what.
    pub source: MemorySource,
    /// SRAM by rising capacity.
    sram: Vec<Sram>,
    /// DRAM with its interface.
    pub dram: Dram,
}

/// Who published figures, and for what.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MemorySource {
    /// Author, title, place.
    pub title: String,
    /// Of what generation the circuits are, nm.
    pub node_nm: f64,
    /// Supply, V.
    pub voltage_v: f64,
}

/// An SRAM.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Sram {
    bytes: u64,
    /// Read at once.
    bits: u32,
    energy_pj: f64,
}

/// DRAM.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dram {
    bits: u32,
    lowest_pj: f64,
    highest_pj: f64,
}

impl Memories {
    /// The figures that ship.
    pub fn shipped() -> Memories {
        toml::from_str(SHIPPED).expect("the shipped figures are read by the tests")
    }

    /// Energy of a bit that is read from or written to an SRAM of so many bytes, pJ. Between the published capacities a power of
    /// the capacity; below the smallest its figure, above the largest the last power goes on.
    pub fn sram_pj_per_bit(&self, bytes: u64) -> f64 {
        let point = |sram: &Sram| ((sram.bytes as f64).ln(), (sram.energy_pj / f64::from(sram.bits)).ln());
        let smallest = self.sram.iter().map(|sram| sram.bytes).min().unwrap_or(1);
        let x = (bytes.max(smallest) as f64).ln();
        let above = self.sram.iter().position(|sram| sram.bytes >= bytes).unwrap_or(self.sram.len() - 1).max(1);
        let ((x0, y0), (x1, y1)) = (point(&self.sram[above - 1]), point(&self.sram[above]));
        (y0 + (y1 - y0) * (x - x0) / (x1 - x0)).exp()
    }
}

impl Dram {
    /// The least that a bit costs, pJ.
    pub fn lowest_pj_per_bit(&self) -> f64 {
        self.lowest_pj / f64::from(self.bits)
    }

    /// The most that a bit costs, pJ.
    pub fn highest_pj_per_bit(&self) -> f64 {
        self.highest_pj / f64::from(self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_figures_are_given_back_and_others_lie_between() {
        let memories = Memories::shipped();
        assert!(memories.source.title.contains("Horowitz") && memories.sram.is_sorted_by(|a, b| a.bytes < b.bytes));
        // Of 64 bits at once, rounding of logarithms aside.
        for (bytes, energy_pj) in
            [(8 << 10, 10.0), (32 << 10, 20.0), (1 << 20, 100.0), (1024, 10.0), (16 << 10, 200f64.sqrt())]
        {
            let got = 64.0 * memories.sram_pj_per_bit(bytes);
            assert!((got / energy_pj - 1.0).abs() < 1e-9, "{bytes} bytes: {got}");
        }
        // Energy grows fivefold from 32 KB to 1 MB, by the power 0.4644: so it does beyond.
        assert!((64.0 * memories.sram_pj_per_bit(32 << 20) - 500.0).abs() < 1e-6);
        assert_eq!((memories.dram.lowest_pj_per_bit(), memories.dram.highest_pj_per_bit()), (20.3125, 40.625));
    }
}
