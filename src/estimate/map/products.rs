//! Functions of up to six inputs as sums of products, after Minato ("Fast generation of irredundant sum-of-products forms from
//! binary decision diagrams", 1992) and Morreale.

use super::cut::WIDEST;
use super::sums::least;
use super::truth::{INPUTS, depends};

/// A product of inputs: bit i of either mask is input i, complemented or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Product {
    plain: u8,
    complemented: u8,
}

impl Product {
    /// Its inputs, and whether they are complemented.
    pub fn literals(self) -> impl Iterator<Item = (usize, bool)> {
        let sign = move |input: usize| self.complemented >> input & 1 == 1;
        (0..WIDEST)
            .filter(move |input| (self.plain | self.complemented) >> input & 1 == 1)
            .map(move |at| (at, sign(at)))
    }
}

/// A sum of products, or its complement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    pub products: Vec<Product>,
    pub complement: bool,
    /// Conjunctions of two that make it.
    pub conjunctions: u32,
}

impl Sum {
    fn new(products: Vec<Product>, complement: bool) -> Sum {
        let literals: usize = products.iter().map(|product| product.literals().count().saturating_sub(1)).sum();
        let conjunctions = (literals + products.len().saturating_sub(1)) as u32;
        Sum { products, complement, conjunctions }
    }

    /// Its depth above inputs of these depths.
    pub fn depth(&self, inputs: &[u32; WIDEST]) -> u32 {
        let mut terms = [0u32; 64];
        let mut count = 0;
        for product in &self.products {
            let mut depths = [0u32; WIDEST];
            let mut literals = 0;
            let mut mask = product.plain | product.complemented;
            while mask != 0 {
                depths[literals] = inputs[mask.trailing_zeros() as usize];
                literals += 1;
                mask &= mask - 1;
            }
            terms[count] = joined(&mut depths[..literals]);
            count += 1;
        }
        joined(&mut terms[..count])
    }

    /// How many conjunctions there are above each input, if the inputs are of these depths.
    pub fn levels(&self, inputs: &[u32; WIDEST]) -> [u8; WIDEST] {
        let product = |product: &Product| {
            let literals = product.literals().map(|(input, _)| {
                let mut above = [u8::MAX; WIDEST];
                above[input] = 0;
                (inputs[input], above)
            });
            joined_levels(literals.collect())
        };
        let terms = self.products.iter().map(product).collect();
        joined_levels(terms).1.map(|levels| if levels == u8::MAX { 0 } else { levels })
    }
}

/// The depth of a conjunction of operands of these depths: the two lowest first, again and again.
fn joined(depths: &mut [u32]) -> u32 {
    depths.sort_unstable();
    let mut from = 0;
    while from + 1 < depths.len() {
        let both = depths[from + 1] + 1;
        from += 1;
        // Where it belongs in what is left.
        let mut at = from;
        while at + 1 < depths.len() && depths[at + 1] < both {
            depths[at] = depths[at + 1];
            at += 1;
        }
        depths[at] = both;
    }
    depths.last().copied().unwrap_or(0)
}

type Levels = (u32, [u8; WIDEST]);

fn joined_levels(mut operands: Vec<Levels>) -> Levels {
    while let Some(first) = least(&operands, |operand| operand.0) {
        let a = operands.swap_remove(first);
        let Some(second) = least(&operands, |operand| operand.0) else { return a };
        let b = operands.swap_remove(second);
        let deeper = |x: u8, y: u8| match (x, y) {
            (u8::MAX, u8::MAX) => u8::MAX,
            (u8::MAX, other) | (other, u8::MAX) => other + 1,
            (x, y) => x.max(y) + 1,
        };
        let mut above = [0; WIDEST];
        for (input, above) in above.iter_mut().enumerate() {
            *above = deeper(a.1[input], b.1[input]);
        }
        operands.push((1 + a.0.max(b.0), above));
    }
    (0, [u8::MAX; WIDEST])
}

/// An irredundant sum for a function or for its complement, whichever has fewer products.
pub fn sum_of(table: u64) -> Sum {
    let of = |table: u64| {
        let mut products = Vec::new();
        cover(table, table, WIDEST, &mut products);
        products
    };
    let (plain, inverse) = (of(table), of(!table));
    let cost = |products: &[Product]| {
        (products.len(), products.iter().map(|product| product.literals().count()).sum::<usize>())
    };
    if cost(&inverse) < cost(&plain) { Sum::new(inverse, true) } else { Sum::new(plain, false) }
}

/// Adds products that hold at least where `least` does and at most where `most` does; returns where they hold.
fn cover(least: u64, most: u64, below: usize, products: &mut Vec<Product>) -> u64 {
    if least == 0 {
        return 0;
    }
    if most == u64::MAX {
        products.push(Product::default());
        return u64::MAX;
    }
    let Some(top) = (0..below).rev().find(|&input| depends(least, input) || depends(most, input)) else {
        return 0;
    };
    let (input, shift) = (INPUTS[top], 1u32 << top);
    let at_zero = |table: u64| (table & !input) | (table & !input) << shift;
    let at_one = |table: u64| (table & input) | (table & input) >> shift;
    let (least0, least1, most0, most1) = (at_zero(least), at_one(least), at_zero(most), at_one(most));
    let first = products.len();
    let zero = cover(least0 & !most1, most0, top, products);
    let second = products.len();
    let one = cover(least1 & !most0, most1, top, products);
    let third = products.len();
    products[first..second].iter_mut().for_each(|product| product.complemented |= 1 << top);
    products[second..third].iter_mut().for_each(|product| product.plain |= 1 << top);
    let both = cover(least0 & !zero | least1 & !one, most0 & most1, top, products);
    both | zero & !input | one & input
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(sum: &Sum) -> u64 {
        let product = |product: &Product| {
            let literals = product.literals();
            literals.fold(u64::MAX, |all, (input, sign)| all & if sign { !INPUTS[input] } else { INPUTS[input] })
        };
        let any = sum.products.iter().map(product).fold(0, |any, one| any | one);
        if sum.complement { !any } else { any }
    }

    #[test]
    fn a_sum_is_its_function_and_no_product_is_needless() {
        let mut state = 1u64;
        for round in 0..300 {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            let table = match round % 3 {
                0 => state,
                1 => state & state.rotate_left(17) & state.rotate_left(31),
                _ => INPUTS[round % 6] ^ INPUTS[(round / 6) % 6] & state,
            };
            let sum = sum_of(table);
            assert_eq!(value(&sum), table, "{table:x}");
            for left_out in 0..sum.products.len() {
                let mut fewer = sum.clone();
                fewer.products.remove(left_out);
                assert_ne!(value(&fewer), table, "{table:x} needs no product {left_out}");
            }
        }
    }

    #[test]
    fn the_latest_input_passes_the_fewest_conjunctions() {
        // a b + c
        let sum = sum_of(INPUTS[0] & INPUTS[1] | INPUTS[2]);
        assert_eq!((sum.depth(&[0; 6]), sum.depth(&[0, 0, 5, 0, 0, 0]), sum.depth(&[4, 0, 0, 0, 0, 0])), (2, 6, 6));
        let all = sum_of(INPUTS.iter().fold(u64::MAX, |all, input| all & input));
        assert_eq!(all.depth(&[0; 6]), 3);
        assert_eq!(all.depth(&[9, 0, 0, 0, 0, 0]), 10);
        assert_eq!(all.levels(&[9, 0, 0, 0, 0, 0])[0], 1);
        assert_eq!(all.conjunctions, 5);
    }
}
