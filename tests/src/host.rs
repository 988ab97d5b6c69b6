//! Runs a Sluice in this process, on a free port, with parts that the test chooses.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sluice_engine::{EventLevel, Policy, PolicySpec, Registry};
use sluice_server::app::App;
use sluice_server::auth::{AdminKeys, Gate, HostName, KeyFolder, KeyRegister};
use sluice_server::bus::Bus;
use sluice_server::caller::Installation;
use sluice_server::recorder::{Recorder, Recording, Sink};
use sluice_server::reload::{PassthroughHandle, StatusHandle};
use sluice_server::upstream::{self, Upstream, Upstreams};
use sluice_server::{listen, proxy};
use sluice_store::Store;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::client::http;
use crate::policies;

/// A running Sluice. Dropping it begins its shutdown.
pub struct TestHost {
    /// Its base URL.
    pub url: String,
    /// The base URL of its operators' door.
    pub admin_url: String,
    /// The key of that door.
    pub admin_key: String,
    /// Swaps its policies.
    pub registry: Arc<Registry>,
    recordings: mpsc::UnboundedReceiver<Recording>,
    shutdown: Option<oneshot::Sender<()>>,
    serving: tokio::task::JoinHandle<()>,
    /// Where the hash of the key lies.
    _data: TempDir,
}

/// The parts of a [`TestHost`].
pub struct Parts {
    /// The policies it begins with.
    pub policies: Vec<PolicySpec>,
    /// Swaps its policies.
    pub registry: Arc<Registry>,
    /// The state of its policies, as it reports it.
    pub status: StatusHandle,
    /// The bounds of its exchanges.
    pub proxy: proxy::Config,
    /// The bounds of its connections.
    pub listen: listen::Config,
    /// How long upstream may take to begin a reply.
    pub first_byte_timeout: Duration,
    /// How long upstream may be silent within a reply.
    pub idle_timeout: Duration,
    /// How many lines of headers a reply of upstream may have.
    pub max_reply_header_lines: usize,
    /// How long running exchanges have on shutdown.
    pub drain: Duration,
    /// The upstream of OpenAI's callers, if it is another one.
    pub openai: Option<String>,
    /// The paths that pass unjudged.
    pub passthrough: PassthroughHandle,
    /// What operators can read of what was recorded.
    pub store: Option<Store>,
    /// Who comes in, if not everybody with some key.
    pub gate: Option<Gate>,
    /// The keys that operators can make.
    pub keys: Option<KeyRegister>,
    /// The names that it may be called by, besides the local ones.
    pub hosts: Vec<HostName>,
    /// What records exchanges. If it is not given, [`TestHost::recording`] hands out each recording.
    pub recorder: Option<Recorder>,
    /// Where it tells what happens.
    pub bus: Bus,
    /// How much the events of its recordings tell.
    pub level: EventLevel,
}

struct Channel {
    recordings: mpsc::UnboundedSender<Recording>,
    level: EventLevel,
}

impl Sink for Channel {
    fn take(&self, recording: Recording) {
        // Nobody listens any more after the test.
        let _ = self.recordings.send(recording);
    }

    fn level(&self) -> EventLevel {
        self.level
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            policies: Vec::new(),
            registry: Arc::default(),
            status: StatusHandle::no_policies(),
            proxy: proxy::Config::default(),
            listen: listen::Config::default(),
            first_byte_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(60),
            max_reply_header_lines: 100,
            drain: Duration::from_secs(30),
            openai: None,
            passthrough: PassthroughHandle::default(),
            store: None,
            gate: None,
            keys: None,
            hosts: Vec::new(),
            recorder: None,
            bus: Bus::default(),
            level: EventLevel::default(),
        }
    }
}

impl TestHost {
    /// Starts one with these policies in front of `upstream`.
    pub async fn start(upstream: &str, specs: Vec<PolicySpec>) -> Self {
        let parts = Parts {
            policies: specs,
            ..Parts::default()
        };
        Self::with(upstream, parts).await
    }

    /// Starts one made of these parts in front of `upstream`.
    ///
    /// # Panics
    ///
    /// If there is no free port or a policy does not load.
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    pub async fn with(upstream: &str, parts: Parts) -> Self {
        let registry = parts.registry;
        let mut loaded = Vec::new();
        for spec in parts.policies {
            loaded.push(policies::load(spec).await);
        }
        if !loaded.is_empty() {
            registry.install(loaded);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound port"));
        let admin = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let admin_url = format!("http://{}", admin.local_addr().expect("a bound port"));
        let data = tempfile::tempdir().expect("a folder");
        let folder = KeyFolder::open(&data.path().join("data")).expect("a private folder");
        let mut admin_key = String::new();
        let made = folder.make_first(|key| {
            admin_key = key.to_string();
            Ok(())
        });
        made.expect("the first key");
        let (tx, recordings) = mpsc::unbounded_channel();
        let sink = Channel {
            recordings: tx,
            level: parts.level,
        };
        let client = |url: &str| {
            let mut config = upstream::Config::new(url.parse().expect("a URL"));
            config.first_byte_timeout = parts.first_byte_timeout;
            config.idle_timeout = parts.idle_timeout;
            config.max_header_lines = parts.max_reply_header_lines;
            Upstream::new(config).expect("the client is built")
        };
        let upstreams = Upstreams {
            anthropic: client(upstream),
            openai: client(parts.openai.as_deref().unwrap_or(upstream)),
        };
        let everybody = || Gate::of_provider_keys(Installation::of_this_process());
        let gate = parts.gate.unwrap_or_else(everybody);
        let app = App::builder(listener, upstreams)
            .admin(Some((admin, AdminKeys::new(folder))))
            .store(parts.store)
            .gate(gate)
            .keys(parts.keys)
            .live(parts.bus, None)
            .passthrough(parts.passthrough)
            .hosts(parts.hosts)
            .registry(Arc::clone(&registry))
            .policy_status(parts.status)
            .recorder(parts.recorder.unwrap_or_else(|| Recorder::new(sink)))
            .proxy_config(parts.proxy)
            .listen_config(parts.listen)
            .drain(parts.drain)
            .build();
        let (shutdown, stopped) = oneshot::channel::<()>();
        let serving = tokio::task::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            app.serve(shutdown).await;
        });
        Self {
            url,
            admin_url,
            admin_key,
            _data: data,
            registry,
            recordings,
            shutdown: Some(shutdown),
            serving,
        }
    }

    /// The next exchange that closes.
    ///
    /// # Panics
    ///
    /// If none closes within half a minute.
    pub async fn recording(&mut self) -> Recording {
        tokio::time::timeout(Duration::from_secs(30), self.recordings.recv())
            .await
            .expect("an exchange closes in time")
            .expect("the recorder lives as long as the host")
    }

    /// What operators are told at this path below `/api/v1`.
    ///
    /// # Panics
    ///
    /// If it is not told.
    pub async fn told(&self, path: &str) -> Value {
        let request = http().get(format!("{}/api/v1{path}", self.admin_url));
        let answer = request.bearer_auth(&self.admin_key).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.expect("JSON")
    }

    /// Swaps the policies.
    pub fn install(&self, loaded: Vec<Arc<Policy>>) -> u64 {
        self.registry.install(loaded)
    }

    /// Begins the shutdown, as SIGTERM does.
    pub fn shut_down(&mut self) {
        self.shutdown.take();
    }

    /// Waits until it is down.
    ///
    /// # Panics
    ///
    /// If serving failed.
    pub async fn down(mut self) {
        self.ended().await;
    }

    /// The same for a test that looks at its recordings afterwards.
    ///
    /// # Panics
    ///
    /// If serving failed.
    pub async fn ended(&mut self) {
        let serving = &mut self.serving;
        serving.await.expect("serving ends without a panic");
    }

    /// The next exchange that is closed already.
    pub fn closed_recording(&mut self) -> Option<Recording> {
        self.recordings.try_recv().ok()
    }
}
