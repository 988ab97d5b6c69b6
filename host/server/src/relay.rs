//! Tells the events of this process to other processes, and theirs here, through Redis.
//!
//! Each process publishes its events on one channel and hears all of it. Redis keeps nothing, so what is lost on the way is
//! found by the numbers of events, and told as a gap. What is not signed by a process of the same installation is dropped
//! before it costs anything else. If Redis is away, each process tells its own events alone.

mod connection;
mod others;
mod receive;
mod run;
mod seal;
mod send;
mod state;

use redis::{Client, IntoConnectionInfo as _, ProtocolVersion};
use thiserror::Error;

use crate::bus::{Bus, Listener};
use crate::caller::Installation;
use crate::tasks::Tasks;

use seal::Seal;
pub use state::State;

/// Where Redis is.
#[derive(Clone)]
pub struct Config {
    client: Client,
    /// Its host and port, or its socket.
    address: String,
    channel: String,
}

/// A URL is none of Redis. The text does not repeat it, because it may hold a password.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected a URL such as `redis://HOST:6379/0` or `rediss://USER:PASSWORD@HOST:6379/0`")]
pub struct NotRedis;

impl Config {
    /// Reads a URL.
    pub fn new(url: &str) -> Result<Self, NotRedis> {
        let info = url.into_connection_info().map_err(|_| NotRedis)?;
        let address = info.addr().to_string();
        let redis = info.redis_settings().clone();
        // Channels know no databases, so the number is a part of the name: who keeps installations apart by it finds
        // their events apart.
        let channel = format!("sluice:{}:events:1", redis.db());
        // Only there can a connection publish that also listens.
        let info = info.set_redis_settings(redis.set_protocol(ProtocolVersion::RESP3));
        let client = Client::open(info).map_err(|_| NotRedis)?;
        Ok(Self {
            client,
            address,
            channel,
        })
    }
}

impl std::fmt::Debug for Config {
    /// Leaves the URL out, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").finish_non_exhaustive()
    }
}

/// A relay that has not begun. What happens until then is told when it does.
pub struct Relay {
    config: Config,
    bus: Bus,
    outlet: Option<Listener>,
}

impl Relay {
    /// Notes what happens on a bus from now on.
    pub fn new(config: Config, bus: &Bus) -> Self {
        Self {
            config,
            bus: bus.clone(),
            outlet: bus.outlet(),
        }
    }

    /// Begins to relay. Does not wait for Redis. `installation` is what the processes have in common that tell each other;
    /// without it nothing is signed. `tasks` owns what does it.
    pub fn start(self, installation: Option<&Installation>, tasks: &Tasks) -> State {
        let Self {
            config,
            bus,
            outlet,
        } = self;
        let state = State::new(config.address.clone());
        if let (Some(outlet), Some(process)) = (outlet, bus.process()) {
            let seal = Seal::new(installation, &config.channel);
            let sending = send::Sending::new(outlet, process, seal.clone(), state.clone());
            let receiving = receive::Receiving::new(bus, process, state.clone());
            let running =
                run::Running::new(config, process, seal, state.clone(), sending, receiving);
            let stopping = tasks.stopping().clone();
            tasks.spawn(running.run(stopping));
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_the_channel_and_keeps_its_password() {
        let config = Config::new("redis://user:secret@h:6380/3").unwrap();
        assert_eq!(
            (&*config.address, &*config.channel),
            ("h:6380", "sluice:3:events:1")
        );
        assert!(!format!("{config:?}").contains("secret"));
        assert!(Config::new("rediss://h").is_ok());
        for wrong in ["", "h:6379", "http://h", "postgres://h/n", "redis://h/x"] {
            let error = Config::new(wrong).unwrap_err();
            assert!(error.to_string().starts_with("expected a URL"), "{wrong}");
        }
    }
}
