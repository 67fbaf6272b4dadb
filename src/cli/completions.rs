//! `completions`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::session::Session;
use super::{Exit, Failure, typed};

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Which shell
    shell: Shell,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(typed.shell, &mut typed::Typed::command(), "bitweight", &mut script);
    session.answer(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
