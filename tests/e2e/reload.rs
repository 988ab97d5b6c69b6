//! Invariant 5: a reload disturbs no running stream.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use sluice_tests::client::Client;
use sluice_tests::conversation::{message_of, texts};
use sluice_tests::policies::{load, spec};
use sluice_tests::{Act, Script, TestHost, Upstream, fixture};
use tokio::sync::Notify;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_generation_goes_when_its_last_exchange_ends() {
    let go = Arc::new(Notify::new());
    let sse = fixture("text");
    let (first, rest) = sse.split_at(sse.find("event: content_block_start").expect("a start"));
    let acts = vec![
        Act::Send(first.to_owned().into()),
        Act::Wait(Arc::clone(&go)),
        Act::Send(rest.to_owned().into()),
    ];
    let upstream = Upstream::start(Script::acts(acts)).await;
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
    let running = message_of(&reply.bytes().await.expect("bytes"));
    assert_eq!(texts(&running), ["old"]);
    go.notify_one();
    assert_eq!(texts(&message_of(&client.stream("go").await)), ["new"]);
    assert!(old.upgrade().is_none(), "nobody keeps it any longer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reloads_under_load_disturb_no_stream() {
    const STREAMS: usize = 200;
    let go = Arc::new(Notify::new());
    let sse = fixture("text");
    let (first, rest) = sse.split_at(sse.find("event: content_block_start").expect("a start"));
    let acts = vec![
        Act::Send(first.to_owned().into()),
        Act::Wait(Arc::clone(&go)),
        Act::Send(rest.to_owned().into()),
    ];
    let upstream = Upstream::start(Script::acts(acts)).await;
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
        // Twenty begin with each generation and stay open over all later reloads.
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
        let said = texts(&message_of(&bytes));
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
