//! Choices about transforms.

use serde_spanned::Spanned;

use super::Check;
use crate::design::file::{DesignFile, ExtendFile, GROUPS, KeepFile, LANES, MAX_SYNC, SyncFile};
use crate::design::parameters::{
    ALIGN, BIT_WEIGHTS, EMPTY_GROUPS, EXTEND, KEEP, MATCHINGS, PACES, PERIODS, SKIP, SKIP_VALUES,
};
use crate::design::{Design, MAX_WORDS, engine_spec};
use crate::encoding::BLOCK;
use crate::engine::{EngineError, EngineSpec, Selection};
use crate::mistake::did_you_mean;
use crate::notation::NOfM;
use crate::notation::transform::{Parameters, SyncPeriod};

const CHOICE: (&str, &str) = ("design::unknown_choice", "choice");

/// The keys of a transform that skips zeros in groups of operands.
struct Groups<'f> {
    group: &'f Option<Spanned<i64>>,
    empty_groups: &'f Option<Spanned<String>>,
    sync: &'f Option<Spanned<SyncFile>>,
}

impl Check<'_> {
    /// The choices about transforms that are applied; defaults for the others, whose sections are mistakes.
    pub(super) fn parameters(&mut self, file: &DesignFile) -> Parameters {
        let mut parameters = Parameters::default();
        if let Some(align) = self.section(file, ALIGN, file.align_bit_weight.as_ref()) {
            parameters.bit_weight = self.choice(CHOICE, align.bit_weight.as_ref(), &BIT_WEIGHTS, parameters.bit_weight);
        }
        if let Some(extend) = self.section(file, EXTEND, file.extend_reduction.as_ref()) {
            self.extend(extend, &mut parameters);
        }
        let lanes = if applied(file, EXTEND) { parameters.lanes } else { 1 };
        if let Some(skip) = self.section(file, SKIP, file.skip_zero_digits.as_ref()) {
            let groups = Groups { group: &skip.group, empty_groups: &skip.empty_groups, sync: &skip.sync };
            self.groups(groups, lanes, &mut parameters);
        }
        if let Some(skip) = self.section(file, SKIP_VALUES, file.skip_zero_values.as_ref()) {
            parameters.matching = self.choice(CHOICE, skip.matching.as_ref(), &MATCHINGS, parameters.matching);
            let groups = Groups { group: &skip.group, empty_groups: &skip.empty_groups, sync: &skip.sync };
            self.groups(groups, 1, &mut parameters);
        }
        if let Some(keep) = self.section(file, KEEP, file.compress_n_of_m.as_ref()) {
            self.keep(keep, &mut parameters);
        }
        parameters
    }

    fn keep(&mut self, keep: &KeepFile, parameters: &mut Parameters) {
        let Some(written) = &keep.n_of_m else { return };
        let numbers: Vec<u32> = written.get_ref().iter().filter_map(|&number| u32::try_from(number).ok()).collect();
        let chosen = match numbers[..] {
            [n, m] if written.get_ref().len() == 2 => Some(NOfM { n, m }).filter(|chosen| chosen.is_legal()),
            _ => None,
        };
        match chosen {
            Some(chosen) => parameters.n_of_m = chosen,
            None => {
                let message = format!("a group cannot keep {:?}", written.get_ref());
                let help = format!("`n-of-m` takes [n, m], 1 <= n < m <= {}, such as [2, 4]", NOfM::MAX_GROUP);
                self.mistake("design::bad_n_of_m", written, message, "not n of m".to_owned(), help);
            }
        }
    }

    /// Groups of compressed weights have to fit the places of K in the array.
    pub(super) fn groups_fit(&mut self, design: &Design, file: &DesignFile) {
        let spec = engine_spec(design);
        // What the nest refuses has been said.
        let Ok(structure) = spec.structure() else { return };
        let is_blocked = spec.a_format().is_blocked() || spec.b_format().is_blocked();
        if let Some(NOfM { m, .. }) = structure.kept.filter(|kept| is_blocked && !BLOCK.is_multiple_of(kept.m as usize))
        {
            let Some(at) = file.transforms.iter().find(|transform| transform.get_ref() == KEEP) else { return };
            let message = format!("groups of {m} do not fill blocks of {BLOCK} elements, which share an exponent");
            let help = format!("choose an `n-of-m` whose m divides {BLOCK}, or formats without shared exponents");
            self.mistake(
                "design::groups_of_blocks",
                at,
                message,
                "groups would begin anew in each block".to_owned(),
                help,
            );
        }
        let (places, n, m) = match Selection::new(&spec, structure.kept) {
            Err(EngineError::Places { places, n, m }) => (places, n, m),
            Ok(Some(selection)) => return self.groups_words_fit(&spec, &selection, file),
            _ => return,
        };
        let (at, key) = match &file.array.depth {
            Some(depth) => (depth, "depth"),
            None => (&file.array.rows, "rows"),
        };
        let message = format!("{places} places of K cannot hold groups that keep {n} of {m}");
        let help = match key {
            "rows" => format!("make `rows` a multiple of {n}, or choose another `n-of-m`"),
            _ => format!("make `depth` a multiple of {n} or a divisor of it, or choose another `n-of-m`"),
        };
        self.mistake("design::places_of_groups", at, message, format!("{n} places a group"), help);
    }

    /// Every PE holds the words of A of its groups, which may be many more than it has products.
    fn groups_words_fit(&mut self, spec: &EngineSpec, selection: &Selection, file: &DesignFile) {
        let (EngineSpec { rows, cols, .. }, per_pe) = (spec, selection.words);
        let words = u64::from(*rows) * u64::from(*cols) * u64::from(per_pe);
        if words > MAX_WORDS {
            let message = format!("{rows} rows, {cols} columns and {per_pe} words of A a PE make {words} words");
            let help = format!("at most {MAX_WORDS} are built; make groups smaller or the array");
            let label = "too large as a whole".to_owned();
            self.mistake("design::size_out_of_range", &file.array.rows, message, label, help);
        }
    }

    /// A section, if its transform is applied.
    fn section<'f, T>(&mut self, file: &DesignFile, name: &str, written: Option<&'f Spanned<T>>) -> Option<&'f T> {
        let written = written?;
        if applied(file, name) {
            return Some(written.get_ref());
        }
        let message = format!("`[{name}]` is about a transform that is not applied");
        let help = format!("put `{name}` into `transforms`, or remove the section");
        self.mistake("design::unused_key", written, message, "nothing reads this".to_owned(), help);
        None
    }

    fn groups(&mut self, written: Groups, lanes: u32, parameters: &mut Parameters) {
        let Groups { group, empty_groups, sync } = written;
        parameters.empty_groups = self.choice(CHOICE, empty_groups.as_ref(), &EMPTY_GROUPS, parameters.empty_groups);
        if let Some(written) = group {
            match u32::try_from(*written.get_ref()).ok().filter(|group| GROUPS.contains(group)) {
                Some(group) => parameters.group = group,
                None => {
                    let message = format!("a group cannot have {} operands", written.get_ref());
                    let help = format!("`group` takes {} to {}", GROUPS.start(), GROUPS.end());
                    self.mistake("design::bad_group", written, message, "out of range".to_owned(), help);
                }
            }
        }
        if let Some(written) = sync {
            let group = parameters.group;
            let takes = || match lanes {
                1 => format!("a row takes groups of {group}"),
                _ => format!("a row takes {lanes} groups of {group} together"),
            };
            if let Some(period) = self.period(written, lanes * group, takes) {
                parameters.sync = period;
            }
        }
    }

    /// Where rows that take `step` operands of K at a time meet; `takes` says that of them.
    pub(super) fn period(
        &mut self,
        written: &Spanned<SyncFile>,
        step: u32,
        takes: impl FnOnce() -> String,
    ) -> Option<SyncPeriod> {
        let period = self.sync(written)?;
        if let SyncPeriod::Operands(operands) = period
            && operands % step != 0
        {
            let message = match operands {
                1 => "rows cannot meet after every operand of K".to_owned(),
                several => format!("rows cannot meet after every {several} operands of K"),
            };
            let help =
                format!("use a multiple of {step}, or `per-tile`; `per-operand` needs rows that take 1 at a time");
            self.mistake("design::bad_sync", written, message, takes(), help);
            return None;
        }
        Some(period)
    }

    fn sync(&mut self, written: &Spanned<SyncFile>) -> Option<SyncPeriod> {
        match written.get_ref() {
            SyncFile::Operands(operands) => {
                let period = u32::try_from(*operands).ok().filter(|operands| (1..=MAX_SYNC).contains(operands));
                if period.is_none() {
                    let message = format!("rows cannot meet after every {operands} operands of K");
                    let help = format!("`sync` takes `per-operand`, `per-tile` or 1 to {MAX_SYNC}");
                    self.mistake("design::bad_sync", written, message, "out of range".to_owned(), help);
                }
                period.map(SyncPeriod::Operands)
            }
            SyncFile::Name(name) => {
                let found = PERIODS.iter().find(|(known, _)| known == name);
                if found.is_none() {
                    let names = PERIODS.map(|(name, _)| name);
                    let label = match name.parse::<i64>() {
                        Ok(_) => "a number of operands stands without quotes".to_owned(),
                        Err(_) => did_you_mean(name, names, "there is no such name"),
                    };
                    let message = format!("unknown {} `{name}`", CHOICE.1);
                    let help = format!("one of: {}, or operands of K, 1 to {MAX_SYNC}", names.join(", "));
                    self.mistake(CHOICE.0, written, message, label, help);
                }
                found.map(|&(_, period)| period)
            }
        }
    }

    fn extend(&mut self, extend: &ExtendFile, parameters: &mut Parameters) {
        parameters.pace = self.choice(CHOICE, extend.pace.as_ref(), &PACES, parameters.pace);
        if let Some(written) = &extend.lanes {
            match u32::try_from(*written.get_ref()).ok().filter(|lanes| LANES.contains(lanes)) {
                Some(lanes) => parameters.lanes = lanes,
                None => {
                    let message = format!("{} lanes cannot share an accumulator", written.get_ref());
                    let help = "`lanes` takes 2, 4 or 8".to_owned();
                    self.mistake("design::bad_lanes", written, message, "not built".to_owned(), help);
                }
            }
        }
    }
}

fn applied(file: &DesignFile, name: &str) -> bool {
    file.transforms.iter().any(|transform| transform.get_ref() == name)
}
