//! What a cell computes, as a truth table.

use std::fmt;

/// A function of up to six inputs: bit `i` of the table is the value where input `j` is bit `j` of `i`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Function {
    inputs: u8,
    table: u64,
}

/// Whether an output follows an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sense {
    /// A rising input never makes the output fall.
    Positive,
    /// A rising input never makes the output rise.
    Negative,
    /// Either, depending on the other inputs.
    NonUnate,
}

impl Sense {
    /// The name in process tables.
    pub fn name(self) -> &'static str {
        match self {
            Sense::Positive => "positive",
            Sense::Negative => "negative",
            Sense::NonUnate => "non-unate",
        }
    }
}

/// The six variables as 64 cases: bit `i` of word `j` is bit `j` of `i`.
const VARIABLES: [u64; Function::MAX_INPUTS] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

impl Function {
    /// The most inputs that a function can have.
    pub const MAX_INPUTS: usize = 6;

    /// The function of a table; bits beyond the `2^inputs` cases are dropped. `None` with more than six inputs.
    pub fn new(inputs: usize, table: u64) -> Option<Function> {
        (inputs <= Self::MAX_INPUTS).then(|| Function { inputs: inputs as u8, table: table & Self::mask(inputs) })
    }

    /// The table of a function given by what it does to 64 cases at once.
    pub fn of(inputs: usize, words: impl FnOnce(&[u64]) -> u64) -> Option<Function> {
        if inputs > Self::MAX_INPUTS { None } else { Function::new(inputs, words(&VARIABLES[..inputs])) }
    }

    fn mask(inputs: usize) -> u64 {
        if inputs == Self::MAX_INPUTS { u64::MAX } else { (1 << (1 << inputs)) - 1 }
    }

    /// How many inputs it has.
    pub fn inputs(self) -> usize {
        self.inputs.into()
    }

    /// Its truth table.
    pub fn table(self) -> u64 {
        self.table
    }

    /// Its value where input `j` is bit `j` of `case`.
    pub fn value(self, case: usize) -> bool {
        self.table >> (case & ((1 << self.inputs) - 1)) & 1 == 1
    }

    /// The function on 64 independent cases at once, one a bit. `x` holds a word for each input.
    pub fn evaluate(self, x: &[u64]) -> u64 {
        // The table's cases, folded by one input after the other.
        let mut cases = [0u64; 64];
        let count = 1 << self.inputs;
        for (case, word) in cases.iter_mut().enumerate().take(count) {
            *word = if self.value(case) { u64::MAX } else { 0 };
        }
        let mut left = count;
        for word in &x[..self.inputs()] {
            left /= 2;
            for case in 0..left {
                cases[case] = cases[2 * case] & !word | cases[2 * case + 1] & word;
            }
        }
        cases[0]
    }

    /// Its complement.
    #[must_use]
    pub fn complement(self) -> Function {
        Function { table: !self.table & Self::mask(self.inputs()), ..self }
    }

    /// The same function with its inputs in another order: new input `j` is old input `order[j]`.
    ///
    /// `order` is a permutation of the inputs.
    #[must_use]
    pub fn permuted(self, order: &[usize]) -> Function {
        let old_case = |case: usize| order.iter().enumerate().map(|(new, old)| (case >> new & 1) << old).sum();
        let bit = |case: usize| u64::from(self.value(old_case(case))) << case;
        Function { table: (0..1usize << self.inputs).map(bit).sum(), ..self }
    }

    /// Whether an input matters.
    pub fn depends_on(self, input: usize) -> bool {
        let (low, high) = self.cofactors(input);
        low != high
    }

    /// How the output follows an input that matters.
    pub fn sense(self, input: usize) -> Sense {
        let (low, high) = self.cofactors(input);
        match (low & !high, high & !low) {
            (0, _) => Sense::Positive,
            (_, 0) => Sense::Negative,
            _ => Sense::NonUnate,
        }
    }

    /// How the output follows an input in the cases in which a condition holds; the condition's own value for the input does not
    /// matter.
    pub fn sense_where(self, input: usize, condition: Function) -> Sense {
        let ((low, high), (off, on)) = (self.cofactors(input), condition.cofactors(input));
        let holds = off | on;
        match (low & !high & holds, high & !low & holds) {
            (0, 1..) => Sense::Positive,
            (1.., 0) => Sense::Negative,
            _ => Sense::NonUnate,
        }
    }

    /// Values with the input at 0 and at 1, both at the places where the input is 0.
    fn cofactors(self, input: usize) -> (u64, u64) {
        let zero = !VARIABLES[input] & Self::mask(self.inputs());
        (self.table & zero, self.table >> (1 << input) & zero)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({}, {:#x})", self.inputs, self.table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aoi21() -> Function {
        Function::of(3, |x| !(x[0] & x[1] | x[2])).expect("three inputs")
    }

    #[test]
    fn a_table_holds_a_bit_for_each_case() {
        assert_eq!(Function::of(2, |x| x[0] & !x[1]).map(Function::table), Some(0b0010));
        assert_eq!(aoi21().table(), 0b0000_0111);
        assert_eq!(Function::of(6, |x| x[5]).map(Function::table), Some(0xffff_ffff_0000_0000));
        assert_eq!(Function::new(0, 0b11).map(Function::table), Some(1));
        assert_eq!(Function::new(7, 0), None);
    }

    #[test]
    fn words_are_evaluated_as_cases_are() {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for inputs in 0..=Function::MAX_INPUTS {
            let function = Function::new(inputs, random()).expect("at most six");
            let words: Vec<u64> = (0..inputs).map(|_| random()).collect();
            let result = function.evaluate(&words);
            for lane in 0..64 {
                let case = words.iter().enumerate().map(|(j, word)| (word >> lane & 1) << j).sum::<u64>();
                assert_eq!(result >> lane & 1 == 1, function.value(case as usize), "{inputs} inputs, lane {lane}");
            }
        }
    }

    #[test]
    fn senses_are_those_of_the_gates() {
        let mux = Function::of(3, |x| x[0] & x[1] | !x[0] & x[2]).expect("three inputs");
        assert_eq!([0, 1, 2].map(|input| mux.sense(input)), [Sense::NonUnate, Sense::Positive, Sense::Positive]);
        assert_eq!([0, 1, 2].map(|input| aoi21().sense(input)), [Sense::Negative; 3]);
        let select = |of: fn(&[u64]) -> u64| mux.sense_where(0, Function::of(3, of).expect("three inputs"));
        assert_eq!(select(|x| x[1] & !x[2]), Sense::Positive);
        assert_eq!(select(|x| !x[1] & x[2]), Sense::Negative);
        assert_eq!([select(|_| u64::MAX), select(|x| x[1])], [Sense::NonUnate, Sense::Positive]);
        let second = Function::of(2, |x| x[1]).expect("two inputs");
        assert_eq!([0, 1].map(|input| second.depends_on(input)), [false, true]);
    }

    #[test]
    fn inputs_can_be_renamed() {
        let turned = Function::of(3, |x| !(x[1] & x[2] | x[0])).expect("three inputs");
        assert_eq!(aoi21().permuted(&[2, 0, 1]), turned);
        assert_eq!(turned.permuted(&[1, 2, 0]), aoi21());
        assert_eq!(aoi21().complement().complement(), aoi21());
        assert_eq!(aoi21().complement().table(), 0b1111_1000);
    }
}
