//! Units of a library.

use super::error::Fault;
use super::group::Attribute;

/// By what figures of the file are multiplied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Units {
    /// To ns.
    pub time: f64,
    /// To fF.
    pub capacitance: f64,
    /// To fJ. Liberty has no unit of energy: internal power is in that of capacitance times the square of that of voltage.
    pub energy: f64,
    /// To nW; `None` where the file does not say.
    pub leakage: Option<f64>,
    /// To kOhm.
    pub resistance: f64,
}

impl Units {
    /// The units that the statements before the first cell give; `line` is that of the library.
    pub fn new<'a>(find: impl Fn(&str) -> Option<&'a Attribute>, line: usize) -> Result<Units, Fault> {
        let scale = |name: &str, base: &str, target: i32| find(name).map(|unit| scale(unit, unit.text(), base, target));
        let voltage = scale("voltage_unit", "v", 0).transpose()?.unwrap_or(1.0);
        let Some(load) = find("capacitive_load_unit") else {
            let fault = Fault::new("liberty::unknown_unit", line, "the library has no `capacitive_load_unit`");
            return Err(fault.help("it stands before the cells, as in `capacitive_load_unit (1, pf);`"));
        };
        let capacitance = self::scale(load, &load.values.concat().replace(char::is_whitespace, ""), "f", -15)?;
        Ok(Units {
            // A nanosecond and a volt are what the manual says where nothing stands.
            time: scale("time_unit", "s", -9).transpose()?.unwrap_or(1.0),
            capacitance,
            energy: capacitance * voltage * voltage,
            leakage: scale("leakage_power_unit", "w", -9).transpose()?,
            resistance: scale("pulling_resistance_unit", "ohm", 3).transpose()?.unwrap_or(1.0),
        })
    }
}

/// `1ps` and the like as a multiple of `10^target` of the base.
fn scale(attribute: &Attribute, text: &str, base: &str, target: i32) -> Result<f64, Fault> {
    let letters =
        text.find(|letter: char| letter.is_ascii_alphabetic() && !"eE".contains(letter)).unwrap_or(text.len());
    let (number, unit) = text.split_at(letters);
    let number = if number.is_empty() { Some(1.0) } else { number.trim().parse::<f64>().ok() };
    let unit = unit.trim().to_ascii_lowercase();
    let exponent = unit.strip_suffix(base).and_then(|prefix| match prefix {
        "f" => Some(-15),
        "p" => Some(-12),
        "n" => Some(-9),
        "u" => Some(-6),
        "m" => Some(-3),
        "" => Some(0),
        "k" => Some(3),
        _ => None,
    });
    match (number, exponent) {
        (Some(number), Some(exponent)) if number.is_finite() && number > 0.0 => {
            Ok(number * 10f64.powi(exponent - target))
        }
        _ => {
            let message = format!("`{}` is no unit for `{}`", attribute.values.join(", "), attribute.name);
            Err(Fault::new("liberty::unknown_unit", attribute.line, message).help(match base {
                "f" => "as in `capacitive_load_unit (1, pf);`: a number, and ff or pf".to_owned(),
                _ => format!("a number and a unit, as in \"1{}\"", example(base)),
            }))
        }
    }
}

fn example(base: &str) -> &'static str {
    match base {
        "s" => "ns",
        "w" => "nW",
        "ohm" => "kohm",
        _ => "V",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(rows: &[(&str, &[&str])]) -> Result<Units, Fault> {
        let attribute = |(index, (name, values)): (usize, &(&str, &[&str]))| Attribute {
            name: name.to_string(),
            values: values.iter().map(|value| value.to_string()).collect(),
            line: index + 1,
        };
        let all: Vec<Attribute> = rows.iter().enumerate().map(attribute).collect();
        Units::new(|name| all.iter().find(|attribute| attribute.name == name), 9)
    }

    #[test]
    fn units_are_those_of_the_tables() {
        let got = units(&[
            ("time_unit", &["10ps"]),
            ("capacitive_load_unit", &["1", "pf"]),
            ("voltage_unit", &["100mV"]),
            ("leakage_power_unit", &["1pW"]),
            ("pulling_resistance_unit", &["1ohm"]),
        ])
        .expect("known");
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a} for {b}");
        near(got.time, 0.01);
        near(got.capacitance, 1000.0);
        near(got.energy, 10.0);
        near(got.leakage.expect("given"), 0.001);
        near(got.resistance, 0.001);
        let bare = units(&[("capacitive_load_unit", &["1.0", "ff"])]).expect("known");
        let expected = Units { time: 1.0, capacitance: 1.0, energy: 1.0, leakage: None, resistance: 1.0 };
        assert_eq!(bare, expected);
    }

    #[test]
    fn an_unknown_or_missing_unit_is_named() {
        assert_eq!(units(&[]).expect_err("no capacitance").line, 9);
        let load: (&str, &[&str]) = ("capacitive_load_unit", &["1", "pf"]);
        for (name, value) in
            [("time_unit", "1lightyear"), ("time_unit", "0ns"), ("voltage_unit", "1e999V"), ("time_unit", "")]
        {
            let fault = units(&[load, (name, &[value])]).expect_err("unknown");
            assert_eq!((fault.code, fault.line), ("liberty::unknown_unit", 2), "{value}");
            assert!(fault.message.contains(name), "{}", fault.message);
        }
        assert!(units(&[("capacitive_load_unit", &["1", "farad"])]).is_err());
    }
}
