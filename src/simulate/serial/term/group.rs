//! A group of operands as terms: the masks of a row and its beat of b.

use crate::simulate::serial::shape::Shape;
use crate::simulate::serial::taking::{GroupRegister, Work};
use crate::simulate::terms::SignedTerms;

/// The group of a row, one operand a lane of its units.
#[derive(Clone, Debug)]
pub struct TermGroup {
    /// The terms that are still to be given.
    left: Vec<SignedTerms>,
    /// Terms less than so many places above the lowest are given with it.
    window: u32,
    /// Whether the rows of B are at hand: from the second cycle of work on.
    has_b: bool,
}

/// A term on its way to the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Places above the lowest term of the group.
    pub shift: u32,
    /// Whether it is subtracted.
    pub negative: bool,
}

impl TermGroup {
    /// The lowest place at which there is a term; means something if there is one.
    pub fn lowest(&self) -> u32 {
        self.left.iter().fold(0, |all, operand| all | operand.terms).trailing_zeros()
    }

    /// What each operand gives in a cycle of work.
    pub fn given(&self) -> impl Iterator<Item = Option<Given>> {
        let (lowest, window) = (self.lowest(), self.window);
        self.left.iter().map(move |operand| {
            let place = operand.terms.trailing_zeros();
            let gives = operand.terms != 0 && place < lowest + window;
            gives.then(|| Given { shift: place - lowest, negative: operand.negative >> place & 1 == 1 })
        })
    }
}

impl GroupRegister<SignedTerms> for TermGroup {
    fn new(shape: &Shape) -> Self {
        Self { left: vec![SignedTerms::default(); shape.group], window: shape.window, has_b: false }
    }

    fn load(&mut self, _: &Shape, operands: &[SignedTerms]) {
        self.left.copy_from_slice(operands);
        self.has_b = false;
    }

    fn work(&self, shape: &Shape, offered_b: u32) -> Work {
        let adders = shape.adders_of_unit() as u32;
        let takes_b = u32::from(!self.has_b) & offered_b;
        if !self.has_b && takes_b == 0 {
            return Work { starved: adders, ..Work::default() };
        }
        let busy = self.given().flatten().count() as u32;
        let terms: u32 = self.left.iter().map(|operand| operand.count()).sum();
        Work { takes_b, busy, empty: if busy == 0 { adders } else { 0 }, starved: 0, free: busy == terms }
    }

    fn advance(&mut self, work: &Work) {
        self.has_b |= work.takes_b != 0;
        if work.busy == 0 {
            return;
        }
        let given: Vec<bool> = self.given().map(|given| given.is_some()).collect();
        for (operand, _) in self.left.iter_mut().zip(given).filter(|&(_, given)| given) {
            operand.terms &= operand.terms - 1;
        }
    }

    fn place(&self, _: &Shape, _: usize) -> usize {
        0
    }
}
