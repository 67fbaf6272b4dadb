//! What the N:M of a topology of SCALE-Sim means to a design that stores weights n of m.

use std::collections::BTreeSet;

use crate::design::{Design, engine_spec};
use crate::note::Note;
use crate::workload::{Origin, Sparsity, Workload};

/// The most values other than zero that `window` neighbours can have, the first of which is a multiple of it, where of every `of`
/// values at most `kept` are other than zero.
fn most(kept: u64, of: u64, window: u64) -> u64 {
    // After `of` windows both begin together again.
    let in_window = |from: u64| -> u64 {
        let to = from + window;
        let groups = from / of..to.div_ceil(of);
        groups.map(|group| (to.min((group + 1) * of) - from.max(group * of)).min(kept)).sum()
    };
    (0..of).map(|index| in_window(index * window)).max().unwrap_or(0)
}

/// A remark where a topology has an N:M and the design a `compress-n-of-m`: one does not change the other. `file` is the topology.
pub(super) fn note(design: &Design, workload: &Workload, file: &str) -> Option<Note> {
    let kept = engine_spec(design).kept().filter(|_| workload.origin == Origin::Topology)?;
    let ratios: BTreeSet<(u64, u64)> = workload
        .layers
        .iter()
        .filter_map(|layer| match layer.b.sparsity {
            Some(Sparsity::NOfM { n, m }) => Some((n.into(), m.into())),
            _ => None,
        })
        .collect();
    if ratios.is_empty() {
        return None;
    }
    let (n, m) = (u64::from(kept.n), u64::from(kept.m));
    let meant: Vec<String> = ratios
        .iter()
        .map(|&(p, q)| match most(p, q, m) {
            least if least > n => {
                format!("weights of {p}:{q} can have {least} in {m}, and one group that has is an error")
            }
            _ if (p, q) == (n, m) => format!("weights of {p}:{q} fill these places"),
            _ => format!("weights of {p}:{q} fit, leave places at 0, and are no faster for that"),
        })
        .collect();
    let text = format!(
        "`{}` stores {kept} weights along K (`compress-n-of-m`), and its cycles follow from that, whatever the N:M of a row: {}",
        design.name,
        meant.join("; ")
    );
    Some(Note { file: file.to_owned(), line: 0, column: 0, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_a_design_has_at_most_what_the_groups_of_the_file_in_it_have() {
        for ((kept, of, window), expected) in [
            ((2, 4, 4), 2),
            ((1, 4, 4), 1),
            ((3, 4, 4), 3),
            ((1, 2, 4), 2),
            ((2, 8, 4), 2),
            ((6, 8, 4), 4),
            // Groups of 3 in windows of 4: 3 + 1, 2 + 2, 1 + 3 of them.
            ((1, 3, 4), 2),
            ((2, 3, 4), 4),
            ((1, 1024, 4), 1),
        ] {
            assert_eq!(most(kept, of, window), expected, "{kept}:{of} in {window}");
        }
    }
}
