//! The host's side of what policies import, one file for each interface.

mod request;
mod telemetry;
mod work;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sluice_protocol::Request;
use wasmtime::component::{HasSelf, Linker};

pub use self::telemetry::Counters;
pub(crate) use self::telemetry::Telemetry;
pub(crate) use self::work::Work;
use crate::cause::Illegal;
use crate::config::CallBounds;
use crate::limiter::Limiter;
use crate::{Context, Limits, wit};

/// What one instance of a policy can reach.
pub(crate) struct HostState {
    pub(crate) limiter: Limiter,
    pub(crate) telemetry: Telemetry,
    pub(crate) scope: Scope,
    /// What the call that runs may cost.
    pub(crate) bounds: CallBounds,
    /// What the host has done for it.
    pub(crate) work: Work,
}

/// When an instance is called, which decides what its imports may do.
pub(crate) enum Scope {
    /// While the policy is loaded: there is no request.
    Load {
        /// The hook that is called.
        hook: &'static str,
    },
    /// In an exchange.
    Exchange {
        /// The exchange.
        exchange: Arc<Exchange>,
        /// Whether the hook may edit the request.
        editable: bool,
        /// Whether it did.
        edited: bool,
    },
}

/// The request of an exchange, shared with whoever sends it upstream. Policies lock it while they read
/// or edit: whoever holds the lock must not wait for the chain.
pub type SharedRequest = Arc<Mutex<Box<dyn Request>>>;

/// What all policies of one exchange share.
pub(crate) struct Exchange {
    pub(crate) id: Arc<str>,
    context: Context,
    request: SharedRequest,
    context_json: OnceLock<String>,
}

impl Exchange {
    pub(crate) fn new(context: Context, request: SharedRequest) -> Self {
        Self {
            id: context.exchange.as_str().into(),
            context,
            request,
            context_json: OnceLock::new(),
        }
    }

    /// The context as policies read it; most exchanges never need it.
    fn context_json(&self) -> &str {
        self.context_json.get_or_init(|| {
            serde_json::to_string(&self.context).expect("strings, numbers and maps of strings")
        })
    }

    /// The request, for one look or edit.
    pub(crate) fn request(&self) -> MutexGuard<'_, Box<dyn Request>> {
        // An edit that panicked left the request as it was: edits are spliced in late.
        self.request.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HostState {
    pub(crate) fn new(
        limits: &Limits,
        bounds: CallBounds,
        telemetry: Telemetry,
        scope: Scope,
    ) -> Self {
        Self {
            limiter: Limiter::new(limits.memory_bytes),
            telemetry,
            scope,
            bounds,
            work: Work::default(),
        }
    }

    /// Pays for so many bytes of the host's work.
    fn pay(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.work.pay(bytes, self.bounds.fuel)
    }

    /// Whether the request was edited since this was last asked.
    pub(crate) fn take_edited(&mut self) -> bool {
        match &mut self.scope {
            Scope::Exchange { edited, .. } => std::mem::take(edited),
            Scope::Load { .. } => false,
        }
    }

    fn exchange(&self) -> wasmtime::Result<&Exchange> {
        match &self.scope {
            Scope::Exchange { exchange, .. } => Ok(exchange),
            Scope::Load { hook } => Err(Illegal::error(format!(
                "it used `request` in `{hook}`, where there is no request"
            ))),
        }
    }
}

/// Links what every policy may import. Interfaces that need a grant are added by name here, once this
/// version offers some.
pub(crate) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    wit::types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    wit::request::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    wit::telemetry::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}
