//! Describes a component without making a policy that could serve.
//!
//! This is for authors and operators, so it also works if loading would refuse the component: for a component
//! that needs a grant, or that does not accept the config.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::Value;
use wasmtime::component::Component;

use super::code::Origin;
use super::trial::Trial;
use super::{LoadFault, code, compile, guard, imports};
use crate::wants::PolicyWants;
use crate::{Description, Digest, Engine, Limits, OnFailure, PolicySpec};

/// What a component contains and what it says about itself.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The digest of the component.
    pub digest: Digest,
    /// Its size in bytes.
    pub bytes: usize,
    /// All its imports, by their full names: `sluice:policy/request@0.1.0`.
    pub imports: Vec<String>,
    /// All its exports, by their full names.
    pub exports: Vec<String>,
    /// What it says about itself.
    pub description: Description,
    /// What it wants to see with this config, or why that is not known.
    pub wants: Result<PolicyWants, LoadFault>,
}

impl Engine {
    /// Inspects a component: compiles it, calls `describe`, and calls `configure` with `config`,
    /// within the default limits. It blocks as [`load`](Self::load) does.
    ///
    /// Fails if the bytes are not a policy of this version of the contract.
    pub fn inspect(&self, component: &Bytes, config: &Value) -> Result<Inspection, LoadFault> {
        self.apart(|| inspect(self, component, config))
    }
}

fn inspect(engine: &Engine, bytes: &Bytes, config: &Value) -> Result<Inspection, LoadFault> {
    compile::check(engine, bytes)?;
    let spec = spec(bytes, config);
    let trial = Trial::new(engine, &spec)?;
    let digest = Digest::of(bytes);
    let origin = Origin {
        digest,
        successor_of: None,
    };
    // Compiled without instrumentation, which would show among the exports.
    let component = guard(|| code::trial(engine, origin, bytes)).map_err(LoadFault::Invalid)?;
    let grantable = imports::read(&component)?;
    let description = trial.describe(&component)?;
    Ok(Inspection {
        digest,
        bytes: bytes.len(),
        imports: imported(&component),
        exports: exported(&component),
        wants: wants(&trial, &component, &spec, &grantable, &description),
        description,
    })
}

/// The name is used for what the policy logs meanwhile.
fn spec(component: &Bytes, config: &Value) -> PolicySpec {
    PolicySpec {
        name: "inspected".to_owned(),
        component: component.clone(),
        config: config.clone(),
        on_failure: OnFailure::Block,
        limits: Limits::default(),
        grants: BTreeSet::new(),
    }
}

fn wants(
    trial: &Trial<'_>,
    component: &Component,
    spec: &PolicySpec,
    imports: &BTreeSet<String>,
    description: &Description,
) -> Result<PolicyWants, LoadFault> {
    imports::check(imports, &description.needs, &spec.grants)?;
    let (_, wants) = trial.configure(component, &spec.config.to_string())?;
    PolicyWants::parse(&wants).map_err(LoadFault::Wants)
}

fn imported(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    let names = ty.imports(component.engine());
    names.map(|(name, _)| name.to_owned()).collect()
}

fn exported(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    let names = ty.exports(component.engine());
    names.map(|(name, _)| name.to_owned()).collect()
}
