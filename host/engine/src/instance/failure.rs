//! Finds out why a call failed, from wasmtime's error and the state of the instance.

use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

use crate::cause::{Cause, Illegal, TimeUp};
use crate::config::CallBounds;
use crate::host::HostState;
use crate::text;

/// Names what ended a call. `state` knows what the error alone does not say.
pub(super) fn cause(error: &wasmtime::Error, state: &mut HostState) -> Cause {
    let denied = state.limiter.take_denied();
    if let Some(illegal) = error.downcast_ref::<Illegal>() {
        return Cause::illegal(illegal);
    }
    let CallBounds { fuel, time, .. } = state.bounds;
    if error.is::<PoolConcurrencyLimitError>() {
        return Cause::NoInstance { limit: time };
    }
    if error.is::<TimeUp>() {
        return Cause::Deadline { limit: time };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Cause::Fuel { limit: fuel },
        // A denied growth ends in the guest's own trap, through its allocator.
        _ if denied => Cause::Memory {
            limit: state.limiter.limit(),
        },
        Some(trap) => trapped(&trap.to_string(), error, state),
        None => untyped(&error.root_cause().to_string(), error, state),
    }
}

/// Names an error that wasmtime gives no type.
fn untyped(text: &str, error: &wasmtime::Error, state: &mut HostState) -> Cause {
    if text.contains("fuel allocated for hostcalls") {
        let limit = state.bounds.handed;
        return Cause::illegal(format_args!(
            "it handed the host more than {limit} bytes in one call"
        ));
    }
    trapped(text, error, state)
}

/// The policy's last error line says more than `unreachable`: the SDK's panic hook puts the panic there.
fn trapped(trap: &str, error: &wasmtime::Error, state: &mut HostState) -> Cause {
    let text = match (state.telemetry.take_last_error(), function(error)) {
        (Some(said), _) => said,
        (None, Some(function)) => format!("{trap}, in `{function}`"),
        (None, None) => trap.to_owned(),
    };
    Cause::trap(&text)
}

/// Returns the name of the innermost function that has one.
fn function(error: &wasmtime::Error) -> Option<String> {
    let trace = error.downcast_ref::<WasmBacktrace>()?;
    let name = trace.frames().iter().find_map(|frame| frame.func_name())?;
    Some(text::one_line(text::cut(name, 200)))
}
