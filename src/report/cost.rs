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
    /// What the figures leave out.
    #[serde(default)]
    pub limits: Vec<String>,
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
