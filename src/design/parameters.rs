//! What a design may choose about a transform, by name.

use crate::notation::NOfM;
use crate::notation::transform::{BitWeightLoop, EmptyGroups, LanePace, Matching, Parameters, SyncPeriod};

/// The transform that `[align-bit-weight]` is about.
pub(super) const ALIGN: &str = "align-bit-weight";
/// The transform that `[skip-zero-digits]` is about.
pub(super) const SKIP: &str = "skip-zero-digits";
/// The transform that `[skip-zero-values]` is about.
pub(super) const SKIP_VALUES: &str = "skip-zero-values";
/// The transform that `[extend-reduction]` is about.
pub(super) const EXTEND: &str = "extend-reduction";

/// The transform that `[compress-n-of-m]` is about.
pub(super) const KEEP: &str = "compress-n-of-m";

/// Where the bit weight runs, by name.
pub(super) const BIT_WEIGHTS: [(&str, BitWeightLoop); 2] =
    [("spatial", BitWeightLoop::Spatial), ("temporal", BitWeightLoop::Temporal)];
/// What an empty group costs, by name.
pub(super) const EMPTY_GROUPS: [(&str, EmptyGroups); 2] =
    [("cost-a-cycle", EmptyGroups::CostACycle), ("skipped", EmptyGroups::Skipped)];
/// What is looked at where values are skipped, by name.
pub(super) const MATCHINGS: [(&str, Matching); 2] = [("a", Matching::A), ("both", Matching::Both)];
/// How lanes keep step, by name.
pub(super) const PACES: [(&str, LanePace); 3] =
    [("lockstep", LanePace::Lockstep), ("per-group", LanePace::PerGroup), ("per-bit-weight", LanePace::PerBitWeight)];
/// Periods of meeting that have a name.
pub(super) const PERIODS: [(&str, SyncPeriod); 2] =
    [("per-operand", SyncPeriod::Operands(1)), ("per-tile", SyncPeriod::Tile)];

/// The name of a choice. Every choice has a row in its table; `tests` below would find one without.
pub(super) fn name_of<T: PartialEq>(table: &[(&'static str, T)], choice: T) -> &'static str {
    table.iter().find(|(_, row)| *row == choice).map_or("", |(name, _)| name)
}

/// The line that says where rows meet.
pub(super) fn sync_line(sync: SyncPeriod) -> String {
    let named = PERIODS.iter().find(|(_, period)| *period == sync);
    match (named, sync) {
        (Some((name, _)), _) => format!("sync = \"{name}\""),
        (None, SyncPeriod::Operands(operands)) => format!("sync = {operands}"),
        (None, SyncPeriod::Tile) => String::new(),
    }
}

/// The lines of the sections of the transforms that are applied, a blank one before each section.
pub(super) fn toml_lines(transforms: &[String], parameters: &Parameters) -> Vec<String> {
    let applied = |name: &str| transforms.iter().any(|transform| transform == name);
    let mut lines = Vec::new();
    let mut section = |name: &str, keys: Vec<String>| {
        if applied(name) {
            lines.extend([String::new(), format!("[{name}]")]);
            lines.extend(keys);
        }
    };
    section(ALIGN, vec![format!("bit-weight = \"{}\"", name_of(&BIT_WEIGHTS, parameters.bit_weight))]);
    let groups = || {
        vec![
            format!("group = {}", parameters.group),
            format!("empty-groups = \"{}\"", name_of(&EMPTY_GROUPS, parameters.empty_groups)),
            sync_line(parameters.sync),
        ]
    };
    section(SKIP, groups());
    let matching = format!("match = \"{}\"", name_of(&MATCHINGS, parameters.matching));
    section(SKIP_VALUES, [vec![matching], groups()].concat());
    section(
        EXTEND,
        vec![format!("lanes = {}", parameters.lanes), format!("pace = \"{}\"", name_of(&PACES, parameters.pace))],
    );
    let NOfM { n, m } = parameters.n_of_m;
    section(KEEP, vec![format!("n-of-m = [{n}, {m}]")]);
    lines
}
