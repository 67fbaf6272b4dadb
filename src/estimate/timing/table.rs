//! Look-up in tables of delays, laid out flat: sizing asks them some hundred thousand times.

/// A value over two axes; either axis may have a single point, the value then does not depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    axes: Axes,
    values: u32,
}

/// Where two axes stand in the pool. Equal axes stand there once, so that equal numbers mean equal axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axes {
    rows: Axis,
    columns: Axis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axis {
    start: u32,
    length: u32,
}

/// All numbers of a library's tables.
#[derive(Debug, Default)]
pub struct Pool {
    numbers: Vec<f64>,
    axes: Vec<Axis>,
}

/// A place between two points of an axis.
#[derive(Clone, Copy)]
struct Place {
    index: usize,
    fraction: f64,
}

impl Pool {
    /// Stores a table. `values` are row by row; there are `rows.len() * columns.len()`.
    pub fn table(&mut self, rows: &[f64], columns: &[f64], values: &[f64]) -> Table {
        debug_assert_eq!(rows.len().max(1) * columns.len().max(1), values.len());
        let axes = Axes { rows: self.axis(rows), columns: self.axis(columns) };
        let start = self.numbers.len() as u32;
        self.numbers.extend_from_slice(values);
        Table { axes, values: start }
    }

    fn axis(&mut self, points: &[f64]) -> Axis {
        let points = if points.is_empty() { &[0.0] } else { points };
        let same = |axis: &&Axis| self.points(**axis) == points;
        if let Some(known) = self.axes.iter().find(same) {
            return *known;
        }
        let axis = Axis { start: self.numbers.len() as u32, length: points.len() as u32 };
        self.numbers.extend_from_slice(points);
        self.axes.push(axis);
        axis
    }

    fn points(&self, axis: Axis) -> &[f64] {
        &self.numbers[axis.start as usize..][..axis.length as usize]
    }

    /// The value at (`row`, `column`): bilinear between points, and along the outermost ones beyond them.
    pub fn look_up(&self, table: Table, row: f64, column: f64) -> f64 {
        let (at_row, at_column) = (self.place(table.axes.rows, row), self.place(table.axes.columns, column));
        self.between(table, at_row, at_column)
    }

    /// The values of two tables at the same place.
    pub fn look_up_both(&self, first: Table, second: Table, row: f64, column: f64) -> (f64, f64) {
        if first.axes != second.axes {
            return (self.look_up(first, row, column), self.look_up(second, row, column));
        }
        let (at_row, at_column) = (self.place(first.axes.rows, row), self.place(first.axes.columns, column));
        (self.between(first, at_row, at_column), self.between(second, at_row, at_column))
    }

    fn place(&self, axis: Axis, at: f64) -> Place {
        let points = self.points(axis);
        if points.len() < 2 {
            return Place { index: 0, fraction: 0.0 };
        }
        let mut index = 0;
        while index + 2 < points.len() && points[index + 1] <= at {
            index += 1;
        }
        let (low, high) = (points[index], points[index + 1]);
        Place { index, fraction: (at - low) / (high - low) }
    }

    fn between(&self, table: Table, row: Place, column: Place) -> f64 {
        let (rows, columns) = (table.axes.rows.length as usize, table.axes.columns.length as usize);
        let values = &self.numbers[table.values as usize..][..rows * columns];
        let along = |row: usize| {
            let low = values[row * columns + column.index];
            if columns < 2 {
                return low;
            }
            low + column.fraction * (values[row * columns + column.index + 1] - low)
        };
        let low = along(row.index);
        if rows < 2 { low } else { low + row.fraction * (along(row.index + 1) - low) }
    }
}

#[cfg(test)]
mod tests {
    use super::Pool;

    #[test]
    fn values_are_interpolated_and_extrapolated() {
        let mut pool = Pool::default();
        let table = pool.table(&[0.0, 1.0, 3.0], &[10.0, 20.0], &[0.0, 1.0, 2.0, 3.0, 6.0, 7.0]);
        for (row, column, value) in
            [(0.0, 10.0, 0.0), (0.5, 10.0, 1.0), (2.0, 15.0, 4.5), (5.0, 20.0, 11.0), (-1.0, 30.0, 0.0)]
        {
            assert!((pool.look_up(table, row, column) - value).abs() < 1e-12, "{row} {column}");
        }
        let line = pool.table(&[0.0], &[0.0, 2.0], &[1.0, 2.0]);
        assert_eq!(pool.look_up(line, 7.0, 1.0), 1.5);
        let fixed = pool.table(&[0.0], &[0.0], &[4.0]);
        assert_eq!(pool.look_up_both(fixed, table, 3.0, 20.0), (4.0, 7.0));
    }
}
