//! The host's side of the interfaces that policies import, with one file for each interface.

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
use crate::edits::EditLog;
use crate::level::EventLevel;
use crate::limiter::Limiter;
use crate::{Context, Limits, wit};

/// The state that the imports of one policy instance work on.
pub(crate) struct HostState {
    pub(crate) limiter: Limiter,
    pub(crate) telemetry: Telemetry,
    pub(crate) scope: Scope,
    /// The bounds of the call that is running.
    pub(crate) bounds: CallBounds,
    /// The work that the host has done for that call.
    pub(crate) work: Work,
}

/// When an instance is called. This decides what its imports may do.
pub(crate) enum Scope {
    /// The policy is being loaded, so there is no request.
    Load {
        /// The hook that is being called.
        hook: &'static str,
    },
    /// The policy serves an exchange.
    Exchange {
        /// The exchange.
        exchange: Arc<Exchange>,
        /// Whether the hook may edit the request.
        editable: bool,
        /// What the hook has edited of the request.
        edits: EditLog,
    },
}

/// The request of an exchange, shared with the code that sends it upstream. Policies lock it while
/// they read or edit, so a thread that holds the lock must not wait for the chain.
pub type SharedRequest = Arc<Mutex<Box<dyn Request>>>;

/// What all policies of one exchange share.
pub(crate) struct Exchange {
    pub(crate) id: Arc<str>,
    context: Context,
    request: SharedRequest,
    context_json: OnceLock<String>,
    /// How much its events tell.
    pub(crate) level: EventLevel,
}

impl Exchange {
    pub(crate) fn new(context: Context, request: SharedRequest, level: EventLevel) -> Self {
        Self {
            id: context.exchange.as_str().into(),
            context,
            request,
            context_json: OnceLock::new(),
            level,
        }
    }

    /// Returns the context as policies read it. It is made on demand, because most exchanges never
    /// need it.
    fn context_json(&self) -> &str {
        self.context_json.get_or_init(|| {
            serde_json::to_string(&self.context).expect("strings, numbers and maps of strings")
        })
    }

    /// Locks the request for one read or edit.
    pub(crate) fn request(&self) -> MutexGuard<'_, Box<dyn Request>> {
        // A poisoned lock is fine: an edit is spliced in at the end, so one that panicked left the
        // request unchanged.
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

    /// Charges the call for host work on this many bytes.
    fn pay(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.work.pay(bytes, self.bounds.fuel)
    }

    /// Takes what was edited of the request since the last call of this.
    pub(crate) fn take_edits(&mut self) -> EditLog {
        match &mut self.scope {
            Scope::Exchange { edits, .. } => edits.take(),
            Scope::Load { .. } => EditLog::default(),
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

/// Links what every policy may import. Once this version offers interfaces that need a grant, they
/// are added here by name.
pub(crate) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    wit::types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    wit::request::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    wit::telemetry::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}
