//! A scripted stand-in for a model API. It is not a provider and does not pretend to be one.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};

/// The answer to every request.
#[derive(Clone)]
pub struct Script {
    /// The status of the head.
    pub status: StatusCode,
    /// The headers of the head.
    pub headers: Vec<(&'static str, String)>,
    /// The body, act by act.
    pub acts: Vec<Act>,
}

/// One act of a body.
#[derive(Clone)]
pub enum Act {
    /// Sends bytes.
    Send(Bytes),
    /// Waits for a time, as a model does between its tokens.
    Pause(Duration),
    /// Waits until the test lets it go on; each `notify_one` frees one waiting stream.
    Wait(Arc<Notify>),
    /// Sends nothing more and stays connected.
    Hang,
    /// Breaks the connection.
    Break,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Path and query.
    pub target: String,
    /// The method.
    pub method: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// A running upstream; it ends with the test's runtime.
pub struct Upstream {
    /// Its base URL.
    pub url: String,
    state: Arc<Shared>,
}

struct Shared {
    script: Mutex<Script>,
    /// Played for requests whose body contains the text.
    special: Mutex<Option<(String, Script)>>,
    seen: Mutex<Vec<Seen>>,
    /// Has a permit for each client that disconnected.
    gone: Semaphore,
}

impl Script {
    /// A stream of these bytes at once.
    pub fn stream(sse: impl Into<Bytes>) -> Self {
        Self::acts(vec![Act::Send(sse.into())])
    }

    /// A stream that waits before the first `needle`; each `notify_one` lets one go on.
    ///
    /// # Panics
    ///
    /// If there is no `needle`.
    pub fn held_at(sse: &str, needle: &str) -> (Self, Arc<Notify>) {
        let (before, behind) = sse.split_at(sse.find(needle).expect("where to wait"));
        let go = Arc::new(Notify::new());
        let acts = vec![
            Act::Send(before.to_owned().into()),
            Act::Wait(Arc::clone(&go)),
            Act::Send(behind.to_owned().into()),
        ];
        (Self::acts(acts), go)
    }

    /// A stream, act by act.
    pub fn acts(acts: Vec<Act>) -> Self {
        Self {
            status: StatusCode::OK,
            headers: vec![(
                "content-type",
                "text/event-stream; charset=utf-8".to_owned(),
            )],
            acts,
        }
    }

    /// A whole body.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::from_u16(status).expect("a legal status"),
            headers: vec![("content-type", "application/json".to_owned())],
            acts: vec![Act::Send(body.into())],
        }
    }

    /// The same with one header more.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same with another content type, or with none.
    #[must_use]
    pub fn content_type(mut self, kind: Option<&str>) -> Self {
        self.headers.retain(|(name, _)| *name != "content-type");
        let kind = kind.map(|kind| ("content-type", kind.to_owned()));
        self.headers.extend(kind);
        self
    }
}

impl Upstream {
    /// Starts one on a free port of this machine.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound port"));
        let state = Arc::new(Shared {
            script: Mutex::new(script),
            special: Mutex::default(),
            seen: Mutex::default(),
            gone: Semaphore::new(0),
        });
        let shared = Arc::clone(&state);
        let router = Router::new().fallback(move |request| answer(Arc::clone(&shared), request));
        drop(tokio::task::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("upstream serves");
        }));
        Self { url, state }
    }

    /// Answers differently from now on.
    ///
    /// # Panics
    ///
    /// Never: the lock is held for an assignment.
    pub fn play(&self, script: Script) {
        *self.state.script.lock().expect("not poisoned") = script;
    }

    /// Answers requests whose body contains `needle` differently.
    ///
    /// # Panics
    ///
    /// Never: the lock is held for an assignment.
    pub fn play_for(&self, needle: &str, script: Script) {
        *self.state.special.lock().expect("not poisoned") = Some((needle.to_owned(), script));
    }

    /// The requests so far.
    ///
    /// # Panics
    ///
    /// Never: the lock is held for a clone.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().expect("not poisoned").clone()
    }

    /// Waits until a client disconnects in the middle of a reply. Each one is reported once.
    ///
    /// # Panics
    ///
    /// Never: the semaphore is never closed.
    pub async fn cancelled(&self) {
        let gone = self.state.gone.acquire().await;
        gone.expect("never closed").forget();
    }
}

async fn answer(state: Arc<Shared>, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 256 << 20).await.unwrap_or_default();
    let script = state.script_for(&body);
    let target = parts
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str());
    state.seen.lock().expect("not poisoned").push(Seen {
        target: target.to_owned(),
        method: parts.method.to_string(),
        headers: parts.headers,
        body,
    });
    let mut response = Response::builder().status(script.status);
    for (name, value) in &script.headers {
        response = response.header(*name, value);
    }
    let body = Body::from_stream(play(state, script.acts));
    Ok(response.body(body).expect("a legal response"))
}

impl Shared {
    fn script_for(&self, body: &[u8]) -> Script {
        let special = self.special.lock().expect("not poisoned");
        match &*special {
            Some((needle, script)) if String::from_utf8_lossy(body).contains(needle) => {
                script.clone()
            }
            _ => self.script.lock().expect("not poisoned").clone(),
        }
    }
}

/// Reports when it is dropped before the last act.
struct Playing {
    state: Arc<Shared>,
    acts: std::vec::IntoIter<Act>,
    over: bool,
}

fn play(state: Arc<Shared>, acts: Vec<Act>) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    let playing = Playing {
        state,
        acts: acts.into_iter(),
        over: false,
    };
    stream::unfold(playing, |mut playing| async move {
        let next = playing.next().await;
        next.map(|sent| (sent, playing))
    })
    .boxed()
}

impl Playing {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            match self.acts.next() {
                Some(Act::Send(bytes)) => return Some(Ok(bytes)),
                Some(Act::Pause(time)) => tokio::time::sleep(time).await,
                Some(Act::Wait(signal)) => signal.notified().await,
                Some(Act::Hang) => std::future::pending().await,
                Some(Act::Break) => {
                    self.over = true;
                    return Some(Err(io::Error::other("scripted break")));
                }
                None => {
                    self.over = true;
                    return None;
                }
            }
        }
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        if !self.over {
            self.state.gone.add_permits(1);
        }
    }
}
