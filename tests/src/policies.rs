//! The policies that `cargo xtask policies` built, loaded once per process and configuration.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use serde_json::Value;
use sluice_engine::{Engine, EngineConfig, Limits, OnFailure, Policy, PolicySpec};
use tokio::sync::OnceCell;

/// One engine for all tests of the process.
pub static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(EngineConfig::default()).expect("the engine starts"));

/// The component of a policy: `keep-all`, or `test/scripted`.
///
/// # Panics
///
/// If it was not built.
pub fn path(name: &str) -> PathBuf {
    // The folder beside the one that Cargo uses for integration tests.
    let executable = std::env::current_exe().expect("a test knows its own path");
    let target = executable
        .ancestors()
        .find(|folder| folder.join("policies").is_dir())
        .expect("no policies beside the tests: run `cargo xtask policies`");
    let path = target.join("policies").join(format!("{name}.wasm"));
    assert!(
        path.exists(),
        "{} is missing: run `cargo xtask policies`",
        path.display()
    );
    path
}

/// What to load: a component by its name, with its config.
pub fn spec(component: &str, config: Value) -> PolicySpec {
    PolicySpec {
        name: component.rsplit('/').next().unwrap_or(component).to_owned(),
        component: std::fs::read(path(component))
            .expect("the component is readable")
            .into(),
        config,
        on_failure: OnFailure::Block,
        limits: Limits {
            // Tests share two cores with their own upstreams and with one another.
            deadline: Duration::from_secs(20),
            ..Limits::default()
        },
        grants: std::collections::BTreeSet::default(),
    }
}

/// Loads a policy off the async threads, or shares one that was loaded in the same way.
///
/// # Panics
///
/// If it does not load.
pub async fn load(spec: PolicySpec) -> Arc<Policy> {
    let loaded = {
        let mut all = LOADED.lock().expect("not poisoned");
        Arc::clone(all.entry(key(&spec)).or_default())
    };
    let policy = loaded.get_or_init(|| async {
        let loading = tokio::task::spawn_blocking(move || ENGINE.load(spec));
        let policy = loading.await.expect("loading does not panic");
        Arc::new(policy.expect("the policy loads"))
    });
    Arc::clone(policy.await)
}

/// The policies of this process. Compiling one takes longer than most tests.
static LOADED: LazyLock<Mutex<HashMap<String, Loading>>> = LazyLock::new(Mutex::default);

/// A policy that is loaded by the first test that needs it.
type Loading = Arc<OnceCell<Arc<Policy>>>;

/// Everything that makes policies different. A component is identified by its name.
fn key(spec: &PolicySpec) -> String {
    let PolicySpec {
        name,
        component,
        config,
        on_failure,
        limits,
        grants,
    } = spec;
    let size = component.len();
    format!("{name} {size} {config} {on_failure:?} {limits:?} {grants:?}")
}
