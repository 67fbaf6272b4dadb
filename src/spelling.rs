//! Which of the known names was meant.

/// The candidate nearest to `word`, when it is near enough to be a slip of the fingers: at most a third of the letters
/// inserted, deleted, replaced or swapped with a neighbour. Of equally near ones the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count().max(3)) / 3;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = edits(word, candidate);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The least number of insertions, deletions, replacements and swaps of neighbours from one word to the other
/// (optimal string alignment).
fn edits(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before_last = vec![0; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i; to.len() + 1];
        for j in 1..=to.len() {
            let replace = last[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            row[j] = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["output-stationary", "weight-stationary"];
        assert_eq!(nearest("output-stationry", known), Some("output-stationary"));
        assert_eq!(nearest("wieght-stationary", known), Some("weight-stationary"));
        assert_eq!(nearest("systolic", known), None);
        assert_eq!(nearest("std", ["sdt"]), Some("sdt"));
        assert_eq!(nearest("x", ["m", "n"]), Some("m"));
        assert_eq!(nearest("", ["distribution"]), None);
    }

    #[test]
    fn edits_are_counted_at_both_ends_of_a_word() {
        for (from, to, count) in
            [("", "", 0), ("abc", "", 3), ("abc", "bc", 1), ("ab", "ba", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(edits(from, to), count, "{from} to {to}");
            assert_eq!(edits(to, from), count, "{to} to {from}");
        }
    }
}
