//! What an engine costs, as `estimate.json` says it: plain data, however it was computed.

use serde::{Deserialize, Serialize};

/// The part of `estimate.json` that the report draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// The process.
    pub process: String,
    /// How far the figures can be trusted.
    #[serde(default)]
    pub calibration: String,
    /// Cell area.
    pub area_um2: f64,
    /// The shortest clock period; `None` without a path between registers.
    pub min_period_ns: Option<f64>,
    /// The period that the design asks for.
    pub clock_ns: Option<f64>,
    /// Area by part.
    pub parts: Vec<CostPart>,
    /// The longest path.
    #[serde(default)]
    pub critical_path: Vec<CostStep>,
    /// Energy of a block of a workload, if it was counted.
    #[serde(default)]
    pub energy: Option<CostEnergy>,
    /// What the figures leave out.
    #[serde(default)]
    pub limits: Vec<String>,
}

/// Energy of a block of a workload on the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostEnergy {
    /// The workload.
    pub workload: String,
    /// The period that it was counted at.
    pub clock_ns: f64,
    /// Share of the energy that is there because gates have delays.
    pub glitch_share: f64,
    /// The whole engine.
    pub engine: CostEfficiency,
}

/// What an engine makes of its energy and area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostEfficiency {
    /// pJ a multiply-accumulate.
    pub pj_per_mac: f64,
    /// 10^12 operations a joule; a multiply-accumulate is two.
    pub tops_per_w: f64,
    /// 10^12 operations a second and mm2.
    pub tops_per_mm2: f64,
}

/// One part of an engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostPart {
    /// Its name.
    pub name: String,
    /// Its cell area.
    pub area_um2: f64,
}

/// One stretch of the longest path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostStep {
    /// The net at its end.
    pub net: String,
    /// Its delay.
    pub delay_ns: f64,
}

impl Cost {
    /// The period that the engine is clocked with: what the design asks for, or the shortest possible if that is longer.
    pub fn period_ns(&self) -> Option<f64> {
        match (self.clock_ns, self.min_period_ns) {
            (Some(wanted), Some(least)) => Some(wanted.max(least)),
            (wanted, least) => wanted.or(least),
        }
    }
}
