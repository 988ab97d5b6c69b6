//! Keeps a connection to Redis, as well as it goes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Config;
use super::connection::Connection;
use super::receive::Receiving;
use super::seal::Seal;
use super::send::Sending;
use super::state::State;
use crate::bus::ProcessId;

/// The shortest and the longest pause before it is tried again to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long the last events have to be sent once the process is told to stop.
const LAST_EVENTS: Duration = Duration::from_secs(2);

/// Relays events until it is told to stop.
pub(super) struct Running {
    config: Config,
    process: ProcessId,
    seal: Seal,
    state: State,
    sending: Sending,
    receiving: Receiving,
}

impl Running {
    pub(super) fn new(
        config: Config,
        process: ProcessId,
        seal: Seal,
        state: State,
        sending: Sending,
        receiving: Receiving,
    ) -> Self {
        Self {
            config,
            process,
            seal,
            state,
            sending,
            receiving,
        }
    }

    pub(super) async fn run(mut self, stopping: CancellationToken) {
        let mut pause = PAUSES.0;
        while !stopping.is_cancelled() {
            let begun = tokio::time::Instant::now();
            let last = async {
                stopping.cancelled().await;
                tokio::time::sleep(LAST_EVENTS).await;
            };
            let ended = tokio::select! {
                ended = self.connected() => ended,
                () = last => return,
            };
            let Err(cause) = ended else { return };
            self.state.degraded(&cause);
            // A connection that was there for a while says that Redis is well, or was until now.
            if begun.elapsed() > 2 * PAUSES.1 {
                pause = PAUSES.0;
            }
            let pause_now = self.process.spread(pause);
            pause = (pause * 2).min(PAUSES.1);
            stopping
                .run_until_cancelled(tokio::time::sleep(pause_now))
                .await;
        }
    }

    /// Relays over one connection. Returns why that is over, or nothing if there is nothing more to tell.
    async fn connected(&mut self) -> Result<(), String> {
        let connection = Connection::open(&self.config, &self.seal, &self.state).await;
        let mut connection = connection.map_err(|error| error.to_string())?;
        let channel = &self.config.channel;
        tokio::select! {
            sent = self.sending.run(&mut connection.publish, channel) => {
                sent.map_err(|error| error.to_string())
            }
            cause = self.receiving.run(&mut connection.heard) => Err(cause),
        }
    }
}
