//! Puts the process together from finished parts, so that tests can hand in their own.

use std::future::Future;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use sluice_engine::Registry;
use sluice_store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::agents::Agents;
use crate::auth::{AdminKeys, Callers, Gate, HostName, KeyRegister};
use crate::bus::Bus;
use crate::caller::{Installation, Sessions};
use crate::recorder::{Log, Recorder};
use crate::reload::{PassthroughHandle, StatusHandle};
use crate::tasks::Tasks;
use crate::upstream::Upstreams;
use crate::{admin, listen, proxy, relay, router};

/// How long exchanges that were cut off have to send their last bytes.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long connections that are dropped then have to be gone.
const LAST_MOMENT: Duration = Duration::from_secs(1);
/// How long the ends of the last exchanges have to be told.
const LAST_EVENTS: Duration = Duration::from_secs(1);

/// A process ready to serve.
pub struct App {
    agents: Door,
    operators: Option<Door>,
    bus: Bus,
    cut: CancellationToken,
    drain: Duration,
}

/// A listener and what is served on it.
struct Door {
    listener: TcpListener,
    server: listen::Server,
    served: listen::Served,
}

/// The parts of an [`App`].
pub struct Builder {
    listener: TcpListener,
    admin: Option<(TcpListener, AdminKeys)>,
    store: Option<Store>,
    upstreams: Upstreams,
    passthrough: PassthroughHandle,
    registry: Arc<Registry>,
    status: StatusHandle,
    recorder: Recorder,
    bus: Bus,
    relay: Option<relay::State>,
    gate: Gate,
    keys: Option<KeyRegister>,
    sessions: Sessions,
    proxy: proxy::Config,
    listen: listen::Config,
    hosts: Vec<HostName>,
    tasks: Tasks,
    drain: Duration,
}

impl App {
    /// Begins with the parts that have no default.
    pub fn builder(listener: TcpListener, upstreams: Upstreams) -> Builder {
        Builder {
            listener,
            admin: None,
            store: None,
            upstreams,
            passthrough: PassthroughHandle::default(),
            registry: Arc::default(),
            status: StatusHandle::no_policies(),
            recorder: Recorder::new(Log),
            bus: Bus::default(),
            relay: None,
            keys: None,
            gate: Gate::of_provider_keys(Installation::of_this_process()),
            sessions: Sessions::default(),
            proxy: proxy::Config::default(),
            listen: listen::Config::default(),
            hosts: Vec::new(),
            tasks: Tasks::new(),
            drain: Duration::from_secs(30),
        }
    }

    /// Serves until `shutdown` is ready. Then it takes no new exchange and lets running ones finish within the bound.
    /// What still runs after that ends with an error event. Whoever does not take that is dropped. So no exchange
    /// outlives this, and each is recorded.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send + 'static) {
        let (draining, killed) = (CancellationToken::new(), CancellationToken::new());
        let signal = {
            let draining = draining.clone();
            async move {
                shutdown.await;
                draining.cancel();
            }
        };
        let stopped = draining.clone();
        let serving = async {
            let operators = async {
                if let Some(door) = self.operators {
                    let stopped = stopped.cancelled_owned();
                    door.serve(stopped, killed.clone()).await;
                }
            };
            let agents = async {
                self.agents.serve(signal, killed.clone()).await;
                // Then those who listen were told of every exchange, and may go.
                let _ = tokio::time::timeout(LAST_EVENTS, self.bus.settled()).await;
                self.bus.close();
            };
            tokio::join!(agents, operators);
        };
        let bound = async {
            draining.cancelled().await;
            tokio::time::sleep(self.drain).await;
            self.cut.cancel();
            tokio::time::sleep(LAST_WORDS).await;
            killed.cancel();
            tokio::time::sleep(LAST_MOMENT).await;
        };
        tokio::select! {
            () = serving => {}
            () = bound => {}
        }
    }
}

impl Door {
    async fn serve(self, shutdown: impl Future<Output = ()> + Send, killed: CancellationToken) {
        let Self {
            listener,
            server,
            served,
        } = self;
        server.serve(listener, served, shutdown, killed).await;
    }
}

impl Builder {
    /// Serves operators who have the key on a listener of their own. Without it there is no door for them.
    #[must_use]
    pub fn admin(mut self, door: Option<(TcpListener, AdminKeys)>) -> Self {
        self.admin = door;
        self
    }

    /// Sets what was recorded, for operators to read.
    #[must_use]
    pub fn store(mut self, store: Option<Store>) -> Self {
        self.store = store;
        self
    }

    /// Sets the policies that exchanges begin with.
    #[must_use]
    pub fn registry(mut self, registry: Arc<Registry>) -> Self {
        self.registry = registry;
        self
    }

    /// Sets what operators are told about the policies.
    #[must_use]
    pub fn policy_status(mut self, status: StatusHandle) -> Self {
        self.status = status;
        self
    }

    /// Sets the paths that are forwarded though no policy sees them.
    #[must_use]
    pub fn passthrough(mut self, passthrough: PassthroughHandle) -> Self {
        self.passthrough = passthrough;
        self
    }

    /// Sets where recordings go.
    #[must_use]
    pub fn recorder(mut self, recorder: Recorder) -> Self {
        self.recorder = recorder;
        self
    }

    /// Sets where it is told what happens, while it happens, and how that goes between processes.
    #[must_use]
    pub fn live(mut self, bus: Bus, relay: Option<relay::State>) -> Self {
        self.bus = bus;
        self.relay = relay;
        self
    }

    /// Sets who comes in.
    #[must_use]
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// Sets the keys that callers enter with, for operators to make and revoke.
    #[must_use]
    pub fn keys(mut self, keys: Option<KeyRegister>) -> Self {
        self.keys = keys;
        self
    }

    /// Sets what is remembered of sessions.
    #[must_use]
    pub fn sessions(mut self, sessions: Sessions) -> Self {
        self.sessions = sessions;
        self
    }

    /// Sets the bounds of every exchange.
    #[must_use]
    pub fn proxy_config(mut self, config: proxy::Config) -> Self {
        self.proxy = config;
        self
    }

    /// Sets the bounds of connections.
    #[must_use]
    pub fn listen_config(mut self, config: listen::Config) -> Self {
        self.listen = config;
        self
    }

    /// Sets the names under which Sluice is called besides the local ones.
    #[must_use]
    pub fn hosts(mut self, hosts: Vec<HostName>) -> Self {
        self.hosts = hosts;
        self
    }

    /// Sets the tasks that large work belongs to.
    #[must_use]
    pub fn tasks(mut self, tasks: Tasks) -> Self {
        self.tasks = tasks;
        self
    }

    /// Sets how long running exchanges have to finish on shutdown.
    #[must_use]
    pub fn drain(mut self, bound: Duration) -> Self {
        self.drain = bound;
        self
    }

    /// Puts the parts together.
    #[must_use]
    pub fn build(self) -> App {
        let cut = CancellationToken::new();
        let recorder = self.recorder.cut_off_by(cut.clone());
        let recorder = recorder.telling(self.bus.clone());
        let proxy = proxy::State {
            config: Arc::new(self.proxy),
            registry: self.registry,
            upstreams: self.upstreams,
            passthrough: self.passthrough,
            recorder: recorder.clone(),
            gate: self.gate,
            sessions: self.sessions,
            offload: proxy::Offload::new(self.tasks.clone()),
            cut: cut.clone(),
        };
        let server = listen::Server::new(self.listen);
        let agents = Agents::default();
        let operators = self.admin.map(|(listener, keys)| {
            let operators = listen::Server::new(listen::Config::operators());
            let state = admin::State {
                policies: self.status,
                agents: agents.clone(),
                connections: server.counted(),
                admin_connections: operators.counted(),
                store: self.store,
                keys: self.keys,
                recorder,
                bus: self.bus.clone(),
                relay: self.relay,
                tasks: self.tasks.clone(),
            };
            let callers = callers(&listener, self.hosts.clone());
            Door {
                served: listen::Served {
                    router: admin::router(state, keys, callers).with_state(()),
                    is_vital: admin::is_vital,
                    turn_away: admin::turn_away,
                },
                server: operators,
                listener,
            }
        });
        let callers = callers(&self.listener, self.hosts);
        let agents = Door {
            listener: self.listener,
            server,
            served: listen::Served {
                // Shared by all connections. Without its state it would be put together anew for each.
                router: router::router(proxy, agents, callers).with_state(()),
                is_vital: proxy::is_vital,
                turn_away: proxy::turn_away,
            },
        };
        App {
            agents,
            operators,
            bus: self.bus,
            cut,
            drain: self.drain,
        }
    }
}

/// Returns who may call. A listener that does not know its address counts as one on all addresses.
fn callers(listener: &TcpListener, hosts: Vec<HostName>) -> Callers {
    let all = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let listen = listener.local_addr().map_or(all, |address| address.ip());
    Callers::new(listen, hosts)
}
