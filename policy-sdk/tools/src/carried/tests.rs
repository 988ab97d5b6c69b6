//! Real tools of agents, with what each would run.

use serde_json::json;
use sluice_policy_sdk::ToolCall;
use sluice_policy_shell::{Language, Text};

use super::Carried;
use crate::input::Input;
use crate::reader::Reader;

fn call(name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: "toolu_1".to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_string(),
    }
}

fn carried(name: &str, arguments: &str) -> Carried {
    let call = call(name, arguments);
    super::carried(&Input::of(&call, None), &Reader::default())
}

fn texts(name: &str, arguments: &str) -> Vec<Text> {
    let texts = carried(name, arguments)
        .commands
        .into_iter()
        .map(|command| command.text);
    texts.collect()
}

/// Reads the calls in a file. A line has the name of a tool and the arguments.
fn calls(file: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' '))
}

fn shell(line: &str) -> Text {
    Text::Shell(line.to_owned())
}

fn words(words: &[&str]) -> Text {
    Text::Words(words.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn tools_that_run_a_line_carry_it() {
    for (name, arguments) in calls(include_str!("../../tests/runs.txt")) {
        assert_eq!(texts(name, arguments), [shell("ls")], "{name} {arguments}");
    }
}

#[test]
fn tools_of_windows_carry_scripts_of_its_shells() {
    let script = |language| [Text::Script(language, "ls".to_owned())];
    for (name, arguments) in [
        ("PowerShell", r#"{"command": "ls"}"#),
        ("executePwsh", r#"{"command": "ls", "path": "/"}"#),
        ("mcp__windows__powershell_tool", r#"{"command": "ls"}"#),
        ("run_command", r#"{"command": "ls", "shell": "powershell"}"#),
        (
            "run_command",
            r#"{"command": "ls", "shell": "C:\\x\\pwsh.exe"}"#,
        ),
    ] {
        let expected = script(Language::PowerShell);
        assert_eq!(texts(name, arguments), expected, "{name} {arguments}");
    }
    let arguments = r#"{"command": "ls", "shell": "cmd.exe"}"#;
    assert_eq!(texts("run_command", arguments), script(Language::Cmd));
    assert_eq!(texts("cmd", r#"{"command": "ls"}"#), [shell("ls")]);
}

#[test]
fn lists_of_words_start_a_program() {
    let expected = words(&["bash", "-lc", "ls"]);
    for (name, arguments) in [
        (
            "shell",
            json!({"command": ["bash", "-lc", "ls"], "workdir": "/"}),
        ),
        (
            "local_shell",
            json!({"type": "exec", "command": ["bash", "-lc", "ls"], "env": {}}),
        ),
        (
            "local_shell",
            json!({"action": {"command": ["bash", "-lc", "ls"]}}),
        ),
        ("spawn", json!({"argv": ["bash", "-lc", "ls"]})),
        ("shell", json!({"args": ["bash", "-lc", "ls"]})),
        ("container.exec", json!({"cmd": ["bash", "-lc", "ls"]})),
    ] {
        assert_eq!(
            texts(name, &arguments.to_string()),
            std::slice::from_ref(&expected),
            "{name} {arguments}"
        );
    }
    for (name, arguments) in [
        (
            "run_task",
            json!({"task": {"label": "x", "type": "shell", "command": "bash", "args": ["-lc", "ls"]}}),
        ),
        ("do", json!({"program": "bash", "args": ["-lc", "ls"]})),
        (
            "do",
            json!({"executable": "bash", "arguments": ["-lc", "ls"]}),
        ),
        ("bash", json!({"command": "[\"bash\", \"-lc\", \"ls\"]"})),
    ] {
        assert!(
            texts(name, &arguments.to_string()).contains(&expected),
            "{name} {arguments}"
        );
    }
}

#[test]
fn several_commands_are_each_judged() {
    for arguments in [
        json!({"commands": ["cd x", "ls"]}),
        json!({"command": ["cd x", "ls"]}),
        json!({"commands": [{"command": "cd x"}, {"command": "ls"}]}),
    ] {
        let texts = texts("run_commands", &arguments.to_string());
        for line in ["cd x", "ls"] {
            assert!(texts.contains(&shell(line)), "{arguments} {texts:?}");
        }
    }
}

#[test]
fn decorated_names_are_those_of_the_tool() {
    for name in [
        "functions.exec_command",
        "functions.exec_command:0",
        "default_api.exec_command",
        "default_api:exec_command",
        "mcp__box__exec_command",
        "box.exec_command",
        "box/exec_command",
        "exec_command<|channel|>commentary",
        "exec_command<|constrain|>json",
        "tool_exec_command",
        " exec_command\n",
        "\u{200b}exec_command",
        "ｅｘｅｃ＿ｃｏｍｍａｎｄ",
        "EXEC-COMMAND",
        "execCommand",
        "execcommand",
        "to=functions.exec_command",
        "\"exec_command\"",
    ] {
        assert_eq!(texts(name, r#"{"it": "ls"}"#), [shell("ls")], "{name}");
    }
}

#[test]
fn code_is_read_as_its_language() {
    let cell = Text::Cell("x".to_owned());
    let script = |language| Text::Script(language, "x".to_owned());
    for (name, arguments, expected) in [
        ("python", json!({"code": "x"}), vec![cell.clone()]),
        (
            "execute_ipython_cell",
            json!({"code": "x"}),
            vec![cell.clone()],
        ),
        ("jupyter_run", json!({"source": "x"}), vec![cell.clone()]),
        ("python_repl", json!({"input": "x"}), vec![cell.clone()]),
        (
            "mcp__py__run_python_code",
            json!({"python_code": "x"}),
            vec![cell.clone()],
        ),
        (
            "run_code",
            json!({"language": "python", "code": "x"}),
            vec![cell.clone()],
        ),
        (
            "js_repl",
            json!({"code": "x"}),
            vec![script(Language::JavaScript)],
        ),
        (
            "run_code",
            json!({"lang": "JavaScript", "code": "x"}),
            vec![script(Language::JavaScript)],
        ),
        (
            "run_code",
            json!({"language": "ruby", "code": "x"}),
            vec![script(Language::Ruby)],
        ),
        (
            "execute_code",
            json!({"code": "x"}),
            vec![cell, script(Language::JavaScript)],
        ),
    ] {
        assert_eq!(
            texts(name, &arguments.to_string()),
            expected,
            "{name} {arguments}"
        );
    }
}

#[test]
fn tools_that_run_nothing_carry_nothing() {
    for (name, arguments) in calls(include_str!("../../tests/runs-nothing.txt")) {
        for text in texts(name, arguments) {
            assert!(!text.line().contains("rm "), "{name} {arguments} {text:?}");
        }
    }
}

#[test]
fn the_folder_is_that_of_the_call_or_of_what_is_around_it() {
    for (name, arguments) in [
        ("exec_command", json!({"cmd": "ls", "workdir": "/x"})),
        ("run_command", json!({"CommandLine": "ls", "Cwd": "/x"})),
        (
            "local_shell",
            json!({"action": {"command": "ls", "working_directory": "/x"}}),
        ),
        ("batch", json!({"cwd": "/x", "steps": [{"cmd": "ls"}]})),
    ] {
        let carried = carried(name, &arguments.to_string());
        let folder = carried.commands[0].folder.as_deref();
        assert_eq!(folder, Some("/x"), "{name} {arguments}");
    }
}
