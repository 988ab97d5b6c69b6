//! Walks the commands of a script of `cmd`.

use super::expand::Variables;
use super::files::Words;
use super::read::{self, Simple};
use crate::halt::{Halt, Outcome};
use crate::marks::{self, DOWNLOAD};
use crate::runner::Runner;
use crate::scene::append;
use crate::watch::Command;
use crate::writes::Way;

/// The most values of a `for` variable that are followed.
const MOST_ROUNDS: usize = 24;
/// How deeply `if`, `for`, `call` and `cmd` may be nested.
const DEEPEST: usize = 12;

/// Builtin commands of `cmd`. Their options may follow without a space: `rd/s`.
const BUILTINS: &[&str] = &[
    "rd", "rmdir", "del", "erase", "copy", "xcopy", "move", "cd", "chdir", "md", "dir", "type",
    "format", "echo", "start",
];

/// The state of `cmd` at one point of a script.
pub(super) struct Cmd<'r> {
    pub(super) runner: &'r mut dyn Runner,
    variables: Variables,
    depth: usize,
}

impl<'r> Cmd<'r> {
    pub(super) fn new(runner: &'r mut dyn Runner) -> Self {
        Self {
            runner,
            variables: Variables::default(),
            depth: 0,
        }
    }

    /// Follows the commands of a text, and returns what they print.
    pub(super) fn script(&mut self, text: &str) -> Outcome<String> {
        let mut output = String::new();
        let mut passed: Option<String> = None;
        for Simple { text, is_piped } in read::commands(text) {
            let printed = self.simple(&text, passed.take().as_deref())?;
            if is_piped {
                passed = Some(printed);
            } else {
                append(&mut output, &printed);
            }
        }
        Ok(output)
    }

    fn deeper<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth == DEEPEST {
            return Err(Halt::Spent);
        }
        self.depth += 1;
        let outcome = what(self);
        self.depth -= 1;
        outcome
    }

    /// Follows a command, once for each value of the `for` variables in it.
    fn simple(&mut self, text: &str, stdin: Option<&str>) -> Outcome<String> {
        let mut text = text;
        loop {
            self.runner.spend(1)?;
            text = text.trim().trim_start_matches(['@', ' ', '\t']);
            let (first, rest) = first_word(text);
            match first.as_str() {
                "if" => text = behind_condition(rest),
                "else" | "call" | "do" => text = rest,
                "rem" => return Ok(String::new()),
                // This is a label or a comment.
                label if label.starts_with(':') => return Ok(String::new()),
                "for" => return self.deeper(|cmd| cmd.each(rest, stdin)),
                "set" => {
                    self.set(rest);
                    return Ok(String::new());
                }
                _ => break,
            }
        }
        let mut output = String::new();
        for round in 0..self.variables.rounds(text).min(MOST_ROUNDS) {
            let expanded = self.variables.expand(text, round);
            self.runner.spend(expanded.len() / 32 + 2)?;
            append(&mut output, &self.expanded(&expanded, stdin)?);
        }
        Ok(output)
    }

    fn set(&mut self, text: &str) {
        let text = text.trim().trim_matches('"');
        let is_computed = text.starts_with('/');
        if let Some((name, value)) = text.split_once('=') {
            let name = name.rsplit(' ').next().unwrap_or(name);
            let value = if is_computed {
                marks::unknown()
            } else {
                self.variables.expand(value, 0)
            };
            self.variables.set(name, read::unescaped(&value));
        }
    }

    /// `for /r FOLDER %i in (SET) do COMMAND`.
    fn each(&mut self, text: &str, stdin: Option<&str>) -> Outcome<String> {
        let lower = text.to_ascii_lowercase();
        let (Some(open), Some(body)) = (
            text.find('('),
            lower.find(" do ").or_else(|| lower.find(")do ")),
        ) else {
            return Ok(String::new());
        };
        let head = text.get(..open.min(body)).unwrap_or_default();
        let set = text.get(open + 1..=body).unwrap_or_default();
        let set = set.trim_end().trim_end_matches(')');
        let Some(letter) = loop_letter(head) else {
            return Ok(String::new());
        };
        let values = self.values(head, set)?;
        self.variables.set_loop(letter, values);
        self.simple(&text[body + " do ".len()..], stdin)
    }

    fn values(&mut self, head: &str, set: &str) -> Outcome<Vec<String>> {
        let words = read::words(head);
        let option = words
            .first()
            .map(|word| word.to_lowercase())
            .unwrap_or_default();
        if option == "/f" {
            let command = set.trim().trim_matches(['\'', '`']);
            let is_command = set.trim().starts_with(['\'', '`']);
            if !is_command {
                return Ok(vec![marks::unknown()]);
            }
            let printed = self.deeper(|cmd| cmd.script(command))?;
            return Ok(lines(&printed));
        }
        if option == "/l" {
            return Ok(vec![marks::unknown()]);
        }
        let set = self.variables.expand(set, 0);
        let named = read::words(&set);
        let values = named.iter().take(MOST_ROUNDS).map(|value| {
            if option != "/r" {
                return value.clone();
            }
            let folder = words.get(1).filter(|word| !word.starts_with('%'));
            format!("{}/**/{value}", folder.map_or(".", String::as_str))
        });
        Ok(values.collect())
    }

    fn expanded(&mut self, text: &str, stdin: Option<&str>) -> Outcome<String> {
        let ends = read::redirected(text);
        let input = ends.input.as_ref().map(|file| self.stored(file));
        let stdin = input.as_deref().or(stdin);
        let printed = self.command(&ends.text, stdin)?;
        if ends.outputs.is_empty() {
            return Ok(printed);
        }
        for (file, is_added) in &ends.outputs {
            let argv = [">".to_owned(), file.clone()];
            let way = if *is_added { Way::Append } else { Way::Replace };
            self.runner.write(&argv, file, Some(&printed), way)?;
        }
        Ok(String::new())
    }

    fn command(&mut self, text: &str, stdin: Option<&str>) -> Outcome<String> {
        let mut argv = read::words(text);
        split_builtin(&mut argv);
        let Some(first) = argv.first() else {
            return Ok(String::new());
        };
        self.runner.spend(argv.len())?;
        let name = first.to_lowercase();
        if argv.iter().any(|word| word == "/?") {
            return Ok(marks::unknown());
        }
        let words = Words::read(&argv[1..]);
        match name.as_str() {
            "rd" | "rmdir" => self.remove_folder(&argv, &words)?,
            "del" | "erase" => self.remove_files(&argv, &words)?,
            "copy" | "xcopy" | "move" | "ren" | "rename" | "robocopy" | "mklink" => {
                self.copy(&name, &argv, &words)?;
            }
            "cd" | "chdir" | "pushd" | "popd" => self.change_folder(&name, &words),
            "echo" | "echo." => {
                let (_, rest) = text.trim().split_once([' ', '.']).unwrap_or_default();
                return Ok(read::unescaped(rest));
            }
            "type" => {
                let texts: Vec<String> = words
                    .operands
                    .iter()
                    .map(|file| self.stored(file))
                    .collect();
                return Ok(texts.join("\n"));
            }
            "start" => return self.start(&argv[1..], text, stdin),
            "format" => self.tell("format", &argv)?,
            _ => return self.program(&argv, stdin),
        }
        Ok(String::new())
    }

    /// Starts a program, or a script that the script itself wrote. Its extension may be missing.
    fn program(&mut self, argv: &[String], stdin: Option<&str>) -> Outcome<String> {
        let scene = self.runner.scene();
        let full = ["", ".bat", ".cmd", ".exe"].iter().find_map(|extension| {
            let name = format!("{}{extension}", argv[0]);
            scene.file(&name).is_some().then_some(name)
        });
        match full {
            Some(name) => {
                let mut argv = argv.to_vec();
                argv[0] = name;
                self.runner.start(&argv, stdin)
            }
            None => self.runner.start(argv, stdin),
        }
    }

    fn change_folder(&mut self, name: &str, words: &Words) {
        let scene = self.runner.scene_mut();
        match name {
            "popd" => return scene.leave(),
            "pushd" => scene.push_folder(),
            _ => {}
        }
        if !words.operands.is_empty() {
            scene.enter(Some(&words.operands.join(" ")));
        }
    }

    /// `start "title" /wait PROGRAM`.
    fn start(&mut self, words: &[String], text: &str, stdin: Option<&str>) -> Outcome<String> {
        let has_title = first_word(text).1.trim_start().starts_with('"');
        let rest = words.get(usize::from(has_title)..).unwrap_or_default();
        let options = rest.iter().take_while(|word| word.starts_with('/')).count();
        let argv = rest.get(options..).unwrap_or_default();
        if argv.is_empty() {
            return Ok(String::new());
        }
        let line: Vec<String> = argv.iter().map(|word| quoted(word)).collect();
        let line = line.join(" ");
        self.deeper(|cmd| cmd.command(&line, stdin))
    }

    fn stored(&self, file: &str) -> String {
        let text = self.runner.scene().file(file);
        text.map_or_else(marks::unknown, str::to_owned)
    }

    /// Reports a command under the name by which policies know it.
    pub(super) fn tell(&mut self, name: &str, argv: &[String]) -> Outcome<()> {
        let command = Command {
            name,
            argv,
            stdin: None,
        };
        self.runner.sink().command(self.runner.scene(), &command)
    }
}

/// Returns the text behind the condition of an `if`.
fn behind_condition(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let (word, behind) = first_word(rest);
        match word.as_str() {
            "not" | "/i" => rest = behind,
            "exist" | "defined" | "errorlevel" | "cmdextversion" => return operand(behind),
            word if word.contains("==") && !word.ends_with("==") => return operand(rest),
            _ => {
                // `A == B` and `A equ B` are three words.
                let behind = operand(rest);
                return match behind.trim_start().strip_prefix("==") {
                    Some(right) => operand(right),
                    None => operand(first_word(behind).1),
                };
            }
        }
    }
}

/// Returns the text behind the first word, which may be quoted.
fn operand(text: &str) -> &str {
    let text = text.trim_start();
    let mut is_quoted = false;
    let end = text.find(|c: char| {
        is_quoted ^= c == '"';
        c.is_whitespace() && !is_quoted
    });
    &text[end.unwrap_or(text.len())..]
}

/// Returns the first word in lower case, and the text behind it.
fn first_word(text: &str) -> (String, &str) {
    let text = text.trim_start();
    let end = text
        .find(|c: char| c.is_whitespace() || c == '(')
        .unwrap_or(text.len());
    (text[..end].to_lowercase(), &text[end..])
}

/// Returns the letter of the variable in the head of a `for`.
fn loop_letter(head: &str) -> Option<char> {
    let at = head.rfind('%')?;
    head[at + 1..].chars().next()
}

/// Splits `rd/s` into `rd` and `/s`.
fn split_builtin(argv: &mut Vec<String>) {
    let Some(first) = argv.first_mut() else {
        return;
    };
    let Some((name, options)) = first.split_once('/') else {
        return;
    };
    if BUILTINS
        .iter()
        .any(|builtin| name.eq_ignore_ascii_case(builtin))
    {
        let options = format!("/{options}");
        *first = name.to_owned();
        argv.insert(1, options);
    }
}

fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) {
        return format!("\"{word}\"");
    }
    word.to_owned()
}

fn lines(printed: &str) -> Vec<String> {
    let is_open = printed.contains(DOWNLOAD);
    let lines: Vec<String> = printed
        .lines()
        .take(MOST_ROUNDS)
        .map(str::to_owned)
        .collect();
    if lines.is_empty() || is_open {
        return vec![if is_open {
            DOWNLOAD.to_string()
        } else {
            marks::unknown()
        }];
    }
    lines
}
