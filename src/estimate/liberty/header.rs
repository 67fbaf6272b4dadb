//! What a library says before and between its cells: units, templates, defaults, conditions, wire loads.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::error::Fault;
use super::group::{Attribute, Group};
use super::unit::Units;
use crate::estimate::process::{Axis, Conditions, Source, WireLoad};

/// Statements that no cell may stand before.
const BEFORE_CELLS: [&str; 4] = ["time_unit", "capacitive_load_unit", "voltage_unit", "leakage_power_unit"];

/// Between which shares of the supply times are measured, %, and what the manual says where nothing stands.
const THRESHOLDS: [(&str, f64); 8] = [
    ("slew_lower_threshold_pct_rise", 20.0),
    ("slew_lower_threshold_pct_fall", 20.0),
    ("slew_upper_threshold_pct_rise", 80.0),
    ("slew_upper_threshold_pct_fall", 80.0),
    ("input_threshold_pct_rise", 50.0),
    ("input_threshold_pct_fall", 50.0),
    ("output_threshold_pct_rise", 50.0),
    ("output_threshold_pct_fall", 50.0),
];

/// The axes of a table that other tables name.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// What each axis is: `input_net_transition`, `total_output_net_capacitance`, ...
    pub variables: Vec<String>,
    /// Points of each axis, in units of the file, where the template has them.
    pub points: Vec<Option<Attribute>>,
}

impl Template {
    /// The axes that a template or a table has.
    pub fn of(group: &Group) -> Template {
        let named = |name: &str| (1..=4).map(|axis| group.attribute(&format!("{name}_{axis}"))).collect::<Vec<_>>();
        let variables = named("variable").into_iter().flatten().map(|variable| variable.text().to_owned()).collect();
        Template { variables, points: named("index").into_iter().map(Option::<&Attribute>::cloned).collect() }
    }
}

/// The library beside its cells.
#[derive(Debug)]
pub struct Header {
    name: String,
    line: usize,
    attributes: BTreeMap<String, Attribute>,
    templates: BTreeMap<String, Template>,
    conditions: Vec<Group>,
    wire_loads: Vec<Group>,
    units: Option<Units>,
    /// Axes met so far: most tables share theirs.
    axes: RefCell<BTreeMap<Vec<u64>, Axis>>,
}

impl Header {
    pub fn new(name: String, line: usize) -> Header {
        Header {
            name,
            line,
            attributes: BTreeMap::new(),
            templates: BTreeMap::new(),
            conditions: Vec::new(),
            wire_loads: Vec::new(),
            units: None,
            axes: RefCell::default(),
        }
    }

    /// Kinds of groups, beside cells, that are looked at.
    pub fn wants(kind: &str) -> bool {
        ["operating_conditions", "lu_table_template", "power_lut_template", "wire_load"].contains(&kind)
    }

    /// Takes a statement of the library.
    pub fn attribute(&mut self, attribute: Attribute) -> Result<(), Fault> {
        if self.units.is_some() && BEFORE_CELLS.contains(&attribute.name.as_str()) {
            let message = format!("`{}` behind the first cell", attribute.name);
            return Err(
                Fault::new("liberty::unknown_unit", attribute.line, message).help("units stand before the cells")
            );
        }
        self.attributes.insert(attribute.name.clone(), attribute);
        Ok(())
    }

    /// Takes a group of the library.
    pub fn group(&mut self, group: Group) {
        match group.kind.as_str() {
            "operating_conditions" => self.conditions.push(group),
            "wire_load" => self.wire_loads.push(group),
            _ => drop(self.templates.insert(group.name().to_owned(), Template::of(&group))),
        }
    }

    /// The units; to be asked for from the first cell on.
    pub fn units(&mut self) -> Result<Units, Fault> {
        if let Some(units) = self.units {
            return Ok(units);
        }
        if let Some(model) = self.attributes.get("delay_model").filter(|model| model.text() != "table_lookup") {
            let message = format!("delays are of the model `{}`", model.text());
            return Err(
                Fault::new("liberty::missing", model.line, message).help("only `table_lookup` has tables to read")
            );
        }
        let units = Units::new(|name| self.attributes.get(name), self.line)?;
        self.units = Some(units);
        Ok(units)
    }

    /// Whether this file and another one of the same library mean the same by a figure: the units, the conditions, and the
    /// shares of the supply between which times are measured.
    /// To be asked for behind the first cell of both.
    pub fn agree(&self, other: &Header, file: &str) -> Result<(), Fault> {
        let (Some(own), Some(theirs)) = (self.units, other.units) else { return Ok(()) };
        let differs = |what: &str, line: usize, own: String, theirs: String| {
            let message = format!("{what} is {own} here, and {theirs} in `{file}`");
            let help =
                "files of one library have the same units and conditions; another library is a process of its own";
            Err(Fault::new("liberty::differing_files", line, message).help(help))
        };
        let units = [
            ("time_unit", Some(own.time), Some(theirs.time)),
            ("capacitive_load_unit", Some(own.capacitance), Some(theirs.capacitance)),
            ("voltage_unit", Some(own.energy), Some(theirs.energy)),
            ("leakage_power_unit", own.leakage, theirs.leakage),
            ("pulling_resistance_unit", Some(own.resistance), Some(theirs.resistance)),
        ];
        let text = |header: &Header, name: &str| {
            header.attributes.get(name).map_or("not given".to_owned(), |attribute| attribute.values.join(" "))
        };
        if let Some((name, ..)) = units.iter().find(|(_, own, theirs)| own != theirs) {
            return differs(&format!("`{name}`"), self.line_of(name), text(self, name), text(other, name));
        }
        let (own, theirs) = (self.conditions()?, other.conditions()?);
        let figures = [
            ("the supply", "voltage", own.voltage_v, theirs.voltage_v),
            ("the temperature", "temperature", own.temperature_c, theirs.temperature_c),
        ];
        for (what, name, own, theirs) in figures {
            if own != theirs {
                let chosen = self.chosen().and_then(|group| group.attribute(name)).map(|attribute| attribute.line);
                let line = chosen.unwrap_or_else(|| self.line_of(&format!("nom_{name}")));
                return differs(what, line, own.to_string(), theirs.to_string());
            }
        }
        if own.corner != theirs.corner {
            let line = self.line_of("default_operating_conditions");
            return differs("the corner", line, format!("`{}`", own.corner), format!("`{}`", theirs.corner));
        }
        for (name, standard) in THRESHOLDS {
            let value = |header: &Header| Ok::<_, Fault>(header.number(name)?.unwrap_or(standard));
            let (own, theirs) = (value(self)?, value(other)?);
            if own != theirs {
                return differs(&format!("`{name}`"), self.line_of(name), own.to_string(), theirs.to_string());
            }
        }
        Ok(())
    }

    /// Where a statement is; the begin of the library for one that is not there.
    fn line_of(&self, name: &str) -> usize {
        self.attributes.get(name).map_or(self.line, |attribute| attribute.line)
    }

    /// The operating conditions that the figures hold for, if a group has them.
    fn chosen(&self) -> Option<&Group> {
        let corner = self.text("default_operating_conditions");
        let named = self.conditions.iter().find(|group| group.name() == corner);
        named.or(self.conditions.first().filter(|_| corner.is_empty() && self.conditions.len() == 1))
    }

    /// The template of a name.
    pub fn template(&self, name: &str) -> Option<&Template> {
        self.templates.get(name)
    }

    /// A number that holds for the whole library.
    pub fn number(&self, name: &str) -> Result<Option<f64>, Fault> {
        self.attributes.get(name).map(Attribute::number).transpose()
    }

    fn text(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", Attribute::text)
    }

    /// Whether the library gives a unit of leakage.
    pub fn has_leakage(&self) -> bool {
        self.attributes.contains_key("leakage_power_unit")
    }

    /// An axis of these points, the same for the same points.
    pub fn axis(&self, points: Vec<f64>) -> Axis {
        let bits = points.iter().map(|point| point.to_bits()).collect();
        self.axes.borrow_mut().entry(bits).or_insert_with(|| points.into()).clone()
    }

    /// Where the figures come from, as the file says.
    pub fn source(&self) -> Source {
        let plain = |name: &str| self.text(name).replace('$', "").trim().to_owned();
        Source {
            library: self.name.clone(),
            revision: plain("revision"),
            date: plain("date"),
            comment: plain("comment"),
        }
    }

    /// Under which conditions the figures hold.
    pub fn conditions(&self) -> Result<Conditions, Fault> {
        let chosen = self.chosen();
        let number = |own: &str, nominal: &str| -> Result<Option<f64>, Fault> {
            let own = chosen.map(|group| group.number(own)).transpose()?.flatten();
            Ok(own.or(self.number(nominal)?))
        };
        let Some(voltage_v) = number("voltage", "nom_voltage")? else {
            let fault = Fault::new("liberty::missing", self.line, "the library says nothing of its supply");
            return Err(fault.help("a `nom_voltage` or operating conditions with a `voltage` are needed"));
        };
        let percent = |edge: &str, standard: f64| -> Result<f64, Fault> {
            Ok(self.number(&format!("slew_{edge}_threshold_pct_rise"))?.unwrap_or(standard))
        };
        Ok(Conditions {
            corner: chosen.map_or("nominal", Group::name).to_owned(),
            voltage_v,
            temperature_c: number("temperature", "nom_temperature")?.unwrap_or(25.0),
            // What the manual says where nothing stands.
            slew_from_percent: percent("lower", 20.0)?,
            slew_to_percent: percent("upper", 80.0)?,
        })
    }

    /// The default wire-load model.
    pub fn wire_load(&self, units: Units) -> Result<Option<WireLoad>, Fault> {
        let Some(wanted) = self.attributes.get("default_wire_load") else { return Ok(None) };
        let Some(group) = self.wire_loads.iter().find(|group| group.name() == wanted.text()) else {
            let message = format!("there is no wire load `{}`", wanted.text());
            return Err(Fault::new("liberty::missing", wanted.line, message).help("name one of the `wire_load` groups"));
        };
        let mut lengths = Vec::new();
        for point in group.attributes.iter().filter(|attribute| attribute.name == "fanout_length") {
            match point.numbers()?[..] {
                // Some models go on with the capacitance and resistance of the wire.
                [readers, length, ..] if (1.0..1e6).contains(&readers) && readers.fract() == 0.0 && length >= 0.0 => {
                    lengths.push((readers as u32, length))
                }
                _ => {
                    let fault =
                        Fault::new("liberty::bad_number", point.line, "this is no number of readers with a length");
                    return Err(fault.help("as in `fanout_length (2, 13.5);`"));
                }
            }
        }
        lengths.sort_by_key(|&(readers, _)| readers);
        lengths.dedup_by_key(|&mut (readers, _)| readers);
        let quantity = |name: &str| -> Result<f64, Fault> {
            let value = group.number(name)?.unwrap_or(0.0);
            if value >= 0.0 {
                return Ok(value);
            }
            Err(Fault::new("liberty::not_a_quantity", group.line, format!("`{name}` is {value}"))
                .help("it is not below 0"))
        };
        Ok(Some(WireLoad {
            name: group.name().to_owned(),
            capacitance_ff: quantity("capacitance")? * units.capacitance,
            resistance_kohm: quantity("resistance")? * units.resistance,
            slope: quantity("slope")?,
            lengths,
        }))
    }
}
