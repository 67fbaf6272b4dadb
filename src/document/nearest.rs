//! The name a user probably meant.

/// The candidate nearest to `word`, if any is near enough to be a spelling mistake.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, candidate)| distance <= 1.max(candidate.chars().count() / 3))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// The label of an unknown name: the nearest candidate, or `otherwise`.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    match nearest(word, candidates) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => otherwise.to_owned(),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment).
fn edit_distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            rows[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let replaced = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
                    let shifted = 1 + rows[i - 1][j].min(rows[i][j - 1]);
                    let swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                    let best = replaced.min(shifted);
                    if swapped { best.min(rows[i - 2][j - 2] + 1) } else { best }
                }
            };
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_letter_a_swap_and_another_case_are_found() {
        let names = ["output-stationary", "weight-stationary"];
        assert_eq!(nearest("output-stationry", names), Some("output-stationary"));
        assert_eq!(nearest("Weight-Stationayr", names), Some("weight-stationary"));
        assert_eq!(nearest("rwos", ["rows", "cols"]), Some("rows"));
    }

    #[test]
    fn a_word_of_its_own_is_not_taken_for_another() {
        assert_eq!(nearest("banana", ["rows", "cols", "output-stationary"]), None);
    }
}
