//! Finds the commands in the arguments of a tool call.

use serde_json::Value;
use sluice_policy_shell::Text;

use crate::config::{Rules, Tool};

/// Tools that run a shell, by the names that agents give them.
const NAMES: &[&str] = &[
    "bash",
    "shell",
    "sh",
    "zsh",
    "terminal",
    "local_shell",
    "local_shell_call",
    "shell_command",
    "container.exec",
    "exec",
    "exec_command",
    "execute_command",
    "execute_bash",
    "execute_shell",
    "execute_shell_command",
    "run_bash",
    "run_command",
    "run_commands",
    "run_in_terminal",
    "run_shell",
    "run_shell_command",
    "run_terminal_cmd",
    "run_terminal_command",
    "start_process",
    "start_terminal",
    "bash_command",
    "shell_exec",
    "command_line",
    "developer__shell",
    "unified_exec",
    "write_stdin",
    "send_input",
];

/// The arguments in which such tools take a command.
const FIELDS: &[&str] = &[
    "command",
    "cmd",
    "script",
    "commands",
    "argv",
    "shell_command",
    "command_line",
    "commandLine",
    "CommandLine",
    "bash_command",
    "action.command",
    "action.commands",
    "chars",
    "input",
];

/// The arguments in which such tools take a folder.
const FOLDERS: &[&str] = &[
    "workdir",
    "cwd",
    "working_directory",
    "working_dir",
    "workingDirectory",
    "directory",
    "dir_path",
    "directory_path",
    "action.working_directory",
    "Cwd",
];

/// A command that a tool call would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What runs.
    pub text: Text,
    /// The folder in which it starts, where the call names one.
    pub folder: Option<String>,
}

/// The commands that the call would run; none where its tool runs no shell.
///
/// `arguments` is a JSON object, or a JSON string where the call was cut off.
pub fn commands(name: &str, arguments: &str, rules: &Rules) -> Vec<Command> {
    let Some(fields) = fields_of(name, rules) else {
        return Vec::new();
    };
    let broken = |text: String| {
        vec![Command {
            text: Text::Broken(text),
            folder: None,
        }]
    };
    let arguments = match serde_json::from_str(arguments) {
        Ok(Value::String(text)) => return broken(text),
        Ok(arguments) => arguments,
        Err(_) => return broken(arguments.to_owned()),
    };
    let folder = FOLDERS
        .iter()
        .find_map(|field| field_of(&arguments, field)?.as_str())
        .map(str::to_owned);
    let texts = fields.iter().filter_map(|field| {
        let value = field_of(&arguments, field)?;
        let is_many = field.ends_with("commands");
        Some(texts(value, is_many))
    });
    texts
        .flatten()
        .map(|text| Command {
            text,
            folder: folder.clone(),
        })
        .collect()
}

fn fields_of<'a>(name: &str, rules: &'a Rules) -> Option<Vec<&'a str>> {
    // A tool of an MCP server is called `mcp__server__tool`.
    let last = name.rsplit("__").next().unwrap_or(name);
    let is_named = |other: &str| {
        [name, last]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(other))
    };
    let own: Vec<&Tool> = rules
        .tools
        .iter()
        .filter(|tool| is_named(&tool.name))
        .collect();
    if own.is_empty() && !NAMES.iter().any(|name| is_named(name)) {
        return None;
    }
    let mut fields: Vec<&str> = own
        .iter()
        .flat_map(|tool| &tool.fields)
        .map(String::as_str)
        .collect();
    if fields.is_empty() {
        fields.extend(FIELDS);
    }
    Some(fields)
}

fn field_of<'a>(arguments: &'a Value, field: &str) -> Option<&'a Value> {
    match arguments.get(field) {
        Some(value) => Some(value),
        None => field
            .split_once('.')
            .and_then(|(outer, inner)| arguments.get(outer)?.get(inner)),
    }
}

fn texts(value: &Value, is_many: bool) -> Vec<Text> {
    match value {
        Value::String(text) => vec![Text::Shell(text.clone())],
        Value::Array(values) if is_many => values
            .iter()
            .flat_map(|value| texts(value, false))
            .collect(),
        Value::Array(values) => {
            let words: Vec<String> = values
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
            // A list of one text with spaces is a command line, whatever the tool's schema says.
            match words.as_slice() {
                [] => Vec::new(),
                [line] => vec![Text::Shell(line.clone())],
                _ => vec![Text::Words(words)],
            }
        }
        Value::Object(object) => ["command", "cmd"]
            .iter()
            .filter_map(|field| object.get(*field))
            .flat_map(|value| texts(value, false))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn of(name: &str, arguments: &str) -> Vec<Text> {
        let rules = Rules::new(Config::default()).unwrap();
        commands(name, arguments, &rules)
            .into_iter()
            .map(|command| command.text)
            .collect()
    }

    #[test]
    fn the_usual_tools_are_known() {
        let ls = || vec![Text::Shell("ls".to_owned())];
        assert_eq!(
            of("Bash", r#"{"command": "ls", "description": "lists"}"#),
            ls()
        );
        assert_eq!(of("exec_command", r#"{"cmd": "ls", "workdir": "/"}"#), ls());
        assert_eq!(
            of("mcp__box__run_shell_command", r#"{"command": "ls"}"#),
            ls()
        );
        assert_eq!(of("local_shell", r#"{"action": {"command": "ls"}}"#), ls());
        assert_eq!(
            of("shell", r#"{"command": ["bash", "-lc", "ls"]}"#),
            [Text::Words(
                ["bash", "-lc", "ls"].map(str::to_owned).to_vec()
            )]
        );
    }

    #[test]
    fn other_tools_run_no_shell() {
        assert_eq!(of("Read", r#"{"command": "rm -rf /"}"#), []);
        assert_eq!(of("bash", r#"{"restart": true}"#), []);
    }

    #[test]
    fn a_call_that_was_cut_off_is_broken() {
        let raw = r#"{"command": "rm -rf /"#;
        let arguments = serde_json::to_string(raw).unwrap();
        assert_eq!(of("Bash", &arguments), [Text::Broken(raw.to_owned())]);
    }
}
