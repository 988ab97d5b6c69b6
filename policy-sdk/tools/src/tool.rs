//! What a tool does, by its name.

use sluice_policy_shell::Language;

use crate::speech::Speech;

/// A tool that runs a shell, as the operator names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell {
    /// Its name. Upper and lower case are the same.
    pub name: String,
    /// The arguments that hold a command, in addition to those that the crate knows. A dot leads into
    /// an object.
    pub fields: Vec<String>,
}

/// What a tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Runs commands.
    Shell,
    /// Types into a running program.
    Session,
    /// Runs code.
    Code,
    /// Looks at running commands, or ends them.
    Looks,
    /// Reads, writes or plans. Commands in its texts do not run.
    Texts,
    /// Runs something.
    Runs,
    /// Unknown.
    Open,
}

/// A tool, as far as its name tells.
#[derive(Debug)]
pub(crate) struct Tool<'a> {
    pub(crate) kind: Kind,
    /// The program that reads the texts that it is given.
    pub(crate) speech: Option<Speech>,
    /// The arguments that the operator named for it.
    pub(crate) fields: Vec<&'a str>,
    is_vague: bool,
}

const SHELLS: &[&str] = &[
    "bash",
    "sh",
    "zsh",
    "fish",
    "shell",
    "terminal",
    "cmd",
    "command",
    "commands",
    "commandline",
    "console",
    "cli",
    "powershell",
    "pwsh",
    "subprocess",
    "tty",
    "pty",
    "ssh",
    "wsl",
    "exec",
];

/// Names of tools that run a shell without saying so.
const SHELL_NAMES: &[&str] = &["run", "exec", "execute", "monitor", "launch"];

/// Parts of names that are written as one word: `runterminalcmd`.
const SHELL_PARTS: &[&str] = &["bash", "shell", "terminal", "command"];

const RUNNING: &[&str] = &[
    "run",
    "runs",
    "exec",
    "execute",
    "execution",
    "start",
    "launch",
    "spawn",
    "invoke",
    "eval",
    "evaluate",
    "call",
    "submit",
];

const TYPING: &[&str] = &[
    "send", "write", "type", "interact", "press", "feed", "stdin", "paste",
];

const SESSIONS: &[&str] = &[
    "terminal",
    "process",
    "shell",
    "stdin",
    "session",
    "pty",
    "tmux",
    "console",
    "repl",
    "bash",
    "command",
    "subprocess",
    "input",
    "keys",
];

const LOOKING: &[&str] = &[
    "output", "kill", "list", "get", "read", "status", "log", "logs", "wait", "stop", "close",
    "history", "poll", "search", "find", "check", "cancel", "resize", "view", "show", "describe",
    "explain", "suggest", "help", "info", "capture", "snapshot",
];

const CODING: &[&str] = &[
    "code", "cell", "notebook", "snippet", "script", "kernel", "sandbox",
];

const CODE_NAMES: &[&str] = &["code", "eval", "code_interpreter", "interpreter", "repl"];

/// Names of agents, which run on prose.
const AGENTS: &[&str] = &["agent", "agents", "subagent", "subagents"];

/// Functions with which a script may run a shell command, because its agent provides them.
pub(crate) const IN_SCRIPTS: &[&str] = &[
    "bash",
    "exec_command",
    "execute_bash",
    "execute_command",
    "run_bash",
    "run_bash_command",
    "run_command",
    "run_in_terminal",
    "run_shell",
    "run_shell_command",
    "run_terminal_cmd",
    "shell",
    "shell_command",
    "terminal",
];

const TEXTS: &[&str] = &[
    "edit",
    "multiedit",
    "write",
    "read",
    "view",
    "create",
    "replace",
    "insert",
    "append",
    "update",
    "patch",
    "grep",
    "glob",
    "rg",
    "search",
    "find",
    "list",
    "ls",
    "todo",
    "todos",
    "todowrite",
    "agent",
    "agents",
    "subagent",
    "plan",
    "note",
    "notes",
    "memory",
    "fetch",
    "web",
    "ask",
    "answer",
    "question",
    "message",
    "respond",
    "reply",
    "think",
    "thinking",
    "commit",
    "issue",
    "comment",
    "review",
    "document",
    "docs",
    "lint",
    "format",
    "file",
    "files",
    "sql",
    "database",
    "delegate",
];

impl<'a> Tool<'a> {
    /// The tool of this name. Decorations do not matter, such as that of an MCP server
    /// (`mcp__server__tool`), a namespace (`functions.tool`) or a model's own marks
    /// (`tool<|channel|>commentary`).
    pub(crate) fn named(name: &str, shells: &'a [Shell]) -> Self {
        let name = plain(name);
        let last = last_part(&name);
        let own = shells.iter().filter(|tool| {
            let theirs = plain(&tool.name);
            [name.as_str(), last]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&theirs))
        });
        let own: Vec<_> = own.collect();
        let words = words(last);
        let mut kind = kind(&words);
        let is_open = matches!(kind, Kind::Open | Kind::Runs);
        if !own.is_empty() || is_open && has_any(&self::words(&name), SHELLS) {
            kind = Kind::Shell;
        }
        Self {
            kind,
            speech: speech(&words),
            fields: own
                .iter()
                .flat_map(|tool| &tool.fields)
                .map(String::as_str)
                .collect(),
            is_vague: is_one_of(&words, SHELL_NAMES),
        }
    }

    /// Whether the name says that it runs something but not that it is a shell. Some of these run a
    /// program in another language.
    pub(crate) fn is_vague(&self) -> bool {
        self.is_vague
    }
}

/// Removes what a model or a font added to a name.
pub(crate) fn plain(name: &str) -> String {
    let folded = name.chars().filter_map(|c| match c {
        // Full-width letters.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    });
    let folded: String = folded.collect();
    let end = folded.find(['<', '(']).filter(|end| *end > 0);
    let name = folded[..end.unwrap_or(folded.len())].trim();
    name.trim_matches(['"', '\'', '`']).to_owned()
}

/// The tool's own part of a name.
pub(crate) fn last_part(name: &str) -> &str {
    let name = name.rsplit("__").next().unwrap_or(name);
    name.rsplit(['.', ':', '/', ' '])
        .find(|part| !part.is_empty())
        .unwrap_or(name)
}

/// The words of a name in lower case: `run`, `in`, `terminal` of `runInTerminal`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = c.is_lowercase() || c.is_numeric();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn kind(words: &[String]) -> Kind {
    let has = |names: &[&str]| has_any(words, names);
    let is = |names: &[&str]| is_one_of(words, names);
    let is_joined = |word: &String| SHELL_PARTS.iter().any(|part| word.contains(part));
    let names_shell = has(SHELLS) || words.iter().any(is_joined);
    let runs = has(RUNNING);
    if has(TYPING) && has(SESSIONS) && !has(&["mcp", "file", "agent"]) || is(&["process"]) {
        Kind::Session
    } else if names_shell && !runs && has(LOOKING) {
        Kind::Looks
    } else if names_shell || is(SHELL_NAMES) || runs && has(&["process"]) {
        Kind::Shell
    } else if is(CODE_NAMES)
        || runs && has(CODING)
        || (runs || !has(TEXTS)) && speech(words).is_some()
    {
        Kind::Code
    } else if runs && !has(AGENTS) {
        Kind::Runs
    } else if has(TEXTS) || has(LOOKING) || is(&["task"]) {
        Kind::Texts
    } else {
        Kind::Open
    }
}

/// The program that reads the texts of a tool of that name.
fn speech(words: &[String]) -> Option<Speech> {
    if words.windows(2).any(|pair| pair == ["power", "shell"]) {
        return Speech::named("powershell");
    }
    let named = words.iter().find_map(|word| Speech::named(word));
    match named {
        None if has_any(words, &["notebook"]) => Some(Speech::Script(Language::Python)),
        named => named,
    }
}

fn has_any(words: &[String], names: &[&str]) -> bool {
    words.iter().any(|word| names.contains(&word.as_str()))
}

fn is_one_of(words: &[String], names: &[&str]) -> bool {
    names.contains(&words.join("_").as_str())
}
