//! The component side of a policy: the contract's exports in terms of [`Policy`].
//! This is not an API: it is public because [`export!`](crate::export) uses it.

mod convert;

use std::cell::RefCell;
use std::thread::LocalKey;

use serde_json::{Value, json};

use crate::bindings::exports::sluice::policy::hooks as wit;
use crate::config;
use crate::telemetry::{self, Level};
use crate::{Piece, Policy, Request};

/// Holds the one policy of this component. The host takes a snapshot of it together with the memory around it.
pub struct Instance<P>(RefCell<Option<P>>);

/// The policy's name, version and summary, from its crate's manifest.
pub struct Identity {
    /// The crate's name.
    pub name: &'static str,
    /// The crate's version.
    pub version: &'static str,
    /// The crate's description.
    pub summary: &'static str,
}

/// Implemented by [`export!`](crate::export) for the policy that it exports.
pub trait Component: 'static {
    /// The policy.
    type Policy: Policy;
    /// Its name, version and summary.
    const IDENTITY: Identity;

    /// The thread-local that holds it.
    fn instance() -> &'static LocalKey<Instance<Self::Policy>>;
}

impl<P> Instance<P> {
    /// Holds no policy yet.
    pub const fn empty() -> Self {
        Self(RefCell::new(None))
    }
}

impl<C: Component> wit::Guest for C {
    fn describe() -> String {
        report_panics();
        describe::<C::Policy>(&C::IDENTITY).to_string()
    }

    fn configure(config: String) -> Result<String, Vec<String>> {
        report_panics();
        let policy = config::read(&config)
            .and_then(C::Policy::configure)
            .map_err(crate::Faults::into_vec)?;
        let wants = serde_json::to_string(&policy.wants()).expect("plain data is JSON");
        C::instance().with(|instance| instance.0.replace(Some(policy)));
        Ok(wants)
    }

    fn on_request() -> wit::RequestVerdict {
        with::<C, _>(|policy, request| policy.on_request(request)).into()
    }

    fn on_block(block: wit::Block) -> wit::BlockVerdict {
        with::<C, _>(|policy, request| policy.on_block(block.into(), request)).into()
    }

    fn on_text(piece: String, last: bool) -> wit::TextVerdict {
        let piece = Piece { text: &piece, last };
        with::<C, _>(|policy, request| policy.on_text(piece, request)).into()
    }

    fn on_end(stop_reason: String) -> Vec<wit::Block> {
        let added = with::<C, _>(|policy, request| policy.on_end(&stop_reason, request));
        added.into_iter().map(wit::Block::Text).collect()
    }
}

/// In a native build, lets the compiler check that the policy would make a component.
#[cfg(not(target_family = "wasm"))]
pub const fn check<C: Component>() {}

pub(crate) fn describe<P: Policy>(identity: &Identity) -> Value {
    json!({
        "name": identity.name,
        "version": identity.version,
        "summary": identity.summary,
        "config_schema": schemars::schema_for!(P::Config),
        "needs": P::NEEDS,
    })
}

fn with<C: Component, R>(hook: impl FnOnce(&mut C::Policy, &mut Request) -> R) -> R {
    C::instance().with(|instance| {
        let mut policy = instance.0.borrow_mut();
        let policy = policy
            .as_mut()
            .expect("the host configures before it calls a hook");
        hook(policy, &mut Request::of_this_exchange())
    })
}

/// Writes the text of a panic to the host's log. The trap alone would only say "unreachable".
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        telemetry::log(Level::Error, &panic.to_string());
    }));
}
