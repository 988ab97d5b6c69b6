//! Follows commands that change the shell itself.

use super::Shell;
use super::functions::Body;
use crate::halt::Outcome;
use crate::marks;
use crate::options::Options;
use crate::scene::Value;

impl Shell<'_> {
    /// Follows a command that changes the shell. Returns `None` for every other command.
    pub(super) fn builtin(
        &mut self,
        name: &str,
        argv: &[String],
        stdin: Option<&str>,
    ) -> Option<Outcome<String>> {
        let arguments = &argv[1..];
        match name {
            "cd" | "chdir" => self
                .scene
                .enter(Options::read(arguments, &[]).operands.first().copied()),
            "pushd" => {
                self.scene.push_folder();
                self.scene
                    .enter(Options::read(arguments, &[]).operands.first().copied());
            }
            "popd" => self.scene.leave(),
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                return Some(self.declare(arguments));
            }
            "unset" => arguments.iter().for_each(|name| {
                self.scene.set(name, Value::of(String::new()));
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
                    self.scene.assign(name, Value::of(text));
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
                self.scene.assign(name, value);
            }
        }
        Ok(String::new())
    }

    fn set(&mut self, arguments: &[String]) -> Outcome<String> {
        if let Some(at) = arguments.iter().position(|argument| argument == "--") {
            self.scene.set_arguments(&arguments[at + 1..]);
        }
        Ok(String::new())
    }

    fn shift(&mut self) {
        if let Some(Value::Array(mut arguments)) = self.scene.assigned("@") {
            if !arguments.is_empty() {
                arguments.remove(0);
            }
            self.scene.set_arguments(&arguments);
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
            self.scene.set(name, Value::OneOf(lines));
        } else if let Some(name) = array {
            let words = lines.iter().flat_map(|line| line.split_whitespace());
            let words = words.map(str::to_owned).collect();
            self.scene.set(name, Value::Array(words));
        } else {
            for name in &options.operands {
                self.scene.set(name, Value::of(marks::unknown()));
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
        let name = arguments.first().map_or("-", String::as_str);
        let text = match name {
            "-" | "/dev/stdin" => stdin.map(str::to_owned),
            name => self.scene.file(name).map(str::to_owned),
        };
        match text {
            Some(text) => self.run(&text, None),
            None => Ok(marks::unknown()),
        }
    }
}
