//! `sluice serve`: puts the process together and runs it until it is told to end.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sluice_engine::{Engine, EngineConfig, EngineError, Registry};
use tokio_util::sync::CancellationToken;

use super::listen::listen as listen_on;
use super::signals::Signals;
use super::{callers, files, heap, live, operators, output, record};
use crate::app::App;
use crate::bus::Bus;
use crate::cache;
use crate::config::Config;
use crate::env;
use crate::listen;
use crate::reload::{
    EngineInstall, Loader, Outcome, PassthroughHandle, StatusHandle, Timing, watch,
};
use crate::settings::{Settings, UnknownVariable, unknown_variables};
use crate::tasks::Tasks;
use crate::telemetry;
use crate::upstream::{Upstream, Upstreams};

/// How long tasks that belong to no exchange have to end.
const LAST_TASKS: Duration = Duration::from_secs(15);

/// Runs the process. Settings that do not fit each other are refused as a command line is.
pub(super) fn main(settings: Settings) -> ExitCode {
    let unknown = unknown_variables(env::variable_names());
    let misspelled = unknown.iter().find_map(|unknown| {
        let meant = unknown.meant.as_ref()?;
        let name = &unknown.name;
        Some(format!(
            "error: unknown variable `{name}`; did you mean `{meant}`?"
        ))
    });
    if let Some(fault) = misspelled {
        return output::misused(fault);
    }
    match Config::of(settings) {
        Ok(config) => run(config, &unknown),
        Err(fault) => output::misused(fault),
    }
}

/// If the process can't start, the reason is logged, or printed if there is no log yet.
fn run(config: Config, unknown: &[UnknownVariable]) -> ExitCode {
    heap::give_back_what_is_large();
    if let Err(error) = telemetry::init() {
        output::problem(format_args!("error: {error:#}"));
        return ExitCode::FAILURE;
    }
    for UnknownVariable { name, .. } in unknown {
        let name = &*telemetry::clip(name);
        tracing::warn!("the variable {name} is no setting and does nothing (docs/settings.md)");
    }
    let files = files::allow_many();
    match start(config, files) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in format!("{error:#}").lines() {
                tracing::error!("{line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn start(config: Config, files: Option<u64>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("start the async runtime")?;
    let served = runtime.block_on(serve(config, files));
    // A policy that is being compiled right now is not waited for.
    runtime.shutdown_background();
    served
}

async fn serve(config: Config, files: Option<u64>) -> anyhow::Result<()> {
    let tasks = Tasks::new();
    let shutdown = shutdown_on_signal(&tasks)?;
    let (bus, relay) = live::start(&config, &tasks);
    // Without policies there is nothing to keep.
    let folder = config.policies.as_ref().and(config.cache.as_deref());
    let engine = engine(config.engine, folder)?;
    let registry = Arc::new(Registry::default());
    let (status, passthrough) = match &config.policies {
        Some(file) => tokio::select! {
            loaded = load(file, engine, &registry, &bus, &tasks) => loaded?,
            // It would have nothing to serve.
            () = shutdown.cancelled() => return Ok(()),
        },
        None => {
            tracing::warn!(
                "no policy file is named (--policies), so every exchange passes untouched"
            );
            (StatusHandle::no_policies(), PassthroughHandle::default())
        }
    };
    let anthropic = config.anthropic.url.to_string();
    let openai = config.openai.url.to_string();
    let upstreams = Upstreams {
        anthropic: Upstream::new(config.anthropic)?,
        openai: Upstream::new(config.openai)?,
    };
    let record = record::open(config.record, config.proxy.limits, &tasks).await?;
    let relay = relay.map(|relay| relay.start(record.shared_installation(), &tasks));
    let listener = listen_on(&config.listen).await?;
    let address = listener.local_addr().context("ask for the address")?;
    callers::check_address(address.ip(), &config.auth)?;
    let (gate, keys) = callers::open(config.auth, &record, &tasks).await?;
    let operators = operators::open(&config.admin, config.data.as_deref()).await?;
    let app = App::builder(listener, upstreams)
        .admin(operators)
        .registry(registry)
        .policy_status(status)
        .passthrough(passthrough)
        .recorder(record.recorder)
        .store(record.store)
        .live(bus, relay)
        .gate(gate)
        .keys(keys)
        .sessions(record.sessions)
        .proxy_config(config.proxy)
        .listen_config(within(config.connections, files))
        .hosts(config.hosts)
        .tasks(tasks.clone())
        .drain(config.drain)
        .build();
    tracing::info!(
        upstream.anthropic = anthropic,
        upstream.openai = openai,
        "listening on http://{address}"
    );
    app.serve(shutdown.cancelled_owned()).await;
    tasks.shutdown(LAST_TASKS).await;
    tracing::info!("stopped");
    Ok(())
}

/// Reduces the number of connections to what the process may have files for.
fn within(asked: listen::Config, files: Option<u64>) -> listen::Config {
    let Some(files) = files else {
        return asked;
    };
    let max = asked.max_connections;
    let fit = asked.within(files);
    if fit.max_connections < max {
        tracing::info!(
            limit = fit.max_connections,
            "there can be fewer connections than {max} (--max-connections), since the process may open \
             {files} files (ulimit -n)"
        );
    }
    fit
}

/// Creates the engine, with a cache if there is a folder for one. A cache that can't be opened does not keep the
/// process from starting.
fn engine(config: EngineConfig, folder: Option<&Path>) -> Result<Engine, EngineError> {
    let Some(folder) = folder else {
        return Engine::new(config);
    };
    match cache::open(folder) {
        Ok(cache) => Engine::with_cache(config, cache),
        Err(error) => {
            tracing::warn!("no cache (--cache), so each start compiles the policies: {error:#}");
            Engine::new(config)
        }
    }
}

/// Loads the policies and then watches their files. An error lists every fault.
async fn load(
    file: &Path,
    engine: Engine,
    registry: &Arc<Registry>,
    bus: &Bus,
    tasks: &Tasks,
) -> anyhow::Result<(StatusHandle, PassthroughHandle)> {
    let install = EngineInstall::new(engine, Arc::clone(registry));
    let loader = Arc::new(Loader::new(file, install).telling(bus.clone()));
    let loading = Arc::clone(&loader);
    let loaded = tasks.spawn_blocking(move || loading.load()).await;
    if let Outcome::Refused(faults) = loaded.context("load the policies")? {
        return Err(faults.into());
    }
    let (status, passthrough) = (loader.status(), loader.passthrough());
    tracing::info!(
        policy.file = %file.display(),
        policies = status.current().policies.len(),
        "loaded the policies"
    );
    watch(loader, Timing::default(), tasks);
    Ok((status, passthrough))
}

/// Starts the shutdown at the first signal, and ends the process at the second.
fn shutdown_on_signal(tasks: &Tasks) -> anyhow::Result<CancellationToken> {
    let mut signals = Signals::listen()?;
    let shutdown = CancellationToken::new();
    let (begin, stopping) = (shutdown.clone(), tasks.stopping().clone());
    let listen = async move {
        signals.next().await;
        tracing::info!("shutting down: running exchanges may finish");
        begin.cancel();
        signals.next().await;
        tracing::warn!("told twice to stop: running exchanges are cut off");
        std::process::exit(1);
    };
    tasks.spawn(async move { stopping.run_until_cancelled(listen).await });
    Ok(shutdown)
}
