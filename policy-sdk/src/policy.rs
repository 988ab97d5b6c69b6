//! The trait that every policy implements.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Block, BlockVerdict, Faults, Request, RequestVerdict, TextVerdict, Wants};

/// A policy. One instance serves one exchange: its fields live from the request to the end of the reply and are
/// not shared with another exchange. A policy that keeps nothing between calls asks for
/// [`stateless`](Wants::stateless) calls and then holds no memory.
///
/// By default each hook does nothing, and the host calls only the hooks that [`wants`](Self::wants) asks for. Fuel,
/// memory and time are bounded for each call. If a call panics or exceeds a bound, the policy has failed, and
/// `on_failure` of the policy file decides about the rest of the exchange.
pub trait Policy: Sized + 'static {
    /// The type of what the operator writes under `config`. Use [`NoConfig`](crate::NoConfig) if there is nothing
    /// to configure.
    ///
    /// Unknown fields are refused in any case. Put `#[serde(deny_unknown_fields)]` on the type all the same, so that
    /// its schema says so too and editors mark the line.
    type Config: DeserializeOwned + JsonSchema;

    /// The interfaces that the policy imports besides the request and telemetry, such as `clock`. The operator has to
    /// grant each of them.
    const NEEDS: &'static [&'static str] = &[];

    /// Takes the operator's configuration, once, when the policy is loaded.
    ///
    /// The host takes a snapshot right after this call, and every exchange starts from it. So this is the place to
    /// compile patterns and to build tables. Run one match with each pattern too: what the pattern builds lazily is
    /// then in the snapshot and not built anew in every exchange. Of the host only
    /// [`telemetry`](crate::telemetry) may be called here; anything else is an error.
    fn configure(config: Self::Config) -> Result<Self, Faults>;

    /// Returns what the policy asks to see. The host calls it once, after [`configure`](Self::configure).
    fn wants(&self) -> Wants;

    /// Judges the request before it is sent upstream. No other hook may edit the request.
    fn on_request(&mut self, request: &mut Request) -> RequestVerdict {
        let _ = request;
        RequestVerdict::Forward
    }

    /// Judges a finished block of the reply.
    fn on_block(&mut self, block: Block, request: &Request) -> BlockVerdict {
        let _ = (block, request);
        BlockVerdict::Keep
    }

    /// Judges a piece of a text block as it arrives. How the text is cut into pieces has no meaning. Use
    /// [`pieces`](crate::pieces) to find what a cut divides.
    fn on_text(&mut self, piece: Piece<'_>, request: &Request) -> TextVerdict {
        let _ = (piece, request);
        TextVerdict::Keep
    }

    /// Called after the last block. Returns the texts to add; they go before the first tool call
    /// that was held. `stop_reason` is upstream's word for why the model stopped.
    fn on_end(&mut self, stop_reason: &str, request: &Request) -> Vec<String> {
        let _ = (stop_reason, request);
        Vec::new()
    }
}

/// A piece of a text block, as it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What arrived.
    pub text: &'a str,
    /// Whether the block is over. The text is then empty. Send everything that was held back.
    pub last: bool,
}
