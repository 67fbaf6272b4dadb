//! Selection: of the words of a group, those that the indices of compressed weights name.

use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// Selects `places` of the `words` of one group, each by an index. Ports: `x_i`, a lane a word; `index_i` and `y_o`, a lane a
/// place. An index is below `words`.
pub fn select(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    (words, places, bits): (u32, u32, u32),
) -> Result<ModuleId, NetlistError> {
    let index_bits = 32 - (words - 1).leading_zeros();
    let mut m = ModuleBuilder::new(format!("{prefix}_select_{places}of{words}_w{bits}"));
    m.doc(format!("Multiplexers of compressed weights: each index names one of {words} words of a group."));
    let x = m.input_bundle("x_i", bits, words, "the words of a group");
    let index = m.input_bundle("index_i", index_bits, places, "index of each weight in its group");
    let lanes: Vec<NetId> = (0..words).map(|word| if words == 1 { x } else { m.lane(x, word) }).collect();
    let mut chosen = Vec::new();
    for place in 0..places {
        let index = if places == 1 { index } else { m.lane(index, place) };
        let mut level = lanes.clone();
        for bit in 0..index_bits {
            let select = m.bit(index, bit);
            let name = format!("y{place}_{bit}");
            // A word without a partner is the one of an index that does not exist, too.
            level = level
                .chunks(2)
                .enumerate()
                .map(|(at, pair)| match *pair {
                    [zero, one] => m.mux(&format!("{name}_{at}"), select, one, zero),
                    _ => pair[0],
                })
                .collect();
        }
        chosen.extend(level.first().copied());
    }
    let y = if places == 1 { chosen[0] } else { m.join("chosen", &chosen) };
    m.output_bundle_of("y_o", y, "the selected words");
    netlist.intern(m.finish()?)
}

/// Gives the words of a group to the rows of the array whose weights are of it, each row one cycle after the row above.
/// Ports: `advance_i`, `x_i` with a lane a word; `x_o` with the words of the first row, then those of the second ...
pub fn group_feed(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    (words, rows, bits): (u32, u32, u32),
) -> Result<ModuleId, NetlistError> {
    let mut m = ModuleBuilder::new(format!("{prefix}_group_feed_{words}to{rows}_w{bits}"));
    m.doc(format!("The {words} words of a group enter {rows} rows of the array, each one cycle after the row above."));
    let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
    let mut x = m.input_bundle("x_i", bits, words, "the words of a group");
    let mut fed = Vec::new();
    for row in 0..rows {
        if row > 0 {
            let later = crate::netlist::SkewDepth::Uniform(1);
            x = m.skew(&format!("x{row}_q"), x, later, Some(advance), false);
        }
        fed.extend((0..words).map(|word| if words == 1 { x } else { m.lane(x, word) }));
    }
    let all = m.join("fed", &fed);
    m.output_bundle_of("x_o", all, "the words of each row");
    netlist.intern(m.finish()?)
}
