//! What a command says about a model beside its path.

use super::data::Element;
use super::error::mistake;
use super::fact::{MOST_NUMBERS, Numbers};
use crate::mistake::{Mistake, did_you_mean};
use crate::workload::tensor::Quantize;

/// The greatest extent of an input.
const GREATEST: u64 = 1 << 31;

/// How a model becomes a workload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxOptions {
    /// The extents of inputs, by their names.
    pub shapes: Vec<(String, Vec<u64>)>,
    /// Inputs that have the same numbers in every run, by their names: the numbers as they were typed.
    pub inputs: Vec<(String, Vec<String>)>,
    /// How weights that are reals become integers; with one scale a tensor if nothing is said.
    pub quantize: Option<Quantize>,
}

impl OnnxOptions {
    /// The extents that `NAME=1,512` gives.
    ///
    /// # Errors
    /// Another form, a number that is no extent, a name that was given before.
    pub fn shape(&mut self, typed: &str) -> Result<(), Mistake> {
        let help = "write the input's name and its extents: --shape input_ids=1,128, or NAME= for a single number";
        let wrong = |reason: String| mistake("workload::onnx_shape", reason, help);
        let Some((name, extents)) = typed.rsplit_once('=') else {
            return Err(wrong(format!("`--shape {typed}` has no `=`")));
        };
        if name.is_empty() {
            return Err(wrong(format!("`--shape {}` names no input before the `=`", short(typed))));
        }
        let extent = |text: &str| {
            let number = text.trim().parse::<u64>().ok().filter(|extent| (1..=GREATEST).contains(extent));
            number.ok_or_else(|| wrong(format!("`{}` in `--shape {typed}` is no extent", text.trim())))
        };
        let extents = match extents.trim() {
            "" => Vec::new(),
            extents => extents.split([',', 'x']).map(extent).collect::<Result<_, _>>()?,
        };
        if self.shapes.iter().any(|(known, _)| known == name) {
            return Err(wrong(format!("`--shape {name}=` is given twice")));
        }
        self.shapes.push((name.to_owned(), extents));
        Ok(())
    }

    /// The numbers that `NAME=16000` gives an input, or `NAME=1,2,3`.
    ///
    /// # Errors
    /// Another form, more than a few numbers, a name that was given before.
    pub fn input(&mut self, typed: &str) -> Result<(), Mistake> {
        let wrong = |reason: String| mistake("workload::onnx_input", reason, FORM);
        let Some((name, numbers)) = typed.rsplit_once('=') else {
            return Err(wrong(format!("`--input {}` has no `=`", short(typed))));
        };
        if name.is_empty() {
            return Err(wrong(format!("`--input {}` names no input before the `=`", short(typed))));
        }
        if numbers.trim().is_empty() {
            return Err(wrong(format!("`--input {}` gives no number behind the `=`", short(typed))));
        }
        let numbers: Vec<String> = numbers.split(',').map(|number| number.trim().to_owned()).collect();
        if let Some(index) = numbers.iter().position(String::is_empty) {
            let what = format!("`--input {}` has nothing in the place of number {}", short(typed), index + 1);
            return Err(wrong(what));
        }
        if numbers.len() as u64 > MOST_NUMBERS {
            return Err(wrong(format!("`--input {name}=` has {} numbers, more than {MOST_NUMBERS}", numbers.len())));
        }
        if self.inputs.iter().any(|(known, _)| known == name) {
            return Err(wrong(format!("`--input {name}=` is given twice")));
        }
        self.inputs.push((name.to_owned(), numbers));
        Ok(())
    }

    /// The numbers that an input of this type is given.
    ///
    /// # Errors
    /// A type without numbers; a word that is no number of it.
    pub(super) fn numbers(&self, name: &str, element: Element) -> Result<Option<Numbers>, Mistake> {
        let Some((_, typed)) = self.inputs.iter().find(|(known, _)| known == name) else { return Ok(None) };
        let of = element.name();
        let wrong = |text: &String, what: &str| {
            let message = format!("`{}` in `--input {name}=` {what}: the input is {of}", short(text));
            mistake("workload::onnx_input", message, FORM)
        };
        if let Some([greatest, infinite]) = element.greatest_real() {
            let real = |text: &String| {
                // A number beyond double precision is read as infinite.
                let is_word = text.chars().any(|letter| letter.is_ascii_alphabetic() && !matches!(letter, 'e' | 'E'));
                let real = text.parse::<f64>().ok().filter(|_| !is_word).ok_or_else(|| wrong(text, "is no number"))?;
                match real.abs() < infinite {
                    true => Ok(real),
                    false => Err(wrong(text, &format!("is not -{greatest:e} to {greatest:e}"))),
                }
            };
            return typed.iter().map(real).collect::<Result<_, _>>().map(Numbers::Reals).map(Some);
        }
        let Some((least, greatest)) = element.range() else {
            let message = format!("the input `{name}` cannot be fixed: it is {of}");
            return Err(mistake("workload::onnx_input", message, "inputs of integers, reals and bool can be"));
        };
        let int = |text: &String| {
            let int = match text.as_str() {
                "true" if element == Element::BOOL => Ok(1),
                "false" if element == Element::BOOL => Ok(0),
                text => text.parse::<i128>(),
            };
            let int = int.map_err(|_| wrong(text, "is no integer"))?;
            let fits = (least..=greatest).contains(&int);
            let int = i64::try_from(int).ok().filter(|_| fits);
            int.ok_or_else(|| wrong(text, &format!("is not {least} to {greatest}")))
        };
        typed.iter().map(int).collect::<Result<_, _>>().map(Numbers::Ints).map(Some)
    }

    /// Checks that all names are those of inputs.
    pub(super) fn check(&self, shown: &str, inputs: &[&str]) -> Result<(), Mistake> {
        let shapes = self.shapes.iter().map(|(name, _)| ("workload::onnx_shape", name));
        let numbers = self.inputs.iter().map(|(name, _)| ("workload::onnx_input", name));
        match shapes.chain(numbers).find(|(_, name)| !inputs.contains(&name.as_str())) {
            None => Ok(()),
            Some((code, name)) => {
                let guess = did_you_mean(name, inputs.iter().copied(), "");
                let help = format!("{guess} The inputs are: {}", inputs.join(", "));
                Err(mistake(code, format!("{shown} has no input `{name}`"), help.trim()))
            }
        }
    }
}

/// How numbers of an input are given.
const FORM: &str = "write the input's name and its numbers, one for each element: --input rate=16000, --input sizes=4,4, \
                    --input flag=true";

/// The beginning of what was typed.
fn short(text: &str) -> String {
    let head: String = text.chars().take(40).collect();
    if head.len() < text.len() { head + ".." } else { head }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(typed: &str) -> String {
        let mut options = OnnxOptions::default();
        options.input(typed).expect_err(typed).to_string()
    }

    #[test]
    fn an_input_without_a_name_or_a_number_is_told_so() {
        assert_eq!(refused("rate"), "`--input rate` has no `=`");
        assert_eq!(refused("=1"), "`--input =1` names no input before the `=`");
        assert_eq!(refused("rate="), "`--input rate=` gives no number behind the `=`");
        assert_eq!(refused("rate=1,,2"), "`--input rate=1,,2` has nothing in the place of number 2");
        let shape = OnnxOptions::default().shape("=1,2").expect_err("no name");
        assert_eq!(shape.to_string(), "`--shape =1,2` names no input before the `=`");
    }

    #[test]
    fn a_real_that_its_type_would_round_to_infinity_is_refused() {
        let numbers = |number: &str, element| {
            let mut options = OnnxOptions::default();
            options.input(&format!("x={number}")).expect("a name and a number");
            options.numbers("x", Element(element)).map_err(|mistake| mistake.to_string())
        };
        let (float32, float16, float64, bfloat16) = (1, 10, 11, 16);
        // What numpy prints for the greatest numbers is a little more than they are.
        for (number, element) in [
            ("3.4028235e38", float32),
            ("-3.4028235e38", float32),
            ("65504", float16),
            ("65519.9", float16),
            ("1.7976931348623157e308", float64),
            ("3.3895314e38", bfloat16),
        ] {
            assert_eq!(numbers(number, element), Ok(Some(Numbers::Reals(vec![number.parse().unwrap()]))), "{number}");
        }
        for (number, element) in [
            ("1e300", float32),
            ("3.4028236e38", float32),
            ("65520", float16),
            ("-1e309", float64),
            ("3.4e38", bfloat16),
        ] {
            let message = numbers(number, element).expect_err(number);
            assert!(message.starts_with(&format!("`{number}` in `--input x=` is not -")), "{message}");
        }
        assert_eq!(
            numbers("1e300", float32).unwrap_err(),
            "`1e300` in `--input x=` is not -3.4028234663852886e38 to 3.4028234663852886e38: the input is float32"
        );
        assert_eq!(numbers("inf", float32).unwrap_err(), "`inf` in `--input x=` is no number: the input is float32");
    }
}
