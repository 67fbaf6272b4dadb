//! The command line: arguments in two steps (what was typed, then what it means), one file a verb.

mod bundle;
mod check;
mod columns;
mod completions;
mod emit;
mod encode;
mod energy;
mod estimate;
mod exit;
mod explain;
mod failure;
mod kept;
mod list;
mod memory_energy;
mod metrics;
mod new;
mod power;
mod process;
mod registry;
mod report;
mod run;
mod schema;
mod session;
mod simulate;
mod synth;
mod typed;
mod verify;

use std::ffi::OsString;

use clap::Parser;

use crate::mistake::Mistake;

pub use exit::Exit;
pub use failure::{Failure, error_codes};
pub use registry::{Item, Kind, explained_codes, kinds};
use session::Session;
use typed::{Typed, Verb};

/// Runs one command line, `arguments` beginning with the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let typed = match Typed::try_parse_from(arguments) {
        Ok(typed) => typed,
        Err(error) => {
            // Help and version are answers; a closed pipe under them is as good as a read one.
            drop(error.print());
            return if error.use_stderr() { Exit::CouldNot } else { Exit::Done };
        }
    };
    let session = match Session::new(&typed.globals) {
        Ok(session) => session,
        Err(failure) => return failure.report(false),
    };
    match dispatch(&typed.verb, &session) {
        Ok(exit) => exit,
        Err(failure) => failure.report(session.error_colour),
    }
}

fn dispatch(verb: &Verb, session: &Session) -> Result<Exit, Failure> {
    refuse_unused_overrides(verb, session)?;
    match verb {
        Verb::List(typed) => list::run(typed, session),
        Verb::Explain(typed) => explain::run(typed, session),
        Verb::New(typed) => new::run(typed, session),
        Verb::Check(typed) => check::run(typed, session),
        Verb::Encode(typed) => encode::run(typed, session),
        Verb::Simulate(typed) => simulate::run(typed, session),
        Verb::Run(typed) => run::run(typed, session),
        Verb::Report(typed) => report::run(typed, session),
        Verb::Estimate(typed) => estimate::run(typed, session),
        Verb::Synth(typed) => synth::run(typed, session),
        Verb::Emit(typed) => emit::run(typed, session),
        Verb::Verify(typed) => verify::run(typed, session),
        Verb::Process(typed) => process::run(typed, session),
        Verb::Schema(typed) => schema::run(typed, session),
        Verb::Completions(typed) => completions::run(typed, session),
    }
}

/// `--set` on a verb that reads no design, or copies one as it is, would be lost without a word.
fn refuse_unused_overrides(verb: &Verb, session: &Session) -> Result<(), Failure> {
    let reads_a_design = match verb {
        Verb::Check(_)
        | Verb::Simulate(_)
        | Verb::Run(_)
        | Verb::Estimate(_)
        | Verb::Synth(_)
        | Verb::Emit(_)
        | Verb::Verify(_) => true,
        // The copy keeps the comments and the form of the original, which a changed value would have to be woven into.
        Verb::New(_) => false,
        Verb::List(_)
        | Verb::Explain(_)
        | Verb::Encode(_)
        | Verb::Report(_)
        | Verb::Process(_)
        | Verb::Schema(_)
        | Verb::Completions(_) => false,
    };
    if reads_a_design || session.overrides.is_empty() {
        return Ok(());
    }
    let help = "give `--set` to a verb that reads a design: check, simulate, estimate, synth, run, emit or verify";
    Err(Mistake::new("cli::unused_override", "this verb does not look at `--set`", help).into())
}
