//! A policy's live instance.

use wasmtime::{Store, component};
use wasmtime_wizer::{ComponentContext, WasmtimeWizerComponent, Wizer};

use crate::cause::Cause;
use crate::config::CallBounds;
use crate::host::{HostState, Scope, Work};
use crate::policy::Start;
use crate::room::Room;
use crate::wit::{self, hooks};

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
    store.set_hostcall_fuel(store.data().bounds.handed);
    // At each tick a running policy gives way to other tasks and then goes on: fuel and the deadline
    // end it, not the epoch.
    store.epoch_deadline_async_yield_and_update(1);
    store
}

impl Instance {
    /// Instantiates, and configures where there is no snapshot. The bounds of that are those in `state`.
    pub(crate) async fn start(start: &Start, state: HostState, room: Room) -> Result<Self, Cause> {
        let running = room.running();
        let mut store = store(start.component.engine(), state);
        // Instantiating runs the component's start functions, so it is metered as well.
        let limit = store.data().bounds.fuel;
        fuel(&mut store, limit)?;
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

    /// Calls one hook within these bounds; `work` is what it may have the host do. After an error the
    /// instance must be dropped.
    pub(crate) async fn call<R>(
        &mut self,
        bounds: CallBounds,
        work: Work,
        hook: impl AsyncFnOnce(&hooks::Guest, &mut Store<HostState>) -> wasmtime::Result<R>,
    ) -> Result<R, Cause> {
        fuel(&mut self.store, bounds.fuel)?;
        self.store.set_hostcall_fuel(bounds.handed);
        let state = self.store.data_mut();
        state.limiter.take_denied();
        state.bounds = bounds;
        state.work = work;
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

    /// The fuel that the last call spent, with what the host did for it.
    pub(crate) fn spent(&self) -> u64 {
        let left = self.store.get_fuel().unwrap_or_default();
        let state = self.store.data();
        state.bounds.fuel.saturating_sub(left) + state.work.fuel()
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
