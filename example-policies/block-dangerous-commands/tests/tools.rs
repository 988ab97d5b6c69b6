//! Calls whose tool is only known from the request's declarations, and calls whose arguments are
//! not JSON.

use block_dangerous_commands::BlockDangerousCommands;
use serde_json::{Value, json};
use sluice_policy_sdk::testing::Run;
use sluice_policy_sdk::{Block, BlockVerdict, ToolCall};

const RM: &str = "rm -rf ~/work";

/// The rule that stops a call of this tool in a request with these declarations.
fn rule(tools: &Value, name: &str, arguments: &str) -> Option<String> {
    let body = json!({"model": "m", "messages": [], "tools": tools});
    let mut run = Run::<BlockDangerousCommands>::new(json!({})).with_body(body);
    let call = Block::ToolCall(ToolCall {
        id: "toolu_1".to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    });
    match run.reply([call]).verdicts.as_slice() {
        [BlockVerdict::Keep] => None,
        [BlockVerdict::Drop(reason)] => Some(reason.rule.clone()),
        other => panic!("unexpected verdicts {other:?}"),
    }
}

/// The declaration in each dialect, behind another one.
fn declarations(name: &str, description: &str, properties: &Value) -> [Value; 4] {
    let schema = json!({"type": "object", "properties": properties});
    let first = json!({"name": "first", "description": "Runs a shell command."});
    let said = |key: &str| json!({"name": name, "description": description, key: schema});
    let mut flat = said("parameters");
    flat["type"] = json!("function");
    [
        json!([first, said("input_schema")]),
        json!([first, {"type": "function", "function": said("parameters")}]),
        json!([first, flat]),
        json!([first, {"type": "namespace", "name": "x", "tools": [flat]}]),
    ]
}

#[test]
fn a_tool_that_says_it_runs_what_it_is_given_is_judged() {
    let string = |description: &str| json!({"type": "string", "description": description});
    for (description, properties, arguments) in [
        (
            "Runs a shell command.",
            json!({"it": string("")}),
            json!({"it": RM}),
        ),
        (
            "Execute something in the user's terminal",
            json!({"it": string("")}),
            json!({"it": RM}),
        ),
        (
            "Does it.",
            json!({"it": string("The bash command to execute"), "x": string("")}),
            json!({"it": RM}),
        ),
        (
            "Does it.",
            json!({"it": string("Command to be run"), "x": string("")}),
            json!({"it": RM, "x": "y"}),
        ),
        (
            "Runs Python code.",
            json!({"code": string("")}),
            json!({"code": "import shutil; shutil.rmtree('/home/me')"}),
        ),
        (
            "Runs a script",
            json!({"it": string("")}),
            json!({"it": format!("{}{RM}", "true\n".repeat(2_000))}),
        ),
    ] {
        for tools in declarations("do_it", description, &properties) {
            let rule = rule(&tools, "do_it", &arguments.to_string());
            assert_eq!(
                rule.as_deref(),
                Some("shell.filesystem.recursive-delete"),
                "{tools}"
            );
        }
    }
}

#[test]
fn a_tool_that_says_nothing_of_the_kind_passes() {
    let string = |description: &str| json!({"type": "string", "description": description});
    for (description, properties, arguments) in [
        (
            "Adds a note.",
            json!({"it": string("What to note")}),
            json!({"it": RM}),
        ),
        (
            "Formats code.",
            json!({"code": string("The code to format")}),
            json!({"code": RM}),
        ),
        (
            "Queries a database.",
            json!({"query": string("The SQL to run")}),
            json!({"query": RM}),
        ),
        (
            "Translates a text.",
            json!({"text": string("")}),
            json!({"text": RM}),
        ),
        (
            "Runs a shell command.",
            json!({"a": string(""), "b": string("")}),
            json!({"b": RM}),
        ),
    ] {
        for tools in declarations("do_it", description, &properties) {
            assert_eq!(
                rule(&tools, "do_it", &arguments.to_string()),
                None,
                "{tools}"
            );
        }
    }
    assert_eq!(
        rule(&json!([]), "do_it", &json!({"it": RM}).to_string()),
        None
    );
}

fn text(raw: &str) -> String {
    Value::from(raw).to_string()
}

#[test]
fn arguments_that_only_lenient_clients_read_are_judged() {
    let nested = "[".repeat(10_000) + &"]".repeat(10_000);
    for raw in [
        format!(r#"{{"command":"{RM}""#),
        format!(r#"{{"command":"{RM}","x":"\ud800"}}"#),
        format!(r#"{{"command":"{RM}","x":{}}}"#, "9".repeat(400)),
        format!(r#"{{"command":"{RM}","x":{nested}}}"#),
        format!("{{'command': '{RM}', 'x': None,}}"),
        format!(r#"{{"command": "echo", x' "y, " ; {RM}"#),
        format!("```json\n{{\"command\": \"{RM}\"}}\n```"),
        format!(r#"{{"command":"{RM}","command":"ls"}}"#),
        format!(r#"{{}}{{"command":"{RM}"}}"#),
        json!({"command": RM}).to_string().replace('"', "\\\""),
        text(&json!({"command": RM}).to_string()),
        text(&text(&json!({"command": RM}).to_string())),
    ] {
        for name in ["Bash", "exec_command", "Execute"] {
            for arguments in [text(&raw), raw.clone()] {
                // The host passes an object on as it came, and everything else as a string.
                if serde_json::from_str::<&serde_json::value::RawValue>(&arguments).is_err() {
                    continue;
                }
                let rule = rule(&json!([]), name, &arguments);
                assert_eq!(
                    rule.as_deref(),
                    Some("shell.filesystem.recursive-delete"),
                    "{name} {arguments}"
                );
            }
        }
    }
}

#[test]
fn what_nobody_can_read_is_left_out_and_asked_for_again() {
    let unreadable = Some("shell.arguments.unreadable".to_owned());
    let function = |name: &str| json!([{"name": name, "input_schema": {"type": "object"}}]);
    for raw in ["ls", "command: ls", "[1, 2", "{\"comm", "5"] {
        assert_eq!(rule(&json!([]), "Bash", &text(raw)), unreadable, "{raw}");
        assert_eq!(
            rule(&function("Bash"), "Bash", &text(raw)),
            unreadable,
            "{raw}"
        );
        assert_eq!(rule(&json!([]), "Read", &text(raw)), None, "{raw}");
        assert_eq!(rule(&function("Read"), "Read", &text(raw)), None, "{raw}");
    }
    assert_eq!(rule(&function("do_it"), "do_it", &text("ls")), unreadable);
    assert_eq!(rule(&json!([]), "do_it", &text("ls")), None);
    for nothing in ["", " ", "null", "{}"] {
        assert_eq!(rule(&json!([]), "Bash", &text(nothing)), None, "{nothing}");
    }
}

#[test]
fn the_text_of_a_custom_tool_is_what_runs() {
    let custom = |name: &str, description: &str| json!([{"type": "custom", "name": name, "description": description}]);
    let nested = |name: &str| json!([{"type": "custom", "custom": {"name": name}}]);
    let dangerous = Some("shell.filesystem.recursive-delete".to_owned());
    for (name, input, expected) in [
        ("bash", RM, &dangerous),
        ("bash", "{ rm -rf ~/work; }", &dangerous),
        ("bash", "ls", &None),
        (
            "python",
            "import shutil\nshutil.rmtree('/home/me')",
            &dangerous,
        ),
        ("python", "print('rm -rf /')", &None),
        ("apply_patch", "*** Begin Patch\n+rm -rf ~/work", &None),
        ("do_it", RM, &None),
    ] {
        for tools in [custom(name, ""), nested(name)] {
            assert_eq!(
                rule(&tools, name, &text(input)),
                *expected,
                "{name} {input}"
            );
        }
    }
    let tools = custom("do_it", "Runs its input in a shell.");
    assert_eq!(rule(&tools, "do_it", &text(RM)), dangerous);
    let tools = custom("exec", "Runs raw JavaScript in an isolated context.");
    assert_eq!(
        rule(&tools, "exec", &text("text('a (b'); // rm -rf /")),
        None
    );
}

#[test]
fn two_inputs_of_one_call_are_both_judged() {
    let raw = json!({"command": RM}).to_string() + &json!({"command": "ls"}).to_string();
    assert!(rule(&json!([]), "Bash", &text(&raw)).is_some());
}

#[test]
fn code_that_calls_a_tool_of_its_agent_is_judged_by_the_call() {
    for (name, code) in [
        (
            "execute_code",
            "from hermes_tools import terminal\nterminal('rm -rf ~/work')",
        ),
        (
            "execute_code",
            "r = terminal(command=\"rm -rf ~/work\", timeout=9)",
        ),
        ("jupyter_run_cell", "!rm -rf ~/work"),
        ("insert_execute_code_cell", "%%bash\nrm -rf ~/work"),
        (
            "python",
            "import subprocess\nsubprocess.run('rm -rf ~/work', shell=True)",
        ),
    ] {
        for field in ["code", "cell_source"] {
            let arguments = json!({field: code}).to_string();
            let rule = rule(&json!([]), name, &arguments);
            assert!(rule.is_some(), "{name} {arguments}");
        }
    }
    for code in [
        "print('rm -rf ~/work')",
        "terminal('ls')",
        "# terminal('rm -rf ~/work')",
    ] {
        let arguments = json!({"code": code}).to_string();
        let tools = json!([{"name": "execute_code", "description": "Runs a Python script."}]);
        assert_eq!(rule(&tools, "execute_code", &arguments), None, "{code}");
    }
}
