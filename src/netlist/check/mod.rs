//! Whether a netlist is sound: what it takes to be printed as clean Verilog and to be interpreted.
//!
//! Checks go from the surface inward, because each relies on those before it: numbers and names, widths and ports,
//! drivers and readers, loops. All defects of one stage are reported together.

mod drivers;
mod loops;
mod names;
mod shapes;

use super::{Netlist, NetlistError};

/// Checks everything the data structures cannot rule out. What passes can be flattened, interpreted and printed.
///
/// # Errors
/// Every defect of the first stage that has any: numbers, names and widths; then drivers and readers; then loops.
pub fn check(netlist: &Netlist) -> Result<(), Vec<NetlistError>> {
    for stage in [numbers_names_and_shapes, drivers::check, loops::check] {
        let mut errors = Vec::new();
        stage(netlist, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
    }
    Ok(())
}

fn numbers_names_and_shapes(netlist: &Netlist, errors: &mut Vec<NetlistError>) {
    shapes::check_numbers(netlist, errors);
    // Everything else looks nets and modules up by their numbers.
    if errors.is_empty() {
        names::check(netlist, errors);
        shapes::check(netlist, errors);
    }
}

#[cfg(test)]
mod tests;
