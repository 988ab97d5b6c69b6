//! The binary as those who run it meet it: operators, policy authors, and whoever looks for what goes around Sluice.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only functions marked as tests for tests"
)]

mod admin;
mod cli;
mod doctor;
mod history;
mod impostor;
mod keys;
mod killed;
mod live;
mod memory;
mod outage;
mod policy;
mod record;
mod recording;
mod serving;
mod settings;
mod support;
