//! The comparison for people and for scripts.

use serde_json::{Value, json};

use super::{Comparison, FORMAT_VERSION, Figures, Measured, RELEASED, Ratios, Row};

/// What makes our figures and the published ones different things.
pub const DIFFERENCES: [&str; 7] = [
    "published: SMIC 28 nm and Design Compiler, which builds its own multipliers and adders and moves logic across borders; here: an open \
     library and what Yosys and ABC make of it, or an estimate of that. Structure carries over, cells and sizing do not",
    "published engines are the authors'; the Verilog here is this program's, with the same PEs: the baseline's multiplier is a structural \
     radix-4 one with a compressor tree, far better than what an open tool makes of `*`",
    "here every engine is whole: control, handshakes, skew, drain and the final adders are in area, period and energy. The released \
     arrays end at their accumulators; the column \"core\" leaves out drain and control as far as they can be told apart, at the same period",
    "each engine runs at the period at which its area x period is the least; cycles are those of the simulated workload, with filling, \
     draining, synchronisation and empty digit groups. A ratio of a digit-serial engine therefore depends on the operands",
    "energies are those of simulated gates with their delays, glitches included, on operands of the workload; Design Compiler's power is \
     that of an activity it assumes. Clock pins are in, buffers of a clock tree are not; no memories",
    "no layout on either side",
    "Laconic is built here after its paper, as an engine with the same streams; its authors' RTL is not public",
];

impl Comparison {
    /// The ratios of one engine to its baseline, by the estimate and by synthesis.
    fn ratios(row: &Row, engine: &Measured) -> (Option<Ratios>, Option<Ratios>) {
        let estimated = Ratios::of(engine, &row.baseline, |engine| Some(engine.estimated));
        let synthesised = Ratios::of(engine, &row.baseline, |engine| engine.synthesised);
        (estimated, synthesised)
    }

    /// `paper.json`.
    pub fn to_json(&self) -> Value {
        let figures = |engine: &Measured, figures: &Figures| {
            json!({
                "period_ns": rounded(figures.period_ns), "area_um2": rounded(figures.area_um2),
                "core_um2": figures.core_um2.map(rounded), "pj_per_mac": rounded(figures.pj_per_mac),
                "tops": rounded(engine.tops(figures)), "tops_per_mm2": rounded(engine.tops_per_mm2(figures)),
                "tops_per_watt": rounded(Measured::tops_per_watt(figures)),
            })
        };
        let engine = |engine: &Measured| {
            json!({
                "design": engine.design, "size": engine.size, "macs": engine.macs, "cycles": engine.cycles,
                "estimated": figures(engine, &engine.estimated),
                "synthesised": engine.synthesised.as_ref().map(|found| figures(engine, found)),
            })
        };
        let ratios = |ratios: Option<Ratios>| {
            ratios.map(|ratios| {
                json!({
                    "area_efficiency": rounded(ratios.area), "core_area_efficiency": ratios.core.map(rounded),
                    "energy_efficiency": rounded(ratios.energy),
                })
            })
        };
        let row = |row: &Row| {
            let transformed = row.transformed.iter().map(|found| {
                let (estimated, synthesised) = Self::ratios(row, found);
                let mut value = engine(found);
                value["ratios"] = json!({ "estimated": ratios(estimated), "synthesised": ratios(synthesised) });
                value
            });
            json!({
                "array": row.group.array,
                "published": {
                    "area_efficiency": row.group.published_area, "energy_efficiency": row.group.published_energy,
                },
                "baseline": engine(&row.baseline), "transformed": transformed.collect::<Vec<_>>(),
            })
        };
        let released: Vec<Value> = RELEASED
            .iter()
            .map(|released| {
                let report = |report: &super::Report| {
                    json!({
                        "period_ns": report.period_ns, "area_um2": report.area_um2, "power_mw": report.power_mw,
                    })
                };
                json!({
                    "what": released.what, "mac": report(&released.mac), "opt1": report(&released.opt1),
                    "area_efficiency": rounded(released.area_ratio()),
                    "energy_efficiency": rounded(released.energy_ratio()),
                })
            })
            .collect();
        json!({
            "format_version": FORMAT_VERSION, "process": self.process, "workload": self.workload,
            "tools": self.tools,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "released_saed32": released, "differences": DIFFERENCES,
        })
    }

    /// Heading and rows of the table of engines, by one kind of figures.
    pub fn engine_table(&self, kind: impl Fn(&Measured) -> Option<Figures>) -> Vec<Vec<String>> {
        let mut table = vec![words(&["engine", "size", "cycles", "ns", "um2", "TOPS", "TOPS/mm2", "pJ/MAC", "TOPS/W"])];
        let mut shown = Vec::new();
        for engine in self.rows.iter().flat_map(|row| std::iter::once(&row.baseline).chain(&row.transformed)) {
            let Some(figures) = kind(engine).filter(|_| !shown.contains(&&engine.design)) else { continue };
            shown.push(&engine.design);
            table.push(vec![
                engine.design.clone(),
                engine.size.clone(),
                engine.cycles.to_string(),
                format!("{:.3}", figures.period_ns),
                format!("{:.0}", figures.area_um2),
                format!("{:.3}", engine.tops(&figures)),
                format!("{:.3}", engine.tops_per_mm2(&figures)),
                format!("{:.3}", figures.pj_per_mac),
                format!("{:.3}", Measured::tops_per_watt(&figures)),
            ]);
        }
        table
    }

    /// Heading and rows of the table of ratios.
    pub fn ratio_table(&self) -> Vec<Vec<String>> {
        let is_synthesised = !self.tools.is_empty();
        let mut head = words(&["engine", "area eff.", "core"]);
        if is_synthesised {
            head.push("synth".to_owned());
        }
        head.extend(words(&["published", "energy eff."]));
        if is_synthesised {
            head.push("synth".to_owned());
        }
        head.push("published".to_owned());
        let mut table = vec![head];
        let times = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}x"));
        for row in &self.rows {
            for engine in &row.transformed {
                let (estimated, synthesised) = Self::ratios(row, engine);
                let mut cells = vec![
                    format!("{} / {}", engine.design, row.baseline.design),
                    times(estimated.map(|ratios| ratios.area)),
                    times(estimated.and_then(|ratios| ratios.core)),
                ];
                if is_synthesised {
                    cells.push(times(synthesised.map(|ratios| ratios.area)));
                }
                cells.push(times(Some(row.group.published_area)));
                cells.push(times(estimated.map(|ratios| ratios.energy)));
                if is_synthesised {
                    cells.push(times(synthesised.map(|ratios| ratios.energy)));
                }
                cells.push(times(Some(row.group.published_energy)));
                table.push(cells);
            }
        }
        table
    }

    /// Heading and rows of the table of released reports.
    pub fn released_table() -> Vec<Vec<String>> {
        let mut table = vec![words(&[
            "released, SAED32",
            "MAC ns",
            "um2",
            "pJ/cycle",
            "OPT1 ns",
            "um2",
            "pJ/cycle",
            "area eff.",
            "energy eff.",
        ])];
        for released in RELEASED {
            let mut row = vec![released.what.to_owned()];
            for report in [released.mac, released.opt1] {
                row.extend([
                    format!("{:.3}", report.period_ns),
                    format!("{:.0}", report.area_um2),
                    format!("{:.3}", report.cycle_pj()),
                ]);
            }
            row.extend([released.area_ratio(), released.energy_ratio()].map(|ratio| format!("{ratio:.2}x")));
            table.push(row);
        }
        table
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Five significant digits, so that files do not carry digits without meaning.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powi(4 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}
