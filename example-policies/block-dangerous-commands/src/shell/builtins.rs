//! Commands that change the shell itself.

use super::state::Body;
use super::{Shell, Value};
use crate::finding::Outcome;
use crate::marks;
use crate::options::Options;

impl Shell<'_> {
    /// Follows a command that changes the shell; None for every other.
    pub(crate) fn builtin(
        &mut self,
        name: &str,
        argv: &[String],
        stdin: Option<&str>,
    ) -> Option<Outcome<String>> {
        let arguments = &argv[1..];
        match name {
            "cd" | "chdir" => self.enter(Options::read(arguments, &[]).operands.first().copied()),
            "pushd" => {
                self.folders.push(self.folder.clone());
                self.enter(Options::read(arguments, &[]).operands.first().copied());
            }
            "popd" => {
                if let Some(folder) = self.folders.pop() {
                    self.folder = folder;
                }
            }
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                return Some(self.declare(arguments));
            }
            "unset" => arguments.iter().for_each(|name| {
                self.set_variable(name, Value::of(String::new()));
            }),
            "set" => return Some(self.set(arguments)),
            "shift" => self.shift(),
            "alias" => self.alias(arguments),
            "unalias" => arguments.iter().for_each(|name| self.undefine(name)),
            "read" | "readarray" | "mapfile" => self.read(arguments, stdin),
            "eval" => return Some(self.run(&arguments.join(" "), stdin)),
            "trap" => return Some(self.trap(arguments)),
            "printf" if arguments.first().is_some_and(|flag| flag == "-v") => {
                if let Some((name, rest)) = arguments.get(1..).and_then(<[String]>::split_first) {
                    let text = super::output::printf(rest);
                    self.assign(name, Value::of(text));
                }
            }
            "source" | "." => return Some(self.source(arguments, stdin)),
            "exit" | "return" | "break" | "continue" | "true" | "false" | ":" | "wait"
            | "shopt" | "ulimit" | "umask" | "hash" => {}
            _ => return None,
        }
        Some(Ok(String::new()))
    }

    fn declare(&mut self, arguments: &[String]) -> Outcome<String> {
        for argument in arguments {
            if let Some((name, value)) = argument.split_once('=') {
                let elements = value
                    .strip_prefix('(')
                    .and_then(|rest| rest.strip_suffix(')'));
                let value = match elements {
                    Some(elements) => {
                        Value::Array(elements.split_whitespace().map(str::to_owned).collect())
                    }
                    None => Value::of(value.to_owned()),
                };
                self.assign(name, value);
            }
        }
        Ok(String::new())
    }

    fn set(&mut self, arguments: &[String]) -> Outcome<String> {
        if let Some(at) = arguments.iter().position(|argument| argument == "--") {
            self.set_arguments(&arguments[at + 1..]);
        }
        Ok(String::new())
    }

    fn shift(&mut self) {
        if let Some(Value::Array(mut arguments)) = self.assigned("@") {
            if !arguments.is_empty() {
                arguments.remove(0);
            }
            self.set_arguments(&arguments);
        }
    }

    fn alias(&mut self, arguments: &[String]) {
        for argument in arguments {
            if let Some((name, text)) = argument.split_once('=') {
                let body = Body::Text(text.to_owned());
                self.define(name, body);
            }
        }
    }

    fn read(&mut self, arguments: &[String], stdin: Option<&str>) {
        let options = Options::read(arguments, &["-d", "-n", "-N", "-p", "-t", "-u", "-i", "-a"]);
        let lines: Vec<String> = match stdin {
            Some(text) if !text.is_empty() => text
                .lines()
                .take(16)
                .map(|line| line.trim().to_owned())
                .collect(),
            _ => vec![marks::unknown()],
        };
        let array = options.value(&["-a"]);
        if let [name] = options.operands.as_slice() {
            self.set_variable(name, Value::OneOf(lines));
        } else if let Some(name) = array {
            let words = lines.iter().flat_map(|line| line.split_whitespace());
            let words = words.map(str::to_owned).collect();
            self.set_variable(name, Value::Array(words));
        } else {
            for name in &options.operands {
                self.set_variable(name, Value::of(marks::unknown()));
            }
        }
    }

    fn trap(&mut self, arguments: &[String]) -> Outcome<String> {
        let action = arguments.iter().find(|argument| !argument.starts_with('-'));
        match action {
            Some(action) if arguments.len() > 1 => self.apart(|shell| shell.run(action, None)),
            _ => Ok(String::new()),
        }
    }

    fn source(&mut self, arguments: &[String], stdin: Option<&str>) -> Outcome<String> {
        let Some(name) = arguments.first() else {
            return Ok(String::new());
        };
        let text = match name.as_str() {
            "-" | "/dev/stdin" => stdin.map(str::to_owned),
            name => self.file(name).cloned(),
        };
        match text {
            Some(text) => self.run(&text, None),
            None => Ok(marks::unknown()),
        }
    }
}
