//! Finds the commands that a tool call carries, whatever the tool is called.
//!
//! The argument's name decides first (`field`), then the tool's name ([`tool`](crate::tool)). If both
//! leave it open, the call is suspect, and the tool's declaration in the request decides
//! ([`declared`](crate::declared)).

mod distinct;
mod field;
#[cfg(test)]
mod tests;
mod walk;

use serde_json::Value;
use sluice_policy_shell::{Language, Text};

use crate::command::Command;
use crate::input::Input;
use crate::reader::Reader;
use crate::speech::{Speech, texts};
use crate::tool::{Kind, Tool};

use walk::Walk;

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

/// Returns the commands in a call. Its declaration is only asked if the arguments are not a JSON object,
/// or if the name of a tool that runs code does not tell the language.
pub(crate) fn carried(input: &Input<'_>, reader: &Reader<'_>) -> Carried {
    let mut tool = Tool::named(input.name(), reader.shells());
    if tool.kind == Kind::Code && tool.speech.is_none() {
        tool.speech = input.declared().speech();
    }
    let mut carried = match input.text() {
        Some(text) => of_text(&tool, text, input, reader),
        None => within(&tool, input.readings(), reader),
    };
    drop_cells_of_programs(&mut carried.commands, reader);
    carried
}

/// Whether the tool's input may be a program that calls tools. A known shell, or a tool that only
/// holds texts, takes none.
pub(crate) fn takes_programs(input: &Input<'_>, reader: &Reader<'_>) -> bool {
    let tool = Tool::named(input.name(), reader.shells());
    match tool.kind {
        Kind::Texts | Kind::Looks => false,
        Kind::Shell | Kind::Session => {
            let speech = input.declared().speech();
            tool.is_vague() || speech == Some(Speech::Script(Language::JavaScript))
        }
        Kind::Code | Kind::Runs | Kind::Open => true,
    }
}

/// A text whose language is unknown is read as several. If it is a program of code mode, it is no cell.
fn drop_cells_of_programs(commands: &mut Vec<Command>, reader: &Reader<'_>) {
    if commands.len() < 2 {
        return;
    }
    let program = commands.iter().find_map(|command| match &command.text {
        Text::Script(Language::JavaScript, source) => {
            let is_program = reader.program(source).is_code_mode();
            is_program.then(|| source.clone())
        }
        _ => None,
    });
    if let Some(program) = program {
        commands.retain(|command| !matches!(&command.text, Text::Cell(cell) if *cell == program));
    }
}

/// Returns the commands in a call whose arguments are a text.
fn of_text(tool: &Tool<'_>, text: &str, input: &Input<'_>, reader: &Reader<'_>) -> Carried {
    if matches!(tool.kind, Kind::Texts | Kind::Looks) {
        // A patch may contain JSON that is not the arguments.
        let outside = |c: char| c.is_whitespace() || matches!(c, '"' | '\\');
        let is_json = text.trim_start_matches(outside).starts_with('{');
        return within(tool, if is_json { input.readings() } else { &[] }, reader);
    }
    let declared = input.declared();
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
fn within(tool: &Tool<'_>, readings: &[Value], reader: &Reader<'_>) -> Carried {
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
