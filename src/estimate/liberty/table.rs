//! Tables of a library: their axes, in the order and the units of a process.

use super::error::{Fault, Stop};
use super::group::{Attribute, Group};
use super::header::{Header, Template};
use super::unit::Units;
use crate::estimate::process::{Axis, Lut, LutError};

/// What may stand down the rows and along the columns of a table.
#[derive(Clone, Copy, Debug)]
pub enum Axes {
    /// The slew of an input, and the load of an output.
    SlewAndLoad,
    /// The slew of the clock, and that of the data.
    ClockAndData,
}

impl Axes {
    /// Whether a variable stands along the columns; `None` if in no table of the kind.
    fn is_column(self, variable: &str) -> Option<bool> {
        match (self, variable) {
            (Axes::SlewAndLoad, "input_net_transition" | "input_transition_time" | "related_pin_transition") => {
                Some(false)
            }
            (Axes::SlewAndLoad, "total_output_net_capacitance") => Some(true),
            (Axes::ClockAndData, "related_pin_transition") => Some(false),
            (Axes::ClockAndData, "constrained_pin_transition") => Some(true),
            _ => None,
        }
    }
}

/// Reads tables of a library.
#[derive(Clone, Copy)]
pub struct Tables<'h> {
    pub header: &'h Header,
    pub units: Units,
}

impl Tables<'_> {
    /// The table of a group, its figures multiplied by `scale`.
    pub fn lut(&self, group: &Group, axes: Axes, scale: f64) -> Result<Lut, Stop> {
        let Some(values) = group.attribute("values") else {
            let fault = Fault::new("liberty::bad_table", group.line, format!("`{}` has no values", group.kind));
            return Err(fault.help("a table holds `values (\"...\", ...);`").into());
        };
        let mut figures = values.numbers()?;
        let (mut rows, mut columns, mut turned): (Option<Axis>, Option<Axis>, bool) = (None, None, false);
        for (variable, points) in self.axes_of(group)? {
            let Some(column) = axes.is_column(&variable) else {
                return Err(Stop::LeftOut("with a table over something else than a slew and a load"));
            };
            let scale = match (axes, column) {
                (Axes::SlewAndLoad, true) => self.units.capacitance,
                _ => self.units.time,
            };
            let numbers: Vec<f64> = points.numbers()?.into_iter().map(|point| point * scale).collect();
            if !crate::estimate::process::is_axis(&numbers) {
                let message = format!("the points of `{}` do not rise", points.name);
                return Err(Fault::new("liberty::bad_table", points.line, message)
                    .help("an axis holds one or more numbers, each above the one before")
                    .into());
            }
            turned = !column && columns.is_some();
            let slot = if column { &mut columns } else { &mut rows };
            if slot.replace(self.header.axis(numbers)).is_some() {
                let message = format!("two axes of `{}` are of one kind", group.kind);
                return Err(Fault::new("liberty::bad_table", group.line, message)
                    .help("one is the slew, the other the load")
                    .into());
            }
        }
        let point = || self.header.axis(vec![0.0]);
        let (rows, columns) = (rows.unwrap_or_else(point), columns.unwrap_or_else(point));
        if turned && figures.len() == rows.len() * columns.len() {
            figures = (0..figures.len()).map(|i| figures[i % columns.len() * rows.len() + i / columns.len()]).collect();
        }
        figures.iter_mut().for_each(|figure| *figure *= scale);
        let sizes = (rows.len(), columns.len());
        Lut::new(rows, columns, figures).map_err(|error| {
            let (message, help) = match error {
                LutError::Count { found, expected } => (
                    format!("a table with {found} figures on axes for {expected}"),
                    format!("axes of {} and {} points need {expected} figures: the table was cut, or names another template", sizes.0, sizes.1),
                ),
                LutError::Axis | LutError::NotFinite => {
                    ("a figure is too large".to_owned(), "figures are finite numbers".to_owned())
                }
            };
            Fault::new("liberty::bad_table", values.line, message).help(help).into()
        })
    }

    /// What each axis of a table is, and its points, which stand in the table or in its template.
    fn axes_of(&self, group: &Group) -> Result<Vec<(String, Attribute)>, Fault> {
        let named = group.name();
        if named == "scalar" {
            return Ok(Vec::new());
        }
        let own = Template::of(group);
        let template = self.header.template(named);
        let missing = |what: String| {
            let help = "templates are `lu_table_template` and `power_lut_template` groups before the cells";
            Fault::new("liberty::missing", group.line, what).help(help)
        };
        let Some(template) = template.or(Some(&own).filter(|own| !own.variables.is_empty())) else {
            return Err(missing(format!("there is no template `{named}`")));
        };
        let mut axes = Vec::new();
        for (index, variable) in template.variables.iter().enumerate() {
            let at = |from: &Template| from.points.get(index).cloned().flatten();
            match at(&own).or(at(template)) {
                Some(points) => axes.push((variable.clone(), points)),
                None => return Err(missing(format!("neither the table nor `{named}` has an `index_{}`", index + 1))),
            }
        }
        Ok(axes)
    }
}

/// The worst of several tables, point by point; the points are those of the first.
pub fn worst(tables: Vec<Lut>) -> Option<Lut> {
    tables.into_iter().reduce(|a, b| a.combined(&b, f64::max))
}

/// The mean of several tables; the points are those of the first with the most of them.
pub fn mean(tables: Vec<Lut>) -> Option<Lut> {
    let count = tables.len() as f64;
    Some(sum(tables)?.combined(&Lut::constant(count), |sum, count| sum / count))
}

/// The sum of several tables; the points are those of the first with the most of them.
pub fn sum(mut tables: Vec<Lut>) -> Option<Lut> {
    // A table that does not depend on the load says nothing of where one that does has its points.
    tables.sort_by_key(|table| std::cmp::Reverse(table.values().len()));
    tables.into_iter().reduce(|a, b| a.combined(&b, |a, b| a + b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(name: &str, values: &[&str], line: usize) -> Attribute {
        Attribute { name: name.into(), values: values.iter().map(|value| value.to_string()).collect(), line }
    }

    fn group(kind: &str, name: &str, attributes: Vec<Attribute>) -> Group {
        Group { kind: kind.into(), names: vec![name.into()], line: 7, attributes, groups: Vec::new() }
    }

    fn header() -> Header {
        let mut header = Header::new("l".into(), 1);
        header.attribute(attribute("capacitive_load_unit", &["1", "pf"], 1)).expect("before the cells");
        let variables = [
            ("plain", "input_net_transition", "total_output_net_capacitance"),
            ("turned", "total_output_net_capacitance", "input_net_transition"),
            ("setup", "constrained_pin_transition", "related_pin_transition"),
            ("odd", "input_net_transition", "output_net_length"),
            ("twice", "input_net_transition", "input_transition_time"),
        ];
        for (name, first, second) in variables {
            let attributes = vec![
                attribute("variable_1", &[first], 2),
                attribute("variable_2", &[second], 3),
                attribute("index_1", &["1, 2"], 4),
                attribute("index_2", &["1, 2, 3"], 5),
            ];
            header.group(group("lu_table_template", name, attributes));
        }
        header
    }

    fn lut(template: &str, axes: Axes, attributes: Vec<Attribute>) -> Result<Lut, Stop> {
        let mut header = header();
        let units = header.units().expect("known");
        Tables { header: &header, units }.lut(&group("cell_rise", template, attributes), axes, 10.0)
    }

    #[test]
    fn axes_come_from_the_template_or_the_table_in_either_order() {
        let values = attribute("values", &["1, 2, 3", "4, 5, 6"], 8);
        let plain = lut("plain", Axes::SlewAndLoad, vec![values.clone()]).expect("sound");
        assert_eq!((&plain.rows()[..], &plain.columns()[..]), (&[1.0, 2.0][..], &[1000.0, 2000.0, 3000.0][..]));
        assert_eq!(plain.values(), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        let own =
            lut("plain", Axes::SlewAndLoad, vec![attribute("index_1", &["5, 6"], 8), values.clone()]).expect("sound");
        assert_eq!(own.rows()[..], [5.0, 6.0]);
        let turned = lut("turned", Axes::SlewAndLoad, vec![values.clone()]).expect("sound");
        assert_eq!((turned.rows().len(), turned.columns().len()), (3, 2));
        assert_eq!(turned.values(), [10.0, 40.0, 20.0, 50.0, 30.0, 60.0]);
        let setup = lut("setup", Axes::ClockAndData, vec![values]).expect("sound");
        assert_eq!((&setup.rows()[..], &setup.columns()[..]), (&[1.0, 2.0, 3.0][..], &[1.0, 2.0][..]));
        let scalar = lut("scalar", Axes::SlewAndLoad, vec![attribute("values", &["7"], 8)]).expect("sound");
        assert_eq!(scalar.at(3.0, 4.0), 70.0);
    }

    #[test]
    fn a_table_that_does_not_fit_is_refused_at_its_line() {
        let values = |text: &str| vec![attribute("values", &[text], 8)];
        let cases = [
            ("plain", values("1, 2, 3, 4, 5"), "liberty::bad_table", 8),
            ("plain", Vec::new(), "liberty::bad_table", 7),
            ("plain", values("1, 2, 3, 4, 5, x"), "liberty::bad_number", 8),
            ("plain", values("1, 2, 3, 4, 5, 1e308"), "liberty::bad_table", 8),
            (
                "plain",
                vec![attribute("index_1", &["2, 2"], 6), values("1 2 3 4 5 6").remove(0)],
                "liberty::bad_table",
                6,
            ),
            ("none", values("1"), "liberty::missing", 7),
            ("twice", values("1 2 3 4 5 6"), "liberty::bad_table", 7),
        ];
        for (template, attributes, code, line) in cases {
            match lut(template, Axes::SlewAndLoad, attributes) {
                Err(Stop::Fault(fault)) => assert_eq!((fault.code, fault.line), (code, line), "{}", fault.message),
                other => panic!("{template}: {other:?}"),
            }
        }
        let odd = lut("odd", Axes::SlewAndLoad, values("1 2 3 4 5 6"));
        assert!(matches!(odd, Err(Stop::LeftOut(_))), "{odd:?}");
    }

    #[test]
    fn tables_of_several_conditions_are_merged() {
        let lut = |values: [f64; 2]| Lut::new([0.0, 1.0].into(), [0.0].into(), values.into()).expect("sound");
        assert_eq!(worst(vec![lut([1.0, 5.0]), lut([2.0, 4.0])]), Some(lut([2.0, 5.0])));
        assert_eq!(mean(vec![Lut::constant(6.0), lut([1.0, 5.0]), lut([2.0, 4.0])]), Some(lut([3.0, 5.0])));
        assert_eq!(mean(Vec::new()), None);
    }
}
