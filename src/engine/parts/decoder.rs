//! Decoders: the code of a number becomes the two's complement word that the array computes with, once, where it comes in.

use super::copies::{Copies, Wire};
use crate::encoding::{ElementFormat, Format};
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// The words of a beat of elements: a decoder for each of `lanes` lanes of `data`, or `data` itself where elements are words.
///
/// # Errors
/// Whatever the builder notices.
pub fn decoded(
    netlist: &mut NetlistBuilder,
    m: &mut ModuleBuilder,
    prefix: &str,
    (letter, format): (&'static str, Format),
    (data, lanes): (NetId, u32),
) -> Result<NetId, NetlistError> {
    let Some(element) =
        format.element.filter(|element| element.fields().is_some() || format.stored_bits() < format.bits)
    else {
        return Ok(data);
    };
    let module = decoder(netlist, prefix, element, format.bits)?;
    m.comment(format!("Elements of {letter} are decoded once, where they come in."));
    let words = m.bundle(format!("{letter}_decoded"), format.bits, lanes);
    let wires = [("code_i", Wire::Own(data)), ("word_o", Wire::Own(words))];
    let name = if letter == "a" { "a_decoder" } else { "b_decoder" };
    Copies { netlist, module, name, axis: ("element", lanes) }.place(m, &wires);
    Ok(words)
}

/// `word_o` is the number of `code_i` in units of 2^-fraction bits; codes that are no numbers give some word.
///
/// # Errors
/// Whatever the builder notices.
pub fn decoder(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    element: ElementFormat,
    word_bits: u32,
) -> Result<ModuleId, NetlistError> {
    let tag = element.name().replace('-', "_");
    let mut m = ModuleBuilder::new(format!("{prefix}_decoder_{tag}_w{word_bits}"));
    m.doc(format!(
        "{element} decoder: a code becomes a two's complement word of {word_bits} bits that counts multiples of 2^-{}.",
        element.fraction_bits()
    ));
    let code = m.input("code_i", element.code_bits(), "element as it is stored");
    let word = match element.fields() {
        None => m.sign_extend(code, word_bits),
        Some(fields) => float(&mut m, code, fields, (element.word_bits(), word_bits)),
    };
    m.output("word_o", word, "its number");
    netlist.intern(m.finish()?)
}

/// The significand, shifted by the exponent, negated if the sign says so.
fn float(
    m: &mut ModuleBuilder,
    code: NetId,
    (exponent_bits, mantissa_bits): (u32, u32),
    (needed_bits, word_bits): (u32, u32),
) -> NetId {
    let mantissa = m.slice(code, 0, mantissa_bits);
    let exponent = m.slice(code, mantissa_bits, exponent_bits);
    let exponent = m.named("exponent", exponent);
    let sign = m.bit(code, mantissa_bits + exponent_bits);
    let sign = m.named("sign", sign);
    let none = m.constant(exponent_bits, 0);
    let subnormal = m.equal("subnormal", exponent, none);
    // The exponents 0 and 1 weigh alike. So the mantissa of a subnormal number stands a place higher, and the lowest bit of what has
    // been shifted by the exponent itself is always 0: it is left out.
    let (zero, one) = (m.constant(1, 0), m.constant(1, 1));
    let raised = m.concat(&[mantissa, zero]);
    let leading = m.concat(&[one, mantissa]);
    let significand = m.mux("significand", subnormal, raised, leading);
    let width = needed_bits;
    let mut shifted = m.zero_extend(significand, width);
    for bit in 0..exponent_bits {
        let places = 1 << bit;
        let low = m.slice(shifted, 0, width - places);
        let zeros = m.constant(places, 0);
        let moved = m.concat(&[low, zeros]);
        let select = m.bit(exponent, bit);
        shifted = m.mux(&format!("shifted{places}"), select, moved, shifted);
    }
    let magnitude = m.slice(shifted, 1, width - 1);
    let magnitude = m.zero_extend(magnitude, word_bits);
    let mask = m.sign_extend(sign, word_bits);
    let flipped = m.xor("flipped", &[magnitude, mask]);
    let carry = m.zero_extend(sign, word_bits);
    m.add("word", flipped, carry)
}
