//! The command line: takes arguments, gives an exit code. One file a subcommand.

mod arguments;
mod check;
mod exit;
mod explain;
mod help;
mod hunt;
mod macros;
mod output;
mod progress;
mod run;

pub use exit::Exit;

use arguments::{Cli, Command};
use clap::Parser;

/// Runs the program with the process's arguments.
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    match cli.command {
        Command::Run(arguments) => run::saved(arguments),
        Command::Hunt(arguments) => hunt::hunt(arguments),
        Command::Search(arguments) => run::search(arguments),
        Command::Explain(arguments) => explain::explain(arguments),
        Command::Repl(arguments) => run::repl(arguments),
        Command::Macros(arguments) => macros::macros(arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Help(arguments) => help::help(&arguments),
    }
}
