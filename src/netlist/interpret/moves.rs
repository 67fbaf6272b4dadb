//! Gathering words: links of grids that are no alias, in as few block moves as possible.

use super::lanes::Lane;

/// A part of a gather. Later ones correct what earlier ones wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// As many words from one place to another.
    Run { from: usize, to: usize, count: usize },
    /// One word to as many.
    Spread { from: usize, to: usize, count: usize },
}

impl Move {
    #[inline(always)]
    /// Does it.
    pub fn run<T: Lane>(&self, words: &mut [T]) {
        match *self {
            Move::Run { from, to, count: 1 } => words[to] = words[from],
            Move::Run { from, to, count } => words.copy_within(from..from + count, to),
            Move::Spread { from, to, count } => {
                let word = words[from];
                words[to..to + count].fill(word);
            }
        }
    }
}

/// How to gather the words at the addresses `from` side by side at `to`, in few moves: a chain through a grid is all words
/// moved by one place, then the entries put right.
pub fn moves(from: &[usize], to: usize) -> Vec<Move> {
    let distance = |(index, &from): (usize, &usize)| from as isize - index as isize;
    let mut distances: Vec<_> = from.iter().enumerate().map(distance).collect();
    distances.sort_unstable();
    let usual = distances.chunk_by(|a, b| a == b).max_by_key(|alike| alike.len()).map(|alike| (alike[0], alike.len()));
    let mut moves = Vec::new();
    let mut rest: Vec<bool> = vec![true; from.len()];
    if let Some((usual, _)) = usual.filter(|usual| usual.1 * 2 > from.len()) {
        let fits = |entry| distance(entry) == usual;
        let first = from.iter().enumerate().position(fits).unwrap_or(0);
        let last = from.iter().enumerate().rposition(fits).unwrap_or(0);
        moves.push(Move::Run { from: from[first], to: to + first, count: last + 1 - first });
        from.iter().enumerate().filter(|&entry| fits(entry)).for_each(|(index, _)| rest[index] = false);
    }
    let mut index = 0;
    while index < from.len() {
        let start = index;
        index += 1;
        if !rest[start] {
            continue;
        }
        let same = from[start..].iter().zip(&rest[start..]).take_while(|&(&word, &open)| open && word == from[start]);
        let same = same.count();
        let next = from[start..].iter().zip(&rest[start..]).enumerate();
        let run = next.take_while(|&(offset, (&word, &open))| open && word == from[start] + offset).count();
        if same > 1 {
            moves.push(Move::Spread { from: from[start], to: to + start, count: same });
        } else {
            moves.push(Move::Run { from: from[start], to: to + start, count: run });
        }
        index = start + same.max(run);
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_through_a_grid_is_one_block_and_its_entries() {
        // Three rows of four: each word comes from its western neighbour, the first of a row from an edge.
        let from: Vec<usize> = (0..12).map(|i| if i % 4 == 0 { 100 + i / 4 } else { 49 + i }).collect();
        let moves = moves(&from, 200);
        let entry = |row: usize| Move::Run { from: 100 + row, to: 200 + 4 * row, count: 1 };
        assert_eq!(moves, [Move::Run { from: 50, to: 201, count: 11 }, entry(0), entry(1), entry(2)]);
        let mut words: Vec<u32> = (0..220).collect();
        moves.iter().for_each(|step| step.run(&mut words));
        assert_eq!(words[200..212], from.iter().map(|&from| from as u32).collect::<Vec<_>>());
    }

    #[test]
    fn equal_words_are_spread_and_any_table_is_gathered() {
        assert_eq!(moves(&[7; 5], 10), [Move::Spread { from: 7, to: 10, count: 5 }]);
        for table in [vec![3, 1, 2, 2, 9, 9, 9, 4, 5, 6], vec![0], vec![5, 6, 7, 1, 9, 10, 11]] {
            let mut words: Vec<u64> = (0..40).map(|word| word * 3).collect();
            moves(&table, 20).iter().for_each(|step| step.run(&mut words));
            assert_eq!(words[20..20 + table.len()], table.iter().map(|&from| from as u64 * 3).collect::<Vec<_>>());
        }
    }
}
