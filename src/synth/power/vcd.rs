//! Changes of nets in a VCD file, as they come.

use std::io::BufRead;

/// A change: time in the units of the file, net, and its new value (`None` where it is unknown).
pub(super) type Change = (u64, u32, Option<bool>);

/// Reads changes of the nets `n0`, `n1`, ... of one scope and hands them on; others are passed over. Returns first and last
/// time of the file.
///
/// # Errors
/// A sentence with what is no VCD, or what could not be read.
pub(super) fn read(mut source: impl BufRead, mut on_change: impl FnMut(Change)) -> Result<(u64, u64), String> {
    // Names without a delay between them share a code: a register and the net that it drives, say.
    let mut nets: Vec<Vec<u32>> = Vec::new();
    let mut line = String::new();
    let (mut first, mut time) = (None, 0);
    loop {
        line.clear();
        let length = source.read_line(&mut line).map_err(|reason| format!("cannot read the changes: {reason}"))?;
        if length == 0 {
            return first.map(|first| (first, time)).ok_or_else(|| "the simulation wrote no changes".to_owned());
        }
        let text = line.trim_end();
        match text.as_bytes() {
            [b'#', ..] => {
                time = text[1..].parse().map_err(|_| format!("`{text}` is no time"))?;
                first.get_or_insert(time);
            }
            [value @ (b'0' | b'1' | b'x' | b'z'), code @ ..] => {
                if let Some(named) = nets.get(index(code)) {
                    let value = match value {
                        b'0' => Some(false),
                        b'1' => Some(true),
                        _ => None,
                    };
                    named.iter().for_each(|net| on_change((time, *net, value)));
                }
            }
            [b'$', ..] => {
                let words: Vec<&str> = text.split_whitespace().collect();
                if let ["$var", _, "1", code, name, ..] = words[..] {
                    let at = index(code.as_bytes());
                    if at > 1 << 28 {
                        return Err(format!("`{text}` has a code that is too long"));
                    }
                    if at >= nets.len() {
                        nets.resize(at + 1, Vec::new());
                    }
                    nets[at].extend(name.strip_prefix('n').and_then(|number| number.parse::<u32>().ok()));
                }
            }
            _ => {}
        }
    }
}

/// The number that a code of printable letters stands for.
fn index(code: &[u8]) -> usize {
    code.iter().rev().fold(0, |sum: usize, &letter| {
        sum.saturating_mul(94).saturating_add(usize::from(letter.saturating_sub(b'!')) + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_nets_are_told_in_order_and_the_rest_is_passed_over() {
        let text = "$timescale 100fs $end\n$scope module t $end\n$var wire 1 ! n7 $end\n$var wire 1 ! n8 $end\n$var reg 1 ! s3 $end\n$var wire 1 \"! p1_0_2 $end\n\
                    $var wire 8 # bus [7:0] $end\n$upscope $end\n$enddefinitions $end\n#5\n$dumpvars\nx!\nb101 #\n$end\n#7\n1!\n0\"!\n#9\n0!\n#12\n";
        let mut changes = Vec::new();
        let times = read(text.as_bytes(), |change| changes.push(change)).expect("changes");
        let twice = |time, value| [(time, 7, value), (time, 8, value)];
        assert_eq!(changes, [twice(5, None), twice(7, Some(true)), twice(9, Some(false))].concat());
        assert_eq!(times, (5, 12));
        assert!(read(&b""[..], |_| ()).is_err());
    }
}
