//! The trait that every policy implements, and the line that exports it.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Block, BlockVerdict, Faults, Request, RequestVerdict, TextVerdict, Wants};

/// A policy. One instance serves one exchange: its fields live from the request to the end of the
/// reply and are shared with no other exchange. One that needs no such memory asks for
/// [`stateless`](Wants::stateless) calls and holds none.
///
/// Every hook defaults to doing nothing, and the host calls only those that [`wants`](Self::wants)
/// asks for. Fuel, memory and time are bounded per call; a call that panics or overruns them is a
/// failure of the policy, and the operator's `on_failure` decides for the rest of the exchange.
pub trait Policy: Sized + 'static {
    /// What the operator writes under `config`; [`NoConfig`](crate::NoConfig) for a policy without.
    ///
    /// Fields that it does not have are refused. Put `#[serde(deny_unknown_fields)]` on it all the
    /// same: then its schema says so too, and editors mark the line.
    type Config: DeserializeOwned + JsonSchema;

    /// The interfaces that it imports beyond the request and telemetry: `clock`. The operator has
    /// to grant each.
    const NEEDS: &'static [&'static str] = &[];

    /// Takes the operator's configuration, once, when the policy is loaded.
    ///
    /// Exchanges start from a snapshot taken right after, so this is the place to compile patterns
    /// and build tables. Run one match with each pattern too: what it builds lazily then is in the
    /// snapshot, instead of being built anew in every exchange. Calling anything of the host here
    /// but [`telemetry`](crate::telemetry) is an error.
    fn configure(config: Self::Config) -> Result<Self, Faults>;

    /// What it asks to see. Asked once, after [`configure`](Self::configure).
    fn wants(&self) -> Wants;

    /// Judges the request, before it is sent upstream. The one hook that may edit it.
    fn on_request(&mut self, request: &mut Request) -> RequestVerdict {
        let _ = request;
        RequestVerdict::Forward
    }

    /// Judges a finished block of the reply.
    fn on_block(&mut self, block: Block, request: &Request) -> BlockVerdict {
        let _ = (block, request);
        BlockVerdict::Keep
    }

    /// Judges a piece of a text block, as it arrives. How the text is cut into pieces has no
    /// meaning; [`pieces`](crate::pieces) finds what the cuts hide.
    fn on_text(&mut self, piece: Piece<'_>, request: &Request) -> TextVerdict {
        let _ = (piece, request);
        TextVerdict::Keep
    }

    /// After the last block: texts to add, or nothing. They stand before the first tool call that
    /// was held. `stop_reason` is upstream's word for why the model stopped.
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
    /// Whether the block is over; the text is empty then. Send all that was held back.
    pub last: bool,
}

/// Makes a [`Policy`] the one that this crate's component exports.
///
/// Its name, version and summary are the crate's, from `Cargo.toml`. Natively it is checked and
/// exports nothing, so that a test can link several policies.
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        const _: () = {
            struct Component;

            ::std::thread_local! {
                static INSTANCE: $crate::guest::Instance<$policy> =
                    const { $crate::guest::Instance::empty() };
            }

            impl $crate::guest::Component for Component {
                type Policy = $policy;
                const IDENTITY: $crate::guest::Identity = $crate::guest::Identity {
                    name: ::core::env!("CARGO_PKG_NAME"),
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    summary: ::core::env!("CARGO_PKG_DESCRIPTION"),
                };

                fn instance() -> &'static ::std::thread::LocalKey<$crate::guest::Instance<$policy>>
                {
                    &INSTANCE
                }
            }

            #[cfg(not(target_family = "wasm"))]
            const _: fn() = $crate::guest::check::<Component>;
            #[cfg(target_family = "wasm")]
            const _: () = {
        $crate::bindings::export_policy!(Component with_types_in $crate::bindings);
            };
        };
    };
}
