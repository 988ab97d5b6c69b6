//! Drives Sluice, and others that do its work, with the same load, and compares what it costs.
//!
//! `cargo xtask bench` installs what is compared and runs this. The scripted upstream, the floor (hyper
//! alone) and every gateway are processes of their own, so that each one's CPU and memory can be told
//! apart; all speak over loopback.

mod budget;
mod cli;
mod floor;
mod load;
mod probe;
mod process;
mod report;
mod run;
mod say;
mod target;
mod traffic;
mod upstream;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::error(&error);
            ExitCode::FAILURE
        }
    }
}
