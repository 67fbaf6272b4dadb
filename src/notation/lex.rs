//! Lines of a nest's text become words and signs with their columns.

use super::error::{Code, NotationError};

/// A word or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Letters, digits and underscores, not beginning with a digit.
    Word(&'a str),
    /// Decimal digits.
    Number(&'a str),
    /// One of `= += ( ) [ ] ,`.
    Sign(&'static str),
}

impl Token<'_> {
    /// As it stands in the text.
    pub(super) fn text(&self) -> &str {
        match self {
            Token::Word(word) | Token::Number(word) => word,
            Token::Sign(sign) => sign,
        }
    }
}

/// One line that is not empty and not only a comment.
pub(super) struct Line<'a> {
    /// Number in the text, from 1.
    pub(super) number: usize,
    /// Spaces before the first token.
    pub(super) indent: usize,
    /// Tokens and their columns, from 1.
    pub(super) tokens: Vec<(Token<'a>, usize)>,
    /// Column behind the last token.
    pub(super) end: usize,
}

const SIGNS: [&str; 7] = ["+=", "=", "(", ")", "[", "]", ","];

/// All lines of a text.
pub(super) fn lines(text: &str) -> Result<Vec<Line<'_>>, NotationError> {
    let mut lines = Vec::new();
    for (index, source) in text.lines().enumerate() {
        let line = line(index + 1, source)?;
        if !line.tokens.is_empty() {
            lines.push(line);
        }
    }
    Ok(lines)
}

fn line(number: usize, source: &str) -> Result<Line<'_>, NotationError> {
    let code = source.split('#').next().unwrap_or_default().trim_end();
    let rest = code.trim_start();
    let indent = code.len() - rest.len();
    if let (Some(place), false) = (code[..indent].find(|c| c != ' '), rest.is_empty()) {
        return Err(NotationError {
            code: Code::BadIndentation,
            message: "the line is indented by something other than spaces".to_owned(),
            line: number,
            column: code[..place].chars().count() + 1,
            help: "indent by two spaces a level".to_owned(),
        });
    }
    let mut tokens = Vec::new();
    let mut at = indent;
    let mut column = indent + 1;
    while at < code.len() {
        let rest = &code[at..];
        let word = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
        let taken = if rest.starts_with(' ') {
            1
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push((Token::Sign(sign), column));
            sign.len()
        } else if word > 0 && rest[..word].chars().all(|c| c.is_ascii_digit()) {
            tokens.push((Token::Number(&rest[..word]), column));
            word
        } else if word > 0 && !rest.starts_with(|c: char| c.is_ascii_digit()) {
            tokens.push((Token::Word(&rest[..word]), column));
            word
        } else {
            let stray = rest.chars().next().unwrap_or_default();
            return Err(NotationError {
                code: Code::UnexpectedToken,
                message: format!("`{}` has no meaning in a nest", stray.escape_default()),
                line: number,
                column,
                help: "lines are made of names, `= += ( ) [ ] ,` and comments after `#`".to_owned(),
            });
        };
        at += taken;
        column += taken;
    }
    Ok(Line { number, indent, tokens, end: column })
}
