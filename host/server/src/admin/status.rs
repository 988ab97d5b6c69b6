//! How the process is: `GET /api/v1/status`.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State as Extract;
use sluice_api::{LoadFailure, Policies, PolicyMode, PolicyStatus, RecordingStatus, Status};

use super::{State, events};
use crate::recorder::ArchiveState;
use crate::reload;
use crate::reload::policy_file::Mode;

/// Tells how the process is.
///
/// Tells which policies are in force and, if the newest policy file is not, why; the agents that were seen since the
/// start; and how many connections there are and were refused.
#[utoipa::path(
    get,
    path = "/api/v1/status",
    tag = "process",
    responses((status = 200, description = "The state of the process.", body = Status))
)]
pub(super) async fn status(Extract(state): Extract<State>) -> Json<Status> {
    Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        policies: policies(&state.policies.current()),
        agents: state.agents.seen(),
        connections: state.connections.now(),
        admin_connections: state.admin_connections.now(),
        events: events::status(&state.bus, state.relay.as_ref()),
        recording: state.recorder.state().map(recording),
    })
}

fn recording(state: ArchiveState) -> RecordingStatus {
    RecordingStatus {
        waiting: state.waiting as u64,
        waiting_bytes: state.bytes as u64,
        dropped: state.dropped,
        database_away_since_ms: state.writer.away_since,
        spooled: state.writer.spooled,
        spooled_bytes: state.writer.spooled_bytes,
        spool_refused: state.writer.refused,
        spool_full: state.writer.spool_full,
        spool_set_aside: state.writer.set_aside,
    }
}

fn policies(status: &reload::Status) -> Policies {
    let patterns = status.passthrough.patterns().iter();
    Policies {
        generation: status.generation,
        loaded_at_ms: status.loaded_at.and_then(unix_ms),
        file: status.file.as_ref().map(|file| file.display().to_string()),
        policies: status.policies.iter().map(policy).collect(),
        passthrough: patterns.map(ToString::to_string).collect(),
        last_error: status.last_error.as_ref().map(|failure| LoadFailure {
            at_ms: failure.at.and_then(unix_ms),
            text: failure.text.clone(),
        }),
    }
}

fn policy(status: &reload::PolicyStatus) -> PolicyStatus {
    PolicyStatus {
        name: status.name.clone(),
        mode: match status.mode {
            Mode::Enforce => PolicyMode::Enforce,
            Mode::Off => PolicyMode::Off,
        },
        digest: status.digest.clone(),
        version: status.version.clone(),
        snapshot: status.snapshot.map(str::to_owned),
    }
}

fn unix_ms(time: SystemTime) -> Option<u64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}
