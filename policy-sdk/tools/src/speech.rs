//! The languages of the texts that tools are given.

use sluice_policy_shell::{Language, Text};

/// The program that reads a text given to a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    Shell,
    Script(Language),
}

impl Speech {
    /// What the name of a language, a kernel or a shell means.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(Self::Script(match name.to_ascii_lowercase().as_str() {
            "bash" | "sh" | "zsh" | "shell" | "fish" | "terminal" | "console" => {
                return Some(Self::Shell);
            }
            "python" | "python2" | "python3" | "py" | "ipython" | "jupyter" => Language::Python,
            "javascript" | "js" | "node" | "nodejs" | "typescript" | "ts" | "deno" | "bun" => {
                Language::JavaScript
            }
            "perl" => Language::Perl,
            "ruby" | "rb" => Language::Ruby,
            "php" => Language::Php,
            "lua" => Language::Lua,
            "applescript" | "osascript" => Language::AppleScript,
            "powershell" | "pwsh" | "ps1" => Language::PowerShell,
            "cmdexe" | "batch" | "bat" => Language::Cmd,
            _ => return None,
        }))
    }
}

/// Returns a text in the form for each program that may read it. Code of an unknown language is
/// read as the two most usual ones.
pub(crate) fn texts(speech: Option<Speech>, is_code: bool, text: String) -> Vec<Text> {
    match speech {
        Some(Speech::Script(Language::Python)) => vec![Text::Cell(text)],
        Some(Speech::Script(language)) => vec![Text::Script(language, text)],
        None if is_code => vec![
            Text::Cell(text.clone()),
            Text::Script(Language::JavaScript, text),
        ],
        Some(Speech::Shell) | None => vec![Text::Shell(text)],
    }
}
