//! Conversations that agents compact, from their requests to the sessions that are joined.
//!
//! Requests and replies go the way of all recordings: a session is found, the bytes are read, and the store keeps them.

mod agents;
mod unrelated;
mod wire;

use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use bytes::Bytes;
use sluice_engine::{Context, PolicySet};
use sluice_protocol::Limits;
use sluice_store::{Config, Order, Page, Store};
use tempfile::TempDir;
use uuid::Uuid;

use super::convert::Convert;
use super::{ArchiveConfig, Asked, Ending, Recording, SearchedWords, Traffic};
use crate::caller::Sessions;
use wire::Turn;

/// November 14, 2026.
const NOW: u64 = 1_794_614_400_000;

/// A store, and what leads to it.
struct Recorder {
    sessions: Sessions,
    convert: Convert,
    store: Store,
    /// How many exchanges there were.
    count: u64,
    _folder: TempDir,
}

impl Recorder {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sluice.db");
        let config = Config::new(format!("sqlite:{}", file.display()));
        let sessions = Sessions::default();
        Self {
            convert: Convert::new(&ArchiveConfig::default(), sessions.clone()),
            sessions,
            store: Store::open(config, Arc::new(SearchedWords)).await.unwrap(),
            count: 0,
            _folder: folder,
        }
    }

    /// Records turns of a caller, each in a commit of its own.
    async fn record(&mut self, caller: &str, turns: &[Turn]) {
        let (writer, writing) = self.store.writer();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let work = async {
            for turn in turns {
                let exchange = self.convert.exchange(self.recording(caller, turn));
                self.count += 1;
                let ticket = writer.offer(exchange).unwrap();
                ticket.committed().await.unwrap();
            }
            drop(stop);
        };
        let run = writing.run(async {
            let _ = stopped.await;
        });
        tokio::join!(run, work);
    }

    fn recording(&self, caller: &str, turn: &Turn) -> Recording {
        let api = turn.api;
        let body = Bytes::from(turn.request.to_string());
        let mut request = api.request(body.clone(), &Limits::default()).unwrap();
        let headers: HeaderMap = turn
            .headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let session = self.sessions.find(caller, &headers, request.as_mut());
        let context = Context {
            exchange: format!("exg_{}", Uuid::now_v7().simple()),
            received_at: NOW + self.count,
            caller: Some(caller.to_owned()),
            api: api.as_str().to_owned(),
            model: "m".to_owned(),
            ..Context::default()
        };
        let asked = Asked {
            method: Method::POST,
            path: "/".to_owned(),
            headers: Vec::new(),
            body,
            encoding: None,
        };
        let mut traffic = Traffic::new(asked, Instant::now(), 64 << 20);
        let nothing = HeaderMap::new();
        traffic.sent("upstream", &nothing, None);
        traffic.replied(StatusCode::OK, &nothing);
        traffic.arrived(turn.reply.as_bytes());
        traffic.answered(StatusCode::OK, &nothing);
        traffic.delivered(turn.reply.as_bytes());
        Recording {
            ending: Ending::Delivered,
            traffic: Some(traffic),
            ..Recording::new(&context, session, &PolicySet::empty())
        }
    }

    /// Of each session, in the order in which they began, the place of the one that it continues.
    async fn joins(&self) -> Vec<Option<usize>> {
        let page = Page {
            limit: 500,
            order: Order::OldestFirst,
            ..Page::default()
        };
        let mut all = self.store.sessions(None, &page).await.unwrap().entries;
        all.sort_by_key(|one| one.first_at);
        let place = |id| all.iter().position(|one| one.id == id).unwrap();
        all.iter().map(|one| one.continues.map(place)).collect()
    }
}

/// What a model writes at length, and no other does.
fn long(about: &str) -> String {
    let lines = (1..=6).map(|at| {
        format!("{at}. Of {about}, point {at}: it was looked at and is as it should be.")
    });
    lines.collect::<Vec<_>>().join("\n")
}
