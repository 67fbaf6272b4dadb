//! What cells and flip-flops have in common: pins, areas, leakage, energies.

use super::error::{Fault, Stop};
use super::group::Group;
use super::table::{Axes, Tables, mean, sum, worst};
use crate::estimate::process::expression::{ExpressionError, evaluate};
use crate::estimate::process::{Capacitance, Edge, Lut};

/// A pin of a cell: a group may stand for several.
#[derive(Clone, Copy)]
pub struct Pin<'g> {
    pub name: &'g str,
    pub group: &'g Group,
}

/// The pins of a cell of this direction, in the order of the file.
pub fn pins<'g>(cell: &'g Group, direction: &str) -> Vec<Pin<'g>> {
    let pins = cell.all("pin").filter(|group| group.text("direction").eq_ignore_ascii_case(direction));
    pins.flat_map(|group| group.names.iter().map(move |name| Pin { name, group })).collect()
}

impl<'g> Pin<'g> {
    /// The `timing` groups from a pin, of one of these types.
    pub fn timing(&self, from: &str, types: &[&str]) -> Vec<&'g Group> {
        let of_type = |timing: &&Group| match timing.text("timing_type") {
            "" => types.contains(&"combinational"),
            other => types.contains(&other),
        };
        self.group.all("timing").filter(|timing| is_related(timing, from)).filter(of_type).collect()
    }

    /// The `internal_power` groups of edges that an edge of another pin causes; those that name none hold for all.
    pub fn power_from(&self, from: &str) -> Vec<&'g Group> {
        let named: Vec<&Group> = self.power().filter(|power| is_related(power, from)).collect();
        if named.is_empty() {
            self.power().filter(|power| power.text("related_pin").is_empty()).collect()
        } else {
            named
        }
    }

    /// All of its `internal_power` groups.
    pub fn power(&self) -> impl Iterator<Item = &'g Group> + use<'g> {
        self.group.groups.iter().filter(|group| group.kind == "internal_power")
    }
}

fn is_related(group: &Group, pin: &str) -> bool {
    group.text("related_pin").split_whitespace().any(|name| name == pin)
}

impl Tables<'_> {
    /// The tables of these kinds in groups.
    fn luts(&self, groups: &[&Group], kinds: &[&str], axes: Axes, scale: f64) -> Result<Vec<Lut>, Stop> {
        let tables = groups.iter().flat_map(|group| &group.groups).filter(|table| kinds.contains(&table.kind.as_str()));
        tables.map(|table| self.lut(table, axes, scale)).collect()
    }

    /// Rise or fall of an output: the worst of its `timing` groups, the mean of its `internal_power` groups.
    pub fn edge(&self, timing: &[&Group], power: &[&Group], edge: &str) -> Result<Edge, Stop> {
        let time = |kind: &str| self.luts(timing, &[kind], Axes::SlewAndLoad, self.units.time).map(worst);
        let (delay, slew) = (time(&format!("cell_{edge}"))?, time(&format!("{edge}_transition"))?);
        let (Some(delay), Some(slew)) = (delay, slew) else {
            return Err(Stop::LeftOut("without a table of delay and slew for every input"));
        };
        Ok(Edge { delay, slew, energy: self.energy(power, edge)? })
    }

    /// The mean energy of a rising or falling edge over its conditions; what several supplies give is added up.
    pub fn energy(&self, power: &[&Group], edge: &str) -> Result<Option<Lut>, Stop> {
        let kinds = [&format!("{edge}_power")[..], "power"];
        let mut total: Option<Lut> = None;
        for supply in by_supply(power) {
            let own = mean(self.luts(&supply, &kinds, Axes::SlewAndLoad, self.units.energy)?);
            total = match (total, own) {
                (Some(total), Some(own)) => sum(vec![total, own]),
                (total, own) => total.or(own),
            };
        }
        Ok(total)
    }

    /// The worst set-up or the like of a rising or falling edge.
    pub fn constraint(&self, timing: &[&Group], edge: &str) -> Result<Lut, Stop> {
        let kind = format!("{edge}_constraint");
        let found = worst(self.luts(timing, &[&kind], Axes::ClockAndData, self.units.time)?);
        found.ok_or(Stop::LeftOut("without a set-up time"))
    }

    /// Area in um2: Liberty has no unit for it.
    pub fn area(&self, cell: &Group) -> Result<f64, Fault> {
        let area = cell.number("area")?;
        area.filter(|&area| area > 0.0).ok_or_else(|| {
            let line = cell.attribute("area").map_or(cell.line, |attribute| attribute.line);
            let message = match area {
                Some(area) => format!("the area of `{}` is {area}", cell.name()),
                None => format!("`{}` has no area", cell.name()),
            };
            Fault::new("liberty::not_a_quantity", line, message).help("a cell that logic is made of takes room")
        })
    }

    /// Leakage in nW; the mean over the states where no figure stands for all. What several supplies give is added up.
    pub fn leakage(&self, cell: &Group) -> Result<f64, Fault> {
        let own = match cell.number("cell_leakage_power")? {
            Some(own) => Some(own),
            None => {
                let groups: Vec<&Group> = cell.all("leakage_power").collect();
                let mut total = None;
                for supply in by_supply(&groups) {
                    let states = supply.iter().map(|state| state.number("value")).collect::<Result<Vec<_>, _>>()?;
                    let states: Vec<f64> = states.into_iter().flatten().collect();
                    if !states.is_empty() {
                        *total.get_or_insert(0.0) += states.iter().sum::<f64>() / states.len() as f64;
                    }
                }
                total
            }
        };
        let leakage = own.or(self.header.number("default_cell_leakage_power")?).unwrap_or(0.0);
        if leakage < 0.0 {
            let message = format!("`{}` leaks {leakage}", cell.name());
            return Err(Fault::new("liberty::not_a_quantity", cell.line, message).help("leakage is not below 0"));
        }
        Ok(leakage * self.units.leakage.unwrap_or(0.0))
    }

    /// The capacitance of an input.
    pub fn capacitance(&self, pin: Pin<'_>) -> Result<Capacitance, Fault> {
        let given = |name: &str| pin.group.number(name);
        let (rise, fall) = (given("rise_capacitance")?, given("fall_capacitance")?);
        let both = rise.zip(fall).map(|(rise, fall)| (rise + fall) / 2.0);
        let nominal = given("capacitance")?.or(both).or(self.header.number("default_input_pin_cap")?);
        let Some(nominal) = nominal else {
            let message = format!("the pin `{}` has no capacitance", pin.name);
            return Err(Fault::new("liberty::missing", pin.group.line, message)
                .help("give it one, or the library a `default_input_pin_cap`"));
        };
        let all = [nominal, rise.unwrap_or(nominal), fall.unwrap_or(nominal)];
        if let Some(negative) = all.iter().find(|value| **value < 0.0) {
            let message = format!("a capacitance of the pin `{}` is {negative}", pin.name);
            return Err(Fault::new("liberty::not_a_quantity", pin.group.line, message).help("it is not below 0"));
        }
        let [nominal_ff, rise_ff, fall_ff] = all.map(|value| value * self.units.capacitance);
        Ok(Capacitance { nominal_ff, rise_ff, fall_ff })
    }

    /// The most that an output may drive, fF.
    pub fn max_load(&self, pin: Pin<'_>) -> Result<Option<f64>, Fault> {
        let most = pin.group.number("max_capacitance")?.or(self.header.number("default_max_capacitance")?);
        if let Some(negative) = most.filter(|&most| most < 0.0) {
            let message = format!("the most that `{}` may drive is {negative}", pin.name);
            return Err(Fault::new("liberty::not_a_quantity", pin.group.line, message).help("it is not below 0"));
        }
        Ok(most.map(|most| most * self.units.capacitance))
    }
}

/// Groups by the supply pin that they are of, in the order of the file. Some libraries have a group for each supply and
/// condition, of which the energy of an edge is the sum; most name no supply.
fn by_supply<'g>(groups: &[&'g Group]) -> Vec<Vec<&'g Group>> {
    let mut supplies: Vec<(&str, Vec<&Group>)> = Vec::new();
    for &group in groups {
        let supply = group.text("related_pg_pin");
        match supplies.iter_mut().find(|(known, _)| *known == supply) {
            Some((_, of)) => of.push(group),
            None => supplies.push((supply, vec![group])),
        }
    }
    supplies.into_iter().map(|(_, groups)| groups).collect()
}

/// The value of an expression of a statement; a name that is no pin leaves the cell out.
pub fn value(group: &Group, name: &str, word: &dyn Fn(&str) -> Option<u64>) -> Result<u64, Stop> {
    let text = group.text(name);
    evaluate(text, word).map_err(|error| match error {
        ExpressionError::UnknownName(_) => Stop::LeftOut("with a function of something else than inputs"),
        ExpressionError::Unreadable => {
            let line = group.attribute(name).map_or(group.line, |attribute| attribute.line);
            Fault::new("liberty::bad_function", line, format!("`{text}` does not read as a function"))
                .help("names of pins, 0, 1, the operators ! ' ^ & * | + and parentheses")
                .into()
        }
    })
}
