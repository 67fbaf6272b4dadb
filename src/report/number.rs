//! Numbers as people read them.

/// `1234567` as `1,234,567`.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A part of a whole as a percentage that does not break over a line: one decimal, more where it would round to 0 or 100 without being it.
pub fn percent(part: f64) -> String {
    let value = part * 100.0;
    let whole = |text: &str| matches!(text, "0.0" | "100.0" | "0.00" | "100.00");
    for text in [format!("{value:.1}"), format!("{value:.2}")] {
        if !whole(&text) {
            return format!("{text}\u{a0}%");
        }
    }
    match value {
        0.0 => "0\u{a0}%".into(),
        100.0 => "100\u{a0}%".into(),
        value if value < 50.0 => "<\u{a0}0.01\u{a0}%".into(),
        _ => ">\u{a0}99.99\u{a0}%".into(),
    }
}

/// `part` of `whole`, 0 when there is nothing.
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A large count in millions or thousands: `2.95 million`.
pub fn rounded(value: u64) -> String {
    match value {
        0..10_000 => grouped(value),
        10_000..1_000_000 => format!("{:.1} thousand", value as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} million", value as f64 / 1e6),
        _ => format!("{:.2} billion", value as f64 / 1e9),
    }
}

/// An area in square micrometres, or square millimetres once it is large.
pub fn area(um2: f64) -> String {
    if um2 >= 1e5 {
        format!("{:.3} mm\u{b2}", um2 / 1e6)
    } else {
        format!("{} \u{b5}m\u{b2}", grouped(um2.round() as u64))
    }
}

/// A time in the unit that suits it.
pub fn time(ns: f64) -> String {
    match ns {
        ..1e3 => format!("{ns:.1} ns"),
        ..1e6 => format!("{:.1} \u{b5}s", ns / 1e3),
        ..1e9 => format!("{:.2} ms", ns / 1e6),
        _ => format!("{:.2} s", ns / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three_from_the_right() {
        for (value, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567")] {
            assert_eq!(grouped(value), text);
        }
    }

    #[test]
    fn a_percentage_says_0_or_100_only_when_it_is() {
        for (part, text) in [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.5, "50.0 %"),
            (0.9999, "99.99 %"),
            (0.99996, "> 99.99 %"),
            (0.0004, "0.04 %"),
            (0.00001, "< 0.01 %"),
        ] {
            assert_eq!(percent(part).replace('\u{a0}', " "), text);
        }
    }
}
