//! Programs that call tools: each call is judged as if the model had made it.

use block_dangerous_commands::BlockDangerousCommands;
use serde_json::{Value, json};
use sluice_policy_sdk::testing::Run;
use sluice_policy_sdk::{Block, BlockVerdict, ToolCall};

/// The rule that stops a call of this tool with this input.
fn rule(name: &str, input: &Value) -> Option<String> {
    let mut run = Run::<BlockDangerousCommands>::new(json!({}));
    let call = ToolCall {
        id: "call_1".to_owned(),
        name: name.to_owned(),
        arguments: input.to_string(),
    };
    match run.reply([Block::ToolCall(call)]).verdicts.as_slice() {
        [BlockVerdict::Keep] => None,
        [BlockVerdict::Drop(reason)] => Some(reason.rule.clone()),
        other => panic!("unexpected verdicts {other:?}"),
    }
}

fn stops(source: &str) -> bool {
    rule("exec", &json!(source)).is_some()
}

fn running(command: &str) -> String {
    let command = Value::from(command);
    format!("const r = await tools.exec_command({{ cmd: {command} }});\ntext(r.output);")
}

fn commands(list: &str) -> impl Iterator<Item = String> {
    let lines = list.lines().skip(1);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.replace('⏎', "\n"))
}

/// Reads the sources, which are separated by empty lines.
fn sources(list: &str) -> impl Iterator<Item = &str> {
    let blocks = list.split("\n\n").map(str::trim);
    blocks.filter(|block| !block.is_empty() && !block.starts_with("## "))
}

#[test]
fn programs_that_do_harm_are_stopped() {
    let list = include_str!("programs-dangerous.txt");
    assert!(sources(list).count() > 60);
    let passed: Vec<&str> = sources(list).filter(|source| !stops(source)).collect();
    assert!(passed.is_empty(), "{}", passed.join("\n\n"));
}

#[test]
fn programs_that_do_harm_are_stopped_in_an_argument_too() {
    let list = include_str!("programs-dangerous.txt");
    let in_argument = |source: &&str| rule("exec", &json!({ "input": source })).is_none();
    let passed: Vec<&str> = sources(list).filter(in_argument).collect();
    assert!(passed.is_empty(), "{}", passed.join("\n\n"));
}

#[test]
fn programs_that_do_none_pass() {
    let list = include_str!("programs-harmless.txt");
    assert!(sources(list).count() > 30);
    let stopped: Vec<&str> = sources(list).filter(|source| stops(source)).collect();
    assert!(stopped.is_empty(), "{}", stopped.join("\n\n"));
}

#[test]
fn a_command_in_a_program_is_judged_as_it_is_alone() {
    let dangerous = commands(include_str!("dangerous.txt"));
    let passed: Vec<String> = dangerous
        .filter(|command| !stops(&running(command)))
        .collect();
    assert!(passed.is_empty(), "{}", passed.join("\n"));
    let harmless = commands(include_str!("harmless.txt"));
    let stopped: Vec<String> = harmless
        .filter(|command| stops(&running(command)))
        .collect();
    assert!(stopped.is_empty(), "{}", stopped.join("\n"));
}

#[test]
fn the_program_is_found_wherever_a_tool_takes_it() {
    let source = running("rm -rf ~/work");
    let harmless = running("echo rm -rf ~/work");
    for (name, field) in [
        ("exec", None),
        ("functions.exec", None),
        ("mcp__node__js", Some("code")),
        ("js", Some("code")),
        ("javascript", Some("script")),
        ("run_javascript", Some("source")),
        ("code_interpreter", Some("code")),
        ("execute_code", Some("code")),
        ("exec", Some("code")),
        ("exec", Some("input")),
    ] {
        let input = |source: &str| match field {
            None => json!(source),
            Some(field) => json!({ field: source }),
        };
        assert!(rule(name, &input(&source)).is_some(), "{name} {field:?}");
        assert_eq!(rule(name, &input(&harmless)), None, "{name} {field:?}");
    }
}

#[test]
fn the_rule_is_that_of_the_call() {
    let source = running("git push --force origin main");
    let rule = rule("exec", &json!(source)).expect("a rule");
    assert!(rule.starts_with("shell.git."), "{rule}");
}

#[test]
fn a_program_in_programs_is_judged_however_deep_it_is() {
    let mut source = running("rm -rf ~/work");
    for depth in 0..6 {
        assert!(rule("exec", &json!(source)).is_some(), "{depth}");
        source = format!("await tools.exec({});", json!(source));
    }
}
