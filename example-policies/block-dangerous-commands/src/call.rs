//! Finds the commands that a tool call carries, whatever the tool is called.
//!
//! The argument's name decides first (`field`), then the tool's name (`tool`). If both leave it
//! open, the call is suspect, and the tool's declaration in the request decides (`declared`).
//! Nothing here judges a command.

mod declared;
mod distinct;
mod field;
mod input;
#[cfg(test)]
mod tests;
mod tool;
mod walk;

use serde_json::Value;
use sluice_policy_shell::{Language, Text};

pub use declared::Declared;
pub use input::Input;
pub(crate) use tool::IN_SCRIPTS;
use tool::{Kind, Tool};
use walk::Walk;

use crate::code_mode::Programs;
use crate::config::Rules;

/// A command that a tool call would run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Command {
    /// The command itself.
    pub text: Text,
    /// The folder in which it starts, if the call names one.
    pub folder: Option<String>,
}

/// A text that is a command if the tool takes commands in this argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// The argument; empty for a tool that takes free text.
    pub field: String,
    /// The command that would run.
    pub command: Command,
}

/// The commands in a tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// The commands that it runs.
    pub commands: Vec<Command>,
    /// The commands that it runs if its tool is one that runs commands.
    pub suspects: Vec<Suspect>,
    /// Its arguments, if it may run something but no client can read them.
    pub unreadable: Option<String>,
}

/// The program that reads a text given to a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    Shell,
    Script(Language),
}

/// Returns the commands in a call of the tool of this name. `declared` is only asked if the arguments
/// are not a JSON object, or if the name of a tool that runs code does not tell the language.
pub(crate) fn carried(
    name: &str,
    input: &Input<'_>,
    declared: &Declared<'_>,
    rules: &Rules,
    programs: &Programs,
) -> Carried {
    let mut tool = Tool::named(name, rules);
    if tool.kind == Kind::Code && tool.speech.is_none() {
        tool.speech = declared.speech();
    }
    let reader = Reader { rules, programs };
    match input.text() {
        Some(text) => of_text(&tool, text, input, declared, reader),
        None => within(&tool, input.readings(), reader),
    }
}

/// What the arguments of a call are read with.
#[derive(Clone, Copy)]
struct Reader<'a> {
    rules: &'a Rules,
    programs: &'a Programs,
}

/// Whether the tool's input may be a program that calls tools. A known shell, or a tool that only
/// holds texts, takes none.
pub(crate) fn takes_programs(name: &str, declared: &Declared<'_>, rules: &Rules) -> bool {
    let tool = Tool::named(name, rules);
    match tool.kind {
        Kind::Texts | Kind::Looks => false,
        Kind::Shell | Kind::Session => {
            let speech = declared.speech();
            tool.is_vague() || speech == Some(Speech::Script(Language::JavaScript))
        }
        Kind::Code | Kind::Runs | Kind::Open => true,
    }
}

/// Returns the commands in a call whose arguments are a text.
fn of_text(
    tool: &Tool<'_>,
    text: &str,
    input: &Input<'_>,
    declared: &Declared<'_>,
    reader: Reader<'_>,
) -> Carried {
    if matches!(tool.kind, Kind::Texts | Kind::Looks) {
        // A patch may contain JSON that is not the arguments.
        let outside = |c: char| c.is_whitespace() || matches!(c, '"' | '\\');
        let is_json = text.trim_start_matches(outside).starts_with('{');
        return within(tool, if is_json { input.readings() } else { &[] }, reader);
    }
    let takes_text = declared.takes_text();
    if takes_text == Some(true) {
        return free(tool, declared.speech(), text.to_owned());
    }
    let readings = input.readings();
    let mut carried = within(tool, readings, reader);
    if matches!(tool.kind, Kind::Shell | Kind::Session | Kind::Code) && !carried.commands.is_empty()
    {
        // A client may see quotes where none of the readings has any.
        carried.commands.push(Command {
            text: Text::Broken(text.to_owned()),
            folder: None,
        });
    }
    let says_nothing = matches!(readings, [Value::Object(object)] if object.is_empty());
    if !carried.commands.is_empty() || !carried.suspects.is_empty() || says_nothing {
        return carried;
    }
    carried.commands = free(tool, None, text.to_owned()).commands;
    let must_be_json = match tool.kind {
        Kind::Shell | Kind::Session => true,
        _ => takes_text.is_some() && readings.is_empty(),
    };
    carried.unreadable = must_be_json.then(|| text.to_owned());
    carried
}

/// Returns the commands in a call with these arguments, whichever of the readings counts.
fn within(tool: &Tool<'_>, readings: &[Value], reader: Reader<'_>) -> Carried {
    let mut walk = Walk::new(tool, reader);
    for reading in readings {
        walk.arguments(reading);
    }
    walk.finish()
}

/// Returns the commands of a tool that takes free text.
fn free(tool: &Tool<'_>, speech: Option<Speech>, text: String) -> Carried {
    let speech = speech.or(tool.speech);
    let is_code = tool.kind == Kind::Code || speech.is_none() && tool.is_vague();
    let commands = texts(speech, is_code, text)
        .into_iter()
        .map(|text| Command { text, folder: None });
    let mut carried = Carried::default();
    match tool.kind {
        Kind::Texts | Kind::Looks => {}
        Kind::Open | Kind::Runs => {
            carried.suspects = commands
                .map(|command| Suspect {
                    field: String::new(),
                    command,
                })
                .collect();
        }
        Kind::Shell | Kind::Session | Kind::Code => carried.commands = commands.collect(),
    }
    carried
}

/// Returns a text in the form for each program that may read it. Code of an unknown language is
/// read as the two most usual ones.
fn texts(speech: Option<Speech>, is_code: bool, text: String) -> Vec<Text> {
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

impl Speech {
    /// What the name of a language, a kernel or a shell means.
    fn named(name: &str) -> Option<Self> {
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
