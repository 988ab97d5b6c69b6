//! The process put together from finished parts, so that tests hand in their own.

use std::future::{Future, IntoFuture};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::serve::{Listener, ListenerExt as _};
use sluice_engine::Registry;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::recorder::{Log, Recorder};
use crate::reload::{PassthroughHandle, StatusHandle};
use crate::upstream::Upstreams;
use crate::{admin, proxy, router};

/// How long what was cut has to send its last bytes.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A process ready to serve.
pub struct App {
    listener: TcpListener,
    router: axum::Router,
    cut: CancellationToken,
    drain: Duration,
}

/// The parts of an [`App`].
pub struct Builder {
    listener: TcpListener,
    upstreams: Upstreams,
    passthrough: PassthroughHandle,
    registry: Arc<Registry>,
    status: StatusHandle,
    recorder: Recorder,
    proxy: proxy::Config,
    drain: Duration,
}

impl App {
    /// Begins with the parts that have no default.
    pub fn builder(listener: TcpListener, upstreams: Upstreams) -> Builder {
        Builder {
            listener,
            upstreams,
            passthrough: PassthroughHandle::default(),
            registry: Arc::default(),
            status: StatusHandle::no_policies(),
            recorder: Recorder::new(Log),
            proxy: proxy::Config::default(),
            drain: Duration::from_secs(30),
        }
    }

    /// Serves until `shutdown` is ready, then takes no new exchange and lets running ones finish within
    /// the bound. What still runs then ends with an error event.
    pub async fn serve(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let draining = CancellationToken::new();
        let signal = {
            let draining = draining.clone();
            async move {
                shutdown.await;
                draining.cancel();
            }
        };
        // As a router of its own it would be copied, routes and all, for each connection.
        let service = self.router.into_make_service();
        let serving = axum::serve(prompt(self.listener), service)
            .with_graceful_shutdown(signal)
            .into_future();
        let bound = async {
            draining.cancelled().await;
            tokio::time::sleep(self.drain).await;
            self.cut.cancel();
            tokio::time::sleep(LAST_WORDS).await;
        };
        tokio::select! {
            served = serving => served.context("serve"),
            () = bound => Ok(()),
        }
    }
}

/// Connections that send what is there at once. Else a frame that leaves while the one before it is not
/// acknowledged yet would wait for that, for 40 ms where the caller's system delays acknowledgements.
fn prompt(listener: TcpListener) -> impl Listener<Io = TcpStream, Addr: std::fmt::Debug> {
    listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!("a connection will send late: {error}");
        }
    })
}

impl Builder {
    /// The policies that exchanges begin with.
    #[must_use]
    pub fn registry(mut self, registry: Arc<Registry>) -> Self {
        self.registry = registry;
        self
    }

    /// What `/health` tells of the policies.
    #[must_use]
    pub fn policy_status(mut self, status: StatusHandle) -> Self {
        self.status = status;
        self
    }

    /// The paths that are forwarded though no policy sees them.
    #[must_use]
    pub fn passthrough(mut self, passthrough: PassthroughHandle) -> Self {
        self.passthrough = passthrough;
        self
    }

    /// Where recordings go.
    #[must_use]
    pub fn recorder(mut self, recorder: Recorder) -> Self {
        self.recorder = recorder;
        self
    }

    /// The bounds of every exchange.
    #[must_use]
    pub fn proxy_config(mut self, config: proxy::Config) -> Self {
        self.proxy = config;
        self
    }

    /// How long running exchanges have to finish on shutdown.
    #[must_use]
    pub fn drain(mut self, bound: Duration) -> Self {
        self.drain = bound;
        self
    }

    /// Puts the parts together.
    #[must_use]
    pub fn build(self) -> App {
        let cut = CancellationToken::new();
        let proxy = proxy::State {
            config: Arc::new(self.proxy),
            registry: self.registry,
            upstreams: self.upstreams,
            passthrough: self.passthrough,
            recorder: self.recorder,
            cut: cut.clone(),
        };
        let admin = admin::State {
            policies: self.status,
        };
        App {
            listener: self.listener,
            router: router::router(proxy, admin),
            cut,
            drain: self.drain,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::serve::Listener as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::prompt;

    #[tokio::test]
    async fn connections_send_each_frame_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut listener = prompt(listener);
        let (_caller, (connection, _)) =
            tokio::join!(TcpStream::connect(address), listener.accept());
        assert!(connection.nodelay().unwrap());
    }
}
