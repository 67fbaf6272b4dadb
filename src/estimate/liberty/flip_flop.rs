//! A cell of a library becomes a flip-flop of the process.

use super::error::Stop;
use super::group::Group;
use super::pin::{Pin, pins, value};
use super::table::Tables;
use crate::estimate::process::expression::names;
use crate::estimate::process::{ClockedOutput, ControlPin, DataPin, EdgeEnergy, Enable, FlipFlop, Reset};

const A: u64 = 0xaaaa_aaaa_aaaa_aaaa;
const B: u64 = 0xcccc_cccc_cccc_cccc;
const C: u64 = 0xf0f0_f0f0_f0f0_f0f0;

/// Which pins do what, by the `ff` group.
struct Roles<'g> {
    state: &'g str,
    inverse: &'g str,
    clock: Pin<'g>,
    data: Pin<'g>,
    /// Whether the state is the complement of the data.
    inverted: bool,
    enable: Option<(Pin<'g>, bool)>,
    /// Reset and set: the pin, whether 0 acts, and what the data of the last edge seems to have been after it.
    resets: Vec<(Pin<'g>, bool, bool)>,
}

/// The rising-edge flip-flop.
pub fn flip_flop(cell: &Group, state: &Group, tables: Tables<'_>) -> Result<FlipFlop, Stop> {
    let roles = Roles::of(cell, state)?;
    let mut outputs = Vec::new();
    for output in pins(cell, "output") {
        outputs.push(roles.output(output, tables)?);
    }
    // The output with the value of the data comes first.
    outputs.sort_by_key(|output| output.inverted);
    let mut outputs = outputs.into_iter();
    let Some(q) = outputs.next() else { return Err(Stop::LeftOut("without inputs or outputs")) };
    let reset = |&(pin, active_low, value): &(Pin<'_>, bool, bool)| {
        Ok::<_, Stop>(Reset { pin: roles.control(pin, tables)?, active_low, value })
    };
    let mut resets = roles.resets.iter().map(reset).collect::<Result<Vec<_>, _>>()?.into_iter();
    Ok(FlipFlop {
        name: cell.name().to_owned(),
        area_um2: tables.area(cell)?,
        leakage_nw: tables.leakage(cell)?,
        clock: roles.control(roles.clock, tables)?,
        data: roles.timed(roles.data, tables)?,
        enable: roles
            .enable
            .map(|(pin, active_low)| Ok::<_, Stop>(Enable { pin: roles.timed(pin, tables)?, active_low }))
            .transpose()?,
        reset: resets.next(),
        set: resets.next(),
        q,
        qn: outputs.next(),
    })
}

impl<'g> Roles<'g> {
    fn of(cell: &'g Group, group: &'g Group) -> Result<Roles<'g>, Stop> {
        let [state, inverse] = &group.names[..] else { return Err(Stop::LeftOut("latches and other states")) };
        let inputs = pins(cell, "input");
        let pin = |name: &str| inputs.iter().find(|pin| pin.name == name).copied();
        let mut resets = Vec::new();
        for (name, state) in [("clear", false), ("preset", true)] {
            if !group.text(name).is_empty() {
                let (pin, active_low) = control(group, name, &pin)?;
                resets.push((pin, active_low, state));
            }
        }
        let clock = match control(group, "clocked_on", &pin)? {
            (clock, false) if group.attribute("clocked_on_also").is_none() => clock,
            _ => return Err(Stop::LeftOut("flip-flops of the falling edge")),
        };
        let next = names(group.text("next_state"));
        let others: Vec<&str> = next.into_iter().filter(|name| name != state && name != inverse).collect();
        let words = |first: &str, second: &str| {
            value(group, "next_state", &|name| match name {
                _ if name == first => Some(A),
                _ if name == second => Some(B),
                _ if name == state => Some(C),
                _ if name == inverse => Some(!C),
                _ => None,
            })
        };
        let roles = |data: &str, inverted: bool, enable| {
            let mut resets: Vec<_> = resets.iter().map(|&(pin, low, state)| (pin, low, state != inverted)).collect();
            resets.sort_by_key(|&(_, _, value)| value);
            pin(data).map(|data| Roles { state, inverse, clock, data, inverted, enable, resets })
        };
        let found = match others[..] {
            [data] => match words(data, "")? {
                A => roles(data, false, None),
                next if next == !A => roles(data, true, None),
                _ => None,
            },
            [first, second] => {
                let mut found = None;
                for (data, enable) in [(first, second), (second, first)] {
                    let next = words(data, enable)?;
                    for (active_low, inverted) in [(false, false), (false, true), (true, false), (true, true)] {
                        let (on, held) = if active_low { (!B, B) } else { (B, !B) };
                        let taken = if inverted { !A } else { A };
                        if let Some(enable) = pin(enable).filter(|_| next == on & taken | held & C) {
                            found = roles(data, inverted, Some((enable, active_low)));
                        }
                    }
                }
                found
            }
            _ => None,
        };
        found.ok_or(Stop::LeftOut("flip-flops with logic, scan or a synchronous reset before the data"))
    }

    fn output(&self, pin: Pin<'_>, tables: Tables<'_>) -> Result<ClockedOutput, Stop> {
        let word = |name: &str| match name {
            _ if name == self.state => Some(A),
            _ if name == self.inverse => Some(!A),
            _ => None,
        };
        let inverted = match value(pin.group, "function", &word)? {
            A => self.inverted,
            state if state == !A => !self.inverted,
            _ => return Err(Stop::LeftOut("flip-flops with logic behind the state")),
        };
        let (timing, power) = (pin.timing(self.clock.name, &["rising_edge"]), pin.power_from(self.clock.name));
        Ok(ClockedOutput {
            name: pin.name.to_owned(),
            inverted,
            max_load_ff: tables.max_load(pin)?,
            rise: tables.edge(&timing, &power, "rise")?,
            fall: tables.edge(&timing, &power, "fall")?,
        })
    }

    /// A pin with the energy of its edges in states in which the flip-flop is not reset.
    fn control(&self, pin: Pin<'_>, tables: Tables<'_>) -> Result<ControlPin, Stop> {
        let mut power = Vec::new();
        for group in pin.power() {
            if group.attribute("when").is_none() || self.happens(group)? {
                power.push(group);
            }
        }
        let (rise, fall) = (tables.energy(&power, "rise")?, tables.energy(&power, "fall")?);
        let energy = rise.zip(fall).map(|(rise, fall)| EdgeEnergy { rise, fall });
        Ok(ControlPin { name: pin.name.to_owned(), capacitance: tables.capacitance(pin)?, energy })
    }

    /// Whether a condition can hold while the reset is off.
    fn happens(&self, power: &Group) -> Result<bool, Stop> {
        let text = power.text("when");
        let mut free: Vec<&str> = names(text);
        let reset = |name: &str| self.resets.iter().find(|(pin, ..)| pin.name == name);
        free.retain(|name| reset(name).is_none());
        // Of six names each case is looked at; a condition of more is taken to happen.
        let variables = [A, B, C, 0xff00_ff00_ff00_ff00, 0xffff_0000_ffff_0000, 0xffff_ffff_0000_0000];
        if free.len() > variables.len() {
            return Ok(true);
        }
        let word = |name: &str| match reset(name) {
            Some(&(_, active_low, _)) => Some(if active_low { u64::MAX } else { 0 }),
            None => free.iter().position(|known| *known == name).map(|index| variables[index]),
        };
        Ok(value(power, "when", &word)? != 0)
    }

    fn timed(&self, pin: Pin<'_>, tables: Tables<'_>) -> Result<DataPin, Stop> {
        let setup = pin.timing(self.clock.name, &["setup_rising"]);
        Ok(DataPin {
            pin: self.control(pin, tables)?,
            setup_rise: tables.constraint(&setup, "rise")?,
            setup_fall: tables.constraint(&setup, "fall")?,
        })
    }
}

/// The only pin of a control expression, and whether it acts when it is 0.
fn control<'g>(group: &Group, name: &str, pin: &dyn Fn(&str) -> Option<Pin<'g>>) -> Result<(Pin<'g>, bool), Stop> {
    let odd = Stop::LeftOut("flip-flops with logic before a clock or reset");
    let [only] = names(group.text(name))[..] else { return Err(odd) };
    let Some(pin) = pin(only) else { return Err(odd) };
    match value(group, name, &|word| (word == only).then_some(A))? {
        A => Ok((pin, false)),
        word if word == !A => Ok((pin, true)),
        _ => Err(odd),
    }
}
