//! Text in columns.

/// Rows as lines: the first column to the left, the others to the right, two blanks between columns.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    aligned(rows, |column| column == 0)
}

/// Rows as lines, all columns to the left: for words.
pub(super) fn left_columns(rows: &[Vec<String>]) -> String {
    aligned(rows, |_| true)
}

fn aligned(rows: &[Vec<String>], to_the_left: impl Fn(usize) -> bool) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(
                |(column, (cell, &width))| {
                    if to_the_left(column) { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_column_stands_left_and_the_others_right() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(columns(&[row(["layer", "M"]), row(["fc1", "360"])]), "layer    M\nfc1    360\n");
        assert_eq!(left_columns(&[row(["layer", "M"]), row(["fc1", "360"])]), "layer  M\nfc1    360\n");
    }
}
