//! A connection to Redis that publishes and hears.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Msg, PushInfo, PushKind, RedisResult};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Config;
use super::receive::LARGEST;
use super::seal::{self, Seal};
use super::state::State;

/// How long connecting may take, and how long Redis may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most messages that wait to be read. Those beyond are lost, and found missing by their numbers.
const WAITING: usize = 16_384;

/// The two halves of a connection.
pub(super) struct Connection {
    pub(super) publish: MultiplexedConnection,
    pub(super) heard: Heard,
}

/// What is heard on a connection.
pub(super) struct Heard {
    /// What was signed, without its signature.
    pub(super) messages: mpsc::Receiver<Vec<u8>>,
    /// Cancelled when the connection is lost.
    pub(super) lost: CancellationToken,
}

impl Connection {
    /// Connects and begins to hear the channel.
    pub(super) async fn open(config: &Config, seal: &Seal, state: &State) -> RedisResult<Self> {
        let (messages, waiting) = mpsc::channel(WAITING);
        let lost = CancellationToken::new();
        let (pushed, is_lost) = (messages, lost.clone());
        let (seal, state) = (seal.clone(), state.clone());
        let push = move |info: PushInfo| {
            match info.kind {
                PushKind::Disconnection => is_lost.cancel(),
                PushKind::Message => {
                    // One that is too large is found missing by its number.
                    let message = Msg::from_push_info(info);
                    let fits =
                        |message: &Msg| message.get_payload_bytes().len() <= LARGEST + seal::ADDED;
                    if let Some(message) = message.filter(fits) {
                        // Before it takes a place among those that wait.
                        match seal.open(message.get_payload_bytes()) {
                            // Waiting for room would stop the connection.
                            Some(message) => drop(pushed.try_send(message.to_vec())),
                            None => state.unsigned(),
                        }
                    }
                }
                _ => {}
            }
            Ok::<_, redis::aio::SendError>(())
        };
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_push_sender(push);
        let client = &config.client;
        let mut publish = client
            .get_multiplexed_async_connection_with_config(&settings)
            .await?;
        publish.subscribe(&config.channel).await?;
        Ok(Self {
            publish,
            heard: Heard {
                messages: waiting,
                lost,
            },
        })
    }
}
