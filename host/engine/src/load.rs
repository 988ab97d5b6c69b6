//! From a component's bytes to a policy that is ready to serve.
//!
//! Everything that is wrong with a policy is found here, before an exchange meets it. What runs of the policy runs
//! within bounds. Loading either compiles the component and tries its load hooks, or takes the result of an earlier
//! load from the cache.

mod cached;
mod code;
mod compile;
mod fault;
mod fresh;
mod heap;
mod imports;
mod inspect;
mod metadata;
mod priority;
mod trial;

use std::any::Any;
use std::collections::BTreeSet;
use std::panic;
use std::sync::{Arc, PoisonError};
use std::thread;

pub use self::fault::{LoadError, LoadFault, LoadSetError};
pub use self::inspect::Inspection;

use self::cached::Cached;
use self::code::Origin;
use self::trial::Trial;
use crate::digest::Digest;
use crate::policy::{Identity, Start};
use crate::wants::PolicyWants;
use crate::{Description, Engine, Policy, PolicySet, PolicySpec, Snapshot, revision};

/// The longest name of a policy, which stands in logs, notices and metrics.
const NAME_MAX: usize = 64;

/// The result of a load, whether it was compiled or came from the cache.
struct Ready {
    description: Description,
    /// The interfaces that it imports besides those that every policy has.
    imports: BTreeSet<String>,
    wants: PolicyWants,
    /// What `configure` answered.
    wants_json: String,
    snapshot: Snapshot,
    /// What an exchange starts from. `None` for a policy that wants nothing.
    start: Option<Start>,
    /// Whether another load would have the same result. A snapshot that could not be taken in time may be taken the
    /// next time.
    repeatable: bool,
}

impl Engine {
    /// Loads one policy. It blocks for as long as compiling takes, so call it off the async threads.
    pub fn load(&self, spec: PolicySpec) -> Result<Policy, LoadError> {
        let identity = Identity::of(&spec);
        self.load_as(&spec, identity, None)
    }

    /// Loads a whole set, from the first policy to the last. If something is wrong, the error tells of every policy
    /// at fault. A policy that is the same in `previous` is taken from there. It blocks as [`load`](Self::load)
    /// does.
    pub fn load_set(
        &self,
        specs: Vec<PolicySpec>,
        previous: Option<&PolicySet>,
    ) -> Result<Vec<Arc<Policy>>, LoadSetError> {
        let mut policies = Vec::with_capacity(specs.len());
        let mut errors = duplicates(&specs);
        for spec in specs {
            match self.load_or_take(&spec, previous) {
                Ok(policy) => policies.push(policy),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            return Ok(policies);
        }
        Err(LoadSetError(errors))
    }

    fn load_or_take(
        &self,
        spec: &PolicySpec,
        previous: Option<&PolicySet>,
    ) -> Result<Arc<Policy>, LoadError> {
        let identity = Identity::of(spec);
        let known = previous.map(PolicySet::policies).unwrap_or_default();
        match known.iter().find(|policy| policy.is(spec, &identity)) {
            Some(policy) => Ok(Arc::clone(policy)),
            None => {
                let before = known.iter().find(|policy| **policy.name() == *spec.name);
                let before = before.map(|policy| policy.digest());
                self.load_as(spec, identity, before).map(Arc::new)
            }
        }
    }

    fn load_as(
        &self,
        spec: &PolicySpec,
        identity: Identity,
        successor_of: Option<Digest>,
    ) -> Result<Policy, LoadError> {
        self.apart(|| load(self, spec, identity, successor_of))
            .map_err(|fault| LoadError::new(&spec.name, fault))
    }

    /// Runs on a thread of its own: compiling wants a deep stack, and a compiler that panics must not take
    /// the server with it.
    fn apart<R: Send>(
        &self,
        run: impl FnOnce() -> Result<R, LoadFault> + Send,
    ) -> Result<R, LoadFault> {
        let _one_at_a_time = self
            .loading()
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        thread::scope(|scope| {
            thread::Builder::new()
                .name("sluice-load".to_owned())
                .stack_size(8 << 20)
                .spawn_scoped(scope, run)
                .map_err(|error| LoadFault::Thread(error.to_string()))?
                .join()
                .unwrap_or_else(|panic| Err(LoadFault::Panicked(panic_text(panic.as_ref()))))
        })
    }
}

fn load(
    engine: &Engine,
    spec: &PolicySpec,
    identity: Identity,
    successor_of: Option<Digest>,
) -> Result<Policy, LoadFault> {
    check_name(&spec.name)?;
    check_limits(engine, spec)?;
    imports::check_grants(&spec.grants)?;
    compile::check(engine, &spec.component)?;
    let trial = Trial::new(engine, spec)?;
    let origin = Origin {
        digest: identity.digest,
        successor_of,
    };
    let ready = ready(engine, spec, origin, &trial)?;
    if let Snapshot::PerExchange { reason } = &ready.snapshot {
        tracing::warn!(
            policy.name = spec.name,
            "no snapshot of the policy was taken, so each exchange configures it anew: {reason}"
        );
    }
    Ok(Policy {
        engine: engine.clone(),
        name: trial.name(),
        counters: trial.counters(),
        revision: revision::of(&identity),
        identity,
        description: ready.description,
        wants: ready.wants,
        snapshot: ready.snapshot,
        start: ready.start,
    })
}

/// Takes the policy from the cache if it is there. Otherwise compiles it and puts the result into the cache. Faults of
/// a policy are not cached.
fn ready(
    engine: &Engine,
    spec: &PolicySpec,
    origin: Origin,
    trial: &Trial<'_>,
) -> Result<Ready, LoadFault> {
    let config = spec.config.to_string();
    let cached = Cached::new(engine, spec, origin.digest, &config);
    let found = cached.as_ref();
    if let Some(ready) = found.and_then(|cached| cached.find(spec, &config, trial)) {
        return Ok(ready);
    }
    priority::give_way();
    let ready = fresh::load(engine, spec, origin, &config, trial)?;
    let ready = match cached {
        None => ready,
        Some(cached) => {
            cached.keep(&ready);
            // What comes from the cache may be mapped, which takes less memory than what was just made.
            cached.find(spec, &config, trial).unwrap_or(ready)
        }
    };
    heap::give_back();
    Ok(ready)
}

/// A name stands in logs, in notices between backticks and in metrics.
fn check_name(name: &str) -> Result<(), LoadFault> {
    let legal = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' ');
    if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(legal) {
        return Err(LoadFault::Name { max: NAME_MAX });
    }
    Ok(())
}

fn check_limits(engine: &Engine, spec: &PolicySpec) -> Result<(), LoadFault> {
    let (limits, config) = (&spec.limits, engine.config());
    if limits.memory_bytes > config.max_memory_bytes {
        return Err(LoadFault::Limits(format!(
            "its memory limit of {} bytes is over the engine's {}",
            limits.memory_bytes, config.max_memory_bytes
        )));
    }
    if limits.request_fuel == 0 || limits.block_fuel == 0 || limits.deadline.is_zero() {
        return Err(LoadFault::Limits(
            "fuel and deadline must be over zero".to_owned(),
        ));
    }
    Ok(())
}

/// Finds policies of the same name: they could not be told apart in a log or a recording.
fn duplicates(specs: &[PolicySpec]) -> Vec<LoadError> {
    let mut seen = BTreeSet::new();
    let twice = specs.iter().filter(|spec| !seen.insert(&spec.name));
    twice
        .map(|spec| LoadError::new(&spec.name, LoadFault::Duplicate))
        .collect()
}

/// Runs code that may panic over a hostile component. The state of that code must not be used after a panic.
fn guard<R>(run: impl FnOnce() -> Result<R, String>) -> Result<R, String> {
    panic::catch_unwind(panic::AssertUnwindSafe(run))
        .unwrap_or_else(|panic| Err(panic_text(panic.as_ref())))
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    crate::text::one_line(crate::text::cut(text.unwrap_or("it panicked"), 1024))
}
