//! Leaves written by hand in rust-hdl from their specification, in unsigned `Bits` only.
//!
//! They say what a leaf has to do, in the plainest way; how ours does it (digit lines, compressor trees, carry-save pairs) does not
//! appear here.

use rust_hdl::prelude::*;

/// Radix-4 Booth digits of an 8-bit operand. Digit `s` is `x[2s-1] + x[2s] - 2 x[2s+1]`; `one` and `two` say its magnitude,
/// `neg` is the group's top bit.
#[derive(LogicBlock, Default)]
pub struct Booth4Encoder {
    pub x: Signal<In, Bits<8>>,
    pub one: Signal<Out, Bits<4>>,
    pub two: Signal<Out, Bits<4>>,
    pub neg: Signal<Out, Bits<4>>,
}

impl Logic for Booth4Encoder {
    #[hdl_gen]
    fn update(&mut self) {
        self.one.next = bits::<4>(0);
        self.two.next = bits::<4>(0);
        self.neg.next = bits::<4>(0);
        if self.x.val().get_bit(0) {
            self.one.next = self.one.val() | 1;
        }
        if self.x.val().get_bit(1) & !self.x.val().get_bit(0) {
            self.two.next = self.two.val() | 1;
        }
        if self.x.val().get_bit(2) ^ self.x.val().get_bit(1) {
            self.one.next = self.one.val() | 2;
        }
        if (self.x.val().get_bits::<3>(1) == 3) | (self.x.val().get_bits::<3>(1) == 4) {
            self.two.next = self.two.val() | 2;
        }
        if self.x.val().get_bit(4) ^ self.x.val().get_bit(3) {
            self.one.next = self.one.val() | 4;
        }
        if (self.x.val().get_bits::<3>(3) == 3) | (self.x.val().get_bits::<3>(3) == 4) {
            self.two.next = self.two.val() | 4;
        }
        if self.x.val().get_bit(6) ^ self.x.val().get_bit(5) {
            self.one.next = self.one.val() | 8;
        }
        if (self.x.val().get_bits::<3>(5) == 3) | (self.x.val().get_bits::<3>(5) == 4) {
            self.two.next = self.two.val() | 8;
        }
        if self.x.val().get_bit(1) {
            self.neg.next = self.neg.val() | 1;
        }
        if self.x.val().get_bit(3) {
            self.neg.next = self.neg.val() | 2;
        }
        if self.x.val().get_bit(5) {
            self.neg.next = self.neg.val() | 4;
        }
        if self.x.val().get_bit(7) {
            self.neg.next = self.neg.val() | 8;
        }
    }
}

/// EN-T digits of an 8-bit operand (ICCD 2024): base-4 digits of the magnitude from the bottom; 3 becomes -1 with a carry, 4 becomes
/// 0 with a carry, the top digit keeps its carry, and the sign of the operand flips all.
#[derive(LogicBlock, Default)]
pub struct EnTEncoder {
    pub x: Signal<In, Bits<8>>,
    pub one: Signal<Out, Bits<4>>,
    pub two: Signal<Out, Bits<4>>,
    pub neg: Signal<Out, Bits<4>>,
    magnitude: Signal<Local, Bits<8>>,
    digit0: Signal<Local, Bits<3>>,
    digit1: Signal<Local, Bits<3>>,
    digit2: Signal<Local, Bits<3>>,
    digit3: Signal<Local, Bits<3>>,
}

impl Logic for EnTEncoder {
    #[hdl_gen]
    fn update(&mut self) {
        self.one.next = bits::<4>(0);
        self.two.next = bits::<4>(0);
        self.neg.next = bits::<4>(0);
        self.magnitude.next = self.x.val();
        if self.x.val().get_bit(7) {
            self.magnitude.next = !self.x.val() + 1;
            self.neg.next = bits::<4>(15);
        }
        self.digit0.next = bit_cast::<3, 2>(self.magnitude.val().get_bits::<2>(0));
        self.digit1.next = bit_cast::<3, 2>(self.magnitude.val().get_bits::<2>(2));
        self.digit2.next = bit_cast::<3, 2>(self.magnitude.val().get_bits::<2>(4));
        self.digit3.next = bit_cast::<3, 2>(self.magnitude.val().get_bits::<2>(6));
        if self.digit0.val() == 3 {
            self.neg.next = self.neg.val() ^ 1;
            self.digit1.next = self.digit1.val() + 1;
        }
        if self.digit1.val() >= 3 {
            self.digit2.next = self.digit2.val() + 1;
        }
        if self.digit1.val() == 3 {
            self.neg.next = self.neg.val() ^ 2;
        }
        if self.digit2.val() >= 3 {
            self.digit3.next = self.digit3.val() + 1;
        }
        if self.digit2.val() == 3 {
            self.neg.next = self.neg.val() ^ 4;
        }
        if (self.digit0.val() == 1) | (self.digit0.val() == 3) {
            self.one.next = self.one.val() | 1;
        }
        if (self.digit1.val() == 1) | (self.digit1.val() == 3) {
            self.one.next = self.one.val() | 2;
        }
        if (self.digit2.val() == 1) | (self.digit2.val() == 3) {
            self.one.next = self.one.val() | 4;
        }
        if self.digit3.val() == 1 {
            self.one.next = self.one.val() | 8;
        }
        if self.digit0.val() == 2 {
            self.two.next = self.two.val() | 1;
        }
        if self.digit1.val() == 2 {
            self.two.next = self.two.val() | 2;
        }
        if self.digit2.val() == 2 {
            self.two.next = self.two.val() | 4;
        }
        if self.digit3.val() == 2 {
            self.two.next = self.two.val() | 8;
        }
    }
}

/// The output-stationary PE: operands are registered, their product added to the sum one edge later; a tile's first product
/// starts the sum at 0; after its last product the sum is copied to the drain chain. The product is the sum of the digits'
/// multiples of `b`, `a` recoded by Booth.
#[derive(LogicBlock, Default)]
pub struct Pe {
    pub clock: Signal<In, Clock>,
    pub advance: Signal<In, Bit>,
    pub valid: Signal<In, Bit>,
    pub first: Signal<In, Bit>,
    pub last: Signal<In, Bit>,
    pub a: Signal<In, Bits<8>>,
    pub b: Signal<In, Bits<8>>,
    pub shift: Signal<In, Bit>,
    pub drain: Signal<In, Bits<32>>,
    pub valid_out: Signal<Out, Bit>,
    pub first_out: Signal<Out, Bit>,
    pub last_out: Signal<Out, Bit>,
    pub a_out: Signal<Out, Bits<8>>,
    pub b_out: Signal<Out, Bits<8>>,
    pub drain_out: Signal<Out, Bits<32>>,
    pub sum_out: Signal<Out, Bits<32>>,
    pub capture_out: Signal<Out, Bit>,
    valid_q: DFF<Bit>,
    first_q: DFF<Bit>,
    last_q: DFF<Bit>,
    capture_q: DFF<Bit>,
    a_q: DFF<Bits<8>>,
    b_q: DFF<Bits<8>>,
    sum_q: DFF<Bits<32>>,
    drain_q: DFF<Bits<32>>,
    wide: Signal<Local, Bits<32>>,
    groups: Signal<Local, Bits<9>>,
    row0: Signal<Local, Bits<32>>,
    row1: Signal<Local, Bits<32>>,
    row2: Signal<Local, Bits<32>>,
    row3: Signal<Local, Bits<32>>,
    kept: Signal<Local, Bits<32>>,
}

impl Logic for Pe {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, valid_q, first_q, last_q, capture_q, a_q, b_q, sum_q, drain_q);
        self.wide.next = bit_cast::<32, 8>(self.b_q.q.val());
        if self.b_q.q.val().get_bit(7) {
            self.wide.next = self.wide.val() | 0xFFFF_FF00_u64;
        }
        self.groups.next = bit_cast::<9, 8>(self.a_q.q.val()) << 1;
        self.row0.next = bits::<32>(0);
        self.row1.next = bits::<32>(0);
        self.row2.next = bits::<32>(0);
        self.row3.next = bits::<32>(0);
        if self.groups.val().get_bit(0) ^ self.groups.val().get_bit(1) {
            self.row0.next = self.wide.val();
        }
        if (self.groups.val().get_bits::<3>(0) == 3) | (self.groups.val().get_bits::<3>(0) == 4) {
            self.row0.next = self.wide.val() << 1;
        }
        if self.groups.val().get_bit(2) {
            self.row0.next = !self.row0.val() + 1;
        }
        if self.groups.val().get_bit(2) ^ self.groups.val().get_bit(3) {
            self.row1.next = self.wide.val();
        }
        if (self.groups.val().get_bits::<3>(2) == 3) | (self.groups.val().get_bits::<3>(2) == 4) {
            self.row1.next = self.wide.val() << 1;
        }
        if self.groups.val().get_bit(4) {
            self.row1.next = !self.row1.val() + 1;
        }
        if self.groups.val().get_bit(4) ^ self.groups.val().get_bit(5) {
            self.row2.next = self.wide.val();
        }
        if (self.groups.val().get_bits::<3>(4) == 3) | (self.groups.val().get_bits::<3>(4) == 4) {
            self.row2.next = self.wide.val() << 1;
        }
        if self.groups.val().get_bit(6) {
            self.row2.next = !self.row2.val() + 1;
        }
        if self.groups.val().get_bit(6) ^ self.groups.val().get_bit(7) {
            self.row3.next = self.wide.val();
        }
        if (self.groups.val().get_bits::<3>(6) == 3) | (self.groups.val().get_bits::<3>(6) == 4) {
            self.row3.next = self.wide.val() << 1;
        }
        if self.groups.val().get_bit(8) {
            self.row3.next = !self.row3.val() + 1;
        }
        self.kept.next = self.sum_q.q.val();
        if self.first_q.q.val() {
            self.kept.next = bits::<32>(0);
        }
        if self.advance.val() {
            self.valid_q.d.next = self.valid.val();
            self.first_q.d.next = self.first.val();
            self.last_q.d.next = self.last.val();
            self.a_q.d.next = self.a.val();
            self.b_q.d.next = self.b.val();
            self.capture_q.d.next = self.valid_q.q.val() & self.last_q.q.val();
            if self.valid_q.q.val() {
                self.sum_q.d.next = self.kept.val()
                    + self.row0.val()
                    + (self.row1.val() << 2)
                    + (self.row2.val() << 4)
                    + (self.row3.val() << 6);
            }
        }
        if self.shift.val() {
            self.drain_q.d.next = self.drain.val();
        }
        if self.capture_q.q.val() & (self.advance.val() | self.shift.val()) {
            self.drain_q.d.next = self.sum_q.q.val();
        }
        self.valid_out.next = self.valid_q.q.val();
        self.first_out.next = self.first_q.q.val();
        self.last_out.next = self.last_q.q.val();
        self.a_out.next = self.a_q.q.val();
        self.b_out.next = self.b_q.q.val();
        self.drain_out.next = self.drain_q.q.val();
        self.sum_out.next = self.sum_q.q.val();
        self.capture_out.next = self.capture_q.q.val();
    }
}

/// What the compressor of the MAC adds up, modulo 2^16: four 9-bit two's complement words of weight 1, 4, 16 and 64, and one bit
/// of each of these weights.
#[derive(LogicBlock, Default)]
pub struct Sum16 {
    pub pp0: Signal<In, Bits<9>>,
    pub pp1: Signal<In, Bits<9>>,
    pub pp2: Signal<In, Bits<9>>,
    pub pp3: Signal<In, Bits<9>>,
    pub neg: Signal<In, Bits<4>>,
    pub total: Signal<Out, Bits<16>>,
    row0: Signal<Local, Bits<16>>,
    row1: Signal<Local, Bits<16>>,
    row2: Signal<Local, Bits<16>>,
    row3: Signal<Local, Bits<16>>,
    ones: Signal<Local, Bits<16>>,
}

impl Logic for Sum16 {
    #[hdl_gen]
    fn update(&mut self) {
        self.row0.next = bit_cast::<16, 9>(self.pp0.val());
        self.row1.next = bit_cast::<16, 9>(self.pp1.val());
        self.row2.next = bit_cast::<16, 9>(self.pp2.val());
        self.row3.next = bit_cast::<16, 9>(self.pp3.val());
        if self.pp0.val().get_bit(8) {
            self.row0.next = self.row0.val() | 0xFE00;
        }
        if self.pp1.val().get_bit(8) {
            self.row1.next = self.row1.val() | 0xFE00;
        }
        if self.pp2.val().get_bit(8) {
            self.row2.next = self.row2.val() | 0xFE00;
        }
        if self.pp3.val().get_bit(8) {
            self.row3.next = self.row3.val() | 0xFE00;
        }
        self.ones.next = bits::<16>(0);
        if self.neg.val().get_bit(0) {
            self.ones.next = self.ones.val() | 1;
        }
        if self.neg.val().get_bit(1) {
            self.ones.next = self.ones.val() | 4;
        }
        if self.neg.val().get_bit(2) {
            self.ones.next = self.ones.val() | 16;
        }
        if self.neg.val().get_bit(3) {
            self.ones.next = self.ones.val() | 64;
        }
        self.total.next = self.row0.val()
            + (self.row1.val() << 2)
            + (self.row2.val() << 4)
            + (self.row3.val() << 6)
            + self.ones.val();
    }
}

/// [`Pe`] for operands of 4 bits and sums of 10, small enough for a proof over all states and inputs.
#[derive(LogicBlock, Default)]
pub struct NarrowPe {
    pub clock: Signal<In, Clock>,
    pub advance: Signal<In, Bit>,
    pub valid: Signal<In, Bit>,
    pub first: Signal<In, Bit>,
    pub last: Signal<In, Bit>,
    pub a: Signal<In, Bits<4>>,
    pub b: Signal<In, Bits<4>>,
    pub shift: Signal<In, Bit>,
    pub drain: Signal<In, Bits<10>>,
    pub valid_out: Signal<Out, Bit>,
    pub first_out: Signal<Out, Bit>,
    pub last_out: Signal<Out, Bit>,
    pub a_out: Signal<Out, Bits<4>>,
    pub b_out: Signal<Out, Bits<4>>,
    pub drain_out: Signal<Out, Bits<10>>,
    pub sum_out: Signal<Out, Bits<10>>,
    pub capture_out: Signal<Out, Bit>,
    valid_q: DFF<Bit>,
    first_q: DFF<Bit>,
    last_q: DFF<Bit>,
    capture_q: DFF<Bit>,
    a_q: DFF<Bits<4>>,
    b_q: DFF<Bits<4>>,
    sum_q: DFF<Bits<10>>,
    drain_q: DFF<Bits<10>>,
    wide: Signal<Local, Bits<10>>,
    product: Signal<Local, Bits<10>>,
    kept: Signal<Local, Bits<10>>,
}

impl Logic for NarrowPe {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, valid_q, first_q, last_q, capture_q, a_q, b_q, sum_q, drain_q);
        self.wide.next = bit_cast::<10, 4>(self.b_q.q.val());
        if self.b_q.q.val().get_bit(3) {
            self.wide.next = self.wide.val() | 0x3F0;
        }
        // Bit by bit; the top bit of a two's complement word counts negatively.
        self.product.next = bits::<10>(0);
        if self.a_q.q.val().get_bit(0) {
            self.product.next = self.product.val() + self.wide.val();
        }
        if self.a_q.q.val().get_bit(1) {
            self.product.next = self.product.val() + (self.wide.val() << 1);
        }
        if self.a_q.q.val().get_bit(2) {
            self.product.next = self.product.val() + (self.wide.val() << 2);
        }
        if self.a_q.q.val().get_bit(3) {
            self.product.next = self.product.val() - (self.wide.val() << 3);
        }
        self.kept.next = self.sum_q.q.val();
        if self.first_q.q.val() {
            self.kept.next = bits::<10>(0);
        }
        if self.advance.val() {
            self.valid_q.d.next = self.valid.val();
            self.first_q.d.next = self.first.val();
            self.last_q.d.next = self.last.val();
            self.a_q.d.next = self.a.val();
            self.b_q.d.next = self.b.val();
            self.capture_q.d.next = self.valid_q.q.val() & self.last_q.q.val();
            if self.valid_q.q.val() {
                self.sum_q.d.next = self.kept.val() + self.product.val();
            }
        }
        if self.shift.val() {
            self.drain_q.d.next = self.drain.val();
        }
        if self.capture_q.q.val() & (self.advance.val() | self.shift.val()) {
            self.drain_q.d.next = self.sum_q.q.val();
        }
        self.valid_out.next = self.valid_q.q.val();
        self.first_out.next = self.first_q.q.val();
        self.last_out.next = self.last_q.q.val();
        self.a_out.next = self.a_q.q.val();
        self.b_out.next = self.b_q.q.val();
        self.drain_out.next = self.drain_q.q.val();
        self.sum_out.next = self.sum_q.q.val();
        self.capture_out.next = self.capture_q.q.val();
    }
}
