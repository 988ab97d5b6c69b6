//! Invariant 5: a reload disturbs no running stream.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use sluice_engine::{Engine, EngineConfig, Registry};
use sluice_server::reload::{EngineInstall, Loader, Outcome, Timing, watch};
use sluice_server::tasks::Tasks;
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::policies::{self, ENGINE, load, spec};
use sluice_tests::{Dialect, Script, TestHost, Upstream, fixture};

/// The texts of a stream.
fn texts(stream: &[u8]) -> Vec<String> {
    Dialect::Anthropic.turn(stream).texts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_5_the_old_generation_goes_when_its_last_exchange_ends() {
    let (script, go) = Script::held_at(&fixture("anthropic/text"), "event: content_block_start");
    let upstream = Upstream::start(script).await;
    let says = |text: &str| {
        let rule = json!({"kind": "text", "then": {"replace": [{"text": text}]}});
        spec(
            "test/scripted",
            json!({"wants": {"text": "whole"}, "blocks": [rule]}),
        )
    };
    let host = TestHost::start(&upstream.url, vec![says("old")]).await;
    let old = Arc::downgrade(&host.registry.current());
    let client = Client::new(&host.url);
    let reply = client.ask("go", true).await;
    host.install(vec![load(says("new")).await]);
    assert!(old.upgrade().is_some(), "the running exchange keeps it");
    go.notify_one();
    assert_eq!(texts(&reply.bytes().await.expect("bytes")), ["old"]);
    go.notify_one();
    assert_eq!(texts(&client.stream("go").await), ["new"]);
    assert!(old.upgrade().is_none(), "nobody keeps it any longer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_keeps_no_policies_while_a_reply_passes_that_none_reads() {
    let (script, go) = Script::held_at(&fixture("anthropic/text"), "event: content_block_start");
    let upstream = Upstream::start(script).await;
    let judging_requests = spec("test/scripted", json!({"wants": {"request": true}}));
    let host = TestHost::start(&upstream.url, vec![judging_requests]).await;
    let old = Arc::downgrade(&host.registry.current());
    let reply = Client::new(&host.url).ask("go", true).await;
    host.install(vec![]);
    assert!(old.upgrade().is_none(), "their instances serve nobody");
    go.notify_one();
    let sent = reply.bytes().await.expect("the stream ends well");
    assert_eq!(sent, fixture("anthropic/text"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_5_reloads_under_load_disturb_no_stream() {
    const STREAMS: usize = 200;
    let (script, go) = Script::held_at(&fixture("anthropic/text"), "event: content_block_start");
    let upstream = Upstream::start(script).await;
    let named = |generation: usize| {
        let rule = json!({"kind": "text", "then": {"replace": [{"text": format!("generation {generation}")}]}});
        spec(
            "test/scripted",
            json!({"wants": {"text": "whole", "end": true}, "blocks": [rule], "end": [format!("end {generation}")]}),
        )
    };
    let mut host = TestHost::start(&upstream.url, vec![named(1)]).await;
    let client = Client::new(&host.url);
    let mut open = Vec::new();
    for reload in 0..10 {
        // Twenty streams begin with each generation, and stay open over all later reloads.
        open.extend(join_all((0..STREAMS / 10).map(|_| client.ask("go", true))).await);
        let good = reload % 2 == 0;
        if good {
            host.install(vec![
                load(named(host.registry.current().generation() as usize + 1)).await,
            ]);
        } else {
            let before = host.registry.current().generation();
            let mut bad = named(0);
            bad.config = json!({"wants": {"text": "sideways"}});
            let refused =
                tokio::task::spawn_blocking(|| sluice_tests::policies::ENGINE.load(bad)).await;
            assert!(refused.expect("no panic").is_err());
            assert_eq!(host.registry.current().generation(), before);
        }
    }
    let finished = join_all(open.into_iter().map(|reply| async {
        go.notify_one();
        reply.bytes().await.expect("the stream ends well")
    }));
    let finish = async {
        let mut streams = None;
        tokio::pin!(finished);
        while streams.is_none() {
            tokio::select! {
                all = &mut finished => streams = Some(all),
                () = tokio::time::sleep(std::time::Duration::from_millis(5)) => go.notify_waiters(),
            }
        }
        streams.unwrap_or_default()
    };
    for bytes in finish.await {
        let said = texts(&bytes);
        let generation = said[0]
            .strip_prefix("generation ")
            .expect("judged")
            .to_owned();
        assert_eq!(
            said,
            [
                format!("generation {generation}"),
                format!("end {generation}")
            ]
        );
    }
    for _ in 0..STREAMS {
        let recording = host.recording().await;
        assert!((1..=6).contains(&recording.generation));
    }
}

/// A policy file with one policy, which replaces every text by `text`.
fn policy_file(folder: &Path, text: &str) -> String {
    let component = folder.join("scripted.wasm");
    let config = json!({"wants": {"text": "whole"},
        "blocks": [{"kind": "text", "then": {"replace": [{"text": text}]}}]});
    json!({"policies": [{"name": "says", "component": component, "config": config}]}).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_file_takes_effect_and_a_bad_one_changes_nothing_and_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policies.yaml");
    fs::copy(
        policies::path("test/scripted"),
        folder.path().join("scripted.wasm"),
    )
    .expect("a copy");
    fs::write(&file, policy_file(folder.path(), "one")).expect("written");
    let registry = Arc::new(Registry::default());
    let install = EngineInstall::new(ENGINE.clone(), Arc::clone(&registry));
    let loader = Arc::new(Loader::new(&file, install));
    let mut status = loader.status();
    let tasks = Tasks::new();
    let first = Arc::clone(&loader);
    let loaded = tokio::task::spawn_blocking(move || first.load())
        .await
        .expect("no panic");
    assert!(!matches!(loaded, Outcome::Refused(_)));
    watch(loader, Timing::default(), &tasks);
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let parts = Parts {
        registry,
        status: status.clone(),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let client = Client::new(&host.url);
    let says = async || texts(&client.stream("go").await);
    assert_eq!(says().await, ["one"]);

    fs::write(&file, policy_file(folder.path(), "two")).expect("written in place");
    status.wait_for(|status| status.generation == 2).await;
    assert_eq!(says().await, ["two"]);

    fs::write(&file, "policies:\n  - nme: says\n").expect("written");
    status.wait_for(|status| status.last_error.is_some()).await;
    assert_eq!(says().await, ["two"], "a bad file changes nothing");
    let told = host.told("/status").await;
    let error = told["policies"]["last_error"]["text"]
        .as_str()
        .expect("the reason");
    assert!(
        error.contains("policies.yaml:2:") && error.contains("did you mean `name`"),
        "{error}"
    );

    let renamed = folder.path().join("new.yaml");
    fs::write(&renamed, policy_file(folder.path(), "three")).expect("written");
    fs::rename(renamed, &file).expect("renamed over");
    status.wait_for(|status| status.generation == 3).await;
    assert_eq!(says().await, ["three"]);

    fs::copy(policies::path("keep-all"), folder.path().join("keep.wasm")).expect("a copy");
    fs::rename(
        folder.path().join("keep.wasm"),
        folder.path().join("scripted.wasm"),
    )
    .expect("renamed");
    // The changed file names another policy, which does not know this configuration.
    status.wait_for(|status| status.last_error.is_some()).await;
    assert_eq!(says().await, ["three"]);
    tasks.shutdown(std::time::Duration::from_secs(5)).await;
}

/// The entries that a restart must not rewrite. An entry that is compiled again is another file.
#[cfg(unix)]
fn entries(cache: &Path) -> std::collections::BTreeMap<std::ffi::OsString, u64> {
    use std::os::unix::fs::MetadataExt as _;
    let entries = fs::read_dir(cache.join("policies")).expect("a cache");
    let entry = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.expect("an entry");
        let file = entry.metadata().expect("its metadata").ino();
        (entry.file_name(), file)
    };
    entries.map(entry).collect()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_with_a_cache_compiles_nothing_and_judges_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    let file = folder.path().join("p.yaml");
    let component = policies::path("test/scripted");
    let policy = |name: &str| {
        let rule = json!({"kind": "text", "then": {"replace": [{"text": "edited"}]}});
        // `end` is never asked for. It only makes the two configs different.
        let config = json!({"wants": {"text": "whole"}, "blocks": [rule], "end": [name]});
        json!({"name": name, "component": component, "config": config})
    };
    let policies = json!({"policies": [policy("a"), policy("b")]});
    fs::write(&file, policies.to_string()).expect("a policy file");
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let start = async || {
        let cache = sluice_server::cache::open(&cache).expect("a private folder");
        let config = EngineConfig {
            instances: 8,
            ..EngineConfig::default()
        };
        let engine = Engine::with_cache(config, cache).expect("the engine starts");
        let registry = Arc::new(Registry::default());
        let loader = Loader::new(&file, EngineInstall::new(engine, Arc::clone(&registry)));
        let loaded = tokio::task::spawn_blocking(move || loader.load()).await;
        assert_eq!(loaded.expect("no panic"), Outcome::Loaded(1));
        let parts = Parts {
            registry,
            ..Parts::default()
        };
        let host = TestHost::with(&upstream.url, parts).await;
        Client::new(&host.url).stream("go").await
    };
    let first = start().await;
    let compiled = entries(&cache);
    // Two policies, three entries of the component that they share, and the host's key.
    assert_eq!(compiled.len(), 6);
    assert_eq!(start().await, first);
    assert_eq!(entries(&cache), compiled);
    assert_eq!(texts(&first), ["edited"]);
}
