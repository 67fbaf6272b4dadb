//! Delays of cells from the SDF that OpenSTA writes.

use std::collections::BTreeMap;

/// Delay from a pin to an output, ps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PinDelay {
    pub rise_ps: f64,
    pub fall_ps: f64,
}

/// Delays by cell, then by (input, output). Where conditions of other inputs are told apart, their mean.
pub(super) type Delays = BTreeMap<String, BTreeMap<(String, String), PinDelay>>;

/// Reads the text, line by line as OpenSTA breaks it.
///
/// # Errors
/// A sentence with the line that is not as OpenSTA writes it, or that no delay was found.
pub(super) fn read(text: &str) -> Result<Delays, String> {
    let mut delays = Delays::new();
    let mut counts: BTreeMap<(String, String), (f64, f64, f64)> = BTreeMap::new();
    let mut instance = String::new();
    let mut scale = 1000.0;
    let mut finish = |instance: &str, counts: &mut BTreeMap<(String, String), (f64, f64, f64)>| {
        let mean = std::mem::take(counts)
            .into_iter()
            .map(|(pins, (rise, fall, count))| (pins, PinDelay { rise_ps: rise / count, fall_ps: fall / count }));
        let mean: BTreeMap<_, _> = mean.collect();
        if !mean.is_empty() {
            delays.insert(instance.to_owned(), mean);
        }
    };
    for line in text.lines() {
        let words: Vec<&str> = line.split(['(', ')', ' ']).filter(|word| !word.is_empty()).collect();
        match words[..] {
            ["TIMESCALE", unit] => {
                scale = match unit {
                    "1ns" => 1000.0,
                    "1ps" => 1.0,
                    _ => return Err(format!("`{}` is no time scale that is known", line.trim())),
                }
            }
            ["INSTANCE", ref name @ ..] => {
                finish(&instance, &mut counts);
                instance = name.first().map_or_else(String::new, |name| (*name).to_owned());
            }
            ["IOPATH", from, to, ref values @ ..] => {
                let number = |word: &str| {
                    let typical = word.rsplit(':').next().unwrap_or(word);
                    typical
                        .parse::<f64>()
                        .map(|value| value * scale)
                        .map_err(|_| format!("`{}` has no delay", line.trim()))
                };
                // `()` stands for an edge that the arc does not have; a single value is that of both.
                let (rise, fall) = match *values {
                    [both] => (number(both)?, number(both)?),
                    [rise, fall] => (number(rise)?, number(fall)?),
                    _ => continue,
                };
                let entry = counts.entry((from.to_owned(), to.to_owned())).or_insert((0.0, 0.0, 0.0));
                *entry = (entry.0 + rise, entry.1 + fall, entry.2 + 1.0);
            }
            _ => {}
        }
    }
    finish(&instance, &mut counts);
    if delays.is_empty() { Err("no delay was found in what OpenSTA wrote".to_owned()) } else { Ok(delays) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_of_pins_are_read_and_conditions_are_averaged() {
        let text = "(DELAYFILE\n (TIMESCALE 1ns)\n (CELL\n  (CELLTYPE \"top\")\n  (INSTANCE)\n  (INTERCONNECT a b (0.1::0.2) (0.1::0.2))\n \
                    (CELL\n  (INSTANCE u.g1)\n    (COND (B == 1'b1)\n     (IOPATH A Z (0.020::0.030) (0.010::0.010)))\n    \
                    (COND (B == 1'b0)\n     (IOPATH A Z (0.040::0.050) (0.030::0.030)))\n     (IOPATH B Z (0.5::0.5)))\n";
        let delays = read(text).expect("delays");
        let of = |from: &str| delays["u.g1"][&(from.to_owned(), "Z".to_owned())];
        assert_eq!((of("A").rise_ps.round(), of("A").fall_ps.round()), (40.0, 20.0));
        assert_eq!(of("B").fall_ps, 500.0);
        assert_eq!(delays.len(), 1);
        assert!(read("(DELAYFILE)").is_err());
        assert!(read("(TIMESCALE 1us)").is_err());
    }
}
