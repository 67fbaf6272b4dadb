//! JSON as it reads best.

/// Puts lists of numbers on one line: a heat map of 1,024 numbers is not 1,024 lines.
pub(super) fn join_number_lists(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut list: Option<String> = None;
    for line in text.lines() {
        let item = line.trim();
        let number = item.trim_end_matches(',').parse::<f64>().is_ok();
        match &mut list {
            Some(numbers) if number => {
                numbers.push_str(item);
                numbers.push(if item.ends_with(',') { ' ' } else { ']' });
            }
            Some(numbers) if numbers.ends_with(']') => {
                joined.push_str(numbers);
                joined.push_str(item.trim_start_matches(']'));
                joined.push('\n');
                list = None;
            }
            _ => {
                if let Some(opening) = list.take() {
                    joined.push_str(&opening);
                    joined.push('\n');
                }
                if line.ends_with('[') {
                    list = Some(line.to_owned());
                } else {
                    joined.push_str(line);
                    joined.push('\n');
                }
            }
        }
    }
    joined.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_numbers_take_one_line_and_stay_the_same_json() {
        let value = serde_json::json!({"a": [1, 2.5, -3], "b": [[1, 2], [3]], "c": [], "d": ["x", "y"], "e": [{"f": [0]}], "g": 1});
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let joined = join_number_lists(&pretty);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&joined).unwrap(), value, "{joined}");
        assert!(joined.contains("\"a\": [1, 2.5, -3],"), "{joined}");
    }
}
