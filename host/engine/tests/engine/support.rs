//! Policies, chains and a request to try them on.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use serde_json::Value;
use sluice_engine::{
    Chain, Context, Engine, EngineConfig, Event, EventLevel, Limits, LoadError, OnFailure, Outcome,
    Policy, PolicySet, PolicySpec, SharedRequest,
};
use sluice_protocol::{Api, Block, ToolCall};

pub(crate) const BODY: &str =
    r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hello"}]}"#;

/// The engine for all tests that need no engine of their own.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| engine_with(small()))
}

pub(crate) fn engine_with(config: EngineConfig) -> Engine {
    Engine::new(config).expect("an engine")
}

pub(crate) fn small() -> EngineConfig {
    EngineConfig {
        instances: 64,
        ..EngineConfig::default()
    }
}

/// A component that `cargo xtask policies` built.
pub(crate) fn component(name: &str) -> Bytes {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("a target folder");
    let policies = target.join("policies");
    let file = format!("{name}.wasm");
    let read = std::fs::read(policies.join("test").join(&file));
    read.or_else(|_| std::fs::read(policies.join(&file)))
        .unwrap_or_else(|_| panic!("there is no policy `{name}`: run `cargo xtask policies`"))
        .into()
}

pub(crate) fn spec(name: &str, component_name: &str, config: Value) -> PolicySpec {
    PolicySpec {
        name: name.to_owned(),
        component: component(component_name),
        config,
        on_failure: OnFailure::Block,
        limits: Limits::default(),
        grants: BTreeSet::new(),
    }
}

pub(crate) fn load(spec: PolicySpec) -> Arc<Policy> {
    try_load(spec).expect("a policy that loads")
}

pub(crate) fn try_load(spec: PolicySpec) -> Result<Arc<Policy>, LoadError> {
    engine().load(spec).map(Arc::new)
}

pub(crate) fn scripted(name: &str, config: Value) -> Arc<Policy> {
    load(spec(name, "scripted", config))
}

pub(crate) fn chain(policies: &[&Arc<Policy>]) -> Chain {
    chain_of(policies, request(BODY))
}

pub(crate) fn chain_of(policies: &[&Arc<Policy>], request: SharedRequest) -> Chain {
    chain_at(policies, request, EventLevel::Outcomes)
}

pub(crate) fn chain_at(
    policies: &[&Arc<Policy>],
    request: SharedRequest,
    level: EventLevel,
) -> Chain {
    let policies = policies.iter().map(|&policy| Arc::clone(policy)).collect();
    let set = Arc::new(PolicySet::new(1, policies));
    let context = Context {
        exchange: "x1".to_owned(),
        ..Context::default()
    };
    Chain::open(set, request, context, level)
}

pub(crate) fn request(body: &'static str) -> SharedRequest {
    request_of(Api::Anthropic, body)
}

pub(crate) fn request_of(api: Api, body: impl Into<Bytes>) -> SharedRequest {
    let limits = sluice_protocol::Limits::default();
    let request = api.request(body.into(), &limits).expect("a request");
    Arc::new(Mutex::new(request))
}

pub(crate) fn call(arguments: &str) -> Block {
    Block::ToolCall(ToolCall {
        id: "toolu_1".to_owned(),
        name: "Bash".to_owned(),
        arguments: arguments.to_owned(),
    })
}

pub(crate) fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

/// What the scripted policies report: who saw what, in order.
pub(crate) fn sightings(chain: &mut Chain) -> Vec<String> {
    let seen = |event: Event| match event.outcome {
        Outcome::Emitted { detail, .. } => Some(format!("{} {}", event.policy, detail["given"])),
        _ => None,
    };
    chain.take_events().into_iter().filter_map(seen).collect()
}

/// The word for each outcome, in order.
pub(crate) fn outcomes(chain: &mut Chain) -> Vec<String> {
    let word = |event: Event| match event.outcome {
        Outcome::Verdict { verdict, .. } => verdict.as_str().to_owned(),
        Outcome::Failed { cause, .. } => cause.as_str().to_owned(),
        Outcome::NotJudged { .. } => "not-judged".to_owned(),
        Outcome::Emitted { kind, .. } => kind,
    };
    chain.take_events().into_iter().map(word).collect()
}
