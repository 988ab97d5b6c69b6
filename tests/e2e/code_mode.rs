//! Programs that call tools, judged by `block-dangerous-commands` in each dialect.

use serde_json::{Value, json};
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

const DANGEROUS: &str =
    include_str!("../../example-policies/block-dangerous-commands/tests/programs-dangerous.txt");
const HARMLESS: &str =
    include_str!("../../example-policies/block-dangerous-commands/tests/programs-harmless.txt");

/// Reads the sources, which are separated by empty lines.
fn sources(list: &str) -> impl Iterator<Item = &str> {
    let blocks = list.split("\n\n").map(str::trim);
    blocks.filter(|block| !block.is_empty() && !block.starts_with("## "))
}

/// Checks that each program reaches the agent in a call of its tool, byte for byte, or that none
/// does.
async fn assert_each(dialect: Dialect, list: &str, passes: bool) {
    let upstream = Upstream::start(Script::stream("")).await;
    let policy = spec("block-dangerous-commands", json!({}));
    let host = TestHost::start(&upstream.url, vec![policy]).await;
    let client = Client::of(dialect, &host.url);
    let request: Value = dialect.request("go", true);
    for source in sources(list) {
        let reply = dialect.calling_with_text("exec", source);
        upstream.play(Script::stream(reply.clone()));
        let sent = client.send(&request).await.bytes().await;
        let sent = sent.expect("the stream ends well");
        assert_eq!(sent == reply.as_bytes(), passes, "{dialect:?} {source}");
        if !passes {
            let turn = dialect.turn(&sent);
            assert_eq!(turn.tools(), [""; 0], "{dialect:?} {source}");
            assert!(turn.text().contains("block-dangerous-commands"), "{turn:?}");
            turn.assert_next_turn_is_accepted();
        }
    }
}

#[tokio::test]
async fn programs_that_do_harm_never_reach_the_agent() {
    for dialect in Dialect::ALL {
        assert_each(dialect, DANGEROUS, false).await;
    }
}

#[tokio::test]
async fn programs_that_do_none_reach_it_byte_for_byte() {
    for dialect in Dialect::ALL {
        assert_each(dialect, HARMLESS, true).await;
    }
}

/// However a program is nested, the stack and the fuel of a policy must be enough for it.
#[tokio::test]
async fn programs_that_nest_to_the_bound_are_judged_within_stack_and_fuel() {
    let nested = |open: &str, depth: usize, close: &str| {
        let program = "tools.exec_command({ cmd: 'ls' })";
        format!(
            "text({}{program}{})",
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    let list = [
        nested("(", 40, ")"),
        nested("[", 40, "]"),
        nested("f(", 40, ")"),
        nested("`${", 40, "}`"),
        nested("(() => {", 20, "})()"),
        nested("(class { static x = ", 20, " })"),
        nested("(a = ", 30, ") => 1"),
        nested("[a ? b : !", 30, "]"),
        nested("a ? b : ", 40, ""),
        nested("!", 100, ""),
        nested("x => ", 60, ""),
        nested("if_(() => [", 12, "])"),
        "const f = (x) => [f(x), `${f(x)}`]; text(f(1))".to_owned(),
        "let s = 'x'; while (load('a')) { while (load('b')) { s += s + load('c'); } } text(s)"
            .to_owned(),
        format!("text('{}')", "word ".repeat(20_000)),
    ];
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream("")).await;
        let policy = spec("block-dangerous-commands", json!({}));
        let host = TestHost::start(&upstream.url, vec![policy]).await;
        let client = Client::of(dialect, &host.url);
        for source in &list {
            let reply = dialect.calling_with_text("exec", source);
            upstream.play(Script::stream(reply.clone()));
            let sent = client
                .send(&dialect.request("go", true))
                .await
                .bytes()
                .await;
            let sent = sent.expect("the stream ends well");
            let sent = String::from_utf8_lossy(&sent);
            for failure in ["fuel", "stack", "trap", "failed"] {
                let start = &source[..source.len().min(60)];
                assert!(
                    sent == reply || !sent.contains(failure),
                    "{dialect:?} {start}: {sent}"
                );
            }
        }
    }
}
