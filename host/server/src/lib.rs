//! The Sluice process: HTTP in, policies, HTTP out.
//!
//! Floors, from the top; each uses only those below it, and rooms of one floor do not use each other:
//! `main cli` > `app` > `router config` > `proxy admin settings` > `history` > `agents auth listen recorder relay reload` >
//! `bus cache caller upstream telemetry tasks` > `routes clock env folder hex yaml`.

pub mod admin;
pub mod agents;
pub mod app;
pub mod auth;
pub mod bus;
pub mod cache;
pub mod caller;
pub mod cli;
mod clock;
pub mod config;
pub mod env;
mod folder;
mod hex;
pub mod history;
pub mod listen;
pub mod proxy;
pub mod recorder;
pub mod relay;
pub mod reload;
mod router;
pub mod routes;
pub mod settings;
pub mod tasks;
pub mod telemetry;
pub mod upstream;
pub mod yaml;
