//! Reports of Design Compiler that the authors of the paper released with their Verilog.

/// A report of an engine or PE: SAED32, 0.85 V, 25 C.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// The period that was met, ns.
    pub period_ns: f64,
    /// Area of cells, um2.
    pub area_um2: f64,
    /// Power at that period with the activity that the tool assumes, mW.
    pub power_mw: f64,
}

impl Report {
    /// Energy of a cycle, pJ.
    pub fn cycle_pj(&self) -> f64 {
        self.power_mw * self.period_ns
    }
}

/// Two reports that belong together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Released {
    /// What was synthesised.
    pub what: &'static str,
    /// With multiply-accumulate units.
    pub mac: Report,
    /// With compress-accumulate units.
    pub opt1: Report,
}

impl Released {
    /// How much more throughput for area the second has: both take one multiply-accumulate a PE and cycle.
    pub fn area_ratio(&self) -> f64 {
        self.mac.area_um2 * self.mac.period_ns / (self.opt1.area_um2 * self.opt1.period_ns)
    }

    /// How much less energy a cycle of the second takes.
    pub fn energy_ratio(&self) -> f64 {
        self.mac.cycle_pj() / self.opt1.cycle_pj()
    }
}

/// The pairs that were released, each engine by that of its reports which says that it meets its period and has the least
/// area x period. Of the
/// other transforms no baseline was released. From `OPT1/` of github.com/wqzustc/High-Performance-Tensor-Processing-Engines.
pub const RELEASED: [Released; 4] = [
    Released {
        what: "PE",
        mac: Report { period_ns: 1.667, area_um2: 1449.4, power_mw: 0.2797 },
        opt1: Report { period_ns: 1.11, area_um2: 1498.7, power_mw: 0.5537 },
    },
    Released {
        what: "systolic 16 x 16, output stationary",
        mac: Report { period_ns: 6.5, area_um2: 376_683.1, power_mw: 27.602 },
        opt1: Report { period_ns: 3.0, area_um2: 364_880.4, power_mw: 58.141 },
    },
    Released {
        what: "systolic 16 x 16, weight stationary",
        mac: Report { period_ns: 5.5, area_um2: 276_542.0, power_mw: 18.987 },
        opt1: Report { period_ns: 3.3, area_um2: 311_258.0, power_mw: 40.084 },
    },
    Released {
        what: "cube 8 x 8 x 8",
        mac: Report { period_ns: 6.3, area_um2: 498_012.5, power_mw: 34.135 },
        opt1: Report { period_ns: 4.0, area_um2: 524_725.0, power_mw: 58.373 },
    },
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// Against the reports themselves, where they are at hand.
    #[test]
    fn each_engine_is_its_best_report_that_meets_its_period() {
        let Some(shared) = std::env::var_os("BITWEIGHT_SHARED") else { return };
        let file = PathBuf::from(shared).join("reference/published_synthesis_saed32.csv");
        let text = fs::read_to_string(file).expect("the released reports");
        let folders = [
            ("OPT1/systolic_array_os/mac_pe", "OPT1/systolic_array_os/opt1_pe"),
            ("OPT1/systolic_array_os/array_mac_based", "OPT1/systolic_array_os/array_opt1_based"),
            ("OPT1/systolic_array_ws/array_mac_based", "OPT1/systolic_array_ws/array_opt1_based"),
            ("OPT1/cube/array_mac_based", "OPT1/cube/array_opt1_based"),
        ];
        let best = |folder: &str| {
            let rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>()).filter(|row| row[0] == folder);
            let number = |text: &str| text.trim().parse::<f64>().ok();
            // Power with its unit, uW.
            let power = |text: &str| number(text.trim().trim_end_matches("uW")).map(|microwatt| microwatt * 1e-3);
            let met = rows.filter(|row| number(row[8]).is_some_and(|slack| slack >= 0.0));
            let reports = met.filter_map(|row| {
                Some(Report { period_ns: number(row[2])?, area_um2: number(row[6])?, power_mw: power(row[13])? })
            });
            reports.min_by(|a, b| (a.period_ns * a.area_um2).total_cmp(&(b.period_ns * b.area_um2))).expect("a report")
        };
        for (released, (mac, opt1)) in RELEASED.iter().zip(folders) {
            for (report, folder) in [(released.mac, mac), (released.opt1, opt1)] {
                let best = best(folder);
                // As many digits as are written above.
                assert!(report.period_ns == best.period_ns, "{folder}: {best:?}");
                assert!((report.area_um2 - best.area_um2).abs() < 0.06, "{folder}: {best:?}");
                assert!((report.power_mw - best.power_mw).abs() < 6e-4, "{folder}: {best:?}");
            }
        }
    }

    #[test]
    fn ratios_are_of_area_times_period_and_of_power_times_period() {
        let os = &RELEASED[1];
        assert!((os.area_ratio() - 2.237).abs() < 1e-3, "{}", os.area_ratio());
        assert!((os.energy_ratio() - 1.029).abs() < 1e-3, "{}", os.energy_ratio());
    }
}
