//! Carry-save pairs that are exact at their own width, and the trees that make them.

use super::DotProduct;
use crate::engine::parts::compressor::DotDiagram;
use crate::engine::parts::multiply::Carried;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, RegisterControl};

/// A carry-save pair `sum + 2 * carry` that is exact, less `offset`.
#[derive(Clone, Copy, Debug)]
pub(super) struct OffsetPair {
    pub sum: NetId,
    pub carry: NetId,
    pub offset: u64,
    /// The largest value of the pair.
    pub maximum: u64,
}

/// Longest list of all words in a name; tools shorten names of more than 128 characters.
const LONGEST_LIST: usize = 60;

/// Widths and weights of words, as they stand in a name: each, or runs of them where there are many.
fn shape_name(shapes: &[(u32, u32)]) -> String {
    let each: Vec<String> = shapes.iter().map(|(width, low)| format!("w{width}l{low}")).collect();
    let each = each.join("_");
    if each.len() <= LONGEST_LIST {
        return each;
    }
    // Runs of one width whose weights are a step apart: width, lowest weight, words, step.
    let mut runs: Vec<[u32; 4]> = Vec::new();
    for &(width, low) in shapes {
        match runs.last_mut() {
            Some([of, first, words, step]) if *of == width && low > *first && *words == 1 => {
                (*words, *step) = (2, low - *first);
            }
            Some([of, first, words, step]) if *of == width && low == *first + *words * *step => *words += 1,
            _ => runs.push([width, low, 1, 0]),
        }
    }
    let runs = runs.iter().map(|[width, low, words, step]| match words {
        1 => format!("w{width}l{low}"),
        _ => format!("w{width}l{low}x{words}by{step}"),
    });
    runs.collect::<Vec<_>>().join("_")
}

/// Bits of the numbers 0 to `maximum`.
pub(super) fn bits_of(maximum: u64) -> u32 {
    64 - maximum.leading_zeros()
}

impl DotProduct {
    /// One pair from several, each shifted to its weight.
    pub(super) fn sum_of(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        name: &str,
        pairs: &[(OffsetPair, u32)],
    ) -> Result<OffsetPair, NetlistError> {
        let total =
            |value: &dyn Fn(&OffsetPair) -> u64| pairs.iter().map(|(pair, low)| value(pair) << low).sum::<u64>();
        let maximum = total(&|pair| pair.maximum);
        let width = bits_of(maximum);
        let shapes: Vec<(u32, u32)> = pairs.iter().map(|(pair, low)| (m.width(pair.sum), *low)).collect();
        let mut tree = ModuleBuilder::new(format!("{}_join_{}", self.prefix(), shape_name(&shapes)));
        tree.doc(format!("Joins {} carry-save pairs, each at its weight, into one.", pairs.len()));
        let mut diagram = DotDiagram::new(width);
        let mut wires = Vec::new();
        for (index, (pair, low)) in pairs.iter().enumerate() {
            let names = (format!("sum{index}_i"), format!("carry{index}_i"));
            let sum = tree.input(&names.0, m.width(pair.sum), &format!("sum word, weight {}", 1_u64 << low));
            let carry = tree.input(&names.1, m.width(pair.carry), &format!("carry word, weight {}", 2_u64 << low));
            diagram.add_word(&tree, sum, *low, 0);
            diagram.add_word(&tree, carry, low + 1, 0);
            wires.extend([(names.0, pair.sum), (names.1, pair.carry)]);
        }
        finish_tree(&mut tree, diagram, width);
        let tree = netlist.intern(tree.finish()?)?;
        let names = (format!("{name}_sum"), format!("{name}_carry"));
        let (sum, carry) = place_tree(m, netlist, &format!("{name}_tree"), tree, wires, (&names.0, &names.1), width);
        Ok(OffsetPair { sum, carry, offset: total(&|pair| pair.offset), maximum })
    }

    /// The carried pair plus a pair, whose offset is taken away.
    pub(super) fn accumulate(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        pair: &OffsetPair,
        carried: (NetId, NetId),
        correction: Option<NetId>,
    ) -> Result<Carried, NetlistError> {
        let width = self.multiply.acc_bits;
        let (sum_bits, carry_bits) = (m.width(pair.sum), m.width(pair.carry));
        let mut tree = ModuleBuilder::new(format!("{}_compressor_4to2_w{width}_from{sum_bits}", self.prefix()));
        tree.doc("Compressor: a narrow carry-save pair is added to the carried one, and its offset taken away.");
        let low_sum = tree.input("low_sum_i", sum_bits, "sum word of the narrow pair");
        let low_carry = tree.input("low_carry_i", carry_bits, "carry word of the narrow pair, weight 2");
        let sum = tree.input("sum_i", width, "sum word of the carried pair");
        let carry = tree.input("carry_i", width - 1, "carry word of the carried pair, weight 2");
        let mut diagram = DotDiagram::new(width);
        diagram.add_word(&tree, sum, 0, 0);
        diagram.add_word(&tree, carry, 1, 0);
        diagram.add_word(&tree, low_sum, 0, 0);
        diagram.add_word(&tree, low_carry, 1, 0);
        diagram.add_constant(pair.offset.wrapping_neg());
        if correction.is_some() {
            let correction = tree.input("correction_i", width, "minus the offset of the narrow pair");
            diagram.add_word(&tree, correction, 0, 0);
        }
        finish_tree(&mut tree, diagram, width);
        let tree = netlist.intern(tree.finish()?)?;
        let mut wires = vec![
            ("low_sum_i".to_owned(), pair.sum),
            ("low_carry_i".to_owned(), pair.carry),
            ("sum_i".to_owned(), carried.0),
            ("carry_i".to_owned(), carried.1),
        ];
        wires.extend(correction.map(|net| ("correction_i".to_owned(), net)));
        let (sum, carry) = place_tree(m, netlist, "compressor", tree, wires, ("sum_d", "carry_d"), width);
        Ok(Carried::Pair(sum, carry))
    }
}

/// The pair one edge later.
pub(super) fn registered(m: &mut ModuleBuilder, name: &str, pair: OffsetPair, advance: NetId) -> OffsetPair {
    let load = RegisterControl { enable: Some(advance), ..Default::default() };
    let sum = m.register(&format!("{name}_sum_q"), pair.sum, load);
    let carry = m.register(&format!("{name}_carry_q"), pair.carry, load);
    OffsetPair { sum, carry, ..pair }
}

/// Reduces the diagram and gives the tree its outputs, the carry word without its constant lowest bit.
pub(super) fn finish_tree(tree: &mut ModuleBuilder, diagram: DotDiagram, width: u32) {
    let (sum, carry) = diagram.reduce(tree);
    tree.output("sum_o", sum, "sum word");
    let carry = tree.slice(carry, 1, width - 1);
    tree.output("carry_o", carry, "carry word, weight 2");
}

/// Places a tree whose results are the nets `sum` and `carry`.
pub(super) fn place_tree(
    m: &mut ModuleBuilder,
    netlist: &NetlistBuilder,
    name: &str,
    tree: ModuleId,
    mut wires: Vec<(String, NetId)>,
    (sum, carry): (&str, &str),
    width: u32,
) -> (NetId, NetId) {
    let (sum, carry) = (m.net(sum, width), m.net(carry, width - 1));
    wires.extend([("sum_o".to_owned(), sum), ("carry_o".to_owned(), carry)]);
    let wires: Vec<(&str, NetId)> = wires.iter().map(|(port, net)| (port.as_str(), *net)).collect();
    m.instance(netlist, name, tree, &wires);
    (sum, carry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_words_are_named_by_their_runs_and_few_one_by_one() {
        assert_eq!(shape_name(&[(12, 0), (12, 2), (12, 4), (12, 6)]), "w12l0_w12l2_w12l4_w12l6");
        let mut words: Vec<(u32, u32)> = (0..18).map(|slot| (14, slot)).collect();
        words.push((13, 18));
        assert_eq!(shape_name(&words), "w14l0x18by1_w13l18");
        let radix_4: Vec<(u32, u32)> = (0..17).map(|slot| (11, 2 * slot)).collect();
        assert_eq!(shape_name(&radix_4), "w11l0x17by2");
    }
}
