//! Names of layers as they may be here: of few letters, and each once.

use std::collections::{BTreeMap, BTreeSet};

/// Letters of a name.
pub(in crate::workload) const LONGEST_NAME: usize = 64;

/// A name of allowed letters: runs of others become one dash, and what may not begin a name is left out. Empty if nothing is left.
pub(in crate::workload) fn cleaned(name: &str) -> String {
    let mut clean = String::new();
    for letter in name.chars() {
        match letter {
            _ if letter.is_ascii_alphanumeric() || (matches!(letter, '_' | '.' | '-') && !clean.is_empty()) => {
                clean.push(letter)
            }
            _ if !clean.is_empty() && !clean.ends_with('-') => clean.push('-'),
            _ => {}
        }
        if clean.len() == LONGEST_NAME {
            break;
        }
    }
    clean.trim_end_matches('-').to_owned()
}

/// Makes names unique: the second `conv` becomes `conv-2`, unless another layer has that name.
pub(in crate::workload) fn unique(names: Vec<String>) -> Vec<String> {
    let written: BTreeSet<String> = names.iter().cloned().collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let suffixed = |name: String| {
        if taken.insert(name.clone()) {
            return name;
        }
        let count = last.entry(name.clone()).or_insert(1);
        loop {
            *count += 1;
            let suffix = format!("-{count}");
            let head = &name[..name.len().min(LONGEST_NAME - suffix.len())];
            let candidate = format!("{head}{suffix}");
            if !written.contains(&candidate) && taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    };
    names.into_iter().map(suffixed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_allowed_letters() {
        for (name, expected) in [
            ("Conv1_1", "Conv1_1"),
            ("Embedding/Pooling", "Embedding-Pooling"),
            ("Neural Collaborative (x)", "Neural-Collaborative-x"),
            ("_dw.1-", "dw.1"),
            ("\u{e4}\u{f6}", ""),
            ("", ""),
        ] {
            assert_eq!(cleaned(name), expected, "{name:?}");
        }
        assert_eq!(cleaned(&"x".repeat(100)).len(), LONGEST_NAME);
    }

    #[test]
    fn a_suffix_makes_names_unique_and_takes_no_name_that_is_written() {
        let names = |names: &[&str]| unique(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(names(&["a", "a", "a-2", "a", "b"]), ["a", "a-3", "a-2", "a-4", "b"]);
        let long = "x".repeat(LONGEST_NAME);
        let made = names(&[&long, &long]);
        assert!(made[1].len() == LONGEST_NAME && made[1].ends_with("-2"));
    }
}
