//! The program: arguments to exit code.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As much stack as workers have: queries are nested as deeply as the parser allows.
const STACK: usize = 16 << 20;

fn main() -> ExitCode {
    let program = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(spelunk::cli::main);
    match program.map(std::thread::JoinHandle::join) {
        Ok(Ok(exit)) => exit.into(),
        _ => ExitCode::FAILURE,
    }
}
