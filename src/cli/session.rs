//! What the global options mean: where answers and talk go.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Failure;
use super::typed::{Color, Format, Globals};
use crate::design::{Design, Override};
use crate::mistake::Mistake;
use crate::note::Note;
use crate::whole_file::write_whole;
use crate::workload::Workload;

/// Threads of the pool, whatever `-j` says.
const MOST_THREADS: usize = 1024;
/// Notes that are said without `-v`.
const MOST_NOTES: usize = 8;

/// The meaning of the global options, the same for every verb.
#[derive(Debug)]
pub(super) struct Session {
    /// Folder to write into, if one was given.
    pub(super) out: Option<PathBuf>,
    /// `--set`, in order.
    pub(super) overrides: Vec<Override>,
    /// `--seed`.
    pub(super) seed: Option<u64>,
    /// Whether the answer is JSON.
    pub(super) json: bool,
    /// Whether errors are coloured.
    pub(super) error_colour: bool,
    quiet: bool,
    verbose: bool,
}

impl Session {
    /// Looks at the environment and at the terminal.
    ///
    /// # Errors
    /// `-j 0`.
    pub(super) fn new(typed: &Globals) -> Result<Self, Failure> {
        if let Some(threads) = typed.jobs {
            // A second pool in one process (library use) is refused by rayon and does no harm.
            // The answer does not depend on the number, so more threads than any machine has cores are not started.
            let threads = threads.min(MOST_THREADS);
            let pool = (threads > 0).then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build_global());
            if pool.is_none() {
                return Err(Mistake::new("cli::bad_threads", "`-j 0` leaves nobody to work", "give 1 or more").into());
            }
        }
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let error_colour = match typed.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !no_color && io::stderr().is_terminal(),
        };
        Ok(Self {
            out: typed.out.clone(),
            overrides: typed.overrides.iter().map(|typed| typed.as_str().into()).collect(),
            json: typed.format == Format::Json,
            error_colour,
            quiet: typed.quiet,
            verbose: typed.verbose,
            seed: typed.seed,
        })
    }

    /// The design of a path or shipped name, with the overrides of the command line; what was ignored in its file is said.
    pub(super) fn design(&self, name_or_path: &str) -> Result<Design, Failure> {
        let (design, notes) = self.design_noted(name_or_path)?;
        self.say_notes(&notes);
        Ok(design)
    }

    /// [`design`](Self::design), with the notes for whoever keeps them.
    pub(super) fn design_noted(&self, name_or_path: &str) -> Result<(Design, Vec<Note>), Failure> {
        Ok(Design::load_noted(name_or_path, &self.overrides)?)
    }

    /// An error about values of a design, at the first of these keys that is written.
    pub(super) fn mistake_in_design(&self, name_or_path: &str, keys: &[String], mistake: Mistake) -> Mistake {
        Design::mistake_at_key(name_or_path, &self.overrides, keys, mistake)
    }

    /// The workload of a path or shipped name, with the seed of the command line.
    pub(super) fn workload(&self, name_or_path: &str) -> Result<Workload, Failure> {
        Workload::load(name_or_path).map(|workload| self.seeded(workload)).map_err(Failure::one)
    }

    /// A workload with the seed of the command line, if there is one.
    pub(super) fn seeded(&self, workload: Workload) -> Workload {
        match self.seed {
            Some(seed) => workload.with_seed(seed),
            None => workload,
        }
    }

    /// Says notes about a user's files, the first ones unless `-v` asks for all.
    pub(super) fn say_notes(&self, notes: &[Note]) {
        let said = if self.verbose { notes.len() } else { notes.len().min(MOST_NOTES) };
        for note in &notes[..said] {
            self.talk(&format!("note: {note}"));
        }
        if said < notes.len() {
            self.talk(&format!("note: {} more, `-v` prints all", notes.len() - said));
        }
    }

    /// Where to write: `--out`, or the verb's own folder.
    pub(super) fn folder(&self, default: PathBuf) -> PathBuf {
        self.out.clone().unwrap_or(default)
    }

    /// The command that makes the same thing again, for what is written into files, so in ASCII: other characters, which
    /// only paths and remarks behind a value can have, become `?`.
    pub(super) fn command_line(&self, verb: &str, arguments: &[&str]) -> String {
        let arguments = arguments.iter().map(|word| format!(" {}", shell_word(word))).collect::<String>();
        let overrides = self.overrides.iter().map(|given| format!(" --set {}", quoted(&given.0))).collect::<String>();
        let seed = self.seed.map_or_else(String::new, |seed| format!(" --seed {seed}"));
        let line = format!("bitweight {verb}{arguments}{overrides}{seed}");
        line.chars().map(|letter| if letter.is_ascii() && !letter.is_ascii_control() { letter } else { '?' }).collect()
    }

    /// Prints the answer.
    pub(super) fn answer(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => cannot_write("standard output", &error),
        })
    }

    /// Prints the answer as JSON.
    pub(super) fn answer_json(&self, value: &Value) -> Result<(), Failure> {
        self.answer(&format!("{value:#}\n"))
    }

    /// Says something that is not the answer.
    pub(super) fn talk(&self, text: &str) {
        if !self.quiet {
            // Talk that nobody reads is no reason to fail.
            drop(writeln!(io::stderr(), "{text}"));
        }
    }

    /// Says something that only `-v` asks for.
    pub(super) fn detail(&self, text: &str) {
        if self.verbose {
            self.talk(text);
        }
    }

    /// Whether progress bars are welcome.
    pub(super) fn shows_bars(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Writes a file and says so.
    pub(super) fn write(&self, path: &Path, contents: &[u8]) -> Result<(), Failure> {
        self.write_quietly(path, contents)?;
        self.talk(&format!("wrote {}", path.display()));
        Ok(())
    }

    /// Writes a file.
    pub(super) fn write_quietly(&self, path: &Path, contents: &[u8]) -> Result<(), Failure> {
        write_whole(path, contents).map_err(|error| cannot_write(&path.display().to_string(), &error))
    }
}

pub(super) fn cannot_write(what: &str, reason: &io::Error) -> Failure {
    let help = "check that the folder exists, may be written and has room, or choose another with `--out`";
    Mistake::new("cli::cannot_write", format!("cannot write {what}: {reason}"), help).into()
}

/// A word as a shell takes it in, with quotes only where it needs them.
fn shell_word(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./+,:=@%".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_owned() } else { quoted(word) }
}

/// A word in single quotes; a quote in it stands outside of them.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_of_a_header_is_ascii_and_quotes_what_a_shell_would_change() {
        let session = Session {
            out: None,
            overrides: vec!["transforms=['compress-accumulate']".into()],
            seed: None,
            json: false,
            error_colour: false,
            quiet: false,
            verbose: false,
        };
        assert_eq!(
            session.command_line("emit", &["d/my \u{e4}.toml", "gemm-256"]),
            r"bitweight emit 'd/my ?.toml' gemm-256 --set 'transforms=['\''compress-accumulate'\'']'"
        );
    }
}
