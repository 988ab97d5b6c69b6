//! Each rule of `block-dangerous-commands`, in each dialect, streamed and whole.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sluice_engine::Outcome;
use sluice_server::recorder::Recording;
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

const TABLE: &str = include_str!("rules.txt");
/// Lists of commands under the rules that stop them.
const LISTS: [&str; 2] = [
    include_str!("../../example-policies/block-dangerous-commands/tests/dangerous.txt"),
    include_str!("../../example-policies/block-dangerous-commands/tests/dangerous-windows.txt"),
];

/// A call, and the rule that stops it, if one does.
struct Row {
    rule: Option<&'static str>,
    tool: &'static str,
    arguments: &'static str,
}

fn rows() -> impl Iterator<Item = Row> {
    let lines = TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().expect("a rule, a tool and its arguments");
        Row {
            rule: Some(part()).filter(|rule| *rule != "-"),
            tool: part(),
            arguments: part(),
        }
    })
}

impl Row {
    fn stream(&self, dialect: Dialect) -> String {
        match self.tool {
            "exec" => dialect.calling_with_text(self.tool, self.arguments),
            _ => dialect.calling(self.tool, self.arguments),
        }
    }

    fn is_unreadable(&self) -> bool {
        self.rule == Some("arguments.unreadable")
    }
}

/// The rules by which calls were left out of an exchange.
fn rules(recording: Recording) -> Vec<String> {
    let events = recording.events.into_iter();
    let rules = events.filter_map(|event| match event.outcome {
        Outcome::Verdict { rule, .. } => rule,
        other => panic!("{other:?}"),
    });
    rules.collect()
}

async fn check_each(is_streamed: bool) {
    let upstream = Upstream::start(Script::stream("")).await;
    let config = json!({"groups": {"project_hooks": true}});
    let policy = spec("block-dangerous-commands", config);
    let mut host = TestHost::start(&upstream.url, vec![policy]).await;
    for dialect in Dialect::ALL {
        let client = Client::of(dialect, &host.url);
        let request = dialect.request("go", is_streamed);
        for row in rows() {
            let stream = row.stream(dialect);
            // In Messages what is no JSON can't be whole.
            if !is_streamed && row.is_unreadable() {
                continue;
            }
            let (reply, script) = if is_streamed {
                (stream.clone(), Script::stream(stream))
            } else {
                let whole = dialect.whole_of(stream.as_bytes()).to_string();
                (whole.clone(), Script::json(200, whole))
            };
            upstream.play(script);
            let sent = client.send(&request).await.bytes().await;
            let sent = sent.expect("the reply ends well");
            let place = format!("{dialect:?} {} {}", row.tool, row.arguments);
            let expected: Vec<String> = row
                .rule
                .iter()
                .map(|rule| format!("shell.{rule}"))
                .collect();
            assert_eq!(rules(host.recording().await), expected, "{place}");
            assert_eq!(sent == reply.as_bytes(), row.rule.is_none(), "{place}");
            if row.rule.is_some() {
                let turn = if is_streamed {
                    dialect.turn(&sent)
                } else {
                    let whole: Value = serde_json::from_slice(&sent).expect("JSON");
                    dialect.turn_of(&whole)
                };
                assert_eq!(turn.tools(), [""; 0], "{place}");
                assert!(turn.text().contains("block-dangerous-commands"), "{place}");
                turn.assert_next_turn_is_accepted();
            }
        }
    }
}

#[tokio::test]
async fn each_rule_stops_its_calls_in_streams_of_each_dialect() {
    check_each(true).await;
}

#[tokio::test]
async fn each_rule_stops_its_calls_in_whole_replies_of_each_dialect() {
    check_each(false).await;
}

#[test]
fn no_rule_is_missing_from_the_table() {
    let lines = LISTS.iter().flat_map(|list| list.lines());
    let known: BTreeSet<&str> = lines.filter_map(|line| line.strip_prefix("## ")).collect();
    let asked: BTreeSet<&str> = rows().filter_map(|row| row.rule).collect();
    let missing: Vec<_> = known.difference(&asked).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
