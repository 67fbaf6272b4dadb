//! The bytes of a Liberty file, plain or compressed by gzip, as often as they are wanted.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

/// Bytes of a line that are shown.
const MOST_SHOWN: usize = 160;

/// A Liberty file.
pub struct Input {
    name: String,
    open: Box<dyn Fn() -> io::Result<Box<dyn BufRead>>>,
}

impl Input {
    /// A file on disk.
    pub fn file(path: &Path) -> Input {
        let (name, path) = (path.display().to_string(), path.to_owned());
        Input { name, open: Box::new(move || Ok(Box::new(BufReader::new(File::open(&path)?)))) }
    }

    /// A text in memory under a name.
    pub fn bytes(name: &str, bytes: Vec<u8>) -> Input {
        let bytes: std::sync::Arc<[u8]> = bytes.into();
        Input { name: name.to_owned(), open: Box::new(move || Ok(Box::new(io::Cursor::new(bytes.clone())))) }
    }

    /// Its name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text from its beginning. What is compressed is told by its first bytes, not by its name.
    ///
    /// # Errors
    /// That the file cannot be opened.
    pub fn text(&self) -> io::Result<Text> {
        let mut bytes = (self.open)()?;
        if bytes.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
            return Ok(Text { compressed: true, bytes: Box::new(MultiGzDecoder::new(bytes)) });
        }
        Ok(Text { compressed: false, bytes: Box::new(bytes) })
    }

    /// A line, from 1, without its end, cut where it is long. `None` if the file cannot be read so far.
    pub fn line(&self, number: usize) -> Option<String> {
        let mut text = BufReader::new(self.text().ok()?.bytes);
        for _ in 1..number {
            if text.skip_until(b'\n').ok()? == 0 {
                return None;
            }
        }
        let mut line = Vec::new();
        text.take(MOST_SHOWN as u64).read_until(b'\n', &mut line).ok()?;
        let line = String::from_utf8_lossy(&line);
        Some(line.trim_end().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect())
    }
}

/// The text of a Liberty file.
pub struct Text {
    /// Whether it is unpacked on the way.
    pub compressed: bool,
    /// The bytes.
    pub bytes: Box<dyn Read>,
}
