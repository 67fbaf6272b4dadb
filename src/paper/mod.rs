//! The comparison of the HPCA 2025 paper, made again: which engines stand against which, what is published of them, and the ratios.
//!
//! Nothing is measured here: whoever has cycles, areas, periods and energies of the engines puts them into [`Measured`].

mod published;
mod show;

pub use published::{RELEASED, Released, Report};
pub use show::DIFFERENCES;

/// Version of [`Comparison::to_json`]; keys are added, never renamed without a new one.
pub const FORMAT_VERSION: u32 = 1;

/// Engines that compute the same, the first of them untransformed, or the rival.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// The array, in words.
    pub array: &'static str,
    /// Shipped design of the engine that ratios refer to.
    pub baseline: &'static str,
    /// Shipped designs that are compared with it.
    pub transformed: &'static [&'static str],
    /// Ratio of throughput for area that the abstract states for this kind of array.
    pub published_area: f64,
    /// Ratio of work for energy that the abstract states.
    pub published_energy: f64,
}

/// The arrays of the paper's abstract (arXiv 2503.06342), each with all shipped engines on it: the abstract does not say which of the
/// transforms its ratio belongs to. Systolic arrays are released with two dataflows, so both are here.
pub const GROUPS: [Group; 6] = [
    Group {
        array: "systolic array, output stationary",
        baseline: "mac-os",
        transformed: &["opt1-os"],
        published_area: 1.27,
        published_energy: 1.04,
    },
    Group {
        array: "systolic array, weight stationary",
        baseline: "mac-ws",
        transformed: &["opt1-ws"],
        published_area: 1.27,
        published_energy: 1.04,
    },
    Group {
        array: "3D cube",
        baseline: "mac-cube",
        transformed: &["opt1-cube", "opt2-cube"],
        published_area: 1.28,
        published_energy: 1.56,
    },
    Group {
        array: "multiplier-adder tree",
        baseline: "mac-tree",
        transformed: &["opt1-tree", "opt2-tree"],
        published_area: 1.56,
        published_energy: 1.49,
    },
    Group {
        array: "2D matrix",
        baseline: "mac-matrix",
        transformed: &["opt1-matrix", "opt3", "opt4c", "opt4e"],
        published_area: 1.44,
        published_energy: 1.20,
    },
    Group {
        array: "bit-slice, against Laconic",
        baseline: "laconic",
        transformed: &["opt3", "opt4c", "opt4e"],
        published_area: 2.85,
        published_energy: 12.10,
    },
];

/// What one way of measuring says of an engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Clock period that it runs at, ns.
    pub period_ns: f64,
    /// Area of the whole engine at that period, um2.
    pub area_um2: f64,
    /// Area without drain and control, um2, where that is known.
    pub core_um2: Option<f64>,
    /// Energy of a multiply-accumulate at that period, pJ.
    pub pj_per_mac: f64,
}

/// An engine and what was measured of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Name of the design.
    pub design: String,
    /// Its array in words, with extents.
    pub size: String,
    /// Multiply-accumulates of the workload.
    pub macs: u64,
    /// Cycles that the engine takes for them.
    pub cycles: u64,
    /// By the estimate.
    pub estimated: Figures,
    /// By synthesis.
    pub synthesised: Option<Figures>,
}

impl Measured {
    /// Operations (two a multiply-accumulate) a second, 10^12.
    pub fn tops(&self, figures: &Figures) -> f64 {
        2e-3 * self.macs as f64 / (self.cycles as f64 * figures.period_ns)
    }

    /// Throughput for area, TOPS/mm2.
    pub fn tops_per_mm2(&self, figures: &Figures) -> f64 {
        self.tops(figures) / (figures.area_um2 * 1e-6)
    }

    /// The same for the area without drain and control.
    pub fn core_tops_per_mm2(&self, figures: &Figures) -> Option<f64> {
        figures.core_um2.map(|core_um2| self.tops(figures) / (core_um2 * 1e-6))
    }

    /// Work for energy, TOPS/W.
    pub fn tops_per_watt(figures: &Figures) -> f64 {
        2.0 / figures.pj_per_mac
    }
}

/// How much better an engine is than the one that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratios {
    /// Throughput for area.
    pub area: f64,
    /// The same without drain and control.
    pub core: Option<f64>,
    /// Work for energy.
    pub energy: f64,
}

impl Ratios {
    /// The ratios by figures of one kind; `None` if one of the engines lacks them.
    pub fn of(engine: &Measured, baseline: &Measured, kind: impl Fn(&Measured) -> Option<Figures>) -> Option<Ratios> {
        let (ours, theirs) = (kind(engine)?, kind(baseline)?);
        let core = engine.core_tops_per_mm2(&ours).zip(baseline.core_tops_per_mm2(&theirs));
        Some(Ratios {
            area: engine.tops_per_mm2(&ours) / baseline.tops_per_mm2(&theirs),
            core: core.map(|(ours, theirs)| ours / theirs),
            energy: Measured::tops_per_watt(&ours) / Measured::tops_per_watt(&theirs),
        })
    }
}

/// A group with its engines measured, the baseline first.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What is compared.
    pub group: Group,
    /// The engine that ratios refer to.
    pub baseline: Measured,
    /// In the order of [`Group::transformed`].
    pub transformed: Vec<Measured>,
}

/// The whole comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Name of the process of the estimates, which is that of synthesis too.
    pub process: String,
    /// Name of the workload.
    pub workload: String,
    /// Tools of the synthesis; empty without one.
    pub tools: Vec<String>,
    /// The rows, in the order of [`GROUPS`].
    pub rows: Vec<Row>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(cycles: u64, figures: Figures) -> Measured {
        Measured {
            design: "x".to_owned(),
            size: "1 x 1".to_owned(),
            macs: 1000,
            cycles,
            estimated: figures,
            synthesised: None,
        }
    }

    #[test]
    fn ratios_are_those_of_throughput_for_area_and_of_work_for_energy() {
        let baseline = engine(100, Figures { period_ns: 2.0, area_um2: 300.0, core_um2: Some(200.0), pj_per_mac: 3.0 });
        let faster = engine(50, Figures { period_ns: 1.0, area_um2: 600.0, core_um2: Some(100.0), pj_per_mac: 2.0 });
        // 1,000 multiply-accumulates in 200 ns are 10^10 operations a second, 0.01 TOPS, on 300e-6 mm2.
        assert!((baseline.tops(&baseline.estimated) - 0.01).abs() < 1e-12);
        assert!((baseline.tops_per_mm2(&baseline.estimated) - 0.01 / 300e-6).abs() < 1e-9);
        let ratios = Ratios::of(&faster, &baseline, |engine| Some(engine.estimated)).expect("both are estimated");
        // Four times the throughput on twice the area, on half of the core.
        assert!((ratios.area - 2.0).abs() < 1e-12);
        assert!((ratios.core.expect("cores are known") - 8.0).abs() < 1e-12);
        assert!((ratios.energy - 1.5).abs() < 1e-12);
        assert_eq!(Ratios::of(&faster, &baseline, |engine| engine.synthesised), None);
    }

    #[test]
    fn the_published_ratios_are_those_of_the_abstract() {
        let published: Vec<_> = GROUPS.iter().map(|group| (group.published_area, group.published_energy)).collect();
        let abstract_ = [(1.27, 1.04), (1.27, 1.04), (1.28, 1.56), (1.56, 1.49), (1.44, 1.20), (2.85, 12.10)];
        assert_eq!(published, abstract_);
    }
}
