//! What `explain` says of a shipped process: its file is too long to be read.

use super::Shipped;

/// A page of a shipped process: what stands at the head of its file, and its cells. Read line by line, as the tables are of no
/// use here.
pub fn page(shipped: &Shipped) -> String {
    let head = shipped.text.lines().take_while(|line| line.starts_with('#'));
    let mut page: String = head.map(|line| format!("{}\n", line.trim_start_matches('#').trim_start())).collect();
    page.push_str(&format!("\n{:<32} {:>10} {:>12}\n", "cell", "area, um2", "leakage, nW"));
    let mut lines = shipped.text.lines();
    while let Some(line) = lines.next() {
        if ["[[tie]]", "[[cell]]", "[[flip-flop]]"].contains(&line) {
            let mut value = |key: &str| -> &str {
                let found = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
                found.map_or("", |value| value.trim_matches('"'))
            };
            let (name, area, leakage) = (value("name"), value("area-um2"), value("leakage-nw"));
            page.push_str(&format!("{name:<32} {area:>10} {leakage:>12}\n"));
        }
    }
    page
}
