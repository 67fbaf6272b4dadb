//! From TOML to a checked table.

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_spanned::Spanned;

use super::error::{excerpt, span};
use super::{CellKind, Conditions, FlipFlop, FlipFlopKind, LibraryCell, Process, ProcessError, Source};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[schemars(with = "String")]
    name: Spanned<String>,
    source: Source,
    conditions: Conditions,
    cell: Vec<CellEntry>,
    flip_flop: Vec<FlipFlopEntry>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CellEntry {
    #[schemars(with = "String")]
    kind: Spanned<String>,
    cell: String,
    area_um2: f64,
    #[schemars(with = "Vec<f64>")]
    input_capacitance_ff: Spanned<Vec<f64>>,
    #[schemars(with = "Vec<f64>")]
    delay_ns: Spanned<Vec<f64>>,
    #[schemars(with = "Vec<f64>")]
    resistance_ns_per_ff: Spanned<Vec<f64>>,
    leakage_nw: f64,
    internal_energy_fj: f64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FlipFlopEntry {
    #[schemars(with = "String")]
    kind: Spanned<String>,
    cell: String,
    area_um2: f64,
    data_capacitance_ff: f64,
    clock_capacitance_ff: f64,
    clock_to_q_ns: f64,
    resistance_ns_per_ff: f64,
    setup_ns: f64,
    leakage_nw: f64,
    internal_energy_fj: f64,
    clock_energy_fj: f64,
}

/// The JSON schema of a process table.
pub fn schema() -> Schema {
    schema_for!(File)
}

impl Process {
    /// Reads a table; `path` is only quoted in messages.
    ///
    /// # Errors
    /// The first defect of the text, with its place.
    pub fn parse(path: &str, text: &str) -> Result<Process, ProcessError> {
        let file: File = toml::from_str(text).map_err(|error| ProcessError::Syntax {
            message: error.message().to_owned(),
            source_code: excerpt(path, text),
            span: span(error.span().unwrap_or(0..0)),
        })?;
        let context = Context { path, text };
        let mut cells = vec![None; CellKind::ALL.len()];
        for entry in file.cell {
            let place = entry.kind.span();
            let cell = context.cell(entry)?;
            let slot: &mut Option<LibraryCell> = &mut cells[cell.kind as usize];
            if slot.is_some() {
                return Err(context.duplicate(cell.kind.name(), place));
            }
            *slot = Some(cell);
        }
        let mut flip_flops = vec![None; FlipFlopKind::ALL.len()];
        for entry in file.flip_flop {
            let place = entry.kind.span();
            let flip_flop = context.flip_flop(entry)?;
            let slot: &mut Option<FlipFlop> = &mut flip_flops[flip_flop.kind as usize];
            if slot.is_some() {
                return Err(context.duplicate(flip_flop.kind.name(), place));
            }
            *slot = Some(flip_flop);
        }
        let required = CellKind::REQUIRED.into_iter().find(|&kind| cells[kind as usize].is_none());
        let missing = match required {
            Some(kind) => Some(kind.name()),
            None => flip_flops.iter().all(Option::is_none).then_some("dff"),
        };
        if let Some(kind) = missing {
            let (source_code, span) = (excerpt(path, text), span(file.name.span()));
            return Err(ProcessError::MissingCell { kind, source_code, span });
        }
        let name = file.name.into_inner();
        Ok(Process { name, source: file.source, conditions: file.conditions, cells, flip_flops })
    }
}

struct Context<'a> {
    path: &'a str,
    text: &'a str,
}

impl Context<'_> {
    fn cell(&self, entry: CellEntry) -> Result<LibraryCell, ProcessError> {
        let place = entry.kind.span();
        let kind = CellKind::from_name(entry.kind.get_ref())
            .ok_or_else(|| self.unknown(&entry.kind, CellKind::ALL.map(CellKind::name).as_slice()))?;
        for (key, list) in [
            ("input-capacitance-ff", &entry.input_capacitance_ff),
            ("delay-ns", &entry.delay_ns),
            ("resistance-ns-per-ff", &entry.resistance_ns_per_ff),
        ] {
            let (found, expected) = (list.get_ref().len(), kind.inputs());
            if found != expected {
                let (source_code, span) = (excerpt(self.path, self.text), span(list.span()));
                let kind = kind.name();
                return Err(ProcessError::InputCount { key, kind, found, expected, source_code, span });
            }
            list.get_ref().iter().try_for_each(|&value| self.quantity(key, value, list.span()))?;
        }
        for (key, value) in [
            ("area-um2", entry.area_um2),
            ("leakage-nw", entry.leakage_nw),
            ("internal-energy-fj", entry.internal_energy_fj),
        ] {
            self.quantity(key, value, place.clone())?;
        }
        Ok(LibraryCell {
            kind,
            name: entry.cell,
            area_um2: entry.area_um2,
            input_capacitance_ff: entry.input_capacitance_ff.into_inner(),
            delay_ns: entry.delay_ns.into_inner(),
            resistance_ns_per_ff: entry.resistance_ns_per_ff.into_inner(),
            leakage_nw: entry.leakage_nw,
            internal_energy_fj: entry.internal_energy_fj,
        })
    }

    fn flip_flop(&self, entry: FlipFlopEntry) -> Result<FlipFlop, ProcessError> {
        let kind = FlipFlopKind::from_name(entry.kind.get_ref())
            .ok_or_else(|| self.unknown(&entry.kind, FlipFlopKind::ALL.map(FlipFlopKind::name).as_slice()))?;
        for (key, value) in [
            ("area-um2", entry.area_um2),
            ("data-capacitance-ff", entry.data_capacitance_ff),
            ("clock-capacitance-ff", entry.clock_capacitance_ff),
            ("clock-to-q-ns", entry.clock_to_q_ns),
            ("resistance-ns-per-ff", entry.resistance_ns_per_ff),
            ("leakage-nw", entry.leakage_nw),
            ("internal-energy-fj", entry.internal_energy_fj),
            ("clock-energy-fj", entry.clock_energy_fj),
            ("setup-ns", entry.setup_ns.abs()),
        ] {
            self.quantity(key, value, entry.kind.span())?;
        }
        Ok(FlipFlop {
            kind,
            name: entry.cell,
            area_um2: entry.area_um2,
            data_capacitance_ff: entry.data_capacitance_ff,
            clock_capacitance_ff: entry.clock_capacitance_ff,
            clock_to_q_ns: entry.clock_to_q_ns,
            resistance_ns_per_ff: entry.resistance_ns_per_ff,
            setup_ns: entry.setup_ns,
            leakage_nw: entry.leakage_nw,
            internal_energy_fj: entry.internal_energy_fj,
            clock_energy_fj: entry.clock_energy_fj,
        })
    }

    fn quantity(&self, key: &'static str, value: f64, place: std::ops::Range<usize>) -> Result<(), ProcessError> {
        if value.is_finite() && value >= 0.0 {
            return Ok(());
        }
        Err(ProcessError::NotAQuantity { key, value, source_code: excerpt(self.path, self.text), span: span(place) })
    }

    fn unknown(&self, kind: &Spanned<String>, known: &[&str]) -> ProcessError {
        ProcessError::UnknownCell {
            kind: kind.get_ref().clone(),
            source_code: excerpt(self.path, self.text),
            span: span(kind.span()),
            help: format!("one of: {}", known.join(", ")),
        }
    }

    fn duplicate(&self, kind: &str, place: std::ops::Range<usize>) -> ProcessError {
        let (source_code, span) = (excerpt(self.path, self.text), span(place));
        ProcessError::DuplicateCell { kind: kind.into(), source_code, span }
    }
}
