//! The list of keys: for people on a terminal, for programs elsewhere.

use std::io::{self, IsTerminal as _};

use sluice_api::{Key, KeyState};

use crate::cli::columns::{columns, json};
use crate::history::time;
use crate::telemetry::clip;

/// The headings of the columns.
const HEADINGS: [&str; 7] = [
    "ID",
    "NAME",
    "STATE",
    "EXPIRES (UTC)",
    "MODELS",
    "APIS",
    "CALLER",
];

/// Keys as a terminal shows them, or as lines of JSON.
pub(super) fn rows(keys: &[Key]) -> String {
    match io::stdout().is_terminal() {
        true => columns(HEADINGS, true, keys.iter().map(row)),
        false => keys.iter().map(json).collect(),
    }
}

fn row(key: &Key) -> [String; 7] {
    let state = match key.state {
        KeyState::Valid => "valid",
        KeyState::Expired => "expired",
        KeyState::Revoked => "revoked",
        KeyState::Unreadable => "unreadable",
    };
    let all = |names: &[String]| match names {
        [] => "all".to_owned(),
        names => clip(&names.join(", ")).into_owned(),
    };
    [
        key.id.clone(),
        clip(&key.name).into_owned(),
        state.to_owned(),
        key.expires_at_ms.map_or_else(|| "never".to_owned(), time),
        all(&key.models),
        all(&key.apis),
        key.caller.clone(),
    ]
}
