//! Which agents have been here, and when each was last seen.
//!
//! It lets an operator see that the traffic of an agent really comes through Sluice. Agents are told apart by
//! what they say of themselves, which anyone could say, so nothing is decided by it. No request, credential or
//! address is kept.

mod agent;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use sluice_api::{Agent, AgentSeen};

use crate::routes::{self, Found};

/// The most paths that are counted for one agent. The table of routes has fewer.
const MAX_PATHS: usize = 64;

/// All agents that were seen since the start. Cloning is cheap, and every clone shows the same.
///
/// There is one entry at most for each [`Agent`].
#[derive(Clone, Debug, Default)]
pub struct Agents(Arc<Mutex<BTreeMap<Agent, AgentSeen>>>);

impl Agents {
    /// Those that were seen.
    pub fn seen(&self) -> Vec<AgentSeen> {
        self.with(|agents| agents.values().cloned().collect())
    }

    /// Notes a request, to the path that the table of routes has for it.
    fn note_request(&self, agent: Agent, path: Option<&str>, now: Duration) {
        self.with(|agents| {
            let seen = agents.entry(agent).or_insert_with(|| never(agent));
            seen.last_seen_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
            seen.requests += 1;
            if let Some(path) = path {
                count(seen, path);
            }
        });
    }

    fn note_status(&self, agent: Agent, status: u16) {
        self.with(|agents| {
            if let Some(seen) = agents.get_mut(&agent) {
                seen.last_status = Some(status);
            }
        });
    }

    fn with<R>(&self, run: impl FnOnce(&mut BTreeMap<Agent, AgentSeen>) -> R) -> R {
        run(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn never(agent: Agent) -> AgentSeen {
    AgentSeen {
        agent,
        last_seen_ms: 0,
        last_status: None,
        requests: 0,
        paths: BTreeMap::new(),
    }
}

fn count(seen: &mut AgentSeen, path: &str) {
    if let Some(count) = seen.paths.get_mut(path) {
        *count += 1;
    } else if seen.paths.len() < MAX_PATHS {
        seen.paths.insert(path.to_owned(), 1);
    }
}

/// Notes which agent makes a request, before it goes to the handler, and with what status the reply begins.
pub(crate) async fn note(State(agents): State<Agents>, request: Request, next: Next) -> Response {
    // Claude Code asks with a HEAD of another client's name whether somebody is there.
    if request.method() == Method::HEAD {
        return next.run(request).await;
    }
    let agent = agent::of(request.headers());
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let path = match routes::find(request.method(), request.uri().path()) {
        Found::Route(route, _) => Some(route.path),
        _ => None,
    };
    agents.note_request(agent, path, now.unwrap_or_default());
    let response = next.run(request).await;
    agents.note_status(agent, response.status().as_u16());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_has_one_entry_that_counts_its_requests() {
        let agents = Agents::default();
        for (path, seconds) in [
            ("/v1/responses", 1),
            ("/v1/models", 2),
            ("/v1/responses", 3),
        ] {
            agents.note_request(Agent::Codex, Some(path), Duration::from_secs(seconds));
        }
        agents.note_request(Agent::Codex, None, Duration::from_secs(4));
        agents.note_status(Agent::Codex, 200);
        agents.note_status(Agent::ClaudeCode, 200);
        let expected = AgentSeen {
            agent: Agent::Codex,
            last_seen_ms: 4000,
            last_status: Some(200),
            requests: 4,
            paths: BTreeMap::from([
                ("/v1/models".to_owned(), 1),
                ("/v1/responses".to_owned(), 2),
            ]),
        };
        assert_eq!(agents.seen(), [expected]);
    }

    #[test]
    fn the_paths_of_an_agent_are_bounded() {
        let agents = Agents::default();
        for index in 0..2 * MAX_PATHS {
            agents.note_request(Agent::Other, Some(&format!("/{index}")), Duration::ZERO);
        }
        let seen = agents.seen().remove(0);
        assert_eq!(seen.paths.len(), MAX_PATHS);
        assert_eq!(seen.requests, 2 * MAX_PATHS as u64);
    }
}
