//! Follows commands that change the shell itself.

use super::Shell;
use super::functions::{Body, Functions};
use crate::halt::Outcome;
use crate::marks;
use crate::options::Options;
use crate::scene::{Scene, Value};

/// A command that may change the shell.
pub(super) struct Builtin<'c> {
    pub(super) name: &'c str,
    pub(super) arguments: &'c [String],
    pub(super) stdin: Option<&'c str>,
}

impl Builtin<'_> {
    /// Follows a command that changes the shell. Returns `None` for every other command.
    pub(super) fn follow(&self, shell: &mut Shell<'_>) -> Option<Outcome<String>> {
        match self.name {
            "eval" => Some(shell.run(&self.arguments.join(" "), self.stdin)),
            "trap" => Some(self.trap(shell)),
            "source" | "." => Some(self.source(shell)),
            "alias" | "unalias" => {
                self.alias(&mut shell.functions);
                Some(Ok(String::new()))
            }
            "exit" | "return" | "break" | "continue" | "true" | "false" | ":" | "wait"
            | "shopt" | "ulimit" | "umask" | "hash" => Some(Ok(String::new())),
            _ => self.change(&mut shell.scene).then(|| Ok(String::new())),
        }
    }

    /// Changes the folder or the variables. Returns whether it is a command that does.
    fn change(&self, scene: &mut Scene) -> bool {
        match self.name {
            "cd" | "chdir" => self.enter(scene),
            "pushd" => {
                scene.push_folder();
                self.enter(scene);
            }
            "popd" => scene.leave(),
            "export" | "declare" | "typeset" | "local" | "readonly" => self.declare(scene),
            "unset" => self.arguments.iter().for_each(|name| {
                scene.set(name, Value::of(String::new()));
            }),
            "set" => {
                if let Some(at) = self.arguments.iter().position(|word| word == "--") {
                    scene.set_arguments(&self.arguments[at + 1..]);
                }
            }
            "shift" => shift(scene),
            "read" | "readarray" | "mapfile" => self.read(scene),
            "printf" if self.arguments.first().is_some_and(|flag| flag == "-v") => {
                let behind = self.arguments.get(1..);
                if let Some((name, rest)) = behind.and_then(<[String]>::split_first) {
                    scene.assign(name, Value::of(super::output::printf(rest)));
                }
            }
            _ => return false,
        }
        true
    }

    fn enter(&self, scene: &mut Scene) {
        let options = Options::read(self.arguments, &[]);
        scene.enter(options.operands.first().copied());
    }

    fn declare(&self, scene: &mut Scene) {
        for argument in self.arguments {
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
                scene.assign(name, value);
            }
        }
    }

    fn alias(&self, functions: &mut Functions) {
        for argument in self.arguments {
            match (self.name, argument.split_once('=')) {
                ("unalias", _) => functions.undefine(argument),
                (_, Some((name, text))) => functions.define(name, Body::Text(text.to_owned())),
                (_, None) => {}
            }
        }
    }

    fn read(&self, scene: &mut Scene) {
        let flags = ["-d", "-n", "-N", "-p", "-t", "-u", "-i", "-a"];
        let options = Options::read(self.arguments, &flags);
        let lines: Vec<String> = match self.stdin {
            Some(text) if !text.is_empty() => text
                .lines()
                .take(16)
                .map(|line| line.trim().to_owned())
                .collect(),
            _ => vec![marks::unknown()],
        };
        let array = options.value(&["-a"]);
        if let [name] = options.operands.as_slice() {
            scene.set(name, Value::OneOf(lines));
        } else if let Some(name) = array {
            let words = lines.iter().flat_map(|line| line.split_whitespace());
            let words = words.map(str::to_owned).collect();
            scene.set(name, Value::Array(words));
        } else {
            for name in &options.operands {
                scene.set(name, Value::of(marks::unknown()));
            }
        }
    }

    fn trap(&self, shell: &mut Shell<'_>) -> Outcome<String> {
        let mut arguments = self.arguments.iter();
        match arguments.find(|argument| !argument.starts_with('-')) {
            Some(action) if self.arguments.len() > 1 => {
                shell.apart(|shell| shell.run(action, None))
            }
            _ => Ok(String::new()),
        }
    }

    fn source(&self, shell: &mut Shell<'_>) -> Outcome<String> {
        let name = self.arguments.first().map_or("-", String::as_str);
        let text = match name {
            "-" | "/dev/stdin" => self.stdin.map(str::to_owned),
            name => shell.scene.file(name).map(str::to_owned),
        };
        match text {
            Some(text) => shell.run(&text, None),
            None => Ok(marks::unknown()),
        }
    }
}

fn shift(scene: &mut Scene) {
    if let Some(Value::Array(mut arguments)) = scene.assigned("@") {
        if !arguments.is_empty() {
            arguments.remove(0);
        }
        scene.set_arguments(&arguments);
    }
}
