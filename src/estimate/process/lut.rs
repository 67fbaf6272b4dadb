//! Look-up tables over one or two axes.

/// The points of an axis, strictly rising; shared by the tables that have them.
pub type Axis = std::sync::Arc<[f64]>;

/// A table over two axes, read by bilinear interpolation.
///
/// Delays, slews and energies of outputs have the slew of the input (ns) down the rows and the load of the output (fF) along the
/// columns. Set-up times have the slew of the clock down the rows and that of the data along the columns. An axis of one point
/// is one on which the figure does not depend.
#[derive(Clone, Debug, PartialEq)]
pub struct Lut {
    rows: Axis,
    columns: Axis,
    values: Vec<f64>,
}

/// Why a table cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LutError {
    /// An axis has no point, or its points do not rise, or one is not finite.
    Axis,
    /// Not one figure for each row and column.
    Count { found: usize, expected: usize },
    /// A figure is infinite or not a number.
    NotFinite,
}

impl Lut {
    /// A table of `rows.len() * columns.len()` values, row by row.
    ///
    /// # Errors
    /// [`LutError`].
    pub fn new(rows: Axis, columns: Axis, values: Vec<f64>) -> Result<Lut, LutError> {
        if ![&rows, &columns].into_iter().all(|axis| is_axis(axis)) {
            return Err(LutError::Axis);
        }
        let (found, expected) = (values.len(), rows.len() * columns.len());
        if found != expected {
            return Err(LutError::Count { found, expected });
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(LutError::NotFinite);
        }
        Ok(Lut { rows, columns, values })
    }

    /// The same value everywhere.
    pub fn constant(value: f64) -> Lut {
        let point: Axis = [0.0].into();
        Lut { rows: point.clone(), columns: point, values: vec![value] }
    }

    /// The points down the rows.
    pub fn rows(&self) -> &Axis {
        &self.rows
    }

    /// The points along the columns.
    pub fn columns(&self) -> &Axis {
        &self.columns
    }

    /// The values, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The value at a point, by bilinear interpolation; beyond an axis the outermost two points are drawn out.
    pub fn at(&self, row: f64, column: f64) -> f64 {
        let ((i, u), (j, v)) = (place(&self.rows, row), place(&self.columns, column));
        let width = self.columns.len();
        let along = |row: usize| {
            let start = row * width + j;
            let low = self.values[start];
            if v == 0.0 { low } else { low + (self.values[start + 1] - low) * v }
        };
        let low = along(i);
        if u == 0.0 { low } else { low + (along(i + 1) - low) * u }
    }

    /// The table of `f(self, other)` at the points of `self`.
    #[must_use]
    pub fn combined(&self, other: &Lut, f: impl Fn(f64, f64) -> f64) -> Lut {
        let width = self.columns.len();
        let value = |(index, &own): (usize, &f64)| {
            let (row, column) = (self.rows[index / width], self.columns[index % width]);
            f(own, other.at(row, column))
        };
        Lut { values: self.values.iter().enumerate().map(value).collect(), ..self.clone() }
    }
}

/// Whether these can be the points of an axis.
pub fn is_axis(points: &[f64]) -> bool {
    !points.is_empty() && points.iter().all(|point| point.is_finite()) && points.is_sorted_by(|a, b| a < b)
}

/// The interval of an axis for `x` and how far along it `x` is: below 0 or above 1 beyond the ends.
fn place(axis: &[f64], x: f64) -> (usize, f64) {
    let Some(inner) = axis.len().checked_sub(1).filter(|&last| last > 0).map(|last| &axis[1..last]) else {
        return (0, 0.0);
    };
    let index = inner.iter().take_while(|&&point| point <= x).count();
    (index, (x - axis[index]) / (axis[index + 1] - axis[index]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Lut {
        Lut::new([1.0, 2.0, 4.0].into(), [10.0, 30.0].into(), vec![1.0, 3.0, 2.0, 4.0, 5.0, 9.0]).expect("sound")
    }

    #[test]
    fn points_of_the_axes_give_the_values_and_others_lie_between() {
        for (row, column, value) in [(1.0, 10.0, 1.0), (2.0, 30.0, 4.0), (4.0, 30.0, 9.0), (1.0, 20.0, 2.0)] {
            assert_eq!(table().at(row, column), value);
        }
        // Halfway in both: the mean of the four corners.
        assert_eq!(table().at(3.0, 20.0), (2.0 + 4.0 + 5.0 + 9.0) / 4.0);
    }

    #[test]
    fn beyond_the_axes_lines_go_on() {
        assert_eq!(table().at(1.0, 50.0), 5.0);
        assert_eq!(table().at(0.0, 10.0), 0.0);
        assert_eq!(table().at(6.0, 10.0), 8.0);
        assert_eq!(table().at(6.0, 50.0), 6.0 + 2.0 * (13.0 - 6.0));
    }

    #[test]
    fn an_axis_of_one_point_is_no_axis() {
        let column = Lut::new([1.0, 2.0].into(), [7.0].into(), vec![3.0, 4.0]).expect("sound");
        assert_eq!([column.at(1.5, 0.0), column.at(1.5, 1e9)], [3.5, 3.5]);
        assert_eq!(Lut::constant(2.0).at(-1.0, 1e9), 2.0);
    }

    #[test]
    fn a_table_that_does_not_fit_its_axes_is_refused() {
        let new = |rows: &[f64], columns: &[f64], values: &[f64]| Lut::new(rows.into(), columns.into(), values.into());
        assert_eq!(new(&[1.0, 2.0], &[1.0], &[1.0]), Err(LutError::Count { found: 1, expected: 2 }));
        assert_eq!(new(&[], &[1.0], &[]), Err(LutError::Axis));
        assert_eq!(new(&[2.0, 2.0], &[1.0], &[1.0, 2.0]), Err(LutError::Axis));
        assert_eq!(new(&[1.0, f64::NAN], &[1.0], &[1.0, 2.0]), Err(LutError::Axis));
        assert_eq!(new(&[1.0], &[1.0], &[f64::INFINITY]), Err(LutError::NotFinite));
    }

    #[test]
    fn two_tables_are_combined_at_the_points_of_the_first() {
        let other = Lut::new([1.0, 4.0].into(), [10.0, 30.0].into(), vec![0.0, 6.0, 9.0, 6.0]).expect("sound");
        assert_eq!(table().combined(&other, f64::max).values(), [1.0, 6.0, 3.0, 6.0, 9.0, 9.0]);
    }
}
