//! Loads a policy without the cache: compile, describe, check the imports, configure, snapshot.

use super::code::Origin;
use super::compile::Compiled;
use super::trial::Trial;
use super::{LoadFault, Ready, imports};
use crate::policy::Start;
use crate::wants::PolicyWants;
use crate::{Engine, PolicySpec, Snapshot};

/// Loads a policy that is not in the cache, or returns what is wrong with it.
pub(super) fn load(
    engine: &Engine,
    spec: &PolicySpec,
    origin: Origin,
    config: &String,
    trial: &Trial<'_>,
) -> Result<Ready, LoadFault> {
    let compiled = Compiled::new(engine, &spec.component, origin)?;
    let imports = imports::read(compiled.component())?;
    let description = trial.describe(compiled.component())?;
    imports::check(&imports, &description.needs, &spec.grants)?;
    let (configured, wants_json) = trial.configure(compiled.component(), config)?;
    let wants = PolicyWants::parse(&wants_json).map_err(LoadFault::Wants)?;
    let (snapshot, start) = if wants.is_nothing() {
        (Snapshot::NotNeeded, None)
    } else {
        let snapshot = compiled.snapshot(trial, configured);
        let (snapshot, start) = start(&compiled, trial, snapshot, config)?;
        (snapshot, Some(start))
    };
    let failed = matches!(snapshot, Snapshot::PerExchange { .. }) && compiled.is_instrumented();
    Ok(Ready {
        description,
        imports,
        wants,
        wants_json,
        snapshot,
        start,
        repeatable: !failed,
    })
}

/// Returns the snapshot if there is one, else the component itself, which is then configured for
/// each exchange.
fn start(
    compiled: &Compiled<'_>,
    trial: &Trial<'_>,
    snapshot: Result<Start, String>,
    config: &str,
) -> Result<(Snapshot, Start), LoadFault> {
    let reason = match snapshot {
        Ok(start) => return Ok((Snapshot::Taken, start)),
        Err(reason) => reason,
    };
    let component = compiled.plain()?;
    let start = trial.start(&component, Some(config.to_owned()))?;
    trial.instantiate(&start)?;
    Ok((Snapshot::PerExchange { reason }, start))
}
