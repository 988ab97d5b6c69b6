//! Searches the arguments of a call for commands, at any depth.

use std::rc::Rc;

use serde_json::{Map, Value};
use sluice_policy_sdk::ToolCall;
use sluice_policy_shell::{Language, Text};

use super::distinct::Distinct;
use super::field::{Meaning, holds_arguments, is_many, names_tool};
use super::{Carried, Suspect, free};
use crate::command::Command;
use crate::program::Program;
use crate::reader::Reader;
use crate::speech::{Speech, texts};
use crate::tool::{Kind, Tool};

/// How deeply calls may be nested, in arguments or in texts.
const DEEPEST_CALL: usize = 4;

/// A search through the arguments of one call.
pub(super) struct Walk<'a> {
    tool: &'a Tool<'a>,
    reader: &'a Reader<'a>,
    depth: usize,
    carried: Carried,
    commands: Distinct,
    /// What a tool that runs commands may run, if it is given nothing better.
    others: Vec<Command>,
}

/// What the objects around an argument say about it.
#[derive(Clone, Default)]
struct Around {
    folder: Option<String>,
    speech: Option<Speech>,
    /// Whether it is part of a command.
    in_command: bool,
    /// Whether it is in an object inside the arguments.
    is_nested: bool,
}

/// How certain it is that a text runs.
enum Weight {
    Sure,
    Suspect,
    /// It runs if nothing else does.
    Last,
    None,
}

impl<'a> Walk<'a> {
    pub(super) fn new(tool: &'a Tool<'a>, reader: &'a Reader<'a>) -> Self {
        Self {
            tool,
            reader,
            depth: 0,
            carried: Carried::default(),
            commands: Distinct::default(),
            others: Vec::new(),
        }
    }

    /// Searches one reading of the arguments.
    pub(super) fn arguments(&mut self, arguments: &Value) {
        for field in &self.tool.fields {
            if let Some(value) = at(arguments, field) {
                self.command(field, value, &Around::default());
            }
        }
        let around = Around::default();
        match arguments {
            Value::Object(object) => self.object(object, &around),
            Value::Array(values) => self.list("", Meaning::Other, values, &around),
            _ => {}
        }
    }

    /// Returns what was found.
    pub(super) fn finish(mut self) -> Carried {
        self.carried.commands = self.commands.into_commands();
        if self.carried.commands.is_empty() {
            self.carried.commands = self.others;
        }
        self.carried
    }

    fn object(&mut self, object: &Map<String, Value>, around: &Around) {
        let around = around.within(object);
        for (name, value) in object {
            self.field(name, value, &around);
        }
        self.start(object, &around);
        if let Some((name, arguments)) = inner_call(object) {
            self.inner(name, arguments);
        }
    }

    fn field(&mut self, name: &str, value: &Value, around: &Around) {
        let meaning = match Meaning::of(name) {
            Meaning::Other | Meaning::Code | Meaning::Input if around.in_command => {
                Meaning::Command
            }
            meaning => meaning,
        };
        let reads = matches!(self.tool.kind, Kind::Texts | Kind::Looks);
        if reads && (around.is_nested || meaning != Meaning::Command) {
            return;
        }
        match value {
            _ if meaning == Meaning::Command => self.command(name, value, around),
            Value::String(text) => self.text(name, meaning, text, around),
            Value::Array(values) => self.list(name, meaning, values, around),
            Value::Object(object) if matches!(meaning, Meaning::Arguments | Meaning::Words) => {
                self.object(object, around);
            }
            Value::Object(object) => self.object(object, &around.nested(false)),
            _ => {}
        }
    }

    fn list(&mut self, name: &str, meaning: Meaning, values: &[Value], around: &Around) {
        if meaning == Meaning::Words {
            // They belong to a program.
            return;
        }
        for value in values {
            match value {
                Value::Object(object) => self.object(object, &around.nested(false)),
                Value::String(text) => self.text(name, meaning, text, around),
                Value::Array(values) => self.list(name, meaning, values, around),
                _ => {}
            }
        }
    }

    /// Reads an argument that holds commands.
    fn command(&mut self, name: &str, value: &Value, around: &Around) {
        match value {
            Value::String(text) => {
                self.text(name, Meaning::Command, text, around);
                self.encoded(name, text, around);
            }
            Value::Object(object) => self.object(object, &around.nested(true)),
            Value::Array(values) => {
                let words = strings(values);
                let has_lines = words.first().is_some_and(|word| word.contains(' '));
                if is_many(name) || has_lines || words.len() < 2 {
                    for value in values {
                        self.command("", value, around);
                    }
                }
                if words.len() > 1 {
                    self.add(Weight::Sure, name, Text::Words(words), around);
                }
            }
            _ => {}
        }
    }

    /// Reads a text whose JSON is a command, or the arguments of a call.
    fn encoded(&mut self, name: &str, text: &str, around: &Around) {
        let text = text.trim_start();
        let mut starts = ["[\"", "{\"", "['", "{'"].iter();
        if self.depth >= DEEPEST_CALL || !starts.any(|start| text.starts_with(start)) {
            return;
        }
        self.depth += 1;
        for reading in readings(text) {
            match &reading {
                Value::Object(object) => self.object(object, &around.nested(false)),
                Value::Array(values) if strings(values).len() > 1 => {
                    self.command(name, &reading, around);
                }
                _ => {}
            }
        }
        self.depth -= 1;
    }

    fn text(&mut self, name: &str, meaning: Meaning, text: &str, around: &Around) {
        if holds_arguments(name) {
            self.encoded(name, text, around);
        }
        let speech = around.speech.or(self.tool.speech);
        if matches!(meaning, Meaning::Code | Meaning::Input)
            && let Some(program) = self.program(speech, text)
        {
            let script = Text::Script(Language::JavaScript, text.to_owned());
            self.add(Weight::Sure, name, script, around);
            if program.is_code_mode() {
                return;
            }
        }
        for text in texts(speech, self.is_code(name, meaning), text.to_owned()) {
            self.add(self.weight(meaning, around), name, text, around);
        }
        let is_script = match speech {
            Some(Speech::Script(language)) => {
                !matches!(language, Language::PowerShell | Language::Cmd)
            }
            _ => false,
        };
        if meaning == Meaning::Command && is_script {
            // A tool named after a language may still pass its commands to a shell.
            self.add(Weight::Sure, name, Text::Shell(text.to_owned()), around);
        }
    }

    /// Reads a text as a program that makes calls, if the tool may run such programs.
    fn program(&self, speech: Option<Speech>, text: &str) -> Option<Rc<Program>> {
        let runs_code = match self.tool.kind {
            Kind::Code => true,
            Kind::Shell | Kind::Session => self.tool.is_vague(),
            _ => false,
        };
        let may_be = matches!(speech, None | Some(Speech::Script(Language::JavaScript)));
        let program = (runs_code && may_be).then(|| self.reader.program(text));
        program.filter(|program| !program.is_empty() || program.is_code_mode())
    }

    /// Whether a text is code of an unknown language. A script is for a shell.
    fn is_code(&self, name: &str, meaning: Meaning) -> bool {
        let may_be = match self.tool.kind {
            Kind::Code => meaning != Meaning::Command,
            Kind::Shell | Kind::Session => self.tool.is_vague() && meaning == Meaning::Code,
            _ => meaning == Meaning::Code,
        };
        may_be && !name.to_lowercase().contains("script")
    }

    fn weight(&self, meaning: Meaning, around: &Around) -> Weight {
        let nested = around.is_nested && matches!(meaning, Meaning::Code | Meaning::Input);
        let meaning = if nested { Meaning::Other } else { meaning };
        match (self.tool.kind, meaning) {
            (_, Meaning::Command) => Weight::Sure,
            (Kind::Shell | Kind::Session | Kind::Code, Meaning::Code | Meaning::Input)
            | (Kind::Runs, Meaning::Code) => Weight::Sure,
            (Kind::Shell, Meaning::Other | Meaning::Program) => Weight::Last,
            (
                Kind::Open | Kind::Runs | Kind::Code | Kind::Session,
                Meaning::Code | Meaning::Input | Meaning::Other | Meaning::Program,
            ) => Weight::Suspect,
            _ => Weight::None,
        }
    }

    /// Reads a program and its arguments from the same object.
    fn start(&mut self, object: &Map<String, Value>, around: &Around) {
        let find = |meaning: &[Meaning]| {
            let mut fields = object.iter();
            fields.find(|(name, value)| meaning.contains(&Meaning::of(name)) && !value.is_null())
        };
        let program = find(&[Meaning::Command])
            .or_else(|| find(&[Meaning::Program]))
            .or_else(|| object.get_key_value("program"))
            .and_then(|(_, program)| program.as_str());
        let words = find(&[Meaning::Words]).map(|(_, words)| words);
        match (program, words) {
            (Some(program), Some(Value::String(words))) => {
                let line = Text::Shell(format!("{program} {words}"));
                self.add(Weight::Sure, "", line, around);
            }
            (program, Some(Value::Array(words))) => {
                let words = strings(words);
                let runs = matches!(self.tool.kind, Kind::Shell | Kind::Session | Kind::Runs);
                if let Some(program) = program {
                    let line = Text::Shell(format!("{program} {}", words.join(" ")));
                    self.add(Weight::Sure, "", line, around);
                } else if !runs {
                    return;
                }
                let program = program.unwrap_or_default().split_whitespace();
                let words: Vec<String> = program.map(str::to_owned).chain(words).collect();
                if words.len() > 1 {
                    self.add(Weight::Sure, "", Text::Words(words), around);
                }
            }
            _ => {}
        }
    }

    /// Reads a call inside the call, of a tool that calls several others or a tool of another
    /// server.
    fn inner(&mut self, name: &str, arguments: &Value) {
        if self.depth >= DEEPEST_CALL {
            return;
        }
        let tool = Tool::named(name, self.reader.shells());
        let readings = match arguments {
            Value::String(text) => readings(text),
            arguments => vec![arguments.clone()],
        };
        let mut walk = Walk::new(&tool, self.reader);
        walk.depth = self.depth + 1;
        for reading in &readings {
            walk.arguments(reading);
        }
        let mut carried = walk.finish();
        if let (Value::String(text), []) = (arguments, readings.as_slice()) {
            carried = free(&tool, None, text.clone());
        }
        carried
            .commands
            .into_iter()
            .for_each(|command| self.commands.add(command));
        self.carried.suspects.extend(carried.suspects);
    }

    fn add(&mut self, weight: Weight, name: &str, text: Text, around: &Around) {
        let command = Command {
            text,
            folder: around.folder.clone(),
        };
        match weight {
            Weight::Sure => self.commands.add(command),
            Weight::Suspect => self.carried.suspects.push(Suspect {
                field: name.to_owned(),
                command,
            }),
            Weight::Last => self.others.push(command),
            Weight::None => {}
        }
    }
}

impl Around {
    /// The same, inside this object.
    fn within(&self, object: &Map<String, Value>) -> Self {
        let text = |meaning: Meaning| {
            let mut fields = object.iter();
            let field = fields.find(|(name, _)| Meaning::of(name) == meaning);
            field.and_then(|(_, value)| value.as_str())
        };
        let folder = text(Meaning::Folder).map(str::to_owned);
        let speech = text(Meaning::Language).and_then(|name| {
            let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
            let name = name.to_ascii_lowercase();
            match name.strip_suffix(".exe").unwrap_or(&name) {
                // In the name of a tool, `cmd` is short for command.
                "cmd" => Some(Speech::Script(Language::Cmd)),
                name => Speech::named(name),
            }
        });
        Self {
            folder: folder.or_else(|| self.folder.clone()),
            speech: speech.or(self.speech),
            ..self.clone()
        }
    }

    /// The same, inside an argument.
    fn nested(&self, in_command: bool) -> Self {
        Self {
            in_command,
            is_nested: true,
            ..self.clone()
        }
    }
}

/// The name and the arguments of a call that this object describes.
fn inner_call(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut fields = object.iter();
    let arguments = fields.find(|(name, value)| {
        holds_arguments(name) && matches!(value, Value::Object(_) | Value::String(_))
    });
    let name = object
        .iter()
        .find(|(name, value)| names_tool(name) && value.is_string());
    Some((name?.1.as_str()?, arguments?.1))
}

/// What clients read from a text of JSON.
fn readings(text: &str) -> Vec<Value> {
    let call = ToolCall {
        id: String::new(),
        name: String::new(),
        arguments: Value::from(text).to_string(),
    };
    call.readings()
}

fn strings(values: &[Value]) -> Vec<String> {
    let strings = values.iter().filter_map(Value::as_str);
    strings.map(str::to_owned).collect()
}

/// The value at a path with dots.
fn at<'v>(arguments: &'v Value, path: &str) -> Option<&'v Value> {
    match arguments.get(path) {
        Some(value) => Some(value),
        None => path
            .split('.')
            .try_fold(arguments, |value, step| value.get(step)),
    }
}
