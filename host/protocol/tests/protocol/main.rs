//! Bytes to blocks and back, from the outside, for each dialect.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod alike;
mod anthropic;
mod dialect;
mod drive;
mod generate;
mod hostile;
mod joined;
mod joined_recorded;
mod oddities;
mod openai_chat;
mod openai_responses;
mod passing;
mod properties;
mod readable;
mod readers;
mod recorded;
mod redone;
mod rulings;
mod sse;
mod suite;
