//! Begins to tell what happens.

use crate::bus::{Bounds, Bus};
use crate::config::{AdminAddress, Config};
use crate::relay::Relay;
use crate::tasks::Tasks;

/// Begins it if there can be anybody who listens: here, or at another process.
/// Other processes are told of it once the relay is started.
pub(super) fn start(config: &Config, tasks: &Tasks) -> (Bus, Option<Relay>) {
    if config.admin == AdminAddress::Off && config.redis.is_none() {
        return (Bus::default(), None);
    }
    let (bus, running) = Bus::new(Bounds::default());
    tasks.spawn(running.run(tasks.stopping().clone()));
    let redis = config.redis.clone();
    let relay = redis.map(|redis| Relay::new(redis, &bus));
    (bus, relay)
}
