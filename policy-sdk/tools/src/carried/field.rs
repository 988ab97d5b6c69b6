//! What a tool's argument means, by its name.

/// The content of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A command, or several.
    Command,
    /// A program, or a text for a shell or another interpreter.
    Code,
    /// Text that is typed into a running program.
    Input,
    /// The name of a program, whose arguments are elsewhere.
    Program,
    /// The arguments of a program.
    Words,
    /// The folder in which it runs.
    Folder,
    /// The name of a language, or of a shell.
    Language,
    /// Prose for a person or a model, or a name. Never run.
    Prose,
    /// The arguments of a call inside the call.
    Arguments,
    /// Unknown.
    Other,
}

const COMMANDS: &[&str] = &[
    "bash",
    "cmdline",
    "commandline",
    "commandlist",
    "commandstring",
    "commandtorun",
    "powershell",
    "argv",
    "shellscript",
    "bashscript",
    "shellcode",
    "sh",
];

const COMMAND_ENDS: [&str; 4] = ["command", "commands", "cmd", "cmds"];

const CODE: &[&str] = &[
    "code",
    "script",
    "scripts",
    "source",
    "sourcecode",
    "cell",
    "cells",
    "snippet",
    "program",
    "python",
    "javascript",
    "js",
    "expression",
    "function",
    "body",
    "scripttext",
    "pythoncode",
];

const INPUTS: &[&str] = &[
    "input",
    "inputs",
    "inputtext",
    "chars",
    "characters",
    "text",
    "keys",
    "keystrokes",
    "data",
    "stdin",
    "content",
    "line",
    "lines",
    "sendkeys",
    "userinput",
    "commandinput",
    "literal",
    "value",
    "payload",
];

const PROGRAMS: &[&str] = &[
    "executable",
    "exe",
    "binary",
    "bin",
    "program",
    "entrypoint",
    "file",
];

const WORDS: &[&str] = &[
    "args",
    "arguments",
    "argslist",
    "commandargs",
    "cmdargs",
    "programargs",
    "commandarguments",
];

const FOLDERS: &[&str] = &[
    "workdir",
    "cwd",
    "workingdirectory",
    "workingdir",
    "directory",
    "dirpath",
    "directorypath",
    "currentdirectory",
    "cd",
    "execdir",
    "dir",
    "folder",
    "workingfolder",
];

const LANGUAGES: &[&str] = &[
    "language",
    "lang",
    "runtime",
    "interpreter",
    "kernel",
    "kernelname",
    "shell",
    "shelltype",
    "syntax",
];

const PROSE: &[&str] = &[
    "description",
    "explanation",
    "justification",
    "reason",
    "reasoning",
    "rationale",
    "goal",
    "thought",
    "thoughts",
    "purpose",
    "title",
    "name",
    "label",
    "prompt",
    "summary",
    "note",
    "notes",
    "comment",
    "id",
    "url",
    "status",
    "mode",
    "type",
    "action",
    "timeout",
    "message",
    "oldstring",
    "newstring",
    "oldstr",
    "newstr",
    "filepath",
    "path",
    "commitmessage",
    "subagenttype",
];

/// Words that may precede `command` in the name of a list of commands that must not run.
const LISTED: &[&str] = &[
    "allowed",
    "denied",
    "blocked",
    "forbidden",
    "disallowed",
    "example",
    "last",
];

const ARGUMENTS: &[&str] = &[
    "parameters",
    "params",
    "toolinput",
    "toolargs",
    "toolarguments",
    "kwargs",
    "actioninput",
];

impl Meaning {
    /// What an argument of this name means. Case and the way its words are joined do not matter.
    pub(super) fn of(name: &str) -> Self {
        let name = plain(name);
        let is_one_of = |names: &[&str]| names.contains(&name.as_str());
        let ends_with = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let is_listed = LISTED.iter().any(|prefix| name.starts_with(prefix));
        if is_one_of(COMMANDS) || ends_with(&COMMAND_ENDS) && !is_listed {
            Self::Command
        } else if is_one_of(CODE) || ends_with(&["code", "source", "script"]) {
            Self::Code
        } else if is_one_of(WORDS) {
            Self::Words
        } else if is_one_of(PROGRAMS) {
            Self::Program
        } else if is_one_of(INPUTS) || ends_with(&["input", "stdin"]) && !name.starts_with("is") {
            Self::Input
        } else if is_one_of(FOLDERS) {
            Self::Folder
        } else if is_one_of(LANGUAGES) {
            Self::Language
        } else if is_one_of(ARGUMENTS) {
            Self::Arguments
        } else if is_one_of(PROSE) || name.ends_with("id") {
            Self::Prose
        } else {
            Self::Other
        }
    }
}

/// Whether an argument of this name holds several separate commands.
pub(super) fn is_many(name: &str) -> bool {
    plain(name).ends_with('s')
}

/// Whether this argument names a tool that is called inside the call.
pub(super) fn names_tool(name: &str) -> bool {
    matches!(
        plain(name).as_str(),
        "tool" | "toolname" | "name" | "recipientname" | "function" | "functionname" | "action"
    )
}

/// Whether this argument holds the arguments of a call inside the call.
pub(super) fn holds_arguments(name: &str) -> bool {
    let name = plain(name);
    ARGUMENTS.contains(&name.as_str()) || matches!(name.as_str(), "arguments" | "args" | "input")
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
