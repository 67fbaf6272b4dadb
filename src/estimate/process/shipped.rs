//! The processes that ship.

use super::Process;
use super::error::unknown_process;
use crate::mistake::Mistake;

/// A shipped process.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name, which is also the file's.
    pub name: &'static str,
    /// One line for `list processes`.
    pub summary: &'static str,
    /// The TOML.
    pub text: &'static str,
}

/// Every shipped process, by name.
pub const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "asap7",
        summary: "ASAP7 predictive 7 nm standard cells, 7.5 tracks, RVT, typical, 0.7 V, 25 C",
        text: include_str!("../../../processes/asap7.toml"),
    },
    Shipped {
        name: "ihp-sg13g2",
        summary: "IHP SG13G2 130 nm BiCMOS standard cells, typical, 1.2 V, 25 C",
        text: include_str!("../../../processes/ihp-sg13g2.toml"),
    },
    Shipped {
        name: "nangate45",
        summary: "Nangate 45 nm Open Cell Library (FreePDK45), typical, 1.1 V, 25 C",
        text: include_str!("../../../processes/nangate45.toml"),
    },
    Shipped {
        name: "sky130hd",
        summary: "SkyWater 130 nm high-density standard cells, typical, 1.8 V, 25 C",
        text: include_str!("../../../processes/sky130hd.toml"),
    },
];

impl Process {
    /// The shipped process of this name.
    ///
    /// # Errors
    /// `process::unknown_process` if none has it.
    pub fn shipped(name: &str) -> Result<Process, Mistake> {
        match SHIPPED.iter().find(|shipped| shipped.name == name) {
            Some(shipped) => Process::parse(&format!("processes/{name}.toml"), shipped.text),
            None => Err(unknown_process(name)),
        }
    }
}
