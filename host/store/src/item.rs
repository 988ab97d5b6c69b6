//! What a writer takes: exchanges that begin and end, and what is learned of them later.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::exchange::{Ending, Exchange};
use crate::fields;

/// What was learned of an exchange after it was handed over: how it ended in truth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// The exchange. If it isn't stored, because it was erased meanwhile, nothing is changed.
    #[serde(with = "fields::uuid")]
    pub id: Uuid,
    /// How it ended.
    pub ending: Ending,
    /// Why it ended so, if there is something to say.
    pub cause: Option<String>,
    /// How long it took.
    pub total: Duration,
}

/// One thing to write.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// An exchange that is under way, as far as it is known, and its process.
    Begun(Arc<Exchange>, Uuid),
    /// An exchange that is over.
    Ended(Arc<Exchange>),
    /// An exchange whose process ended before it did. It is stored only if it is still under way by then.
    Cut(Arc<Exchange>),
    Amended(Amendment),
}

impl Item {
    /// Which exchange it is about.
    pub(crate) fn id(&self) -> Uuid {
        match self {
            Self::Begun(exchange, _) | Self::Ended(exchange) | Self::Cut(exchange) => exchange.id,
            Self::Amended(amendment) => amendment.id,
        }
    }

    /// Roughly how many bytes it holds.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Begun(exchange, _) | Self::Ended(exchange) | Self::Cut(exchange) => {
                exchange.size()
            }
            Self::Amended(amendment) => {
                size_of::<Self>() + amendment.cause.as_ref().map_or(0, String::len)
            }
        }
    }
}
