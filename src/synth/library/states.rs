//! Flip-flops whose state is said to be the complement of the data, said the other way round.
//!
//! Yosys takes a negated `next_state` for an inverter at the output and leaves set and reset as they are, which swaps them: mapped
//! registers then wake up with the wrong value (its issues 5186 and 5445, mended in versions of 2025). A state with the value of the data, and
//! the complement at the output, is the same cell and is understood by all versions.

use std::ops::Range;

use super::cells::{Layout, cells, group, token};

/// What is called otherwise where the state is the complement.
const SWAPPED: [(&str, &str); 4] = [
    ("clear", "preset"),
    ("preset", "clear"),
    ("clear_preset_var1", "clear_preset_var2"),
    ("clear_preset_var2", "clear_preset_var1"),
];

/// The text with such flip-flops rewritten that have a set or reset; `None` if there are none. `data` gives the data input of a
/// flip-flop by its name, and nothing for other cells.
pub(super) fn with_plain_states<'d>(text: &str, data: impl Fn(&str) -> Option<&'d str>) -> Option<String> {
    let (mut result, mut written) = (String::new(), 0);
    for cell in cells(&Layout::of(text)) {
        let Some((data, state)) = data(cell.name).zip(state(text, cell.range.clone())) else { continue };
        if let Some(turned) = turned(&text[state.clone()], data) {
            result.push_str(&text[written..state.start]);
            result.push_str(&turned);
            written = state.end;
        }
    }
    (written > 0).then(|| result + &text[written..])
}

/// Where the `ff` group of a cell is.
fn state(text: &str, cell: Range<usize>) -> Option<Range<usize>> {
    let (mut at, mut depth) = (cell.start, 0_usize);
    while let Some(length) = token(text, at).filter(|_| at < cell.end) {
        match &text[at..at + length] {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            "ff" if depth == 1 => return group(text, at + length).map(|(_, end)| at..end),
            _ => {}
        }
        at += length;
    }
    None
}

/// The group with the other state first, or `None` if its state is not the complement of `data`, or is never set.
fn turned(group: &str, data: &str) -> Option<String> {
    let (head, body) = group.split_once('{')?;
    let (_, names) = head.split_once('(')?;
    let (state, inverse) = names.split_once(')')?.0.split_once(',')?;
    let (mut result, mut at) = (format!("ff ({}, {}) {{", inverse.trim(), state.trim()), 0);
    let (mut is_inverted, mut is_set) = (false, false);
    while let Some(length) = token(body, at) {
        let word = &body[at..at + length];
        let names_value = body[at + length..].trim_start().starts_with(':');
        let other = SWAPPED.iter().find(|(name, _)| names_value && *name == word);
        result.push_str(other.map_or(word, |(_, other)| other));
        is_set |= names_value && ["clear", "preset"].contains(&word);
        at += length;
        if names_value && word == "next_state" {
            let colon = at + body[at..].find(':')? + 1;
            let end = colon + body[colon..].find([';', '\n', '}'])?;
            let plain: String = body[colon..end]
                .chars()
                .filter(|letter| !letter.is_whitespace() && !"\"()".contains(*letter))
                .collect();
            is_inverted = plain == format!("!{data}") || plain == format!("{data}'");
            result.push_str(&format!(" : \"{data}\""));
            at = end;
        }
    }
    (is_inverted && is_set).then_some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_is_the_complement_of_the_data_is_turned_round() {
        let text = "library (l) { cell (A) { ff (IQN,IQNN) { clear : \"!SN\"; clear_preset_var1 : L; clear_preset_var2 : H;\n clocked_on : \"CK\"; next_state : \"(!D)\"; preset : \"!RN\"; } pin (QN) { function : \"IQN\"; } } }";
        let turned = with_plain_states(text, |name| (name == "A").then_some("D")).expect("it is one");
        assert_eq!(
            turned,
            "library (l) { cell (A) { ff (IQNN, IQN) { preset : \"!SN\"; clear_preset_var2 : L; clear_preset_var1 : H;\n clocked_on : \"CK\"; next_state : \"D\"; clear : \"!RN\"; } pin (QN) { function : \"IQN\"; } } }"
        );
        // Once is enough; without set and reset, or of another cell, nothing changes.
        assert_eq!(with_plain_states(&turned, |_| Some("D")), None);
        assert_eq!(with_plain_states(text, |_| None), None);
        let unset = text.replace("clear :", "x :").replace("preset :", "y :");
        assert_eq!(with_plain_states(&unset, |_| Some("D")), None);
    }
}
