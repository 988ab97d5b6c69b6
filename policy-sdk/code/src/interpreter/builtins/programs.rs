//! Calls of a runtime that start a program or delete a folder, in Node, Deno, Bun and their
//! libraries.

use super::Called;
use crate::Target;
use crate::heap::MOST_ELEMENTS;
use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::interpreter::report::{Reporting, Serializer};
use crate::interpreter::texts::Texts;
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

/// A call that may start a program.
pub(super) struct Start<'c>(pub(super) Called<'c>);

impl Start<'_> {
    /// Reports a call that starts a program. Returns whether it is such a call.
    pub(super) fn report(&self, it: &mut Interpreter<'_>) -> bool {
        let Called { path, arguments } = self.0;
        let Some(act) = act(path) else {
            return false;
        };
        let first = arguments.first().cloned().unwrap_or(Value::Unknown);
        let second = arguments.get(1).cloned().unwrap_or(Value::Undefined);
        match act {
            Act::Shell => Reporting::new(&Target::Shell, &[first]).add(it),
            Act::Program => self.spawn(first, &second, it),
            Act::Words => {
                let words = match it.heap.as_list(&first) {
                    Some(_) => first,
                    None => it.get(&first, "cmd"),
                };
                Words(Elements::of(&words, it)).report(it);
            }
            Act::Template => self.template(&first, it),
            Act::Delete => Self::delete(first, "-rf", it),
            Act::DeleteIfRecursive => {
                let options = arguments.get(1).cloned().unwrap_or(Value::Undefined);
                let is_sure_not = options == Value::Undefined
                    || it.get(&options, "recursive").is_true() == Some(false);
                Self::delete(first, if is_sure_not { "-f" } else { "-rf" }, it);
            }
        }
        it.hand_over(arguments, &Value::Unknown);
        true
    }

    /// Reports a program by its name and the list of its words.
    fn spawn(&self, name: Value, second: &Value, it: &mut Interpreter<'_>) {
        let has_list = second
            .alternatives()
            .iter()
            .any(|value| it.heap.as_list(value).is_some());
        let list = if has_list {
            second.clone()
        } else {
            it.get(second, "args")
        };
        let more = match list {
            Value::Undefined => Elements::default(),
            list => Elements::of(&list, it),
        };
        let words = [name].into_iter().chain(more.values).take(MOST_ELEMENTS);
        let words = Elements::new(words.collect(), more.is_open);
        let options = self.0.arguments.iter().rev().find(|argument| {
            matches!(argument, Value::Object(_))
                && it.heap.as_list(argument).is_none()
                && it.heap.as_function(argument).is_none()
        });
        let shell = match options.cloned() {
            Some(options) => it.get(&options, "shell"),
            None => Value::Undefined,
        };
        if shell.is_true() == Some(false) {
            return Words(words).report(it);
        }
        let list = words.list(&mut it.heap);
        let line = Elements::of(&list, it).joined(" ", it);
        Reporting::new(&Target::Shell, &[line]).add(it);
    }

    /// Reports the text of a template, with its values inserted.
    fn template(&self, texts: &Value, it: &mut Interpreter<'_>) {
        if it.heap.as_list(texts).is_none() {
            // `$({ cwd })` returns the same function again; `$("ls")` is a line for a shell.
            if let Value::Text(_) = texts {
                Reporting::new(&Target::Shell, std::slice::from_ref(texts)).add(it);
            }
            return;
        }
        let quasis = Elements::of(texts, it).values;
        let mut parts = Vec::new();
        for (at, quasi) in quasis.into_iter().enumerate() {
            parts.push(quasi);
            let Some(value) = self.0.arguments.get(at + 1) else {
                continue;
            };
            let value = match it.heap.as_list(value) {
                Some(_) => Elements::of(value, it).joined(" ", it),
                None => Texts::of(value, it),
            };
            parts.push(value);
        }
        let line = Texts::concat(&parts, it);
        Reporting::new(&Target::Shell, &[line]).add(it);
    }

    /// Reports that a path, or each of a list, is deleted.
    fn delete(path: Value, option: &str, it: &mut Interpreter<'_>) {
        let mut words = vec![Value::text("rm"), Value::text(option)];
        let paths = match it.heap.as_list(&path) {
            Some(_) => Elements::of(&path, it).values,
            None => vec![path],
        };
        for path in paths {
            words.push(Texts::of(&path, it));
        }
        Words(Elements::new(words, false)).report(it);
    }
}

/// The words of a program.
struct Words(Elements);

impl Words {
    /// Reports a program by its words, once for each list that they may be.
    fn report(self, it: &mut Interpreter<'_>) {
        let Elements {
            values: mut words,
            is_open,
        } = self.0;
        if is_open {
            words.push(Value::some_text());
        }
        // A word that may be missing gives a list without it, and not an empty word.
        let list = Elements::new(words, false).list(&mut it.heap);
        let all = Serializer { depth: 3 }.values(&list, it);
        for words in all.into_iter().flatten() {
            let words = words.as_array().cloned().unwrap_or_default();
            let words: Vec<Value> = words
                .iter()
                .map(|word| word.as_str().map_or(Value::some_text(), Value::text))
                .collect();
            Reporting::new(&Target::Program, &words).add(it);
        }
    }
}
