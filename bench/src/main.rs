//! Drives Sluice and other gateways with the same load, and compares what they cost.
//!
//! `cargo xtask bench` installs them and runs this. The scripted upstream, the floor (hyper alone)
//! and every gateway are separate processes, so that the CPU and memory of each can be measured.
//! They all speak over loopback.

mod budget;
mod cli;
mod flags;
mod floor;
mod load;
mod probe;
mod process;
mod report;
mod results;
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
