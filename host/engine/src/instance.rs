//! A policy's live instance.

use wasmtime::{Store, component};
use wasmtime_wizer::{ComponentContext, WasmtimeWizerComponent, Wizer};

use crate::Limits;
use crate::cause::Cause;
use crate::host::{HostState, Scope};
use crate::policy::Start;
use crate::room::Room;
use crate::wit::{self, hooks};

/// The most that a policy can hand the host in one call, in bytes. Wasmtime's own bound is 128 MiB,
/// which a thousand instances together could make a machine's whole memory.
const HOSTCALL_BYTES: usize = 4 << 20;

/// A store with one instance of a policy. It serves one exchange; after a failure it must be dropped.
pub(crate) struct Instance {
    // Fields are dropped in this order: the store leaves the pool before its room is given back.
    store: Store<HostState>,
    handle: component::Instance,
    policy: wit::Policy,
    room: Room,
}

/// A store with no fuel yet.
fn store(engine: &wasmtime::Engine, state: HostState) -> Store<HostState> {
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(HOSTCALL_BYTES);
    // At each tick a running policy gives way to other tasks and then goes on: fuel and the deadline
    // end it, not the epoch.
    store.epoch_deadline_async_yield_and_update(1);
    store
}

impl Instance {
    /// Instantiates, and configures where there is no snapshot.
    pub(crate) async fn start(
        start: &Start,
        limits: &Limits,
        state: HostState,
        room: Room,
    ) -> Result<Self, Cause> {
        let running = room.running();
        let mut store = store(start.component.engine(), state);
        // Instantiating runs the component's start functions, so it is metered as well.
        fuel(&mut store, limits.load_fuel())?;
        let (handle, policy) = match instantiate(&mut store, start).await {
            Ok(made) => made,
            Err(error) => return Err(Cause::of(&error, store.data_mut())),
        };
        drop(running);
        let mut instance = Self {
            store,
            handle,
            policy,
            room,
        };
        if let Some(config) = &start.configure {
            instance.configure(config).await?;
        }
        Ok(instance)
    }

    async fn configure(&mut self, config: &String) -> Result<(), Cause> {
        let _running = self.room.running();
        let hooks = self.policy.sluice_policy_hooks();
        match hooks.call_configure(&mut self.store, config).await {
            // What it wants was read at load and does not change.
            Ok(Ok(_)) => Ok(()),
            Ok(Err(faults)) => Err(Cause::illegal(format_args!(
                "`configure` took its config at load and refuses it now: {}",
                faults.join(" ")
            ))),
            Err(error) => Err(Cause::of(&error, self.store.data_mut())),
        }
    }

    /// Calls one hook with this much fuel. After an error the instance must be dropped.
    pub(crate) async fn call<R>(
        &mut self,
        limit: u64,
        hook: impl AsyncFnOnce(&hooks::Guest, &mut Store<HostState>) -> wasmtime::Result<R>,
    ) -> Result<R, Cause> {
        fuel(&mut self.store, limit)?;
        self.store.data_mut().limiter.take_denied();
        let _running = self.room.running();
        let hooks = self.policy.sluice_policy_hooks();
        match hook(hooks, &mut self.store).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(Cause::of(&error, self.store.data_mut())),
        }
    }

    /// The component as this instance leaves it.
    pub(crate) async fn snapshot(
        mut self,
        wizer: &Wizer,
        context: &ComponentContext<'_>,
    ) -> wasmtime::Result<Vec<u8>> {
        // These bounds are the policy's, and from here on only the host's instrumentation runs: it
        // grows each memory by a page and hands over all that is below.
        self.state().limiter.lift();
        self.store.set_hostcall_fuel(usize::MAX);
        self.store.set_fuel(u64::MAX)?;
        let _running = self.room.running();
        let mut component = WasmtimeWizerComponent {
            store: &mut self.store,
            instance: self.handle,
        };
        wizer.snapshot_component(context, &mut component).await
    }

    /// The fuel that the last call left.
    pub(crate) fn fuel_left(&self) -> u64 {
        self.store.get_fuel().unwrap_or_default()
    }

    /// From now on the request can be read and not edited, or both.
    pub(crate) fn allow_edits(&mut self, allow: bool) {
        if let Scope::Exchange { editable, .. } = &mut self.state().scope {
            *editable = allow;
        }
    }

    pub(crate) fn state(&mut self) -> &mut HostState {
        self.store.data_mut()
    }
}

async fn instantiate(
    store: &mut Store<HostState>,
    start: &Start,
) -> wasmtime::Result<(component::Instance, wit::Policy)> {
    let handle = start.component.instantiate_async(&mut *store).await?;
    let policy = start.hooks.load(store, &handle)?;
    Ok((handle, policy))
}

/// A whole call's worth.
pub(crate) fn fuel(store: &mut Store<HostState>, fuel: u64) -> Result<(), Cause> {
    store
        .set_fuel(fuel)
        .map_err(|error| Cause::Host(error.to_string()))
}
