//! Boolean expressions as Liberty writes them, worked out on 64 cases at once.
//!
//! `!a` and `a'` bind tightest, then `^`, then `&`, `*` and a bare space, then `|` and `+`.

/// Parentheses and inversions within each other.
const MOST_NESTED: u32 = 100;

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpressionError {
    /// It does not read as an expression.
    Unreadable,
    /// A name that nobody knows.
    UnknownName(String),
}

/// The value of an expression whose names stand for the words that `word` gives.
///
/// # Errors
/// [`ExpressionError`].
pub fn evaluate(text: &str, word: &dyn Fn(&str) -> Option<u64>) -> Result<u64, ExpressionError> {
    let mut reader = Reader { rest: text.trim_start(), word, nested: 0 };
    let value = reader.any()?;
    if reader.rest.is_empty() { Ok(value) } else { Err(ExpressionError::Unreadable) }
}

/// The names of an expression, each once, in the order in which they come.
pub fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for word in text.split(|letter| !is_of_name(letter)) {
        if !word.is_empty() && !["0", "1"].contains(&word) && !names.contains(&word) {
            names.push(word);
        }
    }
    names
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || "_[].$".contains(letter)
}

struct Reader<'a> {
    rest: &'a str,
    word: &'a dyn Fn(&str) -> Option<u64>,
    nested: u32,
}

impl Reader<'_> {
    /// Takes one of these letters.
    fn take(&mut self, letters: &[char]) -> bool {
        let Some(rest) = self.rest.strip_prefix(letters) else { return false };
        // `&&` and `||` are what they are elsewhere.
        let doubled = self.rest.chars().next().filter(|letter| "&|".contains(*letter));
        self.rest = doubled.and_then(|letter| rest.strip_prefix(letter)).unwrap_or(rest).trim_start();
        true
    }

    fn any(&mut self) -> Result<u64, ExpressionError> {
        let mut value = self.all()?;
        while self.take(&['|', '+']) {
            value |= self.all()?;
        }
        Ok(value)
    }

    fn all(&mut self) -> Result<u64, ExpressionError> {
        let mut value = self.parity()?;
        while self.take(&['&', '*']) || self.rest.starts_with(|letter| is_of_name(letter) || "!(".contains(letter)) {
            value &= self.parity()?;
        }
        Ok(value)
    }

    fn parity(&mut self) -> Result<u64, ExpressionError> {
        let mut value = self.factor()?;
        while self.take(&['^']) {
            value ^= self.factor()?;
        }
        Ok(value)
    }

    fn factor(&mut self) -> Result<u64, ExpressionError> {
        let mut inverted = false;
        while self.take(&['!', '~']) {
            inverted = !inverted;
        }
        let mut value = if self.take(&['(']) {
            self.nested += 1;
            if self.nested > MOST_NESTED {
                return Err(ExpressionError::Unreadable);
            }
            let inner = self.any()?;
            self.nested -= 1;
            if !self.take(&[')']) {
                return Err(ExpressionError::Unreadable);
            }
            inner
        } else {
            self.name()?
        };
        while self.take(&['\'']) {
            value = !value;
        }
        Ok(if inverted { !value } else { value })
    }

    fn name(&mut self) -> Result<u64, ExpressionError> {
        let end = self.rest.find(|letter| !is_of_name(letter)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        match name {
            "" => Err(ExpressionError::Unreadable),
            "0" => Ok(0),
            "1" => Ok(u64::MAX),
            _ => (self.word)(name).ok_or_else(|| ExpressionError::UnknownName(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: u64 = 0b1010_1010;
    const B: u64 = 0b1100_1100;
    const C: u64 = 0b1111_0000;

    fn value(text: &str) -> Result<u64, ExpressionError> {
        let word = |name: &str| [("A", A), ("B", B), ("C[0]", C)].iter().find(|row| row.0 == name).map(|row| row.1);
        evaluate(text, &word).map(|value| value & 0xff)
    }

    #[test]
    fn operators_bind_as_the_manual_says() {
        let cases = [
            ("A", A),
            ("!A", !A),
            ("A'", !A),
            ("!A'", A),
            ("!!A", A),
            ("A * B", A & B),
            ("A&B", A & B),
            ("A B", A & B),
            ("A + B", A | B),
            ("A | B", A | B),
            ("A ^ B", A ^ B),
            ("A + B C[0]", A | B & C),
            ("A B + C[0]", A & B | C),
            ("A ^ B * C[0]", (A ^ B) & C),
            ("A * B ^ C[0]", A & (B ^ C)),
            ("A + B ^ C[0]", A | (B ^ C)),
            ("(A + B) C[0]", (A | B) & C),
            ("(A + B)' C[0]'", !(A | B) & !C),
            ("!(A B)", !(A & B)),
            ("!A B", !A & B),
            ("A (B + C[0])", A & (B | C)),
            ("A !B", A & !B),
            ("A && B || C[0]", A & B | C),
            ("1", 0xff),
            ("0", 0),
            ("A ^ 1", !A),
            (" ( ( A ) ) ", A),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text), Ok(expected & 0xff), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_said_to_be_none() {
        for text in ["", " ", "A +", "+ A", "(A", "A)", "A ^ ^ B", "A , B", "!", "A @ B", "()"] {
            assert_eq!(value(text), Err(ExpressionError::Unreadable), "{text}");
        }
        assert_eq!(value("A * X1"), Err(ExpressionError::UnknownName("X1".into())));
        assert_eq!(value(&"(".repeat(100_000)), Err(ExpressionError::Unreadable));
        assert_eq!(value(&("!".repeat(100_000) + "A")), Ok(A));
    }

    #[test]
    fn names_come_once_and_constants_are_none() {
        assert_eq!(names("!(A1 & B[0]) | A1 ^ 1"), ["A1", "B[0]"]);
    }
}
