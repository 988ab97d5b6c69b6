//! Real tools of agents, with their usual arguments and with those that clients repair, judged by
//! `block-dangerous-commands` in each dialect.

use serde_json::{Value, json};
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

const RM: &str = "rm -rf ~/work";
const RUNS: &str = include_str!("../../policy-sdk/tools/tests/runs.txt");
const RUNS_NOTHING: &str = include_str!("../../policy-sdk/tools/tests/runs-nothing.txt");

/// A host with the policy. Its upstream replies with one call after another.
struct Judge {
    dialect: Dialect,
    upstream: Upstream,
    host: TestHost,
}

impl Judge {
    async fn start(dialect: Dialect) -> Self {
        let upstream = Upstream::start(Script::stream("")).await;
        let policy = spec("block-dangerous-commands", json!({}));
        let host = TestHost::start(&upstream.url, vec![policy]).await;
        Self {
            dialect,
            upstream,
            host,
        }
    }

    /// Whether a call in the reply to this request reaches the agent, byte for byte.
    async fn passes(&self, request: &Value, name: &str, arguments: &str) -> bool {
        let reply = self.dialect.calling(name, arguments);
        self.upstream.play(Script::stream(reply.clone()));
        let client = Client::of(self.dialect, &self.host.url);
        let sent = client.send(request).await.bytes().await;
        let sent = sent.expect("the stream ends well");
        if sent == reply.as_bytes() {
            return true;
        }
        let turn = self.dialect.turn(&sent);
        assert_eq!(turn.tools(), [""; 0], "{name} {arguments}");
        assert!(turn.text().contains("block-dangerous-commands"), "{turn:?}");
        turn.assert_next_turn_is_accepted();
        false
    }
}

/// Reads the calls in a file. A line has the name of a tool and the arguments.
fn calls(file: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' '))
}

#[tokio::test]
async fn each_tool_that_runs_a_command_is_judged_by_it() {
    for dialect in Dialect::ALL {
        let judge = Judge::start(dialect).await;
        let request = dialect.request("go", true);
        for (name, arguments) in calls(RUNS) {
            let harmless = judge.passes(&request, name, arguments).await;
            assert!(harmless, "{dialect:?} {name} {arguments}");
            let dangerous = arguments
                .replace("\"ls\"", &format!("\"{RM}\""))
                .replace("\\\"ls\\\"", &format!("\\\"{RM}\\\""));
            let passes = judge.passes(&request, name, &dangerous).await;
            assert!(!passes, "{dialect:?} {name} {dangerous}");
        }
    }
}

#[tokio::test]
async fn tools_that_only_mention_a_command_pass() {
    for dialect in Dialect::ALL {
        let judge = Judge::start(dialect).await;
        let request = dialect.request("go", true);
        for (name, arguments) in calls(RUNS_NOTHING) {
            let passes = judge.passes(&request, name, arguments).await;
            assert!(passes, "{dialect:?} {name} {arguments}");
        }
    }
}

#[tokio::test]
async fn what_a_tool_declares_decides_where_its_name_does_not() {
    let arguments = json!({"it": RM}).to_string();
    for dialect in Dialect::ALL {
        let judge = Judge::start(dialect).await;
        let runs = dialect.declaring("do_it", "Runs a command in the user's shell.");
        assert!(
            !judge.passes(&runs, "do_it", &arguments).await,
            "{dialect:?}"
        );
        assert!(
            !judge.passes(&runs, "functions.do_it", &arguments).await,
            "{dialect:?}"
        );
        let notes = dialect.declaring("do_it", "Takes a note.");
        assert!(
            judge.passes(&notes, "do_it", &arguments).await,
            "{dialect:?}"
        );
        // Unreadable arguments are asked for again.
        assert!(
            !judge.passes(&notes, "do_it", "it: rm").await,
            "{dialect:?}"
        );
    }
}

#[tokio::test]
async fn arguments_that_only_lenient_clients_read_are_judged() {
    let digits = "9".repeat(400);
    let nested = "[".repeat(10_000) + &"]".repeat(10_000);
    let strict = json!({"command": RM}).to_string();
    let arguments = [
        format!(r#"{{"command":"{RM}""#),
        format!(r#"{{"command":"{RM}","x":"\ud800"}}"#),
        format!(r#"{{"command":"{RM}","x":{digits}}}"#),
        format!(r#"{{"command":"{RM}","x":{nested}}}"#),
        format!(r#"{{"command":"{RM}","command":"ls"}}"#),
        format!(r#"{{}}{{"command":"{RM}"}}"#),
        format!("{{command: '{RM}',}}"),
        format!("```json\n{strict}\n```"),
        Value::from(strict).to_string(),
        "command: ls".to_owned(),
    ];
    for dialect in Dialect::ALL {
        let judge = Judge::start(dialect).await;
        let request = dialect.request("go", true);
        for arguments in &arguments {
            let passes = judge.passes(&request, "Bash", arguments).await;
            assert!(!passes, "{dialect:?} {arguments}");
        }
        for harmless in [
            "{\"command\":\"ls\"",
            "{\"command\":\"ls\",\"x\":\"\\ud800\"}",
            "",
        ] {
            let passes = judge.passes(&request, "Bash", harmless).await;
            assert!(passes, "{dialect:?} {harmless}");
        }
    }
}

#[tokio::test]
async fn an_input_that_the_start_of_a_call_has_already_is_judged() {
    let judge = Judge::start(Dialect::Anthropic).await;
    let whole = Dialect::Anthropic.calling("Bash", " ");
    let early = whole.replace(
        "\"input\":{}",
        &format!("\"input\":{{\"command\":\"{RM}\"}}"),
    );
    assert_ne!(whole, early);
    judge.upstream.play(Script::stream(early));
    let client = Client::of(Dialect::Anthropic, &judge.host.url);
    let turn = Dialect::Anthropic.turn(&client.stream("go").await);
    assert_eq!(turn.tools(), [""; 0]);
}
