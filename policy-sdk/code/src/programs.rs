//! Calls of a runtime that start a program or delete a folder, in Node, Deno, Bun and their
//! libraries.

use crate::Target;
use crate::heap::MOST_ELEMENTS;
use crate::interpreter::Interpreter;
use crate::value::Value;

/// The effect of a call.
enum Act {
    /// A shell runs its first argument.
    Shell,
    /// A program starts. The second argument has its words.
    Program,
    /// A program starts. Its words are in a list, or in the field `cmd` of an object.
    Words,
    /// A shell runs the text of a template.
    Template,
    /// It deletes a folder with everything in it.
    Delete,
    /// It does so if an option says it. Otherwise it deletes a file or an empty folder.
    DeleteIfRecursive,
}

fn act(path: &str) -> Option<Act> {
    Some(match path {
        "child_process.exec"
        | "child_process.execSync"
        | "shelljs.exec"
        | "execaCommand"
        | "execa.command"
        | "execa.commandSync"
        | "execa.execaCommand"
        | "execa.execaCommandSync"
        | "execaCommandSync"
        | "execSync"
        | "execAsync" => Act::Shell,
        "child_process.spawn"
        | "child_process.spawnSync"
        | "child_process.execFile"
        | "child_process.execFileSync"
        | "Deno.Command"
        | "execa"
        | "execa.execa"
        | "execa.execaSync"
        | "cross-spawn"
        | "cross-spawn.sync"
        | "spawn"
        | "spawnSync"
        | "execFile"
        | "execFileSync" => Act::Program,
        "Bun.spawn" | "Bun.spawnSync" | "Deno.run" => Act::Words,
        "$" | "Bun.$" | "bun.$" | "zx.$" | "execa.$" | "dax.$" | "$.sync" | "zx.$.sync"
        | "google/zx.$" => Act::Template,
        "rimraf" | "rimraf.sync" | "rimraf.rimraf" | "rimraf.rimrafSync" | "fs.remove"
        | "fs.removeSync" | "fs.emptyDir" | "fs.emptyDirSync" => Act::Delete,
        "fs.rm" | "fs.rmSync" | "fs.rmdir" | "fs.rmdirSync" | "Deno.remove" | "Deno.removeSync" => {
            Act::DeleteIfRecursive
        }
        _ => return None,
    })
}

impl<'a> Interpreter<'a> {
    /// Reports a call that starts a program. Returns whether it is such a call.
    pub(crate) fn program_start(&mut self, path: &str, arguments: &[Value]) -> bool {
        let Some(act) = act(path) else {
            return false;
        };
        let first = arguments.first().cloned().unwrap_or(Value::Unknown);
        let second = arguments.get(1).cloned().unwrap_or(Value::Undefined);
        match act {
            Act::Shell => self.report(&Target::Shell, &[first]),
            Act::Program => self.spawn(first, &second, arguments),
            Act::Words => {
                let words = match self.heap.as_list(&first) {
                    Some(_) => first,
                    None => self.get(&first, "cmd"),
                };
                let (words, is_open) = self.elements(&words);
                self.words(words, is_open);
            }
            Act::Template => self.shell_template(&first, arguments),
            Act::Delete => self.delete(first, "-rf"),
            Act::DeleteIfRecursive => {
                let options = arguments.get(1).cloned().unwrap_or(Value::Undefined);
                let is_sure_not = options == Value::Undefined
                    || self.get(&options, "recursive").is_true() == Some(false);
                self.delete(first, if is_sure_not { "-f" } else { "-rf" });
            }
        }
        self.hand_over(arguments, &Value::Unknown);
        true
    }

    fn spawn(&mut self, name: Value, second: &Value, arguments: &[Value]) {
        let has_list = second
            .alternatives()
            .iter()
            .any(|value| self.heap.as_list(value).is_some());
        let list = if has_list {
            second.clone()
        } else {
            self.get(second, "args")
        };
        let (more, is_open) = match list {
            Value::Undefined => (Vec::new(), false),
            list => self.elements(&list),
        };
        let words: Vec<Value> = [name].into_iter().chain(more).take(MOST_ELEMENTS).collect();
        let options = arguments.iter().rev().find(|argument| {
            matches!(argument, Value::Object(_))
                && self.heap.as_list(argument).is_none()
                && self.heap.as_function(argument).is_none()
        });
        let shell = match options.cloned() {
            Some(options) => self.get(&options, "shell"),
            None => Value::Undefined,
        };
        if shell.is_true() == Some(false) {
            return self.words(words, is_open);
        }
        let list = self.list_of(words, is_open);
        let line = self.joined_text(&list, " ");
        self.report(&Target::Shell, &[line]);
    }

    fn words(&mut self, mut words: Vec<Value>, is_open: bool) {
        if is_open {
            words.push(Value::some_text());
        }
        // A word that may be missing gives a list without it, and not an empty word.
        let list = self.list_of(words, false);
        let all = self.json(&list, 3);
        for words in all.into_iter().flatten() {
            let words = words.as_array().cloned().unwrap_or_default();
            let words: Vec<Value> = words
                .iter()
                .map(|word| word.as_str().map_or(Value::some_text(), Value::text))
                .collect();
            self.report(&Target::Program, &words);
        }
    }

    fn delete(&mut self, path: Value, option: &str) {
        let mut words = vec![Value::text("rm"), Value::text(option)];
        let (paths, _) = match self.heap.as_list(&path) {
            Some(_) => self.elements(&path),
            None => (vec![path], false),
        };
        for path in paths {
            words.push(self.text_of(&path));
        }
        self.words(words, false);
    }

    /// Reports the text of a template, with its values inserted.
    fn shell_template(&mut self, texts: &Value, arguments: &[Value]) {
        if self.heap.as_list(texts).is_none() {
            // `$({ cwd })` returns the same function again; `$("ls")` is a line for a shell.
            if let Value::Text(_) = texts {
                self.report(&Target::Shell, std::slice::from_ref(texts));
            }
            return;
        }
        let (quasis, _) = self.elements(texts);
        let mut parts = Vec::new();
        for (at, quasi) in quasis.into_iter().enumerate() {
            parts.push(quasi);
            let Some(value) = arguments.get(at + 1) else {
                continue;
            };
            let value = match self.heap.as_list(value) {
                Some(_) => self.joined_text(value, " "),
                None => self.text_of(value),
            };
            parts.push(value);
        }
        let line = self.concat(&parts);
        self.report(&Target::Shell, &[line]);
    }
}
