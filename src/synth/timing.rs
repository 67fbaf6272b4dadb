//! Reads what OpenSTA reports.

use serde::{Deserialize, Serialize};

/// A cell on the critical path.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PathStep {
    /// Instances from the top, and the pin.
    pub pin: String,
    /// The library cell.
    pub cell: String,
    /// When the pin moves, ns after the clock edge.
    pub arrival_ns: f64,
    /// Whether it rises.
    pub rises: bool,
}

/// The worst path from flip-flop to flip-flop.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Report {
    pub slack_ns: f64,
    pub path: Vec<PathStep>,
}

/// The path of `report_checks`; `None` if there is none.
///
/// # Errors
/// A sentence, if it is no such report.
pub(super) fn read(log: &str) -> Result<Option<Report>, String> {
    if log.contains("No paths found") {
        return Ok(None);
    }
    let mut path = Vec::new();
    // Behind the arrival stands the clock of the flip-flop at the end.
    let mut arrived = false;
    for line in log.lines() {
        arrived |= line.contains("data arrival time");
        let words: Vec<&str> = line.split_whitespace().collect();
        let edge = words.iter().position(|word| ["^", "v"].contains(word));
        if let (Some(edge), Some(cell)) = (edge, words.last().and_then(|word| word.strip_prefix('('))) {
            let arrival = edge.checked_sub(1).and_then(|at| words[at].parse().ok());
            let pin = words.get(edge + 1).filter(|_| edge + 3 == words.len());
            if let (Some(arrival_ns), Some(pin), false) = (arrival, pin, arrived) {
                let (pin, cell) = ((*pin).to_owned(), cell.trim_end_matches(')').to_owned());
                path.push(PathStep { pin, cell, arrival_ns, rises: words[edge] == "^" });
            }
        } else if words.get(1) == Some(&"slack") {
            let slack_ns = words[0].parse().map_err(|_| format!("`{line}` has no slack"))?;
            return Ok(Some(Report { slack_ns, path }));
        }
    }
    Err("OpenSTA reported neither a path nor that there is none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "
       Cap       Slew      Delay       Time   Description
                         0.00000    0.00000   clock network delay (ideal)
              0.00000    0.00000    0.00000 ^ u_a/_23_/CK (DFFR_X1)
   8.19635    0.01313    0.09490    0.09490 v u_a/_23_/Q (DFFR_X1)
              0.01765    0.00001    1.07297 ^ _968_/D (DFFR_X1)
                                    1.07297   data arrival time

                                    1.00000 ^ _968_/CK (DFFR_X1)
                                   -1.07297   data arrival time
                                   -0.10838   slack (VIOLATED)
";

    #[test]
    fn slack_and_path_are_read_and_a_design_without_paths_is_known() {
        let report = read(LOG).expect("a report").expect("a path");
        assert_eq!(report.slack_ns, -0.10838);
        let shown: Vec<(&str, f64, bool)> =
            report.path.iter().map(|step| (step.pin.as_str(), step.arrival_ns, step.rises)).collect();
        assert_eq!(shown.len(), 3);
        assert_eq!(shown[1], ("u_a/_23_/Q", 0.0949, false));
        assert_eq!(report.path[1].cell, "DFFR_X1");
        assert_eq!(read("No paths found.\n"), Ok(None));
        assert!(read("nothing\n").is_err());
    }
}
