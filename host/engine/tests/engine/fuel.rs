//! What judging commands costs in fuel. One unit is about one WebAssembly instruction.

use std::sync::Arc;

use serde_json::json;
use sluice_engine::{Limits, Outcome, Policy, PolicySpec};

use crate::support::{call, chain, load, spec};

/// What a usual command may cost. A unit takes about half a nanosecond, so this allows 0.3 ms.
const USUAL: u64 = 500_000;
/// What a byte of a long command may cost. A call gets 800 for each byte.
const OF_A_BYTE: u64 = 500;
/// The length of a long command, in bytes.
const LONG: usize = 1 << 20;

/// The policy, with its default fuel.
fn policy() -> Arc<Policy> {
    load(PolicySpec {
        limits: Limits::default(),
        ..spec("p", "block-dangerous-commands", json!({}))
    })
}

/// The fuel for judging one command, and the rule that stopped it.
async fn spent(policy: &Arc<Policy>, command: &str) -> (u64, Option<String>) {
    let mut chain = chain(&[policy]);
    let arguments = json!({"command": command}).to_string();
    chain.on_block(call(&arguments)).await;
    let events = chain.take_events();
    let rule = match &events[0].outcome {
        Outcome::Verdict { rule, .. } => rule.clone(),
        other => panic!("{other:?}"),
    };
    (events.iter().map(|event| event.fuel).sum(), rule)
}

fn lines(line: &str) -> String {
    let lines = (0..).map(|number| line.replace("{}", &format!("{number}")) + "\n");
    let mut length = 0;
    lines
        .take_while(|line| {
            length += line.len();
            length < LONG
        })
        .collect()
}

#[tokio::test]
async fn a_usual_command_is_cheap() {
    let policy = policy();
    for command in [
        "ls -la",
        "cargo test -p sluice-engine 2>&1 | tail -20",
        "cd web && rm -rf node_modules && npm install",
        "git add -A && git commit -m \"$(cat <<'EOF'\nAdd a thing\n\nBecause.\nEOF\n)\"",
        "find . -name '*.py' -not -path './venv/*' | xargs grep -n 'import os' | head -50",
        "for f in $(ls *.txt); do wc -l \"$f\" >> out.log; done; python3 -c 'print(1)'",
    ] {
        let (fuel, rule) = spent(&policy, command).await;
        assert_eq!(rule, None, "{command}");
        assert!(fuel < USUAL, "{command}: {fuel}");
    }
}

#[tokio::test]
async fn a_long_command_costs_what_its_length_allows() {
    let policy = policy();
    let document = lines("a line {} of a document, which says rm -rf src");
    for text in [
        lines("echo a line of a long text"),
        lines("git add src/file{}.rs && git commit -m 'Add file {}'"),
        lines("rm -f build/object{}.o"),
        lines("kill {}0 2>/dev/null"),
        format!("cat > notes.md <<'END'\n{document}END\n"),
    ] {
        let name = &text[..40];
        let (fuel, rule) = spent(&policy, &text).await;
        assert_eq!(rule, None, "{name}");
        assert!(fuel < OF_A_BYTE * text.len() as u64, "{name}: {fuel}");
        let (_, rule) = spent(&policy, &format!("{text}rm -rf ~/work\n")).await;
        let expected = Some("shell.filesystem.recursive-delete");
        assert_eq!(rule.as_deref(), expected, "{name}");
    }
}
