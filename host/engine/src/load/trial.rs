//! Runs a policy before any exchange does, within bounds.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use wasmtime::component::{Component, Linker};

use super::LoadFault;
use crate::config::CallBounds;
use crate::host::{self, Counters, HostState, Scope, Telemetry, Work};
use crate::instance::Instance;
use crate::permit::InstancePermit;
use crate::policy::Start;
use crate::{Cause, Description, Engine, Limits, PolicySpec, text};

/// The most faults of a config that are shown, and the longest of them in bytes.
const FAULTS_MAX: usize = 64;
const FAULT_MAX: usize = 1024;

/// Calls a policy's load hooks. It has a runtime of its own, because loading blocks its thread.
pub(super) struct Trial<'a> {
    engine: &'a Engine,
    limits: Limits,
    name: Arc<str>,
    counters: Arc<Counters>,
    runtime: Runtime,
}

impl<'a> Trial<'a> {
    pub(super) fn new(engine: &'a Engine, spec: &PolicySpec) -> Result<Self, LoadFault> {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| LoadFault::Thread(error.to_string()))?;
        Ok(Self {
            engine,
            limits: spec.limits,
            name: spec.name.as_str().into(),
            counters: Arc::default(),
            runtime,
        })
    }

    fn bounds(&self) -> CallBounds {
        self.limits.load(self.engine.config().load_deadline)
    }

    pub(super) fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(super) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Calls `describe` on an instance of its own. Imports that will be refused are linked as
    /// traps, because only `describe` tells whether they were declared.
    pub(super) fn describe(&self, component: &Component) -> Result<Description, LoadFault> {
        let hook = "describe";
        let mut linker = linker(component.engine())?;
        linker
            .define_unknown_imports_as_traps(component)
            .map_err(contract)?;
        let start = Start::new(&linker, component, None).map_err(contract)?;
        let permit = self.permit(hook)?;
        let json = self.within(hook, async {
            let mut instance = self.start_instance(hook, &start, permit).await?;
            instance
                .call(self.bounds(), Work::default(), async |hooks, store| {
                    hooks.call_describe(store).await
                })
                .await
        })?;
        Description::parse(&json).map_err(LoadFault::Description)
    }

    /// Calls `configure` on an instance that may become the snapshot. Returns the instance and what
    /// the policy wants.
    pub(super) fn configure(
        &self,
        component: &Component,
        config: &String,
    ) -> Result<(Instance, String), LoadFault> {
        let hook = "configure";
        let start = self.start(component, None)?;
        let permit = self.permit(hook)?;
        let (instance, answer) = self.within(hook, async {
            let mut instance = self.start_instance(hook, &start, permit).await?;
            let answer = instance
                .call(self.bounds(), Work::default(), async |hooks, store| {
                    hooks.call_configure(store, config).await
                })
                .await?;
            Ok((instance, answer))
        })?;
        let wants = answer.map_err(config_faults)?;
        Ok((instance, wants))
    }

    /// Makes an instance of what exchanges will start from, so that a failure shows now.
    pub(super) fn instantiate(&self, start: &Start) -> Result<(), LoadFault> {
        let hook = "configure";
        let permit = self.permit(hook)?;
        self.within(hook, self.start_instance(hook, start, permit))
            .map(drop)
    }

    /// Links what exchanges start from. The linker holds only what was granted.
    pub(super) fn start(
        &self,
        component: &Component,
        configure: Option<String>,
    ) -> Result<Start, LoadFault> {
        Start::new(&linker(component.engine())?, component, configure).map_err(contract)
    }

    pub(super) fn block_on<R>(&self, run: impl Future<Output = R>) -> Option<R> {
        let deadline = self.engine.config().load_deadline;
        self.runtime
            .block_on(async { timeout(deadline, run).await.ok() })
    }

    fn within<R>(
        &self,
        hook: &'static str,
        run: impl Future<Output = Result<R, Cause>>,
    ) -> Result<R, LoadFault> {
        self.block_on(run)
            .unwrap_or(Err(Cause::Deadline {
                limit: self.bounds().time,
            }))
            .map_err(|cause| LoadFault::Failed { hook, cause })
    }

    /// Waits for a permit if exchanges hold all of them.
    fn permit(&self, hook: &'static str) -> Result<InstancePermit, LoadFault> {
        self.block_on(self.engine.permit())
            .ok_or(LoadFault::Failed {
                hook,
                cause: Cause::NoInstance {
                    limit: self.bounds().time,
                },
            })
    }

    async fn start_instance(
        &self,
        hook: &'static str,
        start: &Start,
        permit: InstancePermit,
    ) -> Result<Instance, Cause> {
        let telemetry = Telemetry::new(self.name(), Arc::from(""), self.counters());
        let scope = Scope::Load { hook };
        let state = HostState::new(&self.limits, self.bounds(), telemetry, scope);
        Instance::start(start, state, permit).await
    }
}

fn linker(engine: &wasmtime::Engine) -> Result<Linker<HostState>, LoadFault> {
    let mut linker = Linker::new(engine);
    host::link(&mut linker).map_err(contract)?;
    Ok(linker)
}

fn contract(error: wasmtime::Error) -> LoadFault {
    LoadFault::Contract(text::one_line(text::cut(&format!("{error:#}"), FAULT_MAX)))
}

fn config_faults(faults: Vec<String>) -> LoadFault {
    let shown = faults.iter().take(FAULTS_MAX);
    let shown = shown.map(|fault| text::one_line(text::cut(fault, FAULT_MAX)));
    LoadFault::Config(shown.collect())
}
