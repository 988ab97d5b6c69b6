//! Compiles a component twice: quickly, to try it, and then with optimisations, as `configure` left
//! it.

use wasmtime::component::Component;
use wasmtime_wizer::{ComponentContext, Wizer};

use super::code::Origin;
use super::trial::Trial;
use super::{LoadFault, code, guard};
use crate::instance::Instance;
use crate::policy::Start;
use crate::{Engine, text};

/// What a component begins with: the magic number, then version 13 of layer 1.
const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";
/// What a core module begins with.
const MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// A compiled component.
pub(super) struct Compiled<'a> {
    engine: &'a Engine,
    bytes: &'a [u8],
    origin: Origin,
    component: Component,
    /// What taking a snapshot needs, or why there will be no snapshot.
    instrumented: Result<ComponentContext<'a>, String>,
}

impl<'a> Compiled<'a> {
    /// Compiles the component, with the instrumentation for a snapshot if possible.
    pub(super) fn new(
        engine: &'a Engine,
        bytes: &'a [u8],
        origin: Origin,
    ) -> Result<Self, LoadFault> {
        let instrumented = guard(|| {
            if !engine.config().snapshots {
                return Err("snapshots are switched off".to_owned());
            }
            let (context, bytes) = wizer().instrument_component(bytes).map_err(one_line)?;
            let component = code::trial(engine, origin, &bytes)?;
            Ok((context, component))
        });
        let (component, instrumented) = match instrumented {
            Ok((context, component)) => (component, Ok(context)),
            Err(reason) => {
                let component = guard(|| code::trial(engine, origin, bytes));
                (component.map_err(LoadFault::Invalid)?, Err(reason))
            }
        };
        Ok(Self {
            engine,
            bytes,
            origin,
            component,
            instrumented,
        })
    }

    /// The component for trying the load hooks.
    pub(super) fn component(&self) -> &Component {
        &self.component
    }

    /// Whether a snapshot can be tried at all. The answer is the same for every load.
    pub(super) fn is_instrumented(&self) -> bool {
        self.instrumented.is_ok()
    }

    /// Returns the component as `configure` left it, or why there is no snapshot.
    pub(super) fn snapshot(
        &self,
        trial: &Trial<'_>,
        configured: Instance,
    ) -> Result<Start, String> {
        let context = self.instrumented.as_ref().map_err(Clone::clone)?;
        guard(|| {
            let bytes = trial
                .block_on(configured.snapshot(&wizer(), context))
                .ok_or("taking it took too long")?
                .map_err(one_line)?;
            let component = code::serving(self.engine, self.origin, &bytes)?;
            let start = trial.start(&component, None).map_err(|e| e.to_string())?;
            trial.instantiate(&start).map_err(|e| e.to_string())?;
            Ok(start)
        })
    }

    /// Compiles the component without a snapshot, to serve exchanges.
    pub(super) fn plain(&self) -> Result<Component, LoadFault> {
        guard(|| code::serving(self.engine, self.origin, self.bytes)).map_err(LoadFault::Invalid)
    }
}

/// Refuses bytes that are too large or no component, before they are compiled.
pub(super) fn check(engine: &Engine, bytes: &[u8]) -> Result<(), LoadFault> {
    let limit = engine.config().max_component_bytes;
    if bytes.len() > limit {
        return Err(LoadFault::TooLarge {
            bytes: bytes.len(),
            limit,
        });
    }
    if bytes.starts_with(&COMPONENT) {
        return Ok(());
    }
    Err(LoadFault::NotAComponent(if bytes.starts_with(&MODULE) {
        "it is a core module, which is yet to be encoded as one"
    } else {
        "it does not begin like one"
    }))
}

fn wizer() -> Wizer {
    let mut wizer = Wizer::new();
    // By default the snapshot would lose the function that Wizer takes for the initialiser.
    wizer.keep_init_func(true);
    wizer
}

pub(super) fn one_line(error: wasmtime::Error) -> String {
    text::one_line(text::cut(&format!("{error:#}"), 1024))
}
