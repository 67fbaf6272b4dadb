//! The words of a Liberty file, one after the other, whatever its size.

use std::io::Read;

use super::error::Fault;
use super::input::Text;

/// Bytes of text that are read.
const MOST_TEXT: u64 = 512 << 20;
/// Bytes of one word or quoted text.
const MOST_WORD: usize = 4 << 20;
/// Bytes of the comments at the begin of a file that are kept.
const MOST_HEAD: usize = 8 << 10;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name or a number.
    Word(String),
    /// What stood in quotes.
    Quoted(String),
    /// One of `(){}:;,`.
    Mark(char),
    /// The end of the file.
    End,
}

/// The words of a file.
pub struct Tokens {
    text: Text,
    limit: u64,
    buffer: Vec<u8>,
    position: usize,
    read: u64,
    line: usize,
    next: Option<(Token, usize)>,
    /// What the comments before the first word say; `None` once it is taken.
    head: Option<Vec<u8>>,
}

impl Tokens {
    pub fn new(text: Text) -> Tokens {
        Tokens {
            text,
            limit: MOST_TEXT,
            buffer: Vec::new(),
            position: 0,
            read: 0,
            line: 1,
            next: None,
            head: Some(Vec::new()),
        }
    }

    /// The same with fewer bytes, for tests.
    #[cfg(test)]
    pub fn limited(text: Text, limit: u64) -> Tokens {
        Tokens { limit, ..Tokens::new(text) }
    }

    /// The lines of the comments before the first word, without their decoration; to be asked for before a word is taken.
    pub fn head(&mut self) -> Result<Vec<String>, Fault> {
        self.peek()?;
        let head = self.head.take().unwrap_or_default();
        let plain = |line: &str| line.trim_matches(|letter: char| letter == '*' || letter.is_whitespace()).to_owned();
        let lines = String::from_utf8_lossy(&head).lines().map(plain).filter(|line| !line.is_empty()).collect();
        Ok(lines)
    }

    /// The next word and its line, which is not taken.
    pub fn peek(&mut self) -> Result<&(Token, usize), Fault> {
        let next = match self.next.take() {
            Some(next) => next,
            None => self.read()?,
        };
        Ok(self.next.insert(next))
    }

    /// Takes the next word; with its line, from 1.
    pub fn take(&mut self) -> Result<(Token, usize), Fault> {
        match self.next.take() {
            Some(next) => Ok(next),
            None => self.read(),
        }
    }

    fn refill(&mut self) -> Result<bool, Fault> {
        self.buffer.resize(1 << 16, 0);
        self.position = 0;
        let count = self.text.bytes.read(&mut self.buffer);
        let (compressed, line) = (self.text.compressed, self.line);
        let count = count.map_err(|reason| {
            if compressed {
                let message = format!("the compressed text breaks off after {line} lines: {reason}");
                return Fault::new("liberty::compressed", 0, message).help("fetch or copy the file again");
            }
            Fault::new("liberty::compressed", 0, format!("cannot be read on: {reason}"))
        })?;
        self.buffer.truncate(count);
        self.read += count as u64;
        if self.read > self.limit {
            let message = format!("more than {} MiB of text", self.limit >> 20);
            return Err(Fault::new("liberty::too_large", self.line, message)
                .help("cut the library to the cells that are wanted"));
        }
        Ok(count > 0)
    }

    fn byte(&mut self) -> Result<Option<u8>, Fault> {
        if self.position == self.buffer.len() && !self.refill()? {
            return Ok(None);
        }
        Ok(Some(self.buffer[self.position]))
    }

    fn step(&mut self) {
        self.line += usize::from(self.buffer[self.position] == b'\n');
        self.position += 1;
    }

    fn read(&mut self) -> Result<(Token, usize), Fault> {
        loop {
            let Some(byte) = self.byte()? else { return Ok((Token::End, self.line)) };
            let line = self.line;
            match byte {
                // The byte order mark is no word either.
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c | b'\\' | 0xef | 0xbb | 0xbf => self.step(),
                b'(' | b')' | b'{' | b'}' | b':' | b';' | b',' => {
                    self.step();
                    return Ok((Token::Mark(byte.into()), line));
                }
                b'"' => {
                    self.step();
                    return Ok((Token::Quoted(self.quoted(line)?), line));
                }
                b'/' => {
                    self.step();
                    match self.byte()? {
                        Some(b'*') => self.comment(line)?,
                        Some(b'/') => {
                            while self.byte()?.is_some_and(|byte| byte != b'\n') {
                                self.step();
                            }
                        }
                        _ => return Ok((Token::Word(self.word(vec![b'/'])?), line)),
                    }
                }
                _ => return Ok((Token::Word(self.word(Vec::new())?), line)),
            }
        }
    }

    fn word(&mut self, mut word: Vec<u8>) -> Result<String, Fault> {
        let ends = |byte: u8| byte.is_ascii_whitespace() || b"(){}:;,\"\\".contains(&byte);
        while let Some(byte) = self.byte()?.filter(|&byte| !ends(byte)) {
            self.keep(&mut word, byte)?;
            self.step();
        }
        Ok(String::from_utf8_lossy(&word).into_owned())
    }

    /// What stands up to the closing quote. A line may be continued by a backslash, or simply go on.
    fn quoted(&mut self, from: usize) -> Result<String, Fault> {
        let mut word = Vec::new();
        loop {
            let Some(byte) = self.byte()? else {
                return Err(Fault::new("liberty::unbalanced", from, "a quote that is never closed").help("close it"));
            };
            self.step();
            match byte {
                b'"' => return Ok(String::from_utf8_lossy(&word).into_owned()),
                b'\\' => match self.byte()? {
                    Some(b'"') => {
                        self.keep(&mut word, b'"')?;
                        self.step();
                    }
                    _ => self.keep(&mut word, b' ')?,
                },
                b'\n' | b'\r' => self.keep(&mut word, b' ')?,
                _ => self.keep(&mut word, byte)?,
            }
        }
    }

    fn keep(&self, word: &mut Vec<u8>, byte: u8) -> Result<(), Fault> {
        if word.len() == MOST_WORD {
            let message = format!("a word of more than {} MiB", MOST_WORD >> 20);
            return Err(Fault::new("liberty::too_large", self.line, message).help("perhaps a quote is not closed"));
        }
        word.push(byte);
        Ok(())
    }

    fn comment(&mut self, from: usize) -> Result<(), Fault> {
        self.step();
        let mut star = false;
        while let Some(byte) = self.byte()? {
            if let Some(head) = self.head.as_mut().filter(|head| head.len() < MOST_HEAD) {
                head.push(byte);
            }
            self.step();
            if star && byte == b'/' {
                if let Some(head) = &mut self.head {
                    // Not the slash that closes it; another may follow on the same line.
                    head.pop();
                    head.push(b'\n');
                }
                return Ok(());
            }
            star = byte == b'*';
        }
        Err(Fault::new("liberty::unbalanced", from, "a comment that is never closed").help("close it by `*/`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::liberty::input::Input;

    fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Fault> {
        let mut tokens = Tokens::new(Input::bytes("t.lib", text.into()).text().expect("in memory"));
        let mut all = Vec::new();
        loop {
            match tokens.take()? {
                (Token::End, _) => return Ok(all),
                token => all.push(token),
            }
        }
    }

    #[test]
    fn words_quotes_marks_and_comments_are_told_apart_and_have_their_lines() {
        let text = "\u{feff}a_1 : -1.5e3 ; /* no { ** */ b(\"x, \\\ny\\\"\", c[0]) // no }\n{ } 1/2";
        let word = |text: &str| Token::Word(text.into());
        let expected = vec![
            (word("a_1"), 1),
            (Token::Mark(':'), 1),
            (word("-1.5e3"), 1),
            (Token::Mark(';'), 1),
            (word("b"), 1),
            (Token::Mark('('), 1),
            (Token::Quoted("x,   y\"".into()), 1),
            (Token::Mark(','), 2),
            (word("c[0]"), 2),
            (Token::Mark(')'), 2),
            (Token::Mark('{'), 3),
            (Token::Mark('}'), 3),
            (word("1/2"), 3),
        ];
        assert_eq!(tokens(text).expect("sound"), expected);
    }

    #[test]
    fn the_comments_at_the_begin_are_kept_without_their_stars() {
        let text = "/**** One\n * two *\n\n */ /* three */ library /* four */";
        let mut tokens = Tokens::new(Input::bytes("t.lib", text.into()).text().expect("in memory"));
        assert_eq!(tokens.head().expect("sound"), ["One", "two", "three"]);
        assert_eq!(tokens.take().expect("sound").0, Token::Word("library".into()));
    }

    #[test]
    fn what_is_never_closed_is_named_by_the_line_that_opens_it() {
        for (text, line) in [("a\n\"b\nc", 2), ("a\n\n/* b", 3), ("a /* b *", 1)] {
            let fault = tokens(text).expect_err("not closed");
            assert_eq!((fault.code, fault.line), ("liberty::unbalanced", line), "{text}");
        }
    }

    #[test]
    fn more_text_than_allowed_is_refused_while_it_is_read() {
        let text = Input::bytes("t.lib", b"word ".repeat(100_000)).text().expect("in memory");
        let mut tokens = Tokens::limited(text, 100_000);
        let fault = loop {
            if let Err(fault) = tokens.take() {
                break fault;
            }
        };
        assert_eq!(fault.code, "liberty::too_large");
        let quoted = format!("\"{}\"", "1 ".repeat(MOST_WORD));
        assert_eq!(self::tokens(&quoted).expect_err("too long").code, "liberty::too_large");
    }
}
