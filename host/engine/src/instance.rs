//! A policy's live instance.

mod failure;

use wasmtime::{Store, component};
use wasmtime_wizer::{ComponentContext, WasmtimeWizerComponent, Wizer};

use crate::cause::Cause;
use crate::config::CallBounds;
use crate::host::{HostState, Scope, Work};
use crate::permit::InstancePermit;
use crate::policy::Start;
use crate::wit::{self, hooks};

/// A store with one instance of a policy, which serves one exchange. It must be dropped after a
/// failure.
pub(crate) struct Instance {
    // Fields are dropped in this order: the store has to leave the pool before its permit is given
    // back.
    store: Store<HostState>,
    handle: component::Instance,
    policy: wit::Policy,
    permit: InstancePermit,
}

/// Makes a store without fuel.
fn store(engine: &wasmtime::Engine, state: HostState) -> Store<HostState> {
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(store.data().bounds.handed);
    // At each tick a running policy gives way to other tasks and then continues. Fuel and the
    // deadline end it, not the epoch.
    store.epoch_deadline_async_yield_and_update(1);
    store
}

impl Instance {
    /// Instantiates the policy, and configures it if there is no snapshot. The bounds for that are
    /// those in `state`.
    pub(crate) async fn start(
        start: &Start,
        state: HostState,
        permit: InstancePermit,
    ) -> Result<Self, Cause> {
        let running = permit.running();
        let mut store = store(start.component.engine(), state);
        // Instantiating runs the component's start functions, so it is metered too.
        let limit = store.data().bounds.fuel;
        fuel(&mut store, limit)?;
        let (handle, policy) = match instantiate(&mut store, start).await {
            Ok(made) => made,
            Err(error) => return Err(failure::cause(&error, store.data_mut())),
        };
        drop(running);
        let mut instance = Self {
            store,
            handle,
            policy,
            permit,
        };
        if let Some(config) = &start.configure {
            instance.configure(config).await?;
        }
        Ok(instance)
    }

    async fn configure(&mut self, config: &String) -> Result<(), Cause> {
        let _running = self.permit.running();
        let hooks = self.policy.sluice_policy_hooks();
        match hooks.call_configure(&mut self.store, config).await {
            // The answer is ignored: what the policy wants was read at load and does not change.
            Ok(Ok(_)) => Ok(()),
            Ok(Err(faults)) => Err(Cause::illegal(format_args!(
                "`configure` took its config at load and refuses it now: {}",
                faults.join(" ")
            ))),
            Err(error) => Err(failure::cause(&error, self.store.data_mut())),
        }
    }

    /// Calls one hook within these bounds. `work` counts what the host does for it. The instance
    /// must be dropped after an error.
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
        let _running = self.permit.running();
        let hooks = self.policy.sluice_policy_hooks();
        match hook(hooks, &mut self.store).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(failure::cause(&error, self.store.data_mut())),
        }
    }

    /// Takes a snapshot: the component with the state of this instance.
    pub(crate) async fn snapshot(
        mut self,
        wizer: &Wizer,
        context: &ComponentContext<'_>,
    ) -> wasmtime::Result<Vec<u8>> {
        // From here on only the host's instrumentation runs, so the policy's bounds no longer
        // apply. It grows each memory by a page and hands over everything below.
        self.state().limiter.lift();
        self.store.set_hostcall_fuel(usize::MAX);
        self.store.set_fuel(u64::MAX)?;
        let _running = self.permit.running();
        let mut component = WasmtimeWizerComponent {
            store: &mut self.store,
            instance: self.handle,
        };
        wizer.snapshot_component(context, &mut component).await
    }

    /// The fuel that the last call spent, including the host's work for it.
    pub(crate) fn spent(&self) -> u64 {
        let left = self.store.get_fuel().unwrap_or_default();
        let state = self.store.data();
        state.bounds.fuel.saturating_sub(left) + state.work.fuel()
    }

    /// Sets whether the next calls may edit the request or only read it.
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

/// Sets the fuel of the next call.
pub(crate) fn fuel(store: &mut Store<HostState>, fuel: u64) -> Result<(), Cause> {
    store
        .set_fuel(fuel)
        .map_err(|error| Cause::Host(error.to_string()))
}
